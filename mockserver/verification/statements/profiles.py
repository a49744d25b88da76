"""What an update does to names, custom fields and extended fields: what is sent is read back, all else stays."""

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.domain.organisation import ExtendedField
from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.expectation import Pattern
from mockserver.verification.fiction import KINDS
from mockserver.verification.findings import Grade, Step
from mockserver.verification.statements.asking import (
    NO_EFFECTS,
    all_held,
    at,
    granted,
    held_name,
    profile,
    put,
    step,
)
from mockserver.verification.target import Leave

_LONGEST = 100  # characters of a name, published on the page that adds customers
_SCRIPTS = ("Ærøskøbing Ñandú", "李小龙", "प्रिया", "ليلى", "Ωμέγα")
_TEXT_TYPES = frozenset({"STRING", "STANDARD_STRING"})


def _rename(member: str) -> Callable[[Situation], Plan]:
    def plan(situation: Situation) -> Plan:
        if not situation.state.at(situation.place).get(member):
            return Unfit(f"the customer has no {member} in {situation.place.profile} that could be written back")
        request = put(situation.place, profile(**{member: situation.word}))
        return (step(request, granted(at(situation.place, **{member: situation.word}))),)

    return plan


def _names(*names: str, query: str = "", body: Pattern = None) -> Callable[[Situation], Plan]:
    """Send names one after the other; `{word}` stands for a made-up text."""

    def plan(situation: Situation) -> Plan:
        member = held_name(situation)
        if isinstance(member, Unfit):
            return member
        texts = [name.replace("{word}", situation.word) for name in names]
        return tuple(_name_step(situation, member, text, query, body) for text in texts)

    return plan


def _name_step(situation: Situation, member: str, text: str, query: str, body: Pattern) -> Step:
    request = put(situation.place, profile(**{member: text}), query=situation.place.query + query)
    return step(request, granted(at(situation.place, **{member: text[:_LONGEST]}), body=body))


def _twice(situation: Situation) -> Plan:
    member = held_name(situation)
    if isinstance(member, Unfit):
        return member
    request = put(situation.place, profile(**{member: situation.word}))
    first = step(request, granted(at(situation.place, **{member: situation.word})))
    return first, step(request, granted({}))


def _empty(situation: Situation) -> Plan:
    return (step(put(situation.place, {}), granted({})),)


def _null(situation: Situation) -> Plan:
    member = held_name(situation)
    if isinstance(member, Unfit):
        return member
    return (step(put(situation.place, profile(**{member: None})), granted({})),)


def _custom_field(situation: Situation) -> Plan:
    known = situation.state.at(situation.place)
    held = [path.removeprefix("fields/") for path, value in known.items() if path.startswith("fields/") and value]
    if not held:
        return Unfit(f"the customer has no custom field in {situation.place.profile} that could be written back")
    body = profile(fields={held[-1]: situation.word})
    return (step(put(situation.place, body), granted(at(situation.place, **{f"fields__{held[-1]}": situation.word}))),)


def _extended_field(situation: Situation) -> Plan:
    for name, value in _held_extended(situation).items():
        field = situation.organisation.extended_fields.get(name.lower())
        other = None if field is None else other_value(field, value, situation.word)
        if other is not None:
            request = put(situation.place, {"extendedFields": {name: other}})
            return (step(request, granted({f"extendedFields/{name}": other})),)
    return Unfit("the customer has no extended field that could be written back")


def _held_extended(situation: Situation) -> Mapping[str, Any]:
    flat = situation.state.flat
    prefix = "extendedFields/"
    return {path.removeprefix(prefix): value for path, value in flat.items() if path.startswith(prefix)}


def other_value(field: ExtendedField, value: object, word: str, number: int = 0) -> object:
    """Return another value of the field's datatype, by number where there are several, None where we know of none."""
    others = [one for one in field.values if one != value]
    if others:
        return others[number % len(others)]
    if field.datatype in _TEXT_TYPES and isinstance(value, str):
        return word
    if field.datatype == "INTEGER" and isinstance(value, int) and not isinstance(value, bool):
        return value + 1 + number
    return None


def _extended_integer(situation: Situation) -> Plan:
    for name, value in _held_extended(situation).items():
        field = situation.organisation.extended_fields.get(name.lower())
        if field is not None and field.datatype == "INTEGER" and isinstance(value, int):
            request = put(situation.place, {"extendedFields": {name: value + 1}})
            return (step(request, granted({f"extendedFields/{name}": value + 1})),)
    return Unfit("the customer has no extended field of type INTEGER")


def _extended_of_wrong_type(situation: Situation) -> Plan:
    for name, value in _held_extended(situation).items():
        field = situation.organisation.extended_fields.get(name.lower())
        if field is not None and field.datatype == "INTEGER" and isinstance(value, int):
            request = put(situation.place, {"extendedFields": {name: situation.word}})
            return (step(request, granted({}, warnings=(91015,))),)
    return Unfit("the customer has no extended field of type INTEGER")


def _unknown_custom_field(situation: Situation) -> Plan:
    request = put(situation.place, profile(fields={f"no_such_{situation.word}": "x"}))
    return (step(request, granted({}, warnings=(1017,))),)


def _unknown_extended_field(situation: Situation) -> Plan:
    name = f"no_such_{situation.word}"
    request = put(situation.place, {"extendedFields": {name: "x"}})
    return (step(request, granted({}, warnings=(91015,))),)


