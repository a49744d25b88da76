"""The loyalty status and the programs. What is done here stays, so each step carries as many promises as it can.

Incentives for becoming loyalty are the organisation's own: nothing is promised about points then.
"""

from collections.abc import Callable

from mockserver.domain.organisation import Program
from mockserver.values import replace
from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.expectation import Pattern
from mockserver.verification.findings import Step
from mockserver.verification.statements.asking import (
    LOYALTY,
    NO_EFFECTS,
    NON_LOYALTY,
    at,
    granted,
    held_name,
    profile,
    put,
    refused,
    step,
)
from mockserver.verification.target import Leave

POINTS = 7
_MANY = 2**24 + 1  # what neither 16 bits hold nor a float
_TIER_ENDS = "2041-07-11T16:36:17-03:30"  # beyond 32 bits, and west of Greenwich
_POINTS_END = "2031-08-11T16:36:17+05:30"
_LATER = "2032-01-01T00:00:00Z"
_ASYNC = {True: "&use_async=true", False: "&use_async=false"}
_ANY_PROGRAM: dict[str, Pattern] = {"programs/*": None}


def _downgrade(*, background: bool) -> Callable[[Situation], Plan]:
    """The update carries a name too: what is refused is refused whole."""

    def plan(situation: Situation) -> Plan:
        if situation.state.flat.get("loyaltyType") != LOYALTY:
            return Unfit("no named customer is loyalty")
        member = held_name(situation)
        if isinstance(member, Unfit):
            return member
        body = {**profile(**{member: situation.word}), "loyaltyInfo": {"loyaltyType": NON_LOYALTY}}
        request = put(situation.place, body, query=situation.place.query + _ASYNC[background])
        return (step(request, refused(8018), programs=True),)

    return plan


def _upgrade(*, background: bool) -> Callable[[Situation], Plan]:
    def plan(situation: Situation) -> Plan:
        if situation.state.flat.get("loyaltyType") != NON_LOYALTY:
            return Unfit("no named customer is non_loyalty")
        items = [
            {"programId": program.id, "loyaltyPoints": POINTS + index}
            for index, program in enumerate(_free_programs(situation)[:2])
        ]
        body = {"loyaltyInfo": {"loyaltyType": LOYALTY}, "loyaltyProgramEnrollments": items}
        request = put(situation.place, body, query=situation.place.query + _ASYNC[background])
        listed = [_effect(item["loyaltyPoints"]) for item in items]
        effects: Pattern = NO_EFFECTS if background else {"$contains": listed}
        changes = {"loyaltyType": LOYALTY, **_ANY_PROGRAM}
        return (step(request, granted(changes, body={"sideEffects": effects}), programs=True),)

    return plan


def _enrol(*, background: bool) -> Callable[[Situation], Plan]:
    """Enrol with tier, points and expiries; then once more with others, which must change nothing."""

    def plan(situation: Situation) -> Plan:
        program = free_program(situation)
        if isinstance(program, Unfit):
            return program
        tier, other = min(one.number for one in program.tiers), max(one.number for one in program.tiers)
        path = f"programs/{program.id}"
        effects: Pattern = {"$contains": [_effect(_MANY)]}
        changes: dict[str, Pattern] = {
            f"{path}/tier": other,
            f"{path}/points": _MANY,
            f"{path}/tierExpiryDate": {"$instant": _TIER_ENDS},
        }
        query = situation.place.query + (_ASYNC[True] if background else "")
        first = put(situation.place, _enrolment(program.id, other, _MANY, _TIER_ENDS), query=query)
        again = put(situation.place, _enrolment(program.id, tier, _MANY + 1, _LATER), query=query)
        answer = {"sideEffects": NO_EFFECTS if background else effects}
        enrolling = step(first, granted(changes, body=answer), programs=True)
        return (
            *(_meanwhile(situation, enrolling) if background else (enrolling,)),
            step(again, granted({}, warnings=(91006,), body={"sideEffects": NO_EFFECTS}), programs=True),
        )

    return plan


def _meanwhile(situation: Situation, work: Step) -> tuple[Step, ...]:
    """Send another update while the work is done: neither takes back the other. Alone that update is sent before."""
    member = held_name(situation)
    if isinstance(member, Unfit):
        return (work,)
    alone, beside = (
        step(put(situation.place, profile(**{member: text})), granted(at(situation.place, **{member: text})))
        for text in (situation.word, f"{situation.word}x")
    )
    return alone, work, replace(beside, together=True)


def _enrolment(program: int, tier: int, points: int, tier_ends: str) -> dict[str, object]:
    item = {
        "programId": program,
        "tierNumber": tier,
        "loyaltyPoints": points,
        "tierExpiryDate": tier_ends,
        "pointsExpiryDate": _POINTS_END,
    }
    return {"loyaltyProgramEnrollments": [item]}


def free_program(situation: Situation) -> Program | Unfit:
    """Return a program that the customer is not in; only of a loyalty customer are the points foreseeable."""
    if not situation.state.has_programs:
        return Unfit("the target does not show loyalty details")
    if situation.state.flat.get("loyaltyType") != LOYALTY:
        return Unfit("no named customer is loyalty and outside a program of the organisation")
    free = _free_programs(situation)
    return free[0] if free else Unfit("no named customer is loyalty and outside a program of the organisation")


