"""What could mend a refusal: for the place that was refused, edits of the request in groups.

The order of groups is the order in which a repair loses more of the request: first the place is set to another value,
nearest to what was sent first; then it is left out; then what stands around it, from within outwards. All within one
group lose the same, so there the one that the core likes best is taken.

Nothing here decides whether an edit helps: `repairing` asks the core.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.parameters import read_query
from mockserver.contract.pointers import find
from mockserver.exchange.negotiation import read_preferences
from mockserver.exchange.passage import Passage
from mockserver.exchange.repair_addresses import (
    account_groups,
    customer_groups,
    method_groups,
    path_groups,
    source_groups,
)
from mockserver.exchange.repair_bodies import body_groups, unreadable_groups
from mockserver.exchange.repair_values import MISSING, is_close, schemas_at, values_of
from mockserver.exchange.verdict import Group, Verdict, leaving_out, setting

_JSON = "application/json"


def groups_for(verdict: Verdict) -> Iterator[Group]:
    """Give the groups of edits for a refusal, those that lose least first; none for what nothing can mend."""
    names_customer = verdict.step not in ("route", "forced answer", "negotiate", "read body")
    if names_customer and verdict.place == verdict.passage.operation.subject.place:
        return customer_groups(verdict)
    match verdict.step, verdict.place:
        case "route", "path":
            return path_groups(verdict)
        case "route", _:
            return method_groups(verdict)
        case "forced answer", _:
            return _forced_groups(verdict)
        case "negotiate", _:
            return _negotiated_groups(verdict)
        case "read body", _:
            return unreadable_groups(verdict)
        case "validate parameters", _:
            return _parameter_groups(verdict)
        case _, "query/source":
            return source_groups(verdict, _members(verdict.passage, "query/source"))
        case _, "query/accountId":
            return account_groups(verdict)
        case _:
            return body_groups(verdict)


def _negotiated_groups(verdict: Verdict) -> Iterator[Group]:
    """Headers that name another type name ours; a body in another encoding is nothing that could be named anew."""
    if verdict.place != "header/Content-Encoding":
        yield setting(verdict.place, [_JSON])


def _forced_groups(verdict: Verdict) -> Iterator[Group]:
    """An answer that was asked for is no longer asked for; one that is not there may have been written wrong."""
    prefer = verdict.passage.request.headers.get("prefer")
    if prefer is None:
        yield from customer_groups(verdict)
        return
    if verdict.place == "header/Prefer":
        yield setting("header/Prefer", _preferences_near(verdict.passage, prefer))
    yield leaving_out("header/Prefer")


def _preferences_near(passage: Passage, prefer: str) -> Iterator[str]:
    """Give examples that are called almost as was asked; a wrong code has no near one that means the same."""
    asked = read_preferences(prefer).get("example", "")
    for name in passage.setting.contract.catalogue.nearest(asked, passage.endpoint.id):
        if is_close(name, asked):
            yield f"example={name}"


def _parameter_groups(verdict: Verdict) -> Iterator[Group]:
    """A parameter that was sent more than once is sent once; one that says nothing is left out before it is guessed."""
    place, sent = verdict.place, _sent(verdict.passage, verdict.place)
    if len(sent) > 1:
        yield setting(place, [value for value in (sent[0], sent[-1]) if value is not None])
    if place == "query/source":
        yield from source_groups(verdict, _members(verdict.passage, place))
        return
    if sent and not sent[0]:
        yield leaving_out(place)
    yield setting(place, _texts(verdict.passage, place, sent[0] if sent else None))
    if sent:
        yield leaving_out(place)
    for rule in verdict.passage.operation.parameter_rules:
        if rule.violation.place == place:
            yield from map(leaving_out, rule.beside)


def _sent(passage: Passage, place: str) -> Sequence[str | None]:
    where, _, name = place.partition("/")
    if where == "query":
        return read_query(passage.request.query).get(name, ())
    value = passage.request.headers.get(name.lower())
    return () if value is None else (value,)


def _schemas(passage: Passage, place: str) -> list[Mapping[str, Any]]:
    """Return what the contract says of a parameter: the example beside its schema, and the schema."""
    parameter = next((item for item in passage.endpoint.parameters if item.place == place), None)
    if parameter is None:
        return []
    document = passage.setting.contract.document
    node = find(document, parameter.rule)
    beside = {"examples": [node["example"]]} if "example" in node else {}
    return [beside, *schemas_at(document, node["schema"], ())]


def _members(passage: Passage, place: str) -> list[str]:
    """Return the values that a parameter can have, its example first."""
    nodes = _schemas(passage, place)
    offered = (value for name in ("examples", "enum") for node in nodes for value in node.get(name, ()))
    return list(dict.fromkeys(offered))


def _texts(passage: Passage, place: str, sent: str | None) -> Iterator[str]:
    """Give other values of a parameter as they are written in a request."""
    nodes = _schemas(passage, place)
    for value in values_of([*nodes[1:], *nodes[:1]], MISSING if sent is None else sent):
        yield value if isinstance(value, str) else json.dumps(value)
