"""What the contract says where an error arises: the rule, how it is meant, the refusal; read once for each way there.

The law: a keyword depends on the document and on the way through its schemas alone, never on the message, so that a
thousand messages that break one rule in one place have one reading of it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import unquote

from mockserver.contract.pointers import Node, find, follow
from mockserver.contract.violation import Step
from mockserver.values import Value

Way: TypeAlias = tuple[Step, ...]  # through the schemas, as the validator went: keywords, names, positions

NOTHING = "false"  # the name of the schema that allows nothing, which is no keyword
_KEPT = 512  # ways; a recursive schema has any number of them
_NEW_PLACE = frozenset({"items", "additionalProperties"})
_SINGLE = _NEW_PLACE | {"$ref", "not"}  # after these no name or position follows


class Form(Value, frozen=True, kw_only=True):
    """What a pattern means in words, and what to say of values that follow other patterns."""

    words: str
    near_misses: Mapping[str, str]


class Keyword(Value, frozen=True, kw_only=True):
    """A keyword of the contract as one way leads to it.

    `limit` is what it says, in the form that words need: references followed, a pattern as a `Form`. `steps` is how
    many steps of the message lead to what it judges. `demanded` are members that the object around must have, and
    `members` the order and the refusal of those that the keyword itself demands.
    """

    name: str
    rule: str
    limit: Any  # Any: JSON of the schema
    steps: int
    invalid: str | None
    missing: str | None
    demanded: frozenset[str]
    members: Mapping[str, tuple[int, str | None]]


class _Trail(Value, frozen=True, kw_only=True):
    """The schema nodes that a way goes through: those of its own place and those of the place around it."""

    own: Sequence[Node]
    outer: Sequence[Node]


class Keywords:
    """The keywords of one schema of a document, each read when it is broken first."""

    __slots__ = ("_document", "_place", "at")

    def __init__(self, document: Node, place: str) -> None:
        self._document = document
        self._place = place
        self.at: Callable[[Way, str, bool], Keyword] = lru_cache(_KEPT)(self._read)

    def _read(self, way: Way, location: str, is_nothing: bool) -> Keyword:
        """Read what stands at the end of a way; `location` is where that is, as the validator has it."""
        document, rule = self._document, "#" + unquote(location.partition("#")[2])
        name = NOTHING if is_nothing else str(way[-1])
        trail = _trail(document, self._place, way)
        return Keyword(
            name=name,
            rule=rule,
            limit=None if is_nothing else _meant(document, name, rule),
            steps=_count_steps(way if is_nothing and way[-1] == "items" else way[:-1]),
            invalid=_refusal(trail.own, "invalid"),
            missing=_refusal(trail.own, "missing"),
            demanded=frozenset(member for node in trail.outer for member in node.get("required", ())),
            members=_demanded_here(document, trail.own, rule) if name == "required" else {},
        )


def _meant(document: Node, name: str, rule: str) -> Any:  # Any: JSON of the schema
    limit = find(document, rule)
    if name in ("anyOf", "oneOf"):
        return [follow(document, branch, rule)[0] for branch in limit]
    if name == "pattern":
        node = find(document, rule.rpartition("/")[0])
        return Form(words=node.get("x-form", limit), near_misses=node.get("x-near-misses", {}))
    return limit


def _count_steps(way: Sequence[Step]) -> int:
    """Count the steps of a way that go into a value; what follows `properties` is a name, whatever it says."""
    count = position = 0
    while position < len(way):
        count += _goes_on(way[position])
        position += 1 if way[position] in _SINGLE else 2
    return count


def _goes_on(step: Step) -> bool:
    """Tell whether a step of the way is a step into the value, too."""
    return step == "properties" or step in _NEW_PLACE


def _demanded_here(document: Node, nodes: Sequence[Node], rule: str) -> Mapping[str, tuple[int, str | None]]:
    members: dict[str, tuple[int, str | None]] = {}
    for position, name in enumerate(find(document, rule)):
        members.setdefault(name, (position, _refusal(_member_nodes(document, nodes, name), "missing")))
    return members


def _trail(document: Node, start: str, way: Way) -> _Trail:
    node: Any = {"$ref": start}
    own: list[Any] = [node]
    outer: list[Any] = []
    position = 0
    # The last step is the keyword itself; only the steps before it lead to another schema.
    while position < len(way) - 1:
        if _goes_on(way[position]):
            outer, own = own, []
        node, used = _next_node(document, node, way[position : position + 2])
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
    if keyword in _SINGLE:
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
