"""Flaws that show where two things meet, each of which is well alone."""

from collections.abc import Callable
from typing import Any

from mockserver.domain.customer import Customer, Enrolment, Profile
from mockserver.exchange import Reply, refuse
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import (
    ASHA,
    GRACE,
    RAVI,
    channel,
    enrolment,
    get,
    parameter_of,
    profile,
    put,
    put_async,
    standing,
    upgrade,
    with_header,
    with_query,
)
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import (
    Sent,
    before_and_after,
    channels_of,
    is_update,
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
_TWO = [{"programId": 699, "tierNumber": 1, "loyaltyPoints": 5}, {"programId": 1016, "tierNumber": 2}]
_BESIDE_A_BAD_ONE = [{"type": "email", "value": "no address"}, {"type": "email", "value": _EMAIL, "verified": True}]
_NEW = [{"type": "email", "value": f"asha.{number}@example.com"} for number in range(2)]


def _saving_profiles_where(
    is_so: Callable[[Sent], bool], keep: Callable[[Profile, Profile], Profile]
) -> Callable[[Customer, Customer, Sent], Customer]:
    """Save other profiles where what was sent is so."""

    def keep_all(before: Customer, after: Customer, sent: Sent) -> Customer:
        if not is_so(sent):
            return after
        return with_profiles(after, lambda held: keep(profile_before(before, held), held))

    return keep_all


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


def _is_async(request: Request) -> bool:
    return parameter_of(request, "use_async") == "true"


def _async_enrolment_loses_profile(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    is_met = is_update(reply) and _is_async(request) and items_of(sent_by(request), "loyaltyProgramEnrollments")
    if not is_met:
        return reply
    before, after = before_and_after(deployment, reply)
    return replace(reply, changed=(replace(after, profiles=before.profiles),))


def _one_enrolment(before: Customer, after: Customer, sent: Sent) -> Customer:
    def is_old(held: Enrolment) -> bool:
        return before.enrolment_in(held.program) is not None

    asked = [item.get("programId") for item in items_of(sent, "loyaltyProgramEnrollments")]
    lost = [number for number in asked if number is not None][1:]
    kept = tuple(held for held in after.enrolments if is_old(held) or held.program not in lost)
    return replace(after, enrolments=kept)


def _no_upgrade_beside_enrolment(before: Customer, after: Customer, sent: Sent) -> Customer:
    is_met = items_of(sent, "loyaltyProgramEnrollments")
    return replace(after, loyalty_type=before.loyalty_type) if is_met else after


def _known_lost_beside_unknown(deployment: Deployment, request: Request) -> Reply:
    reply, sent = deployment.ask(request), sent_by(request).get("extendedFields")
    if not is_update(reply) or not isinstance(sent, dict):
        return reply
    known = deployment.setting.organisation.extended_fields
    if all(name.lower() in known for name in sent):
        return reply
    before, after = before_and_after(deployment, reply)
    return replace(reply, changed=(replace(after, extended_fields=before.extended_fields),))


def _nothing_beside_a_warning(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    return replace(reply, changed=()) if is_update(reply) and reply.warnings else reply


def _null_first_name_clears_last(old: Profile, new: Profile) -> Profile:
    return replace(new, last_name=old.last_name)


def _is_last_name_first(item: Sent) -> bool:
    names = [name for name in item if name in ("firstName", "lastName")]
    return names == ["lastName", "firstName"]


def _fails_on_async_context(deployment: Deployment, request: Request) -> Reply:
    has_context = any(name.startswith("user-context") for name in request.headers)
    return (
        refuse(deployment.setting, "500", "flawed") if has_context and _is_async(request) else deployment.ask(request)
    )


def _async_account(request: Request) -> Request:
    others = {"fb-1": "fb-2", "fb-2": "fb-1", "1234": "22232", "22232": "1234"}
    account = parameter_of(request, "accountId") or ""
    return with_query(request, accountId=others[account]) if _is_async(request) and account in others else request


def _profiles_where(is_so: Callable[[Sent], bool], keep: Callable[[Profile, Profile], Profile]) -> Twist:
    return saving(_saving_profiles_where(is_so, keep))


def _both(*members: str) -> Callable[[Sent], bool]:
    return lambda item: all(item.get(name) for name in members)


def _sent_both(sent: Sent) -> bool:
    return bool(sent.get("extendedFields")) and any(item.get("fields") for item in items_of(sent, "profiles"))


_NULL_FIRST: dict[str, Any] = {"firstName": None, "lastName": "Sawyer"}

COMBINATIONS = (
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
        names=("UPD-BODY-3", "UPD-USE-2", "UPD-USE-7"),
        needs="writes",
        make=deployed(
            _profiles_where(
                _any_profile(_both("commChannels", "lastName")), lambda old, new: replace(new, last_name=old.last_name)
            )
        ),
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
        names=("UPD-BODY-11", "UPD-BODY-12", "UPD-BODY-29", "UPD-USE-7", "channel-flag-omitted"),
        needs="writes",
        make=deployed(receiving(_verified_lost_beside_primary)),
        shown_by=(put(ASHA, channel("email", _EMAIL, primary=True, verified=True)), get(ASHA)),
    ),
    Flaw(
        name="custom-lost-beside-extended",
        says="Custom fields are not stored where extended fields are sent too.",
        names=("UPD-BODY-4", "UPD-BODY-5", "UPD-BODY-6", "UPD-USE-8"),
        needs="writes",
        make=deployed(_profiles_where(_sent_both, lambda old, new: replace(new, fields=old.fields))),
        shown_by=(
            put(ASHA, {**profile(fields={"city": "Pune"}), "extendedFields": {"city": "Bangalore"}}),
            get(ASHA),
        ),
    ),
    Flaw(
        name="async-enrolment-loses-profile",
        says="With use_async=true a profile is not stored where an enrolment is sent too.",
        names=("UPD-QRY-3", "async-scope", "UPD-USE-2", "UPD-BODY-2", "UPD-BODY-3"),
        needs="irreversible",
        make=deployed(_async_enrolment_loses_profile),
        shown_by=(put_async(RAVI, {**enrolment(), **profile(firstName="Tom")}), get(RAVI)),
    ),
    Flaw(
        name="second-enrolment-lost",
        says="Of two enrolments in a request the second is not done, though its points are listed.",
        names=("UPD-BODY-19", "UPD-BODY-20", "UPD-BODY-23"),
        needs="irreversible",
        make=deployed(saving(_one_enrolment)),
        shown_by=(put(ASHA, {"loyaltyProgramEnrollments": _TWO}), standing(ASHA)),
    ),
    Flaw(
        name="upgrade-lost-beside-enrolment",
        says="A customer who is enrolled in the same request does not become loyalty.",
        names=("UPD-USE-3", "UPD-LIM-4", "UPD-BODY-15", "UPD-BODY-19"),
        needs="irreversible",
        make=deployed(saving(_no_upgrade_beside_enrolment)),
        shown_by=(put(ASHA, upgrade(**enrolment())), get(ASHA)),
    ),
    Flaw(
        name="known-field-lost-beside-unknown",
        says="Extended fields are not stored where one of them is unknown, and warned of.",
        names=("UPD-BODY-16", "UPD-USE-6", "UPD-BODY-30", "extended-field-unknown"),
        needs="irreversible",
        make=deployed(_known_lost_beside_unknown),
        shown_by=(put(ASHA, {"extendedFields": {"city": "Bangalore", "shoe_size": "42"}}), get(ASHA)),
    ),
    Flaw(
        name="change-lost-beside-warning",
        says="An update that is answered with a warning is not stored at all.",
        names=("UPD-RSP-2", "UPD-USE-1", "UPD-USE-2", "UPD-USE-7", "channel-value-invalid", "already-enrolled"),
        needs="writes",
        make=deployed(_nothing_beside_a_warning),
        shown_by=(
            put(ASHA, profile(firstName="Tom", commChannels=[{"type": "email", "value": "no address"}])),
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
                _null_first_name_clears_last,
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
    Flaw(
        name="async-context-crashes",
        says="Headers of the user context with use_async=true are answered 500.",
        names=("UPD-HDR-1", "UPD-QRY-3", "attribution-headers"),
        needs="writes",
        make=deployed(_fails_on_async_context),
        shown_by=(with_header(put_async(ASHA, {}), "user-context-entity-type", "TILL"),),
    ),
    Flaw(
        name="async-at-the-other-account",
        says="With use_async=true an update goes to the other account of its source.",
        names=("UPD-QRY-2", "UPD-QRY-3", "UPD-PRE-3"),
        needs="irreversible",
        make=deployed(receiving(_async_account)),
        shown_by=(put(GRACE, profile(firstName="Tom"), "source=FACEBOOK&accountId=fb-1&use_async=true"), get(GRACE)),
    ),
)
