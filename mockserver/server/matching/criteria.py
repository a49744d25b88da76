"""What a request was to be like: each criterion that is given must be met.

The law: nothing is misread silently. A criterion, an operation or a header that could never be met because of how it
is written is refused, with the nearest names, since "it was not requested" would then always be true.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final, TypeAlias, get_args

from mockserver.contract.violation import Step, glimpse, pointer
from mockserver.exchange.hiding import is_credential
from mockserver.exchange.hiding_json import hide_value
from mockserver.exchange.secrecy import is_secret_key, is_secret_name
from mockserver.server.journal import Outcome


class Out(Enum):
    """The criterion was left out, so that anything meets it; None is a value that an exchange can have."""

    OUT = "left out"


OUT: Final = Out.OUT
Text: TypeAlias = str | None | Out
Number: TypeAlias = int | None | Out


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What to look for in an exchange; what is left out may be anything, and None means that there is none.

    `source` and `account` are those of the query (`source`, `accountId`). `path` is as it came, without the world.
    `status` is None where a fault cut the connection before there was an answer, and `outcome` what the client saw of
    it. `code` is that of a refusal, None that nothing was refused; `warning` is one of an answer's warnings, None that
    there were none. `header` and `query` are values by name, header names in any case, None for one that must not
    be there. `body` is JSON of which every member must be there with its value, more members may be; lists are compared
    item by item.
    """

    operation: Text = OUT
    customer: Number = OUT
    source: Text = OUT
    account: Text = OUT
    method: Text = OUT
    path: Text = OUT
    status: Number = OUT
    outcome: str | Out = OUT
    code: Number = OUT
    warning: Number = OUT
    forced: bool | Out = OUT
    header: Mapping[str, str | None] = field(default_factory=dict)
    query: Mapping[str, str | None] = field(default_factory=dict)
    body: Any = OUT  # Any: JSON, null included

    def __str__(self) -> str:
        """Name what is looked for in a few words."""
        named = self.operation if isinstance(self.operation, str) else self._named_by_path()
        return f"{named} of {self.customer}" if isinstance(self.customer, int) else named

    def _named_by_path(self) -> str:
        words = [word for word in (self.method, self.path) if isinstance(word, str)]
        return " ".join(words) or "a request"


_SIMPLE: Mapping[str, str] = {
    "operation": "a text",
    "customer": "a whole number",
    "source": "a text",
    "account": "a text",
    "method": "a text",
    "path": "a text",
    "status": "a whole number",
    "outcome": "a text",
    "code": "a whole number",
    "warning": "a whole number",
    "forced": "true or false",
}
_TYPES: Mapping[str, type] = {"a text": str, "a whole number": int, "true or false": bool}
_NULLABLE = frozenset({"operation", "customer", "source", "account", "status", "code", "warning"})
_BY_NAME = ("header", "query")
_NOT_KEPT = "the journal keeps no credentials to compare with; leave it out"
_QUERIED = re.compile(r"[?#]")
OUTCOMES: tuple[str, ...] = get_args(Outcome)
NAMES = (*_SIMPLE, *_BY_NAME, "body")


def read_criteria(
    record: Mapping[str, Any], operations: Collection[str] = (), *, besides: tuple[str, ...] = ()
) -> Criteria | str:
    """Read criteria from plain values; a text says what is wrong: place, value and cure.

    `operations` are those that there are; where they are given, another one is refused. `besides` are names that the
    caller takes besides criteria, to be named where one is not known.
    """
    problem = next(_problems(record, operations, (*NAMES, *besides)), None)
    return Criteria(**record) if problem is None else problem


def _problems(record: Mapping[str, Any], operations: Collection[str], known: tuple[str, ...]) -> Iterator[str]:
    for name, value in record.items():
        if name not in NAMES:
            yield f"{name[:40]}: is no criterion; {nearest_names(name, known)}"
        elif name in _SIMPLE:
            yield from _simple_problems(name, value)
        elif name in _BY_NAME:
            yield from _named_problems(name, value)
        else:
            yield from (f"{name}{pointer(steps)}: {_NOT_KEPT}" for steps in _secret_places(value))
    operation = record.get("operation")
    if operations and isinstance(operation, str) and operation not in operations:
        yield f"operation: {operation[:40]} is none of the contract; {nearest_names(operation, operations)}"
    outcome = record.get("outcome", "answered")
    path = record.get("path")
    if isinstance(path, str) and _QUERIED.search(path):
        yield f"path: {glimpse(path)} has a query; put its parameters into the criterion query"
    if isinstance(outcome, str) and outcome not in OUTCOMES:
        yield f"outcome: {outcome[:40]} is no outcome; {nearest_names(outcome, OUTCOMES)}"


def _simple_problems(name: str, value: object) -> Iterator[str]:
    what = _SIMPLE[name]
    if value is None and name in _NULLABLE:
        return
    is_flag = isinstance(value, bool)  # which Python takes for a number
    if not isinstance(value, _TYPES[what]) or is_flag is not (what == "true or false"):
        yield f"{name}: {glimpse(value)} is not {what}{' or null' if name in _NULLABLE else ''}"


def _named_problems(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f'{name}: {glimpse(value)} is no object; send values by name, such as {{"NAME": "value"}}'
        return
    for key, item in value.items():
        if not isinstance(item, str | None):
            yield f"{name}/{key[:40]}: {glimpse(item)} is neither a text nor null"
        elif item is not None and _is_hidden(name, key, item):
            yield f"{name}/{key[:40]}: {_NOT_KEPT}"


def _is_hidden(kind: str, name: str, value: str) -> bool:
    """Tell whether the journal would hide this value of a header or a parameter."""
    is_secret = is_credential(name, value) if kind == "header" else is_secret_key(name)
    return is_secret or hide_value(value) != value


def _secret_places(value: Any, *, is_secret: bool = False) -> Iterator[tuple[Step, ...]]:  # Any: JSON
    """Yield where a body has what the journal would hide."""
    members: Iterable[tuple[Step, Any]] = ()
    if isinstance(value, Mapping):
        members = value.items()
    elif isinstance(value, list | tuple):
        members = enumerate(value)
    elif _would_be_hidden(value, is_secret=is_secret):
        yield ()
    for step, item in members:
        is_within = is_secret or (isinstance(step, str) and is_secret_name(step))
        yield from ((step, *steps) for steps in _secret_places(item, is_secret=is_within))


def _would_be_hidden(value: object, *, is_secret: bool) -> bool:
    if isinstance(value, str):
        return bool(value) and (is_secret or hide_value(value) != value)
    return is_secret and value is not None and not isinstance(value, bool)


def nearest_names(name: str, known: Collection[str]) -> str:
    """Return the names that were likely meant, or all that there are."""
    near = get_close_matches(name, list(known), n=3)
    return f"the nearest: {', '.join(near)}" if near else f"there are {', '.join(known)}"
