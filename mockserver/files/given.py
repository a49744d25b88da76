"""A world that is given as a record, by who may not name files: what a world's file says, as JSON.

It may extend bundled worlds only. What is wrong is a `RecordProblem`, with the path within the record.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockserver.domain.customer import Attribution
from mockserver.domain.record import RecordProblem, read_attribution, read_organisation, suggest
from mockserver.domain.record_lists import read_listed
from mockserver.files.sheets import find_misshape, find_world, list_worlds, read_chain
from mockserver.files.worlds import World
from mockserver.values import replace


def read_given_world(record: object, name: str) -> World | RecordProblem:
    """Read a world of this name from its record."""
    if not isinstance(record, Mapping):
        return RecordProblem(path=(), problem="is no object", cure='send what a world file says, {"extends": "demo"}')
    problem = find_misshape(record) or _find_foreign(record)
    if problem is not None:
        return problem
    origin = record.get("extends")
    extended = () if origin is None else read_chain(find_world(origin, Path()), ())
    return _read([record, *(sheet.record for sheet in extended)], name)


def _find_foreign(record: Mapping[str, Any]) -> RecordProblem | None:
    origin = record.get("extends")
    if origin is None or origin in list_worlds():
        return None
    cure = suggest(origin, list_worlds(), owner="extend one of")
    return RecordProblem(path=("extends",), problem=f"{origin!r} is no bundled world", cure=cure)


def _read(sheets: list[Mapping[str, Any]], name: str) -> World | RecordProblem:
    """Read a world from its sheet and those that it extends, itself first."""
    merged = {member: value for sheet in reversed(sheets) for member, value in sheet.get("organisation", {}).items()}
    organisation = read_organisation(merged)
    if isinstance(organisation, RecordProblem):
        return _within("organisation", organisation)
    attribution = _read_attribution(sheets)
    if isinstance(attribution, RecordProblem):
        return _within("attribution", attribution)
    customers = read_listed(_said(sheets, "customers") or (), organisation, attribution=attribution)
    if isinstance(customers, RecordProblem):
        return _within("customers", customers)
    return World(name=name, organisation=organisation, customers=customers)


def _read_attribution(sheets: list[Mapping[str, Any]]) -> Attribution | RecordProblem | None:
    record = _said(sheets, "attribution")
    return None if record is None else read_attribution(record)


def _said(sheets: list[Mapping[str, Any]], member: str) -> Any:
    """Return what the nearest sheet says of a member, or None."""
    return next((sheet[member] for sheet in sheets if member in sheet), None)


def _within(member: str, problem: RecordProblem) -> RecordProblem:
    return replace(problem, path=(member, *problem.path))
