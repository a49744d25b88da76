"""Values at their limits, written where they can be taken back: what is read is what was sent, and all else stays.

What is promised of each is what the core says, so a value that raises a question is in a check of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.domain.organisation import ExtendedField
from mockserver.verification.checks import Check, Foretelling, Foretold, Plan, Situation, Unfit
from mockserver.verification.findings import Grade
from mockserver.verification.target import Leave
from mockserver.verification.values import texts, typed
from mockserver.verification.values.packing import pack, rounds
from mockserver.verification.values.subjects import Subject, subjects
from mockserver.verification.writing import Member

_TEXTS = ("UPD-BODY-2", "UPD-BODY-3", "UPD-BODY-4", "UPD-USE-6")
_FLAGS: tuple[Any, ...] = (True, "false", "true", False, None, "true")
_PLACES = 2  # at which the same is tried
_NO_TEXT = Unfit("no named customer has a name or field that could be written back")
_NO_FIELD = Unfit("no named customer has an extended field of such a datatype")
_NO_CHANNEL = Unfit("no named customer has a channel whose flags could be written back")


def _texts(*pool: str) -> Callable[[Situation], Plan]:
    """Write texts to all members that hold any text, at the place that has most of them."""

    def plan(situation: Situation) -> Plan:
        subject = max(subjects(situation), key=lambda each: len(each.texts))
        asked = tuple(rounds(subject.place, dict.fromkeys(subject.texts, pool)))
        return Foretelling(asked) if asked else _NO_TEXT

    return plan


def _empty(situation: Situation) -> Plan:
    """Empty texts and fill them again, so that what can be written back stays so."""
    subject = max(subjects(situation), key=lambda each: len(each.texts))
    filled = pack(subject.place, [(member, situation.word) for member in subject.texts])
    asked = tuple(rounds(subject.place, dict.fromkeys(subject.texts, texts.EMPTY)))
    return Foretelling((*asked, filled)) if asked else _NO_TEXT


def _lengths(situation: Situation) -> Plan:
    subject = max(subjects(situation), key=lambda each: len(each.texts))
    pools = {member: texts.lengths(situation.word, of_name=len(member) == 1) for member in subject.texts}
    asked = tuple(rounds(subject.place, pools))
    return Foretelling(asked) if asked else _NO_TEXT


def _beyond(situation: Situation) -> Plan:
    subject = max(subjects(situation), key=lambda each: len(each.names))
    asked = tuple(rounds(subject.place, dict.fromkeys(subject.names, texts.beyond(situation.word))))
    return Foretelling(asked) if asked else _NO_TEXT


def _extended(values_of: Callable[[ExtendedField], Sequence[Any]]) -> Callable[[Situation], Plan]:
    """Write values to the extended fields that are held, each at the first place that has it."""

    def plan(situation: Situation) -> Plan:
        asked = tuple(_rounds_of_fields(situation, values_of))
        return Foretelling(asked) if asked else _NO_FIELD

    return plan


def _rounds_of_fields(situation: Situation, values_of: Callable[[ExtendedField], Sequence[Any]]) -> Iterator[Foretold]:
    tried: set[str] = set()
    for subject in subjects(situation):
        members = [member for member in subject.extended if member[1].lower() not in tried]
        tried |= {member[1].lower() for member in members}
        yield from rounds(subject.place, {member: values_of(subject.field_of(member)) for member in members})


def _names_of_fields(situation: Situation) -> Plan:
    """Send the names of extended fields in another case."""
    for subject in subjects(situation):
        pools = dict(_pools_by_case(subject))
        if pools:
            return Foretelling(tuple(rounds(subject.place, pools)))
    return _NO_FIELD


def _pools_by_case(subject: Subject) -> Iterator[tuple[Member, Sequence[Any]]]:
    for member in subject.extended:
        field, name = subject.field_of(member), member[1]
        for way in dict.fromkeys((name.upper(), name.title())):
            if way != name and typed.typed(field):
                yield ("extendedFields", way), typed.typed(field)[:2]


def _flags(*members: str) -> Callable[[Situation], Plan]:
    """Write flags in all their spellings, those of all channels that are held in one body."""

    def plan(situation: Situation) -> Plan:
        asked = tuple(
            update for subject in subjects(situation)[:_PLACES] for update in _rounds_of_flags(subject, members)
        )
        return Foretelling(asked) if asked else _NO_CHANNEL

    return plan


def _rounds_of_flags(subject: Subject, names: Sequence[str]) -> Iterator[Foretold]:
    pools = {member: _FLAGS for member in subject.held if member[0] == "commChannels" and member[-1] in names}
    yield from rounds(subject.place, pools)


def _all_at_once(situation: Situation) -> Plan:
    """Write to each place all that it holds, in one body."""
    asked = []
    for number, subject in enumerate(subjects(situation)[:_PLACES]):
        writes = [(member, _other(subject, member, f"{situation.word}{number}")) for member in subject.held]
        asked += [pack(subject.place, writes)] if writes else []
    return Foretelling(tuple(asked)) if asked else _NO_TEXT


def _other(subject: Subject, member: Member, word: str) -> Any:
    """Return another value for a member than it holds."""
    value = subject.held[member]
    if member[0] == "commChannels":
        return value if member[-1] == "primary" else not value
    if member not in subject.texts:
        return next((each for each in typed.typed(subject.field_of(member)) if each != value), value)
    return word


def _check(name: str, law: str, plan: Callable[[Situation], Plan], statements: tuple[str, ...], **more: Any) -> Check:
    """Return a check that writes what can be taken back; `more` takes the place of what such checks have in common."""
    common: Mapping[str, Any] = {"id": name, "law": law, "plan": plan, "statements": statements, "leave": Leave.WRITES}
    return Check(**{**common, **more})


CHECKS = (
    _check(
        "all-at-once",
        "All that a customer holds at a place is updated by one request",
        _all_at_once,
        ("UPD-USE-2", *_TEXTS, "UPD-BODY-12", "UPD-BODY-13", "UPD-BODY-16"),
    ),
    _check(
        "extended-values-at-their-limits",
        "An extended field is read back with the value of its datatype that was sent",
        _extended(typed.typed),
        ("UPD-BODY-16", "UPD-USE-6"),
        questions=("extended-fields",),
    ),
    _check(
        "texts-of-any-script",
        "A text in any script is read back, character by character",
        _texts(*texts.SCRIPTS),
        _TEXTS,
        questions=("name-characters",),
    ),
    _check(
        "texts-with-signs",
        "A text is read back with all its signs",
        _texts(*texts.SIGNS),
        _TEXTS,
        questions=("name-characters",),
    ),
    _check(
        "texts-that-look-otherwise",
        "A text that looks like a number, a date or a literal is read back as that text",
        _texts(*texts.LOOKALIKES),
        _TEXTS,
        questions=("name-characters",),
    ),
    _check("texts-in-any-case", "A text is read back in the case that was sent", _texts(*texts.CASES), _TEXTS),
    _check(
        "texts-keep-their-blanks",
        "A text is read back with the blanks that were sent",
        _texts(*texts.BLANKS),
        _TEXTS,
        questions=("name-whitespace",),
    ),
    _check("empty-texts", "An empty text is stored", _empty, _TEXTS, questions=("empty-text",)),
    _check("texts-of-any-length", "A text is read back whole up to its limit", _lengths, _TEXTS),
    _check(
        "names-beyond-their-limit",
        "Of a name all beyond 100 characters is cut, and nothing before",
        _beyond,
        ("UPD-BODY-2", "UPD-BODY-3"),
        questions=("name-too-long",),
        grade=Grade.UNLIKE,
    ),
    _check(
        "extended-numbers-as-text",
        "A number that is sent as text to an extended field is stored as a number",
        _extended(typed.as_text),
        ("UPD-BODY-16", "UPD-USE-6"),
        questions=("extended-value-as-text",),
    ),
    _check(
        "extended-values-in-another-case",
        "A value of an enumeration is found in whatever case it is sent",
        _extended(typed.respelt),
        ("UPD-BODY-16", "UPD-USE-6"),
        questions=("extended-enum-case",),
    ),
    _check(
        "extended-names-in-another-case",
        "An extended field is found in whatever case its name is sent",
        _names_of_fields,
        ("UPD-BODY-16", "UPD-USE-6"),
        questions=("extended-name-case",),
    ),
    _check(
        "extended-values-of-wrong-type",
        "No value that is not of an extended field's datatype is stored, and a warning says so",
        _extended(typed.wrong),
        ("UPD-BODY-16", "UPD-RSP-2"),
        questions=("extended-field-wrong-type",),
    ),
    _check(
        "verified-in-any-spelling",
        "The flag verified of each channel is what was sent, as boolean or as text",
        _flags("verified"),
        ("UPD-BODY-12", "UPD-BODY-29"),
        questions=("channel-flag-omitted",),
    ),
    _check(
        "primary-in-any-spelling",
        "The flag primary of each channel is what was sent, as boolean or as text",
        _flags("primary"),
        ("UPD-BODY-11", "UPD-BODY-29"),
        questions=("channel-flag-omitted",),
    ),
    _check(
        "meta-in-any-spelling",
        "The flags in a channel's meta are what was sent, as boolean or as text",
        _flags("residence", "office"),
        ("UPD-BODY-13", "UPD-EX-7"),
        questions=("channel-meta",),
    ),
)
