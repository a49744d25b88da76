"""Repairs of a body: values that the schema or the organisation has for the refused place, then less and less of it."""

from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.contract.cataloguing import JSON
from mockserver.contract.pointers import find, follow
from mockserver.contract.violation import pointer
from mockserver.exchange.editing import Edit, steps_in, value_at
from mockserver.exchange.lenient_json import read_leniently, unsound_parts
from mockserver.exchange.passage import Passage
from mockserver.exchange.repair_values import MISSING, nearest, read_number, schemas_at, values_of
from mockserver.exchange.verdict import Group, Verdict, leaving_out, setting

_ITEM = "loyaltyProgramEnrollments"


def unreadable_groups(verdict: Verdict) -> Iterator[Group]:
    """Give the edits of a body that is no strict JSON, but clear: each key once, and no number that is none.

    What else cannot be read is not guessed at.
    """
    request = verdict.passage.request
    if request.oversized or request.undecodable:
        return
    try:
        value = read_leniently(request.body)
    except (ValueError, RecursionError):  # no JSON at all, or far too deep
        return
    yield [tuple(_sound(value, path, is_twice) for path, is_twice in unsound_parts(value))]


def _sound(value: Any, path: tuple[str | int, ...], is_twice: bool) -> Edit:
    place = f"body{pointer(path)}"
    if is_twice:
        return Edit(place=place, do="set", value=value_at(value, map(str, path)))
    return Edit(place=place, do="remove")


def body_groups(verdict: Verdict) -> Iterator[Group]:
    """Give other values for the refused place, then leave it out, then what stands around it."""
    passage, steps = verdict.passage, steps_in(verdict.place)
    whole = passage.body.value if passage.body is not None else None
    sent = _sent(whole, steps)
    yield setting(verdict.place, _values(passage, whole, steps, sent))
    for length in range(len(steps) - (sent is MISSING), 0, -1):
        yield leaving_out(f"body{pointer(steps[:length])}")
    yield setting("body", [{}])


def _sent(whole: Any, steps: tuple[str, ...]) -> Any:
    try:
        return value_at(whole, steps)
    except (LookupError, TypeError, ValueError):
        return MISSING


def _values(passage: Passage, whole: Any, steps: tuple[str, ...], sent: Any) -> Iterable[Any]:
    """Return what may stand at a place: what the organisation has there, or else what the schema offers."""
    document = passage.setting.contract.document
    body, _ = follow(document, find(document, passage.endpoint.place)["requestBody"], "#")
    offered = values_of(schemas_at(document, body["content"][JSON]["schema"], steps), sent)
    organised = _organised(passage, whole, steps)
    if not organised:
        return offered
    number = read_number(sent)
    wanted = number if number is not None and all(isinstance(value, int) for value in organised) else sent
    return [value for value in nearest(organised, wanted) if (value, type(value)) != (sent, type(sent))]


def _organised(passage: Passage, whole: Any, steps: tuple[str, ...]) -> list[Any]:
    """Return the values that the organisation, or the query, has for a place; none where it has nothing to say."""
    organisation = passage.setting.organisation
    match steps:
        case (list_of, _, "programId") if list_of == _ITEM:
            return list(organisation.programs)
        case (list_of, item, "tierNumber") if list_of == _ITEM:
            number = read_number(_sent(whole, (list_of, item, "programId")))
            program = organisation.programs.get(int(number)) if number is not None else None
            return [tier.number for tier in program.tiers] if program is not None else []
        case ("extendedFields", name):
            enabled = organisation.extended_fields.get(name.lower())
            return list(enabled.values) if enabled is not None else []
        case ("profiles", _, "source"):
            return [passage.parameters.values["source"]]
    return []
