"""Organisations as plain records, and what is said of a record that cannot be read.

A problem of a record is a value, a `RecordProblem`: the path, what is wrong there, and the cure, with the nearest
name where there is one. Nothing in a record is ignored.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import jsonschema_rs

from mockserver.domain.datatypes import read_value
from mockserver.domain.organisation import (
    Credentials,
    ExtendedField,
    Incentive,
    Organisation,
    Program,
    Source,
    Tier,
)
from mockserver.domain.record_shapes import MAX_DEPTH, ORGANISATION
from mockserver.lossless_json import is_writable
from mockserver.values import Value

Path = tuple[str | int, ...]
_LONGEST = 80
_SHAPE = jsonschema_rs.Draft202012Validator(ORGANISATION)


class RecordProblem(Value, frozen=True, kw_only=True):
    """Why a record cannot be read: where, what, and how to mend it."""

    path: Path
    problem: str
    cure: str

    def __str__(self) -> str:
        place = "/".join(str(segment) for segment in self.path) or "the record"
        return f"{place}: {self.problem}; {self.cure}"


def suggest(value: object, known: Iterable[object], *, owner: str = "the organisation has") -> str:
    """Return the cure for a name that is not known: the nearest one, or all there are."""
    names = sorted(str(name) for name in known)
    near = get_close_matches(str(value), names, n=1)
    return f"did you mean {near[0]}?" if near else f"{owner} {', '.join(names) or 'none'}"


def not_configured(path: Path, value: object, known: Iterable[object]) -> RecordProblem:
    """Return the problem of a name that the organisation does not have."""
    return RecordProblem(path=path, problem=f"{value!r} is not configured", cure=suggest(value, known))


def find_extended_misfit(name: str, value: object, organisation: Organisation) -> RecordProblem | None:
    """Return why an extended field does not fit the organisation: its name or its value, or None."""
    path: Path = ("extendedFields", name)
    field = organisation.extended_fields.get(name.lower())
    if field is None or field.name != name:
        return not_configured(path, name, [field.name for field in organisation.extended_fields.values()])
    kept = read_value(field, value).value
    if kept is not None and kept == value:
        return None
    return RecordProblem(path=path, problem=f"{value!r} is no {field.datatype}", cure=_cure_of(field, value, kept))


def _cure_of(field: ExtendedField, value: object, kept: object) -> str:
    if kept is not None:
        return f"write {kept!r}, as it is kept"
    if field.values:
        return suggest(value, field.values, owner="write one of")
    return f"write a value of the datatype {field.datatype}"


def find_misshape(shape: Any, schema: Mapping[str, Any], record: object) -> RecordProblem | None:
    """Return the first place where a record is not of the shape that the validator was made from, or None."""
    try:
        if shape.is_valid(record):  # as nearly all are; it takes half the time of listing no errors
            return None if is_writable(record) else _unwritable(record)
        errors = list(shape.iter_errors(record))
    except UnicodeEncodeError:  # in a name; in a value it is met where the record is written
        return _unwritable(record)
    except ValueError as cause:  # YAML can say more than JSON: keys that are numbers, sets, bytes
        return RecordProblem(path=(), problem=f"is no plain record: {cause}", cure="write what JSON could say too")
    # A misspelt member first: it says more than that the right one is missing.
    error = min(errors, key=lambda error: error.kind.name != "additionalProperties", default=None)
    if error is None:
        return None
    return _not_finite(record, tuple(error.instance_path)) or _problem_of(error, schema)


def _not_finite(record: Any, path: Path) -> RecordProblem | None:
    """Return the problem of a number that is none in JSON; the validator takes it for null."""
    value = record
    for step in path:
        value = value[step]
    if not isinstance(value, (float, Decimal)) or math.isfinite(value):
        return None
    return RecordProblem(
        path=path, problem=f"{value} is no number in JSON", cure="write a finite number, or leave it out"
    )


def _unwritable(record: object) -> RecordProblem:
    """Return the problem of a record that no JSON can say: a text with half of a surrogate pair."""
    path = next((path for path, text in _texts_in(record, ()) if not is_writable(text)), ())
    return RecordProblem(path=path, problem="holds half of a surrogate pair", cure="write whole characters")


def _texts_in(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    """Give the texts of a record and the names of its members, each with its path; a name has that of its object."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield path, str(name)
            yield from _texts_in(inner, (*path, str(name)))
    elif isinstance(value, Sequence):
        for index, inner in enumerate(value):
            yield from _texts_in(inner, (*path, index))


