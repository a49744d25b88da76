"""Valid items beside invalid ones of the same kind, in either order: the valid are stored, and each invalid is told."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeAlias

from mockserver.verification.checks import Check, Foretelling, Foretold, Plan, Situation, Unfit
from mockserver.verification.statements.asking import LOYALTY, all_held, profile, put
from mockserver.verification.target import Leave, Place
from mockserver.verification.values import typed
from mockserver.verification.values.subjects import Subject, subjects

Item: TypeAlias = Mapping[str, Any]
_NO_ADDRESS: tuple[Item, ...] = (
    {"type": "email", "value": "no address"},
    {"type": "email", "value": "two@@example.com"},
)
_NO_NUMBER: tuple[Item, ...] = ({"type": "mobile", "value": "123"}, {"type": "mobile", "value": "no number"})
_EMPTY: tuple[Item, ...] = ({"type": "mobile", "value": ""}, {"type": "email", "value": None}, {"type": "email"})
_USED_UP = Unfit("no named customer is loyalty, in one program of the organisation and outside another")


def _orders(valid: Sequence[Item], invalid: Sequence[Item]) -> Iterator[list[Item]]:
    """Give both orders, and the valid between the invalid."""
    yield [*valid, *invalid]
    yield [*invalid, *valid]
    yield [*invalid[:1], *valid, *invalid[1:]]


def _held_channels(situation: Situation) -> Plan:
    """Turn a flag of a channel that is held, beside channels whose values are none."""
    for subject in subjects(situation):
        if subject.channels:
            return Foretelling(tuple(_beside_held(subject)))
    return Unfit("no named customer has a channel that could be written back")


def _beside_held(subject: Subject) -> Iterator[Foretold]:
    kind, value = subject.channels[0]
    turn = subject.held["commChannels", kind, value, "verified"] is True
    for invalid in (_NO_ADDRESS, _NO_NUMBER, _EMPTY, (*_NO_ADDRESS, *_NO_NUMBER)):
        for channels in _orders(({"type": kind, "value": value},), invalid):
            turn = not turn
            sent = [{**item, "verified": turn} if item.get("value") == value else item for item in channels]
            yield _of_profile(subject.place, commChannels=sent)


def _new_channels(situation: Situation) -> Plan:
    place = subjects(situation)[0].place
    made = [situation.make_up(kind) for kind in ("email", "email", "mobile")]
    if None in made:
        return all_held("email" if None in made[:2] else "mobile")
    one, two, mobile = (
        {"type": kind, "value": value} for kind, value in zip(("email", "email", "mobile"), made, strict=True)
    )
    lists = ([one, _NO_ADDRESS[0]], [_NO_ADDRESS[0], two, _NO_NUMBER[0]], [*_NO_NUMBER, mobile, *_EMPTY])
    return Foretelling(tuple(_of_profile(place, commChannels=sent) for sent in lists))


def _of_profile(place: Place, **members: object) -> Foretold:
    return Foretold(request=put(place, profile(**members)))


def _wrong_fields(situation: Situation) -> Plan:
    """Write extended fields, one of them with a value that is not of its type, in either order."""
    subject = max(subjects(situation), key=lambda each: len(each.extended))
    pairs = [(member[1], subject.field_of(member)) for member in subject.extended]
    values = [(name, typed.typed(field), typed.wrong(field)) for name, field in pairs]
    usable = [each for each in values if each[1] and each[2]]
    if len(usable) < 2:
        return Unfit("no named customer has two extended fields that could be written back")
    asked = []
    for turn, wrong in enumerate(usable):
        rights = {name: pool[(turn + 1) % len(pool)] for name, pool, _ in usable if name != wrong[0]}
        orders = ({wrong[0]: wrong[2][0], **rights}, {**rights, wrong[0]: wrong[2][0]})
        asked += [Foretold(request=put(subject.place, {"extendedFields": fields})) for fields in orders]
    return Foretelling(tuple(asked))


def _unknown_fields(situation: Situation) -> Plan:
    """Write fields that are held beside fields that the organisation does not have, both custom and extended."""
    subject = max(subjects(situation), key=lambda each: len(each.texts))
    custom, extended = subject.custom[:1], [member for member in subject.extended if member in subject.texts][:1]
    unknown = {f"no_such_{situation.word}{letter}": letter for letter in "ab"}
    asked = []
    for turn, order in enumerate((_as_is, _reversed)):
        text = f"{situation.word}{turn}"
        fields = {**{member[1]: text for member in custom}, **unknown}
        more = {**{member[1]: text for member in extended}, **unknown}
        asked.append(_of_profile(subject.place, fields=order(fields)))
        asked.append(Foretold(request=put(subject.place, {"extendedFields": order(more)})))
    return Foretelling(tuple(asked)) if custom or extended else Unfit("no named customer has a field with a text")


def _as_is(fields: dict[str, Any]) -> dict[str, Any]:
    return fields


def _reversed(fields: dict[str, Any]) -> dict[str, Any]:
    return dict(reversed(fields.items()))


def _enrolments(situation: Situation) -> Plan:
    """Enrol in a program that is new beside one in which the customer is."""
    for subject in subjects(situation):
        programs = situation.organisation.programs.values()
        held = [program for program in programs if f"programs/{program.id}/tier" in subject.state.flat]
        free = [program for program in programs if program not in held]
        if held and free and subject.state.flat.get("loyaltyType") == LOYALTY:
            known = {"programId": held[0].id, "tierNumber": held[0].tiers[-1].number, "loyaltyPoints": 11}
            new = {"programId": free[0].id, "tierNumber": free[0].tiers[-1].number, "loyaltyPoints": 13}
            body = {"loyaltyProgramEnrollments": [known, new, {**new, "loyaltyPoints": 17}]}
            return Foretelling((Foretold(request=put(subject.place, body), looks_at_programs=True),))
    return _USED_UP


def _profiles(situation: Situation) -> Plan:
    """Send several profiles, of which only the one that the query names is meant, wherever it stands."""
    asked = []
    for number, subject in enumerate(islice((each for each in subjects(situation) if each.names), 3)):
        own = {"source": subject.place.source, "accountId": subject.place.account}
        others = [
            {"source": source, "firstName": "Nobody", "lastName": "Nobody"}
            for source in situation.organisation.sources
            if source != subject.place.source
        ][:2]
        for turn, profiles in enumerate(_orders((own,), others)):
            text = f"{situation.word}{number}{turn}"
            sent = [{**each, subject.names[0][0]: text} if each is own else each for each in profiles]
            asked.append(Foretold(request=put(subject.place, {"profiles": sent})))
    return Foretelling(tuple(asked)) if asked else Unfit("no named customer has a name that could be written back")


def _check(
    name: str,
    law: str,
    plan: Callable[[Situation], Plan],
    statements: tuple[str, ...],
    *questions: str,
    leave: Leave = Leave.WRITES,
) -> Check:
    return Check(
        id=name,
        law=law,
        plan=plan,
        statements=statements,
        questions=questions,
        leave=leave,
        looks_at_programs=name.startswith("enrolment"),
    )


CHECKS = (
    _check(
        "channel-beside-invalid-ones",
        "A channel that is held is updated beside invalid ones, each of which brings its warning",
        _held_channels,
        ("UPD-BODY-9", "UPD-RSP-2"),
        "channel-value-invalid",
        "channel-value-missing",
    ),
    _check(
        "extended-field-beside-wrong-ones",
        "An extended field is updated beside one whose value is not of its type, which brings its warning",
        _wrong_fields,
        ("UPD-BODY-16", "UPD-USE-6", "UPD-RSP-2"),
        "extended-field-wrong-type",
    ),
    _check(
        "profile-beside-others",
        "Of several profiles the one that the query names is updated, and no other",
        _profiles,
        ("UPD-LIM-2", "UPD-BODY-2", "UPD-BODY-3", "UPD-BODY-1"),
        "several-profiles",
    ),
    _check(
        "new-channel-beside-invalid-ones",
        "A new channel is added beside invalid ones, each of which brings its warning",
        _new_channels,
        ("UPD-BODY-9", "UPD-BODY-7", "UPD-RSP-2"),
        "channel-value-invalid",
        "channel-value-missing",
        leave=Leave.IRREVERSIBLE,
    ),
    _check(
        "field-beside-unknown-ones",
        "A field is updated beside unknown ones, each of which brings its warning",
        _unknown_fields,
        ("UPD-BODY-4", "UPD-BODY-16", "UPD-USE-6", "UPD-USE-8", "UPD-RSP-2"),
        "custom-field-unknown",
        "extended-field-unknown",
        leave=Leave.IRREVERSIBLE,
    ),
    _check(
        "enrolment-beside-one-that-is-held",
        "A program is new beside one in which the customer is, and a second enrolment in it changes nothing",
        _enrolments,
        ("UPD-BODY-19", "UPD-BODY-20", "UPD-BODY-21", "UPD-RSP-3"),
        "already-enrolled",
        leave=Leave.IRREVERSIBLE,
    ),
)
