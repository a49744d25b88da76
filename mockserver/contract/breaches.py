"""Read a validator's errors as breaches: where in the message, which rule, which refusal, in which order.

The law: a breach's place in the order depends on the message alone, on how it was written, and never on the
order in which the schema or its validator looks at things.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from mockserver.contract.pointers import Node, find
from mockserver.contract.violation import Step

# id of an object → its members' positions. Without it an object with a hundred thousand wrong members
# would be looked through as often; ids are safe because the message outlives the listing.
Positions = dict[int, dict[str, int]]

# jsonschema-rs (0.60) names members by paths in which "" is lost and "007" has become 7, so such members are
# renamed for its explanation; contracts that declare members of such names are refused.
_LOST_NAME = re.compile(r"\+?[0-9]+|")
_MARK = "\x00"

_NEW_PLACE = frozenset({"items", "additionalProperties"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One rule that one value, or one member that is not there, breaks."""

    path: tuple[Step, ...]
    keyword: str
    limit: Any  # Any: what the schema says at the keyword
    value: Any  # Any: what was sent, None where nothing was
    is_missing: bool
    is_null: bool
    rule: str
    refusal: str | None
    order: tuple[tuple[int, ...], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trail:
    """The schema nodes that an error went through: those of its own place and those of the place around it."""

    own: Sequence[Node]
    outer: Sequence[Node]


def read_breaches(
    document: Node, place: str, value: Any, validator: jsonschema_rs.Draft202012Validator
) -> list[Breach]:
    """Read all errors about a value, in the order in which the value was written."""
    positions: Positions = {}
    breaches: list[Breach] = []
    for error in validator.iter_errors(_with_marked_names(value)):
        breaches.extend(_read(document, place, value, error, positions))
    return sorted(breaches, key=lambda breach: breach.order)


def read_first_breach(document: Node, place: str, value: Any, validator: jsonschema_rs.Draft202012Validator) -> Breach:
    """Read the first error about an invalid value alone; a body may have a hundred thousand."""
    positions: Positions = {}
    placed = []
    for number, error in enumerate(validator.iter_errors(_with_marked_names(value))):
        path = tuple(_unmarked(step) for step in error.instance_path)
        placed.append((_order(value, path, positions), number, error))
    first: Breach | None = None
    for order, _, error in sorted(placed, key=lambda entry: entry[:2]):
        # A breach never stands before the value that its error is about, so the rest is later.
        if first is not None and order > first.order[0]:
            break
        found = _read(document, place, value, error, positions)
        first = min([first, *found] if first else found, key=lambda breach: breach.order)
    if first is None:
        raise ValueError("a valid value has no first breach; ask is_valid before")
    return first


def is_lost_name(name: str) -> bool:
    """Tell whether the validator's paths would not say this name of a member."""
    return name.startswith(_MARK) or _LOST_NAME.fullmatch(name) is not None


def _with_marked_names(value: Any) -> Any:
    """Copy a value, its lost names marked; strict reading has bounded how deep this goes."""
    if isinstance(value, dict):
        return {_MARK * is_lost_name(name) + name: _with_marked_names(item) for name, item in value.items()}
    return [_with_marked_names(item) for item in value] if isinstance(value, list) else value


def _unmarked(step: Step) -> Step:
    return step.removeprefix(_MARK) if isinstance(step, str) else step


def _read(
    document: Node, start: str, value: Any, error: jsonschema_rs.ValidationError, positions: Positions
) -> Iterator[Breach]:
    rule = "#" + unquote((error.absolute_keyword_location or "").partition("#")[2])
    keyword = "false" if error.kind.name == "falseSchema" else str(error.schema_path[-1])
    trail = _trail(document, start, error.evaluation_path)
    path = tuple(_unmarked(step) for step in error.instance_path)
    if keyword == "required":
        yield _missing_member(document, trail, rule, (*path, error.kind.as_dict()["property"]), positions, value)
        return
    for name in error.kind.as_dict().get("unexpected", [None]):
        longer = path if name is None else (*path, _unmarked(name))
        yield _wrong_value(document, trail, rule, keyword, longer, positions, value)


def _missing_member(
    document: Node, trail: _Trail, rule: str, path: tuple[Step, ...], positions: Positions, root: Any
) -> Breach:
    required = find(document, rule)
    name = str(path[-1])
    return Breach(
        path=path,
        keyword="required",
        limit=required,
        value=None,
        is_missing=True,
        is_null=False,
        rule=rule,
        refusal=_refusal(_member_nodes(document, trail.own, name), "missing"),
        order=(_order(root, path[:-1], positions), 1 + required.index(name)),
    )


def _wrong_value(
    document: Node, trail: _Trail, rule: str, keyword: str, path: tuple[Step, ...], positions: Positions, root: Any
) -> Breach:
    value = _value_at(root, path)
    is_missing = value is None and bool(path) and _requires(trail.outer, path[-1])
    return Breach(
        path=path,
        keyword=keyword,
        limit=None if keyword == "false" else find(document, rule),
        value=value,
        is_missing=is_missing,
        is_null=is_missing,
        rule=rule,
        refusal=_refusal(trail.own, "missing" if is_missing else "invalid"),
        order=(_order(root, path, positions), 0),
    )


def _trail(document: Node, start: str, steps: Sequence[Step]) -> _Trail:
    node: Any = {"$ref": start}
    own: list[Any] = [node]
    outer: list[Any] = []
    position = 0
    # The last step is the keyword itself; only the steps before it lead to another schema.
    while position < len(steps) - 1:
        step = steps[position]
        if step == "properties" or step in _NEW_PLACE:
            outer, own = own, []
        node, used = _next_node(document, node, steps[position : position + 2])
        own.append(node)
        position += used
    return _Trail(
        own=[node for node in own if isinstance(node, Mapping)],
        outer=[node for node in outer if isinstance(node, Mapping)],
    )


def _next_node(document: Node, node: Any, steps: Sequence[Step]) -> tuple[Any, int]:
    keyword = steps[0]
    if keyword == "$ref":
        # The first reference is made absolute for the registry, all others stand in the document.
        return find(document, node["$ref"]), 1
    if keyword in _NEW_PLACE or keyword == "not":
        return node[keyword], 1
    return node[keyword][steps[1]], 2


def _member_nodes(document: Node, nodes: Sequence[Node], name: str) -> list[Node]:
    """Find the schema of a member that is not there, where a `properties` beside `required` has one."""
    found: list[Node] = []
    pending: list[Any] = [node["properties"][name] for node in nodes if name in node.get("properties", {})]
    while pending and len(found) < 32:  # references could lead in a circle
        node = pending.pop()
        if isinstance(node, Mapping):
            found.append(node)
            pending.extend([find(document, node["$ref"])] if "$ref" in node else [])
    return found


def _refusal(nodes: Sequence[Node], reason: str) -> str | None:
    """Ask the innermost node that says it."""
    codes = [node["x-refusal"][reason] for node in nodes if reason in node.get("x-refusal", {})]
    return str(codes[-1]) if codes else None


def _requires(nodes: Sequence[Node], name: Step) -> bool:
    return any(name in node.get("required", ()) for node in nodes)


def _value_at(root: Any, path: Sequence[Step]) -> Any:
    for step in path:
        root = root[step]
    return root


def _order(root: Any, path: Sequence[Step], positions: Positions) -> tuple[int, ...]:
    order = []
    for step in path:
        order.append(step if isinstance(step, int) else _position(root, step, positions))
        root = root[step]
    return tuple(order)


def _position(container: Mapping[str, Any], name: str, positions: Positions) -> int:
    known = positions.get(id(container))
    if known is None:
        known = positions[id(container)] = {key: place for place, key in enumerate(container)}
    return known[name]
