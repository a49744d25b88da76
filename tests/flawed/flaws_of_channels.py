"""Flaws in communication channels."""

from collections.abc import Callable
from typing import Any, cast

from mockserver.domain.customer import CommChannel, Customer, Profile
from mockserver.exchange import Reply
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import ASHA, RAVI, channel, get, put
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import (
    Sent,
    before_and_after,
    channels_of,
    is_update,
    items_of,
    refusing,
    saving,
    saving_profiles,
    sends,
    sent_by,
    showing,
    with_profile,
    with_profiles,
    without_warning,
)

_EMAIL = "asha.menon@example.com"
_TYPES = ("mobile", "email", "wechat", "ios", "android", "line", "mobilePush")
_VERIFIED = (put(ASHA, channel("email", _EMAIL, verified="true")), get(ASHA))
_BAD_EMAIL = (put(ASHA, channel("email", "no address")), get(ASHA))
_BAD_MOBILE = (put(ASHA, channel("mobile", "12")), get(ASHA))
_FAX = (put(ASHA, channel("fax", "919999001944")), get(ASHA))


def _doubles_channels(before: Customer, after: Customer, sent: Sent) -> Customer:
    named = {(item.get("type"), item.get("value")) for item in channels_of(sent)}

    def double(held: Profile) -> Profile:
        old = before.profile_of(held.source, held.account)
        known = {(channel.type, channel.value) for channel in old.channels} if old else set()
        again = tuple(channel for channel in held.channels if (channel.type, channel.value) in named & known)
        return replace(held, channels=(*held.channels, *again))

    return with_profiles(after, double)


def _keeps_text_flags(before: Customer, after: Customer, sent: Sent) -> Customer:
    texts = {(item.get("type"), item.get("value")): item.get("verified") for item in channels_of(sent)}

    def as_sent(held: CommChannel) -> CommChannel:
        flag = texts.get((held.type, held.value))
        return replace(held, verified=cast(bool, flag)) if isinstance(flag, str) else held  # wrong on purpose

    return with_profiles(after, lambda held: replace(held, channels=tuple(map(as_sent, held.channels))))


def _flags_stay(old: Profile, new: Profile) -> Profile:
    flags = {(each.type, each.value): (each.primary, each.verified) for each in old.channels}

    def as_before(each: CommChannel) -> CommChannel:
        primary, verified = flags.get((each.type, each.value), (each.primary, each.verified))
        return replace(each, primary=primary, verified=verified)

    return replace(new, channels=tuple(map(as_before, new.channels)))


def _meta_stays(old: Profile, new: Profile) -> Profile:
    held = {(each.type, each.value): each.meta for each in old.channels}
    channels = tuple(replace(each, meta=held.get((each.type, each.value), {})) for each in new.channels)
    return replace(new, channels=channels)


def _keeping_channels(body: Sent, is_kept: Callable[[Any], bool]) -> Sent:
    """Return a body without the channels that are not kept."""
    profiles = [
        {**item, "commChannels": [each for each in items_of(item, "commChannels") if is_kept(each)]}
        for item in items_of(body, "profiles")
    ]
    return {**body, "profiles": profiles}


