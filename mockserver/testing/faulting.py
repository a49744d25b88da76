"""Faults that a test sets: rules of its world, each with a handle to remove it and to ask how often it applied."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

from mockserver.domain.record import RecordProblem, suggest
from mockserver.server.held_rules import HeldRule
from mockserver.server.served import ServedWorld
from mockserver.testing.hosting import Host

__tracebackhide__ = True  # a failure is shown at the line of the test


class Disturbed(TypedDict, total=False):
    """Which requests a rule disturbs, and how often; what is left out meets all.

    `header` is a name, or values by name; `nth` the requests that count among those that match, from 1. `ttl` is a
    duration such as `30s`. Requests are drawn with `probability`, by `seed`. With `persist` a rule also meets what its
    client sends again.
    """

    operation: str
    customer: int
    header: str | Mapping[str, str]
    nth: int | list[int]
    ttl: str
    probability: float
    seed: int
    persist: bool
    name: str
    enabled: bool


_KNOWN = (*Disturbed.__annotations__, "times")
_OF_MATCH = frozenset({"operation", "customer", "header", "nth"})


class Fault:
    """A rule that is set in a world; within `with` it is removed at the end, else by `remove` or with its world."""

    def __init__(self, host: Host, world: ServedWorld, rule: HeldRule) -> None:
        self._host = host
        self._world = world
        self._rule = rule

    @property
    def id(self) -> str:
        """The id under which `/_mock/faults` shows it."""
        return self._rule.id

    @property
    def applied(self) -> int:
        """How many requests it has disturbed."""
        return self._host.call(lambda: self._rule.applied)

    def remove(self) -> None:
        """Disturb no further request."""
        self._host.call(lambda: self._world.faults.delete(self._rule.id))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def __repr__(self) -> str:
        return f"<fault {self._rule.id}: {self._rule.rule.record}>"


def rule_of(
    caller: str, do: Mapping[str, object], times: int | None, /, **disturbed: Unpack[Disturbed]
) -> dict[str, Any]:
    """Return a rule as a record: what it does, to which requests, how often; ValueError for an unknown argument."""
    unknown = next((name for name in disturbed if name not in _KNOWN), None)
    if unknown is not None:
        raise ValueError(f"{caller}: {unknown}: is no argument; {suggest(unknown, _KNOWN, owner='there are')}")
    match = {name: value for name, value in disturbed.items() if name in _OF_MATCH and value is not None}
    others = {name: value for name, value in disturbed.items() if name not in _OF_MATCH and value is not None}
    often = {} if times is None else {"times": times}
    return {"match": match, "do": do, **often, **others}


def set_fault(host: Host, world: ServedWorld, record: Mapping[str, Any], caller: str) -> Fault:
    """Set a rule in a world; ValueError, in the words of the caller's arguments, for one that cannot be."""
    held = host.call(lambda: world.faults.add(dict(record), world.setting))
    if isinstance(held, RecordProblem):
        segments = [str(segment) for segment in held.path]
        place = "/".join(segments) if caller == "fault" else "/".join(segments[-1:])
        raise ValueError(f"{caller}: {place or 'the rule'}: {held.problem}; {held.cure}")
    return Fault(host, world, held)