def _free_programs(situation: Situation) -> list[Program]:
    programs = situation.organisation.programs.values()
    return [program for program in programs if f"programs/{program.id}/tier" not in situation.state.flat]


def _effect(points: int) -> Pattern:
    return {
        "type": "points",
        "awardedPoints": points,
        "rawAwardedPoints": {"$type": "number"},
        "entityType": {"$type": "string"},
    }


def _enrol_again(situation: Situation) -> Plan:
    """A customer who was in a program before the run gets another tier and points, which must not come."""
    for program in situation.organisation.programs.values():
        path = f"programs/{program.id}/tier"
        if path in situation.state.flat:
            tiers = [one.number for one in program.tiers if one.number != situation.state.flat[path]]
            body = _enrolment(program.id, next(iter(tiers), 1), POINTS, _LATER)
            expect = granted({}, warnings=(91006,), body={"sideEffects": NO_EFFECTS})
            return (step(put(situation.place, body), expect, programs=True),)
    return Unfit("no named customer is in a program of the organisation")


def _half_of_a_refused_update(situation: Situation) -> Plan:
    """An enrolment in a program that nobody has refuses the name that stands before it, too."""
    member = held_name(situation)
    if isinstance(member, Unfit):
        return member
    body = {**profile(**{member: situation.word}), "loyaltyProgramEnrollments": [{"programId": 2147483000}]}
    return (step(put(situation.place, body), refused(1101), programs=True),)


def _new_profile(situation: Situation) -> Plan:
    held = {path.split("/")[1] for path in situation.state.flat if path.startswith("profiles/")}
    for name, source in situation.organisation.sources.items():
        if name not in held and not source.accounts:
            request = put(situation.place, profile(firstName=situation.word), query=f"source={name}")
            changes = {f"profiles/{name}": "there", f"profiles/{name}/firstName": situation.word}
            return (step(request, granted(changes)),)
    return Unfit("the customer has a profile in every source that has one account")


def _emptied(situation: Situation) -> Plan:
    """Lists with nothing in them: what is held stays."""
    body = {**profile(commChannels=[]), "loyaltyProgramEnrollments": []}
    return (step(put(situation.place, body), granted({}), programs=True),)


def _loyalty_check(
    name: str, law: str, plan: Callable[[Situation], Plan], statements: tuple[str, ...], *questions: str
) -> Check:
    return Check(
        id=name,
        law=law,
        statements=statements,
        questions=questions,
        leave=Leave.IRREVERSIBLE,
        looks_at_programs=True,
        plan=plan,
    )


_DOWNGRADE = ("UPD-LIM-3", "UPD-USE-3")
_UPGRADE = ("UPD-USE-3", "UPD-LIM-4", "UPD-BODY-14", "UPD-BODY-15")
_ENROLMENT = ("UPD-BODY-19", "UPD-BODY-20", "UPD-BODY-22", "UPD-BODY-23", "UPD-BODY-24", "UPD-BODY-25", "UPD-RSP-6")

CHECKS = (
    _loyalty_check(
        "downgrade-is-refused",
        "A loyalty customer cannot become non_loyalty: 8018, and nothing changes",
        _downgrade(background=False),
        _DOWNGRADE,
        "loyalty-downgrade",
    ),
    _loyalty_check(
        "downgrade-is-refused-in-background",
        "A loyalty customer cannot become non_loyalty with use_async=true either",
        _downgrade(background=True),
        _DOWNGRADE,
        "loyalty-downgrade",
    ),
    _loyalty_check(
        "empty-lists-keep",
        "An empty list of channels or enrolments changes nothing",
        _emptied,
        ("UPD-BODY-7", "UPD-BODY-19"),
        "empty-list",
    ),
    _loyalty_check(
        "refused-whole",
        "An update that is refused for one part changes nothing in any other",
        _half_of_a_refused_update,
        ("UPD-BODY-20", "UPD-USE-2"),
        "program-unknown",
    ),
    _loyalty_check(
        "enrolled-once",
        "An enrolment in a program that the customer is in changes nothing, and a warning says so",
        _enrol_again,
        ("UPD-BODY-21", "UPD-BODY-20"),
        "already-enrolled",
    ),
    _loyalty_check(
        "enrolment-is-done",
        "An enrolment sets tier, points and expiry, lists its points, and is done once only",
        _enrol(background=False),
        _ENROLMENT,
        "already-enrolled",
        "enrolment-points-effect",
        "use-async-default",
    ),
    _loyalty_check(
        "enrolment-is-done-in-background",
        "With use_async=true an enrolment is done too, and its points come later",
        _enrol(background=True),
        ("UPD-QRY-3", *_ENROLMENT),
        "already-enrolled",
        "async-scope",
    ),
    _loyalty_check(
        "upgrade-is-done",
        "A customer who is non_loyalty becomes loyalty",
        _upgrade(background=False),
        _UPGRADE,
        "default-program-enrolment",
        "enrolment-points-effect",
    ),
    _loyalty_check(
        "upgrade-is-done-in-background",
        "With use_async=true a customer becomes loyalty too",
        _upgrade(background=True),
        ("UPD-QRY-3", *_UPGRADE),
        "default-program-enrolment",
        "async-scope",
    ),
    _loyalty_check(
        "profile-is-added",
        "An update in a source where the customer has no profile adds one",
        _new_profile,
        ("UPD-USE-1",),
        "no-profile-in-source",
    ),
)
