"""Flaws that show where two members of one profile meet, each of which is well alone."""

from collections.abc import Callable
from typing import Any

from mockserver.domain.customer import Customer, Profile
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import (
    ASHA,
    channel,
    get,
    profile,
    put,
)
from tests.flawed.deployment import Twist
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import (
    Sent,
    channels_of,
    items_of,
    profile_before,
    receiving,
    saving,
    sends,
    sent_by,
    with_profiles,
)

_CHANNELS = ("UPD-BODY-7", "UPD-BODY-9", "UPD-USE-7", "comm-channels", "channel-value-invalid")
_EMAIL = "asha.menon@example.com"
_BESIDE_A_BAD_ONE = [{"type": "email", "value": "no address"}, {"type": "email", "value": _EMAIL, "verified": True}]
_NEW = [{"type": "email", "value": f"asha.{number}@example.com"} for number in range(2)]


def _profiles_where(is_so: Callable[[Sent], bool], keep: Callable[[Profile, Profile], Profile]) -> Twist:
    """Save other profiles where what was sent is so."""

    def keep_all(before: Customer, after: Customer, sent: Sent) -> Customer:
        if not is_so(sent):
            return after
        return with_profiles(after, lambda held: keep(profile_before(before, held), held))

    return saving(keep_all)


def _any_profile(is_so: Callable[[Sent], bool]) -> Callable[[Sent], bool]:
    return lambda sent: any(is_so(item) for item in items_of(sent, "profiles"))


def _only_good_emails(sent: Sent) -> bool:
    emails = [str(each.get("value")) for each in channels_of(sent) if each.get("type") == "email"]
    return all("@" in value for value in emails)


def _has_channel_twice(sent: Sent) -> bool:
    kinds = [each.get("type") for each in channels_of(sent)]
    return len(set(map(str, kinds))) < len(kinds)


def _first_new_channel_lost(old: Profile, new: Profile) -> Profile:
    known = {(each.type, each.value) for each in old.channels}
    fresh = [each for each in new.channels if (each.type, each.value) not in known]
    lost = fresh[:1] if len(fresh) > 1 else []
    return replace(new, channels=tuple(each for each in new.channels if each not in lost))


def _verified_lost_beside_primary(request: Request) -> Request:
    sent = sent_by(request)

    def kept(each: Sent) -> Sent:
        return {name: each[name] for name in each if name != "verified"} if "primary" in each else each

    profiles = [
        {**item, "commChannels": [kept(each) for each in items_of(item, "commChannels")]}
        if "commChannels" in item
        else item
        for item in items_of(sent, "profiles")
    ]
    return sends(request, {**sent, "profiles": profiles}) if channels_of(sent) else request


def _last_name_stays(old: Profile, new: Profile) -> Profile:
    return replace(new, last_name=old.last_name)


def _is_last_name_first(item: Sent) -> bool:
    names = [name for name in item if name in ("firstName", "lastName")]
    return names == ["lastName", "firstName"]


def _both(*members: str) -> Callable[[Sent], bool]:
    return lambda item: all(item.get(name) for name in members)


def _sent_both(sent: Sent) -> bool:
    return bool(sent.get("extendedFields")) and any(item.get("fields") for item in items_of(sent, "profiles"))


_NULL_FIRST: dict[str, Any] = {"firstName": None, "lastName": "Sawyer"}


PROFILES = (
    Flaw(
        name="valid-email-lost-beside-invalid",
        says="A valid e-mail address in a request with an invalid one is not stored either.",
        names=_CHANNELS,
        needs="writes",
        make=deployed(
            _profiles_where(
                lambda sent: not _only_good_emails(sent), lambda old, new: replace(new, channels=old.channels)
            )
        ),
        shown_by=(put(ASHA, profile(commChannels=_BESIDE_A_BAD_ONE)), get(ASHA)),
    ),
    Flaw(
        name="last-name-lost-beside-channels",
        says="A last name is not stored where the same profile has channels.",
        names=("UPD-BODY-3", "UPD-USE-2", "UPD-USE-7", "UPD-EX-1"),
        needs="writes",
        make=deployed(_profiles_where(_any_profile(_both("commChannels", "lastName")), _last_name_stays)),
        shown_by=(put(ASHA, profile(lastName="Sawyer", commChannels=[{"type": "email", "value": _EMAIL}])), get(ASHA)),
    ),
    Flaw(
        name="one-new-channel-of-a-type",
        says="Of two new channels of one type in a request the first is lost.",
        names=(*_CHANNELS, "channel-primary", "channel-duplicate"),
        needs="irreversible",
        make=deployed(_profiles_where(_has_channel_twice, _first_new_channel_lost)),
        shown_by=(put(ASHA, profile(commChannels=_NEW)), get(ASHA)),
    ),
    Flaw(
        name="verified-lost-beside-primary",
        says="The flag verified is not read where primary stands in the same channel.",
        names=("UPD-BODY-11", "UPD-BODY-12", "UPD-BODY-29", "UPD-USE-7", "UPD-EX-7", "channel-flag-omitted"),
        needs="writes",
        make=deployed(receiving(_verified_lost_beside_primary)),
        shown_by=(put(ASHA, channel("email", _EMAIL, primary=True, verified=True)), get(ASHA)),
    ),
    Flaw(
        name="custom-lost-beside-extended",
        says="Custom fields are not stored where extended fields are sent too.",
        names=("UPD-BODY-4", "UPD-BODY-5", "UPD-BODY-6", "UPD-USE-8", "UPD-EX-1"),
        needs="writes",
        make=deployed(_profiles_where(_sent_both, lambda old, new: replace(new, fields=old.fields))),
        shown_by=(
            put(ASHA, {**profile(fields={"city": "Pune"}), "extendedFields": {"city": "Bangalore"}}),
            get(ASHA),
        ),
    ),
    Flaw(
        name="last-name-lost-beside-null",
        says="A last name is not stored where the first name is null.",
        names=("null-value", "UPD-BODY-3", "UPD-USE-2"),
        needs="writes",
        make=deployed(
            _profiles_where(
                _any_profile(lambda item: "firstName" in item and item["firstName"] is None),
                _last_name_stays,
            )
        ),
        shown_by=(put(ASHA, profile(**_NULL_FIRST)), get(ASHA)),
    ),
    Flaw(
        name="first-name-lost-behind-last",
        says="A first name that stands behind the last name in its profile is not stored.",
        names=("UPD-BODY-2", "UPD-USE-2"),
        needs="writes",
        make=deployed(
            _profiles_where(_any_profile(_is_last_name_first), lambda old, new: replace(new, first_name=old.first_name))
        ),
        shown_by=(put(ASHA, profile(lastName="Sawyer", firstName="Tom")), get(ASHA)),
    ),
)