def _other_identifier(situation: Situation) -> Plan:
    known = situation.state.at(situation.place)
    held = [path.removeprefix("identifiers/") for path in known if path.startswith("identifiers/")]
    kind = next(iter(held), "email")
    value = situation.make_up(kind) if kind in KINDS else situation.word
    if value is None:
        return all_held(kind)
    body = profile(identifiers=[{"type": kind, "value": value}])
    return (step(put(situation.place, body), granted({})),)


def _name_check(name: str, law: str, plan: Callable[[Situation], Plan], *questions: str, **more: Any) -> Check:
    """Return a check about names; `more` takes the place of what such checks have in common."""
    return Check(
        **{
            "id": name,
            "law": law,
            "statements": ("UPD-BODY-2", "UPD-BODY-3"),
            "questions": questions,
            "leave": Leave.WRITES,
            "plan": plan,
            **more,
        }
    )


CHECKS = (
    _name_check(
        "first-name-is-updated",
        "A first name that is sent is read back, and nothing else changes",
        _rename("firstName"),
        "omitted-field",
        statements=("UPD-BODY-2", "UPD-USE-2", "UPD-USE-1"),
    ),
    _name_check(
        "last-name-is-updated",
        "A last name that is sent is read back, and nothing else changes",
        _rename("lastName"),
        "omitted-field",
        statements=("UPD-BODY-3", "UPD-USE-2", "UPD-USE-1"),
    ),
    _name_check(
        "twice-is-once",
        "The same update sent again is granted and changes nothing more",
        _twice,
        statements=("UPD-USE-2",),
    ),
    _name_check(
        "names-of-any-script",
        "A name in any script is read back as it was sent",
        _names(*_SCRIPTS),
        "name-characters",
    ),
    _name_check(
        "name-as-it-was-sent",
        "A name is read back as it was sent, in case and marks",
        _names("Mc{word}Donald", "O'{word}-Walsh"),
        "name-characters",
    ),
    _name_check("name-keeps-its-blanks", "A name keeps the blanks around it", _names(" {word} "), "name-whitespace"),
    _name_check("longest-name", "A name of 100 characters is read back whole", _names("x" * 92 + "{word}")),
    _name_check(
        "name-too-long",
        "Of a name what is beyond 100 characters is cut",
        _names("{word}" + "y" * 120),
        "name-too-long",
        grade=Grade.UNLIKE,
    ),
    _name_check("empty-name", "An empty name is stored", _names("", "{word}"), "empty-text"),
    _name_check(
        "null-keeps",
        "A member that is null stays as it was",
        _null,
        "null-value",
        statements=("UPD-USE-2",),
    ),
    _name_check(
        "empty-update",
        "An update that asks for nothing is granted and changes nothing",
        _empty,
        "empty-body",
        statements=("UPD-USE-1",),
    ),
    _name_check(
        "background-has-no-effects",
        "With use_async=true an update is granted and names no side effects",
        _names("{word}", query="&use_async=true", body={"sideEffects": NO_EFFECTS}),
        "async-side-effects",
        "async-scope",
        statements=("UPD-QRY-3",),
    ),
    _name_check(
        "waiting-has-effects",
        "With use_async=false an update is granted and lists its side effects",
        _names("{word}", query="&use_async=false", body={"sideEffects": {"$type": "array"}}),
        "side-effects-type",
        statements=("UPD-QRY-4", "UPD-RSP-3"),
    ),
    _name_check(
        "custom-field-is-updated",
        "A custom field that is sent is read back, and nothing else changes",
        _custom_field,
        "custom-fields",
        statements=("UPD-BODY-4", "UPD-USE-8", "UPD-BODY-5", "UPD-BODY-6"),
    ),
    _name_check(
        "extended-field-is-updated",
        "An extended field that is sent is read back, and nothing else changes",
        _extended_field,
        "extended-fields",
        statements=("UPD-USE-6", "UPD-BODY-16", "UPD-BODY-17", "UPD-BODY-18", "UPD-BODY-30"),
    ),
    _name_check(
        "extended-number-is-a-number",
        "An extended field of type INTEGER is read back as a number",
        _extended_integer,
        statements=("UPD-BODY-16",),
    ),
    _name_check(
        "extended-field-of-wrong-type",
        "A value that is not of the extended field's datatype is not stored, and a warning says so",
        _extended_of_wrong_type,
        "extended-field-wrong-type",
        statements=("UPD-BODY-16",),
    ),
    _name_check(
        "unknown-custom-field",
        "A custom field that the organisation does not have is not stored, and a warning says so",
        _unknown_custom_field,
        "custom-field-unknown",
        statements=("UPD-BODY-4",),
        grade=Grade.UNLIKE,
        leave=Leave.IRREVERSIBLE,
    ),
    _name_check(
        "unknown-extended-field",
        "An extended field that is not enabled is not stored, and a warning says so",
        _unknown_extended_field,
        "extended-field-unknown",
        statements=("UPD-BODY-16",),
        leave=Leave.IRREVERSIBLE,
    ),
    _name_check(
        "identifiers-stay",
        "Identifiers cannot be updated",
        _other_identifier,
        "identifiers-in-body",
        statements=("UPD-LIM-1",),
        leave=Leave.IRREVERSIBLE,
    ),
)
