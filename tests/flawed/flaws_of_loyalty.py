"""Flaws in the loyalty status and in enrolments."""

from typing import Any

from mockserver.domain.customer import NON_LOYALTY, Customer
from mockserver.exchange import Reply
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import (
    ASHA,
    LI,
    RAVI,
    downgrade,
    enrolment,
    get,
    parameter_of,
    profile,
    put,
    put_async,
    standing,
    upgrade,
)
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import (
    Sent,
    before_and_after,
    is_customer,
    is_update,
    items_of,
    refusing,
    saving,
    saving_new_enrolments,
    sends,
    sent_by,
    showing,
    with_enrolments,
)

_DOWNGRADED = (put(RAVI, downgrade()), get(RAVI))
_UPGRADED = (put(ASHA, upgrade()), get(ASHA), standing(ASHA))
_ENROLLED = (put(RAVI, enrolment()), standing(RAVI))
_ENROLLED_AGAIN = (put(RAVI, enrolment(program=699, tier=3, points=500)), standing(RAVI))
_HALF = (put(RAVI, downgrade(**profile(firstName="Tom"))), get(RAVI))
_UNKNOWN_PROGRAM = (put(RAVI, {**enrolment(program=4711), **profile(firstName="Tom")}), get(RAVI))


def _without_downgrade(deployment: Deployment, request: Request) -> Reply:
    """Return what the update does without its loyaltyInfo."""
    return deployment.ask(sends(request, {**sent_by(request), "loyaltyInfo": None}))