def _storing(is_stored: Callable[[Sent], bool]) -> Callable[[Deployment, Request], Reply]:
    """Store the channels of which this is true, whatever the rules say, and say nothing of it."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        sent = sent_by(request)
        wrong = [each for each in channels_of(sent) if isinstance(each.get("value"), str) and is_stored(each)]
        if request.method != "PUT" or not wrong:
            return deployment.ask(request)
        right = _keeping_channels(sent, lambda each: each not in wrong)
        reply = deployment.ask(sends(request, right))
        if not is_update(reply):
            return reply
        _, after = before_and_after(deployment, reply)
        channels = tuple(CommChannel(type=str(each["type"]), value=each["value"]) for each in wrong)
        stored = with_profile(after, request, lambda held: replace(held, channels=(*held.channels, *channels)))
        return replace(reply, changed=(stored,))

    return twist


FLAWS_OF_CHANNELS = (
    Flaw(
        name="channels-lost",
        says="Channels are not stored.",
        names=("UPD-USE-7", "UPD-BODY-7", "UPD-USE-4", "UPD-BODY-9", "UPD-BODY-11", "UPD-BODY-12", "UPD-BODY-13"),
        needs="writes",
        make=deployed(saving_profiles(lambda old, new: replace(new, channels=old.channels))),
        shown_by=_VERIFIED,
    ),
    Flaw(
        name="channel-flags-lost",
        says="The flags of a channel that is there already never change.",
        names=("UPD-BODY-11", "UPD-BODY-12", "UPD-BODY-29", "UPD-USE-7", "UPD-BODY-7", "UPD-EX-7"),
        needs="writes",
        make=deployed(saving_profiles(_flags_stay)),
        shown_by=_VERIFIED,
    ),
    Flaw(
        name="channel-flags-as-text",
        says='A flag that is sent as text is stored and shown as the text "true".',
        names=("UPD-BODY-29", "UPD-BODY-12", "UPD-EX-7", "UPD-USE-7", "UPD-BODY-7"),
        needs="writes",
        make=deployed(saving(_keeps_text_flags)),
        shown_by=_VERIFIED,
    ),
    Flaw(
        name="channel-meta-lost",
        says="The meta of a channel is not stored.",
        names=("UPD-BODY-13", "channel-meta", "UPD-USE-7"),
        needs="writes",
        make=deployed(saving_profiles(_meta_stays)),
        shown_by=(put(ASHA, channel("email", _EMAIL, meta={"residence": False})), get(ASHA)),
    ),
    Flaw(
        name="channels-doubled",
        says="A channel that is sent again stands twice in the profile.",
        names=("UPD-BODY-7", "UPD-USE-7", "comm-channels", "channel-duplicate"),
        needs="writes",
        make=deployed(saving(_doubles_channels)),
        shown_by=_VERIFIED,
    ),
    Flaw(
        name="instore-channels-unused",
        says="Channels of the INSTORE profile are not updated.",
        names=("UPD-USE-4", "dual-eligibility", "UPD-USE-7", "UPD-BODY-7", "UPD-BODY-11", "UPD-BODY-12", "UPD-BODY-13"),
        needs="writes",
        make=lambda: Deployment(
            answers={"dual-eligibility": "ignore"},
            organisation=lambda demo: replace(demo, dual_eligibility=False),
        ),
        shown_by=_VERIFIED,
    ),
    Flaw(
        name="wrong-email-stored",
        says="An invalid e-mail address is stored, without a warning.",
        names=("channel-value-invalid", "UPD-BODY-9", "UPD-EX-6", "UPD-RSP-2"),
        needs="writes",
        make=deployed(_storing(lambda each: each.get("type") == "email" and "@" not in each["value"])),
        shown_by=_BAD_EMAIL,
    ),
    Flaw(
        name="wrong-mobile-skipped-silently",
        says="An invalid mobile number is skipped, without a warning.",
        names=("channel-value-invalid", "UPD-BODY-9", "UPD-BODY-10", "UPD-RSP-2"),
        needs="writes",
        make=deployed(showing(is_update, lambda body: without_warning(body, 8058))),
        shown_by=_BAD_MOBILE,
    ),
    Flaw(
        name="unknown-channel-stored",
        says="A channel of a type that the page does not name is stored.",
        names=("UPD-BODY-8", "channel-type-elsewhere"),
        needs="writes",
        make=deployed(_storing(lambda each: isinstance(each.get("type"), str) and each["type"] not in _TYPES)),
        shown_by=_FAX,
    ),
    Flaw(
        name="known-channel-refused",
        says="A channel of the type email is refused with 8010.",
        names=("UPD-BODY-8", "UPD-USE-7", "UPD-BODY-7"),
        needs="writes",
        make=deployed(refusing(lambda sent: any(each.get("type") == "email" for each in channels_of(sent)), "8010")),
        shown_by=(put(ASHA, channel("email", "asha.menon@example.com", verified="true")),),
    ),
    Flaw(
        name="text-flags-refused",
        says='A flag sent as the text "true" is refused with 400.',
        names=("UPD-BODY-29", "UPD-EX-7", "UPD-BODY-11", "UPD-BODY-12"),
        needs="writes",
        make=deployed(
            refusing(lambda sent: any(isinstance(each.get("verified"), str) for each in channels_of(sent)), "400")
        ),
        shown_by=(put(RAVI, channel("email", "ravi.kulkarni@example.com", verified="true")),),
    ),
)
