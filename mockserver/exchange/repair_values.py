"""Values that may stand in place of a wrong or missing one, the nearest to what was sent first.

They are only proposed: whether one is right, the core is asked. So a schema is read here for what it offers (members
of an enum, types, bounds, examples), and not judged by.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from mockserver.contract.pointers import Node, follow
from mockserver.lossless_json import write_json

MISSING = object()  # nothing was sent
_CLOSE = 0.6  # as difflib has it: a ratio from which two texts look alike
_TRUE, _FALSE = frozenset({"true", "yes", "y", "t", "on", "1"}), frozenset({"false", "no", "n", "f", "off", "0"})
_NUMBER = re.compile(r"\s*([+-]?[0-9]{1,300}(?:\.[0-9]{1,300})?)\s*")
_LONGEST = 1000  # characters of a text that is compared with others


def schemas_at(document: Node, schema: Any, steps: Sequence[str]) -> list[Node]:
    """Return the schemas that a document has for the value at `steps` below `schema`."""
    found = list(_open(document, schema))
    for step in steps:
        found = [inner for node in found for below in _below(node, step) for inner in _open(document, below)]
    return found


def _open(document: Node, schema: Any) -> Iterator[Node]:
    """Follow references, and take alternatives apart."""
    node, _ = follow(document, schema, "#")
    if not isinstance(node, Mapping):
        return
    yield node
    for keyword in ("allOf", "anyOf", "oneOf"):
        for branch in node.get(keyword, ()):
            yield from _open(document, branch)


def _below(node: Node, step: str) -> Iterator[Any]:
    if step in node.get("properties", {}):
        yield node["properties"][step]
    elif "items" in node and step.isdigit():
        yield node["items"]
    elif "additionalProperties" in node:
        yield node["additionalProperties"]


def values_of(nodes: Iterable[Node], sent: Any) -> list[Any]:
    """Return values that schemas offer instead of `sent` (a JSON value, or MISSING), each once."""
    listed = list(nodes)
    offered = [value for node in listed for value in _offered(node, sent)]
    if isinstance(sent, list) and len(sent) == 1:
        offered = [sent[0], *values_of(listed, sent[0]), *offered]
    offered.sort(key=lambda value: type(value) is not type(sent))  # of alternatives, that of the type that was sent
    unique = {write_json(value): value for value in offered}
    as_sent = None if sent is MISSING else write_json(sent)
    return [value for text, value in unique.items() if text != as_sent]


def _offered(node: Node, sent: Any) -> Iterator[Any]:
    if "enum" in node or "const" in node:
        yield from nearest([member for member in node.get("enum", [node.get("const")]) if member is not None], sent)
    else:
        kinds = node.get("type", [])
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            yield from (_bounded(value, node) for value in _read_as(kind, sent, node))
        if isinstance(sent, str) and node.get("format") == "date-time":
            yield from (f"{sent}Z", f"{sent}T00:00:00Z", f"{sent.strip().replace(' ', 'T', 1)}Z")
    yield from node.get("examples", ())
    yield from (node[name] for name in ("example", "default") if name in node)


def nearest(members: Iterable[Any], sent: Any) -> list[Any]:
    """Return members, those alike what was sent first, then the others in their order; numbers by distance."""
    listed = list(members)
    if _is_number(sent) and all(_is_number(member) for member in listed):
        return sorted(listed, key=lambda member: abs(member - sent))
    text = _meant(sent)

    def rank(member: Any) -> tuple[float, bool]:
        ratio = SequenceMatcher(a=_text_of(member).casefold(), b=text).ratio()
        # Of a boolean and the same as text, the one of the type that was sent is nearer.
        return (-ratio, type(member) is not type(sent)) if ratio >= _CLOSE else (0.0, False)

    return sorted(listed, key=rank)


def is_close(member: str, sent: Any) -> bool:
    """Tell whether a text looks like what was sent."""
    return SequenceMatcher(a=member.casefold(), b=_meant(sent)).ratio() >= _CLOSE


def _meant(sent: Any) -> str:
    """Return what was sent as a text to compare; words that mean yes or no are one."""
    as_boolean = read_boolean(sent)
    return _text_of(sent if as_boolean is None else as_boolean).casefold()[:_LONGEST]


def _text_of(value: Any) -> str:
    if isinstance(value, str):
        return value
    return write_json(value).decode() if isinstance(value, bool | int | float | Decimal) else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def read_boolean(sent: Any) -> bool | None:
    """Return the boolean that is meant by `True`, `1`, `yes` and the like, None where none is."""
    word = _text_of(sent).strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def read_number(sent: Any) -> int | float | None:
    """Return the number that is meant by a text or a number, None where none is; a whole one as an integer."""
    if isinstance(sent, int) and not isinstance(sent, bool):
        return sent
    if isinstance(sent, float | Decimal):
        return int(sent) if math.isfinite(sent) and sent == int(sent) else float(sent)
    match = _NUMBER.fullmatch(sent) if isinstance(sent, str) else None
    if match is None:
        return None
    return int(match[1]) if "." not in match[1] else read_number(float(match[1]))


def _read_as(kind: str, sent: Any, node: Node) -> Iterator[Any]:
    """Give what was sent as a value of another type, if it can be one; a number that is missing may be 0."""
    if sent is MISSING or sent is None:
        yield from ([0] if kind in ("integer", "number") else [])
        return
    if kind == "array":
        yield sent if isinstance(sent, list) else [sent]
    elif kind == "object":
        yield from _read_as_object(sent, node)
    elif kind == "string":
        yield from ([] if isinstance(sent, list | dict) else [_text_of(_whole(sent))])
    elif kind == "boolean":
        meant = read_boolean(sent)
        yield from ([] if meant is None else [meant])
    elif kind in ("integer", "number"):
        number = read_number(sent)
        yield from ([] if number is None else [number if kind == "number" else round(number)])


def _read_as_object(sent: Any, node: Node) -> Iterator[Any]:
    """A value that stands alone is that of the only member that an object can have."""
    members = list(node.get("properties", {}))
    if isinstance(sent, dict):
        yield sent
    elif len(members) == 1 and not isinstance(sent, list):
        yield {members[0]: sent}


def _whole(sent: Any) -> Any:
    number = read_number(sent) if _is_number(sent) else None
    return sent if number is None else number


def _bounded(value: Any, node: Node) -> Any:
    """Return a value cut to the bounds of a schema."""
    if _is_number(value):
        return max(node.get("minimum", value), min(node.get("maximum", value), value))
    if isinstance(value, str):
        return value[: node.get("maxLength", len(value))]
    return value[: node.get("maxItems", len(value))] if isinstance(value, list) else value