def _downgrades(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    if reply.code != 8018:
        return reply
    granted = _without_downgrade(deployment, request)
    if not is_update(granted):
        return granted
    _, after = before_and_after(deployment, granted)
    return replace(granted, changed=(replace(after, loyalty_type=NON_LOYALTY),))


def _downgrades_silently(deployment: Deployment, request: Request) -> Reply:
    reply, granted = deployment.ask(request), _downgrades(deployment, request)
    return replace(reply, changed=granted.changed) if reply.code == 8018 else reply


def _downgrades_async(deployment: Deployment, request: Request) -> Reply:
    is_async = parameter_of(request, "use_async") == "true"
    return _downgrades(deployment, request) if is_async else deployment.ask(request)


def _keeps_half_of_downgrade(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    return replace(reply, changed=_without_downgrade(deployment, request).changed) if reply.code == 8018 else reply


def _keeps_half_of_enrolment(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    if reply.code != 1101:
        return reply
    half = deployment.ask(sends(request, {**sent_by(request), "loyaltyProgramEnrollments": []}))
    return replace(reply, changed=half.changed)


def _enrols_nobody(before: Customer, after: Customer, sent: Sent) -> Customer:
    asked = {item.get("programId") for item in items_of(sent, "loyaltyProgramEnrollments")}
    kept = [item for item in after.enrolments if before.enrolment_in(item.program) or item.program not in asked]
    return replace(after, enrolments=tuple(kept))


def _each_enrolment(before: Customer, after: Customer, sent: Sent, member: str) -> dict[int, int]:
    """Return a number that was sent for each program that the customer was in already."""
    items = items_of(sent, "loyaltyProgramEnrollments")
    numbers = {item.get("programId"): item.get(member) for item in items}
    return {
        held.program: number
        for held in before.enrolments
        if isinstance(number := numbers.get(held.program), int) and after.enrolment_in(held.program)
    }


def _changes_tiers(before: Customer, after: Customer, sent: Sent) -> Customer:
    tiers = _each_enrolment(before, after, sent, "tierNumber")
    return with_enrolments(after, lambda held: replace(held, tier=tiers.get(held.program, held.tier)))


def _credits_again(before: Customer, after: Customer, sent: Sent) -> Customer:
    points = _each_enrolment(before, after, sent, "loyaltyPoints")
    return with_enrolments(after, lambda held: replace(held, points=held.points + points.get(held.program, 0)))


def _replaces_enrolments(before: Customer, after: Customer, _: Sent) -> Customer:
    new = tuple(held for held in after.enrolments if not before.enrolment_in(held.program))
    return replace(after, enrolments=new) if new else after


def _forgets_async_upgrades(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    if not is_update(reply) or parameter_of(request, "use_async") != "true":
        return reply
    before, after = before_and_after(deployment, reply)
    return replace(reply, changed=(replace(after, loyalty_type=before.loyalty_type),))


def _without_offset(expiry: str | None) -> str | None:
    return expiry and expiry[:19]


def _shouted_status(body: Any) -> Any:
    info = body["loyaltyInfo"]
    return {**body, "loyaltyInfo": {**info, "loyaltyType": info["loyaltyType"].upper()}}


FLAWS_OF_LOYALTY = (
    Flaw(
        name="downgrade-takes-effect",
        says="A loyalty customer can be made non-loyalty.",
        names=("UPD-LIM-3", "UPD-USE-3", "loyalty-downgrade"),
        needs="irreversible",
        make=deployed(_downgrades),
        shown_by=_DOWNGRADED,
    ),
    Flaw(
        name="downgrade-refused-but-stored",
        says="A downgrade is refused with 8018 and takes effect all the same.",
        names=("UPD-LIM-3", "UPD-USE-3", "loyalty-downgrade"),
        needs="irreversible",
        make=deployed(_downgrades_silently),
        shown_by=_DOWNGRADED,
    ),
    Flaw(
        name="async-downgrade-takes-effect",
        says="With use_async=true a loyalty customer can be made non-loyalty.",
        names=("UPD-LIM-3", "UPD-USE-3", "UPD-QRY-3", "loyalty-downgrade"),
        needs="irreversible",
        make=deployed(_downgrades_async),
        shown_by=(put_async(RAVI, downgrade()), get(RAVI)),
    ),
    Flaw(
        name="half-of-refused-downgrade",
        says="A downgrade is refused with 8018, but the profile in the same request is stored.",
        names=("UPD-LIM-3", "UPD-USE-3", "loyalty-downgrade", "UPD-USE-2"),
        needs="irreversible",
        make=deployed(_keeps_half_of_downgrade),
        shown_by=_HALF,
    ),
    Flaw(
        name="half-of-refused-enrolment",
        says="An unknown program is refused with 1101, but the profile in the same request is stored.",
        names=("program-unknown", "UPD-BODY-20", "UPD-BODY-19", "UPD-USE-2", "UPD-USE-1"),
        needs="writes",
        make=deployed(_keeps_half_of_enrolment),
        shown_by=_UNKNOWN_PROGRAM,
    ),
    Flaw(
        name="upgrade-not-stored",
        says="A customer who is made loyalty stays non-loyalty.",
        names=("UPD-USE-3", "UPD-LIM-4", "UPD-BODY-15"),
        needs="irreversible",
        make=deployed(saving(lambda before, after, _: replace(after, loyalty_type=before.loyalty_type))),
        shown_by=_UPGRADED,
    ),
    Flaw(
        name="loyalty-type-in-capitals",
        says="Reads show the loyalty type in capitals.",
        names=("UPD-BODY-15", "loyalty-type-case"),
        needs="reads",
        make=deployed(showing(is_customer, _shouted_status)),
        shown_by=(get(ASHA),),
    ),
    Flaw(
        name="enrolment-not-stored",
        says="An enrolment is answered 200, with its points, and is not stored.",
        names=("UPD-BODY-19", "UPD-BODY-20", "UPD-BODY-23", "UPD-BODY-22"),
        needs="irreversible",
        make=deployed(saving(_enrols_nobody)),
        shown_by=_ENROLLED,
    ),
    Flaw(
        name="tier-unused",
        says="Whoever is enrolled gets tier 1, whatever tier was asked for.",
        names=("UPD-BODY-22", "UPD-BODY-33", "UPD-BODY-19"),
        needs="irreversible",
        make=deployed(saving_new_enrolments(lambda held: replace(held, tier=1))),
        shown_by=_ENROLLED,
    ),
    Flaw(
        name="re-enrolment-changes-tier",
        says="Enrolling again in a program changes the tier.",
        names=("UPD-BODY-21", "already-enrolled"),
        needs="irreversible",
        make=deployed(saving(_changes_tiers)),
        shown_by=_ENROLLED_AGAIN,
    ),
    Flaw(
        name="re-enrolment-credits",
        says="Enrolling again in a program credits the points again.",
        names=("UPD-BODY-21", "already-enrolled", "UPD-BODY-23"),
        needs="irreversible",
        make=deployed(saving(_credits_again)),
        shown_by=_ENROLLED_AGAIN,
    ),
    Flaw(
        name="expiry-without-offset",
        says="The expiry of a tier loses its offset.",
        names=("UPD-BODY-24", "UPD-BODY-34", "expiry-format"),
        needs="irreversible",
        make=deployed(saving_new_enrolments(lambda held: replace(held, tier_expiry=_without_offset(held.tier_expiry)))),
        shown_by=_ENROLLED,
    ),
    Flaw(
        name="expiry-at-another-time",
        says="The expiry of a tier keeps its clock but moves to UTC, and so to another instant.",
        names=("UPD-BODY-24", "UPD-BODY-34"),
        needs="irreversible",
        make=deployed(
            saving_new_enrolments(
                lambda held: replace(held, tier_expiry=held.tier_expiry and f"{held.tier_expiry[:19]}Z")
            )
        ),
        shown_by=_ENROLLED,
    ),
    Flaw(
        name="enrolment-refused",
        says="Nobody can be enrolled: every enrolment is refused with 10002.",
        names=("UPD-BODY-19", "UPD-BODY-20"),
        needs="writes",
        make=deployed(refusing(lambda sent: bool(items_of(sent, "loyaltyProgramEnrollments")), "10002")),
        shown_by=(put(LI, enrolment(), "source=WECHAT&accountId=1234"),),
    ),
    Flaw(
        name="enrolments-replaced",
        says="An enrolment takes the place of those in other programs.",
        names=("UPD-BODY-19", "UPD-BODY-21", "UPD-USE-1"),
        needs="irreversible",
        make=deployed(saving(_replaces_enrolments)),
        shown_by=_ENROLLED,
    ),
    Flaw(
        name="async-upgrade-lost",
        says="With use_async=true a customer who is made loyalty stays non-loyalty.",
        names=("UPD-QRY-3", "UPD-USE-3", "UPD-LIM-4"),
        needs="irreversible",
        make=deployed(_forgets_async_upgrades),
        shown_by=(put_async(ASHA, upgrade()), get(ASHA)),
    ),
)
