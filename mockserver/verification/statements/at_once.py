"""Two updates of one customer at the same time: neither loses what the other stored, and each gets its own answer.

Each pair is sent one after the other first. So what goes wrong afterwards goes wrong because of the other update.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

from mockserver.values import replace
from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.expectation import Expectation, Pattern
from mockserver.verification.findings import Step
from mockserver.verification.statements.asking import at, granted, profile, put, step
from mockserver.verification.statements.loyalty import POINTS, free_program
from mockserver.verification.statements.reads import forms_of, reading
from mockserver.verification.statements.small_updates import LETTERS, updates_of
from mockserver.verification.target import Leave

_ROUNDS = 10
_FEW = 3
_NOT_ALLOWED = Unfit("updates at the same time are not allowed; allow them with --parallel")
_ANYTHING: Pattern = {"$one_of": [{"$any": True}, {"$absent": True}]}
_Pair: TypeAlias = tuple[Step, Step]
_Making: TypeAlias = Callable[[Situation, int], _Pair | Unfit]


def _rounds(make: _Making) -> Callable[[Situation], Plan]:
    """Return a plan: a pair of updates one after the other, then such pairs at the same time, then a look."""

    def plan(situation: Situation) -> Plan:
        if not situation.parallel:
            return _NOT_ALLOWED
        made = [make(situation, number) for number in range(1 + (_ROUNDS if situation.thorough else _FEW))]
        pairs = [pair for pair in made if not isinstance(pair, Unfit)]
        if not pairs or isinstance(made[0], Unfit):
            return made[0] if isinstance(made[0], Unfit) else _NOT_ALLOWED
        racing = (each for one, other in pairs[1:] for each in (one, replace(other, together=True)))
        return (*pairs[0], *racing, *(reading(form) for form in forms_of(situation)))

    return plan


def _of_kinds(one: str, other: str, situation: Situation, number: int) -> _Pair | Unfit:
    """Return updates of two members, each of its kind, and not the same one."""
    firsts, seconds = updates_of(one, situation, number), updates_of(other, situation, number)
    pair = (*firsts[:1], *(seconds[1:2] if one == other else seconds[:1]))
    if len(pair) < 2:
        return Unfit(f"no customer has two members ({one}, {other}) that could be written back")
    return pair[0], pair[1]


def _both_names(situation: Situation, number: int) -> _Pair | Unfit:
    """Both send first and last name: what is stored is of one of them."""
    held = situation.state.at(situation.place)
    if not (held.get("firstName") and held.get("lastName")):
        return Unfit("no customer has a first and a last name that could be written back")
    return _renaming(situation, f"{LETTERS[number]}x"), _renaming(situation, f"{LETTERS[number]}y")


def _renaming(situation: Situation, ending: str) -> Step:
    names = dict.fromkeys(("firstName", "lastName"), f"{situation.word}{ending}")
    return step(put(situation.place, profile(**names)), granted(at(situation.place, **names)))


def _warned_and_not(situation: Situation, number: int) -> _Pair | Unfit:
    """One of the two has a channel that is none, of which its own answer warns, and no other."""
    names = updates_of("name", situation, number)
    if not names:
        return Unfit("no customer has a name that could be written back")
    body = profile(commChannels=[{"type": "email", "value": f"no address {number}"}])
    return names[0], step(put(situation.place, body), granted({}, warnings=(8057,)))


def _two_customers(situation: Situation, number: int) -> _Pair | Unfit:
    names = updates_of("name", situation, number)
    for place, state in situation.states.items():
        other = replace(situation, place=place, state=state, word=f"{situation.word}x")
        others = updates_of("name", other, number) if place.customer != situation.place.customer else ()
        if names and others:
            return _answered(names[0], situation.place.customer), _answered(others[0], place.customer)
    return Unfit("no two customers are named that have names")


def _answered(update: Step, customer: int) -> Step:
    """Return an update whose answer must be about its customer."""
    return replace(update, expect=replace(update.expect, body={"createdId": {"$id": customer}}))


def _read_meanwhile(situation: Situation, number: int) -> _Pair | Unfit:
    """A read is answered while an update is under way; whether it shows the update is nobody's promise."""
    names = updates_of("name", situation, number)
    if not names:
        return Unfit("no customer has a name that could be written back")
    forms = forms_of(situation)
    read = forms[number % len(forms)]
    return step(read, Expectation(status=200)), names[0]


def _same_enrolment(situation: Situation) -> Plan:
    """The same enrolment twice at the same time: one of the two comes second, and is as if the program were held."""
    program = free_program(situation)
    if isinstance(program, Unfit) or not situation.parallel:
        return program if isinstance(program, Unfit) else _NOT_ALLOWED
    tier = max(one.number for one in program.tiers)
    item = {"programId": program.id, "tierNumber": tier, "loyaltyPoints": POINTS}
    changes = {f"programs/{program.id}/tier": tier, f"programs/{program.id}/points": POINTS}
    expect = Expectation(body={"warnings": _ANYTHING}, changes=changes)  # the second may be warned of, or refused
    enrolling = step(put(situation.place, {"loyaltyProgramEnrollments": [item]}), expect, programs=True)
    return enrolling, replace(enrolling, together=True)


def _check(name: str, law: str, make: _Making, *questions: str) -> Check:
    return Check(
        id=f"{name}-at-once",
        law=law,
        statements=("UPD-USE-1", "UPD-USE-2"),
        questions=("concurrent-update", *questions),
        leave=Leave.WRITES,
        plan=_rounds(make),
    )


# Which members are updated at the same time, by kind, and the questions that an update of them is about.
_KINDS = (
    ("first-and-last-name", ("name", "name"), ("omitted-field",)),
    ("custom-fields", ("field", "field"), ("custom-fields",)),
    ("extended-fields", ("extended field", "extended field"), ("extended-fields",)),
    ("channels", ("channel", "channel"), ("comm-channels",)),
    ("name-and-custom-field", ("name", "field"), ("omitted-field", "custom-fields")),
    ("name-and-extended-field", ("name", "extended field"), ("omitted-field",)),
    ("name-and-channel", ("name", "channel"), ("omitted-field", "comm-channels")),
)


def _checks() -> Iterator[Check]:
    for name, kinds, questions in _KINDS:
        law = f"Of two updates at the same time both are stored: {name.replace('-', ' ')}"
        yield _check(name, law, partial(_of_kinds, *kinds), *questions)
    yield _check(
        "both-names",
        "Of two updates of the same members at the same time one is stored, whole, and is what every read shows",
        _both_names,
    )
    yield _check(
        "own-warnings",
        "Of two updates at the same time each is answered with its own warnings",
        _warned_and_not,
        "channel-value-invalid",
    )
    yield _check(
        "two-customers",
        "Two customers who are updated at the same time each get what was sent for them",
        _two_customers,
        "omitted-field",
    )
    yield _check(
        "update-and-read",
        "A customer can be read, in whatever form, while it is updated",
        _read_meanwhile,
    )
    yield Check(
        id="same-enrolment-at-once",
        law="The same enrolment twice at the same time is done once",
        statements=("UPD-BODY-21", "UPD-BODY-23", "UPD-BODY-19"),
        questions=("concurrent-update", "already-enrolled"),
        leave=Leave.IRREVERSIBLE,
        looks_at_programs=True,
        plan=_same_enrolment,
    )


CHECKS = tuple(_checks())
