"""Combinations: each member of an update left out, null, empty, the same and new, with each of every other member.

The rows of a covering array say which levels of the members go out together. What must come of each is what the core
says, so that what one member does to another is seen, whichever two they are.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from mockserver.verification.checks import Check, Foretelling, Foretold, Plan, Situation, Unfit
from mockserver.verification.statements.asking import all_held
from mockserver.verification.target import Leave
from mockserver.verification.values import typed
from mockserver.verification.values.covering import covering_rows
from mockserver.verification.values.pieces import NOTHING, Part, Piece, update_of
from mockserver.verification.values.subjects import Subject, subjects

Level: TypeAlias = Callable[[str], Piece]  # what is sent, with a text that is new in each row
Factor: TypeAlias = Sequence[Level]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_EVERY_THIRD = 3  # row is sent to another profile too
_CONTEXT = {
    "USER-CONTEXT-ENTITY-TYPE": "USER",
    "USER-CONTEXT-ENTITY-ID": "7",
    "USER-CONTEXT-ENTITY-SOURCE": "MEMBER_CARE",
}
_NOBODY = Unfit("no named customer has a name that could be written back")


def _always(piece: Piece) -> Level:
    return lambda _: piece


def _of(*profiles: Part) -> Iterator[Level]:
    yield from (_always(Piece(profile=part)) for part in profiles)


_LEFT_OUT = _always(NOTHING)
_ASYNC: Factor = (
    _LEFT_OUT,
    _always(Piece(query="&use_async=true", statement="UPD-QRY-3")),
    _always(Piece(query="&use_async=false", statement="UPD-QRY-4")),
)
_HEADERS: Factor = (_LEFT_OUT, _always(Piece(headers=_CONTEXT, statement="UPD-HDR-1")))


def undoable_factors(subject: Subject) -> Iterator[Factor]:
    """Give what may be sent to a subject and taken back, by member."""
    yield from (_names(subject, name) for name in ("firstName", "lastName"))
    yield tuple(_custom(subject))
    yield tuple(_extended(subject))
    yield tuple(_channels(subject))
    yield tuple(_status(subject))
    yield tuple(_bodies({"loyaltyProgramEnrollments": None}, {"loyaltyProgramEnrollments": []}))
    yield tuple(_sources(subject))
    yield tuple(_identifiers(subject))
    yield tuple(_others(subject))
    yield _ASYNC
    yield _HEADERS


def _bodies(*bodies: Part) -> Iterator[Level]:
    yield _LEFT_OUT
    yield from (_always(Piece(body=body)) for body in bodies)


def _names(subject: Subject, name: str) -> Factor:
    if (name,) not in subject.held:
        return (_LEFT_OUT, _always(Piece(profile={name: None})))
    same = Piece(profile={name: subject.held[(name,)]})
    new: Level = lambda text: Piece(profile={name: f"{text} {name}"})  # noqa: E731  # one level among others
    return (_LEFT_OUT, _always(Piece(profile={name: None})), _always(same), new)


def _custom(subject: Subject) -> Iterator[Level]:
    yield _LEFT_OUT
    yield from _of({"fields": None}, {"fields": {}})
    names = [member[1] for member in subject.custom]
    if not names:
        return
    first, last = names[0], names[-1]
    yield from _of({"fields": {name: subject.held["fields", name] for name in names}}, {"fields": {last: None}})
    yield lambda text: Piece(profile={"fields": {first: text}})
    yield lambda text: Piece(profile={"fields": {last: None, first: text} if first != last else {first: text}})


def _extended(subject: Subject) -> Iterator[Level]:
    yield from _bodies({"extendedFields": None}, {"extendedFields": {}})
    held = {member[1]: subject.held[member] for member in subject.extended}
    if not held:
        return
    yield _always(Piece(body={"extendedFields": held}))
    for member in subject.extended:
        pool = [value for value in typed.typed(subject.field_of(member)) if value != subject.held[member]]
        if pool:
            yield _always(Piece(body={"extendedFields": {member[1]: pool[0]}}))
    free = next((member[1] for member in subject.extended if member in subject.texts), None)
    if free is not None:
        yield lambda text: Piece(body={"extendedFields": {free: text}})
        other = next((name for name in held if name != free), free)
        yield lambda text: Piece(body={"extendedFields": {other: None, free: text}})


def _channels(subject: Subject) -> Iterator[Level]:
    yield _LEFT_OUT
    yield from _of({"commChannels": None}, {"commChannels": []})
    items = [{"type": kind, "value": value} for kind, value in subject.channels]
    if not items:
        return
    flags = {name: subject.held[("commChannels", *subject.channels[0], name)] for name in ("primary", "verified")}
    turned = {**items[0], "verified": str(not flags["verified"]).lower(), "meta": {"residence": "true"}}
    yield from _of(
        {"commChannels": items[:1]},
        {"commChannels": [{**items[0], **flags}]},
        {"commChannels": [turned]},
        {"commChannels": [{**item, "verified": True, "primary": None} for item in reversed(items)]},
        {
            "commChannels": [
                {**items[-1], "meta": {"office": True, "residence": False}},
                {**items[0], "verified": False},
            ]
        },
    )


def _status(subject: Subject) -> Iterator[Level]:
    same = subject.state.flat.get("loyaltyType")
    yield from _bodies({"loyaltyInfo": None}, {"loyaltyInfo": {}}, {"loyaltyInfo": {"loyaltyType": None}})
    if same is not None:
        yield _always(Piece(body={"loyaltyInfo": {"loyaltyType": same}}))


def _sources(subject: Subject) -> Iterator[Level]:
    account = {} if subject.place.account is None else {"accountId": subject.place.account}
    yield _LEFT_OUT
    yield from _of({"source": subject.place.source, **account}, {"source": None, "accountId": None})


def _identifiers(subject: Subject) -> Iterator[Level]:
    known = subject.state.at(subject.place)
    listed = [
        {"type": path.removeprefix("identifiers/"), "value": value}
        for path, value in known.items()
        if path.startswith("identifiers/")
    ]
    yield _LEFT_OUT
    yield from _of({"identifiers": None}, {"identifiers": listed})


def _others(subject: Subject) -> Iterator[Level]:
    """Give profiles of another source beside the one that the query names: they are not meant."""
    source = "INSTORE" if subject.place.source != "INSTORE" else "WEBSITE"
    other = {"source": source, "firstName": "Nobody", "lastName": "Nobody"}
    own = {"source": subject.place.source, "accountId": subject.place.account}
    yield _LEFT_OUT
    yield _always(Piece(profile=own, after=(other,)))
    yield _always(Piece(profile=own, before=(other,)))


def _undoable(situation: Situation) -> Plan:
    named = [subject for subject in subjects(situation) if subject.names]
    if not named:
        return _NOBODY
    first, *rest = named
    other = next((each for each in rest if each.place.profile != first.place.profile), None)
    asked = list(_rows(first, tuple(undoable_factors(first)), situation.word))
    if other is not None:
        asked += list(_rows(other, tuple(undoable_factors(other)), situation.word))[::_EVERY_THIRD]
    return Foretelling(tuple(asked))


def _rows(subject: Subject, factors: Sequence[Factor], word: str, *, looks: bool = False) -> Iterator[Foretold]:
    for number, row in enumerate(covering_rows(tuple(map(len, factors)))):
        text = f"{word}{_LETTERS[number // 26]}{_LETTERS[number % 26]}"
        pieces = [factor[level](text) for factor, level in zip(factors, row, strict=True)]
        ordered = pieces[::-1] if number % 2 else pieces  # the order of members means nothing
        yield update_of(subject.place, ordered, looks_at_programs=looks)


def _irreversible(situation: Situation) -> Plan:
    """The same with members that were not there: channels, unknown fields, enrolments in programs that are held."""
    email, other = situation.make_up("email"), situation.make_up("email")
    if email is None or other is None:
        return all_held("email")
    for subject in subjects(situation):
        if subject.names and subject.state.has_programs:
            factors = tuple(_irreversible_factors(subject, situation, email, other))
            return Foretelling(tuple(_rows(subject, factors, situation.word, looks=True)))
    return Unfit("the target does not show loyalty details")


def _irreversible_factors(subject: Subject, situation: Situation, email: str, other: str) -> Iterator[Factor]:
    unknown = f"no_such_{situation.word}"
    yield _names(subject, subject.names[0][0])
    yield (_LEFT_OUT, *_of(*_new_channels(email, other)))
    yield (_LEFT_OUT, *_of({"fields": {unknown: "x"}}, {"fields": {unknown: None}}))
    yield tuple(_bodies({"extendedFields": {unknown: "x"}}, {"extendedFields": {unknown: None}}))
    yield tuple(_bodies(*({"loyaltyProgramEnrollments": items} for items in _enrolments(subject, situation))))
    yield tuple(_status(subject))
    yield _ASYNC
    yield _HEADERS


def _new_channels(email: str, other: str) -> Iterator[Part]:
    one, two = ({"type": "email", "value": value} for value in (email, other))
    yield {"commChannels": [one]}
    yield {"commChannels": [{**one, "primary": True}, {**two, "primary": True}]}
    yield {"commChannels": [{**two, "primary": "true", "verified": "true"}, {**one, "primary": "false"}]}
    yield {
        "commChannels": [
            {**one, "verified": True},
            {"type": "email", "value": "no address"},
            {**two, "meta": {"office": True}},
        ]
    }
    yield {"commChannels": [{"type": "mobile", "value": "12"}, {**two, "verified": False}, {**two, "verified": True}]}


def _enrolments(subject: Subject, situation: Situation) -> Iterator[list[Part]]:
    """Give enrolments in programs in which the customer is: with others' values, alone, and the same twice."""
    yield []
    for program in situation.organisation.programs.values():
        if f"programs/{program.id}/tier" in subject.state.flat:
            tier = program.tiers[-1].number
            full: Part = {
                "programId": program.id,
                "tierNumber": tier,
                "loyaltyPoints": 9,
                "tierExpiryDate": "2031-01-01T00:00:00Z",
            }
            yield from ([full], [{"programId": program.id}, full])


CHECKS = (
    Check(
        id="combinations",
        law="An update ends as the page says whichever of its members are sent, left out, null or empty together",
        plan=_undoable,
        statements=("UPD-USE-2", "UPD-USE-1", "UPD-USE-6", "UPD-USE-7", "UPD-USE-8", "UPD-BODY-12", "UPD-BODY-13"),
        questions=("null-value", "empty-list", "omitted-field"),
        leave=Leave.WRITES,
    ),
    Check(
        id="combinations-that-stay",
        law="An update ends as the page says whichever new, unknown and invalid items are sent together",
        plan=_irreversible,
        statements=("UPD-USE-2", "UPD-USE-7", "UPD-BODY-7", "UPD-BODY-9", "UPD-BODY-21", "UPD-RSP-2"),
        questions=("custom-field-unknown", "extended-field-unknown", "already-enrolled", "channel-primary"),
        leave=Leave.IRREVERSIBLE,
        looks_at_programs=True,
    ),
)
