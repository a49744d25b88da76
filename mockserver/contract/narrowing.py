"""Find the part of a large value where its first breach must be, so that no more than that part is explained.

The validator explains all errors or none, at some 10 µs each, and a body of 1 MiB can have a hundred thousand. But it
tells in no time whether a part is valid. So whoever wants the first breach only goes down to it: at each object or list
the first invalid member or item is found by halving, as long as the object or list is right in itself.

The law: nothing before the part that is found breaks the contract, nor do the objects and lists around it themselves.
Where a schema is not plain enough to tell, the part ends there, which is always right.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import jsonschema_rs

from mockserver.contract.pointers import Node, below, find
from mockserver.contract.violation import Step
from mockserver.values import Value

_KEPT = 256  # places
_PARTS = ("properties", "additionalProperties", "items")
_Compile: TypeAlias = Callable[[Mapping[str, Any]], jsonschema_rs.Draft202012Validator]
_Refer: TypeAlias = Callable[[str], Mapping[str, Any]]  # a place of the document → a schema that refers to it


class _Level(Value, frozen=True, kw_only=True):
    """What a schema says of an object or list in itself, and of its members and items."""

    place: str
    names: frozenset[str]
    itself: jsonschema_rs.Draft202012Validator
    inside: jsonschema_rs.Draft202012Validator

    def place_of(self, step: Step) -> str:
        """Return where the schema of a member or item stands."""
        if isinstance(step, int):
            return below(self.place, "items")
        return below(self.place, *(("properties", step) if step in self.names else ("additionalProperties",)))


class Narrowing:
    """Goes down through values of one schema of a document."""

    __slots__ = ("_compiled", "_document", "_level", "_place", "_refer")

    def __init__(self, document: Node, place: str, refer: _Refer, compiled: _Compile) -> None:
        self._document = document
        self._place = place
        self._refer = refer
        self._compiled = compiled
        self._level: Callable[[str], _Level | None] = lru_cache(_KEPT)(self._read_level)

    def find(self, value: Any) -> tuple[Step, ...]:  # Any: an invalid JSON value
        """Return the path to the part where the first breach is."""
        path: list[Step] = []
        level = self._level(self._place)
        while level is not None and level.itself.is_valid(value):
            step = _first_wrong(level, value)
            if step is None:
                break
            path.append(step)
            value = value[step]
            level = self._level(level.place_of(step))
        return tuple(path)

    def _read_level(self, place: str) -> _Level | None:
        nodes = self._follow(place)
        holders = [(node, where) for node, where in nodes if not node.keys().isdisjoint(_PARTS)]
        if len(holders) != 1:
            return None
        [(holder, where)] = holders
        inside = self._inside(holder, where)
        if inside is None:
            return None
        return _Level(
            place=where,
            names=frozenset(holder.get("properties", ())),
            itself=self._compiled({"allOf": [self._itself(node, where) for node, where in nodes]}),
            inside=self._compiled(inside),
        )

    def _follow(self, place: str) -> list[tuple[Node, str]]:
        """Return the schema at a place and those that it refers to; none where one of them is no object."""
        nodes: list[tuple[Node, str]] = []
        while len(nodes) < 32:  # references could lead in a circle
            node = find(self._document, place)
            if not isinstance(node, Mapping):
                return []
            nodes.append((node, place))
            if "$ref" not in node:
                return nodes
            place = node["$ref"]
        return []

    def _itself(self, node: Node, place: str) -> Mapping[str, Any]:
        """Return what a schema says of a value itself; what it says of parts in a roundabout way belongs to that."""
        said: dict[str, Any] = {}
        for keyword, value in node.items():
            if keyword in ("allOf", "anyOf", "oneOf"):
                said[keyword] = [self._refer(below(place, keyword, number)) for number in range(len(value))]
            elif keyword == "not":
                said[keyword] = self._refer(below(place, keyword))
            elif keyword not in (*_PARTS, "$ref"):
                said[keyword] = value
        if node.get("additionalProperties") is False:
            said |= {"properties": dict.fromkeys(node.get("properties", ()), True), "additionalProperties": False}
        return said

    def _inside(self, node: Node, place: str) -> Mapping[str, Any] | None:
        """Return what a schema says of the parts alone, None where one of them is no schema to go down to."""
        inside: dict[str, Any] = {}
        for keyword in ("items", "additionalProperties"):
            schema = node.get(keyword, True)
            if isinstance(schema, Mapping):
                inside[keyword] = self._refer(below(place, keyword))
            elif keyword == "items" and schema is False:
                return None
        members = node.get("properties", {})
        inside["properties"] = {name: self._refer(below(place, "properties", name)) for name in members}
        return inside if all(isinstance(schema, Mapping) for schema in members.values()) else None


def _first_wrong(level: _Level, value: Any) -> Step | None:
    """Return the first step into a value that leads to something invalid, by halving what may have it."""
    if not isinstance(value, dict | list) or level.inside.is_valid(value):
        return None
    steps: Sequence[Step] = list(value) if isinstance(value, dict) else range(len(value))
    while len(steps) > 1:
        middle = len(steps) // 2
        is_later = level.inside.is_valid(_taken(value, steps[:middle]))
        steps = steps[middle:] if is_later else steps[:middle]
    return steps[0]


def _taken(value: Any, steps: Sequence[Step]) -> Any:
    if isinstance(value, dict):
        return {name: value[name] for name in steps}
    return value[steps[0] : steps[-1] + 1]  # type: ignore[operator]  # the steps of a list are numbers
