"""The plain, slow truth about breaches: all errors, every way walked afresh, everything sorted, nothing kept."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from mockserver.contract import is_date_time
from mockserver.contract.pointers import as_fragment, find

# Place, rule, code, whether it is said to be missing. Any: steps and JSON.
Plain = tuple[tuple[Any, ...], str, str | None, bool]
_MARK = "\x00"  # put before names that the validator's paths do not say as they are: "" and "007"


def plain_judge(document: Mapping[str, Any], start: str) -> Callable[[Any], list[Plain]]:
    """Return what lists the breaches of a value by the schema at `start`, in the order in which it was written."""
    registry = jsonschema_rs.Registry([("urn:plain", dict(document))], draft=jsonschema_rs.Draft202012)
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": f"urn:plain{as_fragment(start)}"},
        registry=registry,
        formats={"date-time": is_date_time},
        validate_formats=True,
    )

    def judge(value: Any) -> list[Plain]:
        errors = [_read(document, start, error) for error in validator.iter_errors(_marked(value))]
        found = [breach for error in errors for breach in _breaches(value, *error)]
        return [breach for _, breach in sorted(found, key=lambda entry: entry[0])]

    return judge


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {_mark_of(name) + name: _marked(item) for name, item in value.items()}
    return [_marked(item) for item in value] if isinstance(value, list) else value


def _mark_of(name: str) -> str:
    plain = name.removeprefix("+")
    is_number = plain.isascii() and plain.isdigit()
    return _MARK if not name or is_number or name.startswith(_MARK) else ""


def _unmarked(steps: list[Any]) -> tuple[Any, ...]:
    return tuple(step.removeprefix(_MARK) if isinstance(step, str) else step for step in steps)


def _read(document: Mapping[str, Any], start: str, error: jsonschema_rs.ValidationError) -> tuple[Any, ...]:
    """Return path, name, rule, members, and the nodes of the place and of the place around it."""
    known = error.kind.as_dict()
    members = _unmarked([known["property"]] if "property" in known else known.get("unexpected", []))
    rule = "#" + unquote(str(error.absolute_keyword_location).partition("#")[2])
    return _unmarked(error.instance_path), error.kind.name, rule, members, *_nodes(document, start, error)


def _nodes(
    document: Mapping[str, Any], start: str, error: jsonschema_rs.ValidationError
) -> tuple[list[Any], list[Any], Mapping[str, Any]]:
    node: Any = {"$ref": start}
    own: list[Any] = [node]
    outer: list[Any] = []
    steps, position = error.evaluation_path, 0
    while position < len(steps) - 1:
        keyword = steps[position]
        if keyword in ("properties", "items", "additionalProperties"):
            outer, own = own, []
        is_single = keyword in ("$ref", "items", "additionalProperties", "not")
        inner: Any = find(document, node["$ref"]) if keyword == "$ref" else node[keyword]
        node = inner if is_single else inner[steps[position + 1]]
        own.append(node)
        position += 1 if is_single else 2
    return [item for item in own if isinstance(item, Mapping)], outer, document


def _breaches(
    value: Any,
    path: tuple[Any, ...],
    name: str,
    rule: str,
    members: tuple[str, ...],
    own: list[Any],
    outer: list[Any],
    document: Mapping[str, Any],
) -> list[tuple[Any, Plain]]:
    if name == "required":
        [member] = members
        order = _order(value, path), 1 + find(document, rule).index(member)
        return [(order, ((*path, member), rule, _code(_of_member(document, own, member), "missing"), True))]
    if members:
        places = [(*path, member) for member in members]
        return [((_order(value, place), 0), (place, rule, _code(own, "invalid"), False)) for place in places]
    is_missing = bool(path) and _at(value, path) is None and any(path[-1] in n.get("required", ()) for n in outer)
    code = _code(own, "missing" if is_missing else "invalid")
    return [((_order(value, path), 0), (path, rule, code, is_missing))]


def _of_member(document: Mapping[str, Any], nodes: list[Any], member: str) -> list[Any]:
    found = [node["properties"][member] for node in nodes if member in node.get("properties", {})]
    for node in found:  # which grows by what each refers to
        if isinstance(node, Mapping) and "$ref" in node and len(found) < 32:
            found.append(find(document, node["$ref"]))
    return [node for node in found if isinstance(node, Mapping)]


def _code(nodes: list[Any], reason: str) -> str | None:
    codes = [node["x-refusal"][reason] for node in nodes if reason in node.get("x-refusal", {})]
    return codes[-1] if codes else None


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _order(value: Any, path: tuple[Any, ...]) -> tuple[int, ...]:
    order = []
    for step in path:
        order.append(list(value).index(step) if isinstance(value, dict) else step)
        value = value[step]
    return tuple(order)
