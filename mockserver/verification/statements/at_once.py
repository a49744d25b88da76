"""Two updates of one customer at the same time: neither loses what the other stored, and each gets its own answer.

Each pair is sent one after the other first. So what goes wrong afterwards goes wrong because of the other update.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from mockserver.values import replace
from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.expectation import Expectation, Pattern
from mockserver.verification.findings import Step
from mockserver.verification.statements.asking import at, granted, held_name, profile, put, step
from mockserver.verification.statements.loyalty import POINTS, free_program
from mockserver.verification.statements.reads import forms_of, reading
from mockserver.verification.statements.small_updates import LETTERS
from mockserver.verification.target import Leave, Place

_ROUNDS = 10
_FEW = 3
_NOT_ALLOWED = Unfit("updates at the same time are not allowed; allow them with --parallel")
_BOTH_NAMES = Unfit("no customer has first and last name, which could be written back")
_ANYTHING: Pattern = {"$one_of": [{"$any": True}, {"$absent": True}]}
_Pair: TypeAlias = tuple[Step, Step]
_Making: TypeAlias = Callable[[Situation, str], _Pair | Unfit]


def _rounds(make: _Making) -> Callable[[Situation], Plan]:
    """Return a plan: a pair of updates one after the other, then such pairs at the same time, then a look."""

    def plan(situation: Situation) -> Plan:
        if not situation.parallel:
            return _NOT_ALLOWED
        first = make(situation, "a")
        if isinstance(first, Unfit):
            return first
        letters = LETTERS[1 : 1 + (_ROUNDS if situation.thorough else _FEW)]
        pairs = (pair for letter in letters if not isinstance(pair := make(situation, letter), Unfit))
        racing = (each for one, other in pairs for each in (one, replace(other, together=True)))
        return (*first, *racing, *(reading(form) for form in forms_of(situation)))

    return plan


def _rename(situation: Situation, member: str, letter: str) -> Step:
    text = f"{situation.word}{letter}"
    changes = at(situation.place, **{member: text})
    return _own(situation.place, profile(**{member: text}), changes)


def _own(place: Place, body: Mapping[str, Any], changes: Mapping[str, Pattern]) -> Step:
    """Return an update whose answer is about the customer that it was sent for."""
    return step(put(place, body), granted(changes, body={"createdId": {"$id": place.customer}}))


def _has_both_names(situation: Situation) -> bool:
    held = situation.state.at(situation.place)
    return bool(held.get("firstName") and held.get("lastName"))


def _first_and_last_name(situation: Situation, letter: str) -> _Pair | Unfit:
    if not _has_both_names(situation):
        return _BOTH_NAMES
    return _rename(situation, "firstName", letter), _rename(situation, "lastName", letter)


def _name_and_field(situation: Situation, letter: str) -> _Pair | Unfit:
    member, field = held_name(situation), _held_below(situation.state.at(situation.place), "fields/")
    if isinstance(member, Unfit) or not field:
        return Unfit("no customer has a name and a custom field that could be written back")
    text = f"{situation.word}{letter}"
    changes = at(situation.place, **{f"fields__{field}": text})
    return _rename(situation, member, letter), _own(situation.place, profile(fields={field: text}), changes)


def _name_and_channel(situation: Situation, letter: str) -> _Pair | Unfit:
    """The flag is turned in each round."""
    member, held = held_name(situation), situation.state.at(situation.place)
    path = next((path for path in held if path.startswith("commChannels/") and path.endswith("/verified")), "")
    if isinstance(member, Unfit) or not path:
        return Unfit("no customer has a name and a channel")
    kind, _, value = path.removeprefix("commChannels/").removesuffix("/verified").partition(":")
    is_verified = (held[path] is True) ^ (LETTERS.index(letter) % 2 == 0)
    body = profile(commChannels=[{"type": kind, "value": value, "verified": is_verified}])
    changes = at(situation.place, **{path.replace("/", "__"): is_verified})
    return _rename(situation, member, letter), _own(situation.place, body, changes)


def _same_member(situation: Situation, letter: str) -> _Pair | Unfit:
    member = held_name(situation)
    if isinstance(member, Unfit):
        return member
    return _rename(situation, member, letter), _rename(_another(situation), member, letter)


def _warned_and_not(situation: Situation, letter: str) -> _Pair | Unfit:
    """One of the two has a channel that is none, of which its own answer warns, and no other."""
    member = held_name(situation)
    if isinstance(member, Unfit):
        return member
    body = profile(commChannels=[{"type": "email", "value": f"no address {letter}"}])
    answer = {"createdId": {"$id": situation.place.customer}}
    warned = step(put(situation.place, body), granted({}, warnings=(8057,), body=answer))
    return _rename(situation, member, letter), warned


def _two_customers(situation: Situation, letter: str) -> _Pair | Unfit:
    member = held_name(situation)
    for place, state in situation.states.items():
        other = replace(situation, place=place, state=state, word=_another(situation).word)
        its_member = held_name(other)
        is_other = place.customer != situation.place.customer
        if is_other and not isinstance(member, Unfit) and not isinstance(its_member, Unfit):
            return _rename(situation, member, letter), _rename(other, its_member, letter)
    return Unfit("no two customers are named that have names")


def _another(situation: Situation) -> Situation:
    """Return the situation with another word, which begins with what was made up."""
    return replace(situation, word=f"{situation.word}x")


def _held_below(held: Mapping[str, Any], prefix: str) -> str:
    return next((path.removeprefix(prefix) for path, value in held.items() if path.startswith(prefix) and value), "")


def _same_enrolment(situation: Situation) -> Plan:
    """The same enrolment twice at the same time: one of the two comes second, and is as if the program were held."""
    program = free_program(situation)
    if isinstance(program, Unfit) or not situation.parallel:
        return program if isinstance(program, Unfit) else _NOT_ALLOWED
    tier = max(one.number for one in program.tiers)
    item = {"programId": program.id, "tierNumber": tier, "loyaltyPoints": POINTS}
    path = f"programs/{program.id}"
    changes = {f"{path}/tier": tier, f"{path}/points": POINTS}
    expect = Expectation(body={"warnings": _ANYTHING}, changes=changes)  # the second may be warned of, or refused
    enrolling = step(put(situation.place, {"loyaltyProgramEnrollments": [item]}), expect, programs=True)
    return enrolling, replace(enrolling, together=True)


def _pair_check(name: str, law: str, make: _Making, *questions: str) -> Check:
    return Check(
        id=name,
        law=law,
        statements=("UPD-USE-1", "UPD-USE-2"),
        questions=("concurrent-update", *questions),
        leave=Leave.WRITES,
        plan=_rounds(make),
    )


def _checks() -> Iterator[Check]:
    yield _pair_check(
        "names-at-once",
        "Of two updates at the same time, of first and of last name, both are stored",
        _first_and_last_name,
        "omitted-field",
    )
    yield _pair_check(
        "name-and-field-at-once",
        "Of two updates at the same time, of a name and of a custom field, both are stored",
        _name_and_field,
        "omitted-field",
    )
    yield _pair_check(
        "name-and-channel-at-once",
        "Of two updates at the same time, of a name and of a channel, both are stored",
        _name_and_channel,
        "omitted-field",
        "comm-channels",
    )
    yield _pair_check(
        "same-name-at-once",
        "Of two updates of one name at the same time one is stored, and is what every read shows",
        _same_member,
        "omitted-field",
    )
    yield _pair_check(
        "own-warnings-at-once",
        "Of two updates at the same time each is answered with its own warnings",
        _warned_and_not,
        "channel-value-invalid",
    )
    yield _pair_check(
        "two-customers-at-once",
        "Two customers who are updated at the same time each get what was sent for them",
        _two_customers,
        "omitted-field",
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