def _problem_of(error: Any, schema: Mapping[str, Any]) -> RecordProblem:
    path: Path = tuple(error.instance_path)
    match error.kind.name:
        case "additionalProperties":
            name, known = error.kind.unexpected[0], _members_at(schema, error.schema_path)
            cure = suggest(name, known, owner="there are")
            return RecordProblem(path=(*path, name), problem=f"{name!r} is no member here", cure=cure)
        case "required":
            name = error.kind.property
            return RecordProblem(path=path, problem=f"{name} is missing", cure=f"add {name}")
        case "enum":
            cure = suggest(error.instance, error.kind.options, owner="write one of")
            return RecordProblem(path=path, problem=f"{_shorten(error.instance)} is not allowed", cure=cure)
        case "type":
            return _wrong_type(path, error.instance, error.kind.types)
        case "pattern":
            problem = f"{_shorten(error.instance)} is not written as it must be"
            return RecordProblem(path=path, problem=problem, cure=f"follow {error.kind.pattern}")
        case _:
            cure = "see fixtures/worlds/demo.yaml for the shape"
            return RecordProblem(path=path, problem=_cut(error.message), cure=cure)


def _wrong_type(path: Path, value: object, types: list[str]) -> RecordProblem:
    if isinstance(value, (list, dict)) and len(path) > MAX_DEPTH:
        return RecordProblem(path=path[:4], problem=f"is nested more than {MAX_DEPTH} deep", cure="make it flatter")
    wanted = " or ".join(types)
    is_unquoted = "string" in types and isinstance(value, (bool, int, float, type(None)))
    cure = "put it in quotes" if is_unquoted else f"write a value of type {wanted}"
    return RecordProblem(path=path, problem=f"{_shorten(value)} is not of type {wanted}", cure=cure)


def _members_at(schema: Mapping[str, Any], schema_path: Iterable[str | int]) -> Iterable[str]:
    node: Any = schema
    for step in list(schema_path)[:-1]:
        node = node[step]
    return tuple(node["properties"])


def _shorten(value: object) -> str:
    """Show a value, `true`, `false` and `null` as YAML and JSON write them."""
    return _cut(json.dumps(value) if value is None or isinstance(value, bool) else repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def read_organisation(record: object) -> Organisation | RecordProblem:
    """Read an organisation; passwords are kept as the md5 that Basic credentials carry."""
    problem = find_misshape(_SHAPE, ORGANISATION, record) or next(_repetitions(record), None)
    if problem is not None:
        return problem
    organisation = _organisation_of(record)
    return next(_inconsistencies(organisation), None) or organisation


def _organisation_of(record: Any) -> Organisation:
    fields = record.get("extendedFields", {})
    return Organisation(
        name=record.get("name", ""),
        till=record.get("till", ""),
        country_code=record.get("countryCode", ""),
        dual_eligibility=record.get("dualEligibility", False),
        credentials=_credentials_of(record.get("credentials", {})),
        sources={name: _source_of(name, item) for name, item in record["sources"].items()},
        programs={item["id"]: _program_of(item) for item in record.get("programs", ())},
        default_program=record.get("defaultProgram"),
        extended_fields={
            name.lower(): ExtendedField(name=name, datatype=item["datatype"], values=tuple(item.get("values", ())))
            for name, item in fields.items()
        },
        custom_fields=frozenset(record.get("customFields", ())),
        incentives=tuple(Incentive(**item) for item in record.get("incentives", ())),
    )


def _source_of(name: str, record: Mapping[str, Any]) -> Source:
    return Source(
        name=name,
        accounts=frozenset(record.get("accounts", ())),
        channels=frozenset(record.get("channels", ())),
    )


def _program_of(record: Mapping[str, Any]) -> Program:
    tiers = sorted((Tier(**tier) for tier in record["tiers"]), key=lambda tier: tier.number)
    return Program(id=record["id"], name=record["name"], tiers=tuple(tiers))


def _credentials_of(record: Mapping[str, Any]) -> Credentials:
    pairs = [f"{item['till']}:{item.get('md5') or _md5_of(item['password'])}" for item in record.get("basic", ())]
    return Credentials(basic=frozenset(pairs), tokens=frozenset(record.get("tokens", ())))


def _md5_of(password: str) -> str:
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()


def _repetitions(record: Any) -> Iterator[RecordProblem]:
    """Yield what stands twice, of which one would be lost."""
    programs = record.get("programs", ())
    yield from _twice(("programs",), [program["id"] for program in programs])
    for index, program in enumerate(programs):
        yield from _twice(("programs", index, "tiers"), [tier["number"] for tier in program["tiers"]])
    names = list(record.get("extendedFields", {}))
    lowered = [name.lower() for name in names]
    for index, name in enumerate(names):
        if name.lower() in lowered[:index]:
            cure = "keep one; their case does not tell extended fields apart"
            yield RecordProblem(path=("extendedFields", name), problem=f"{name} stands twice", cure=cure)


def _twice(path: Path, numbers: list[int]) -> Iterator[RecordProblem]:
    for index, number in enumerate(numbers):
        if number in numbers[:index]:
            yield RecordProblem(path=(*path, index), problem=f"{number} stands twice", cure="keep one of them")


def _inconsistencies(organisation: Organisation) -> Iterator[RecordProblem]:
    default = organisation.default_program
    if default is not None and default not in organisation.programs:
        yield not_configured(("defaultProgram",), default, organisation.programs)
    for index, incentive in enumerate(organisation.incentives):
        if incentive.program not in organisation.programs:
            yield not_configured(("incentives", index, "program"), incentive.program, organisation.programs)
