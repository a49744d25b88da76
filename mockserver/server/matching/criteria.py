"""What a request was to be like: each criterion that is given must be met.

The law: nothing is misread silently. A criterion, an operation or a header that could never be met because of how it
is written is refused, with the nearest names, since "it was not requested" would then always be true.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final, TypeAlias

from mockserver.contract.violation import glimpse
from mockserver.exchange.secrecy import is_secret_header


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
    `status` is None where a fault cut the connection before there was an answer. `code` is that of a refusal, None that
    nothing was refused. `header` and `query` are values by name, header names in any case, None for one that must not
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
    code: Number = OUT
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
    "code": "a whole number",
    "forced": "true or false",
}
_TYPES: Mapping[str, type] = {"a text": str, "a whole number": int, "true or false": bool}
_NULLABLE = frozenset({"operation", "customer", "source", "account", "status", "code"})
_BY_NAME = ("header", "query")
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
    operation = record.get("operation")
    if operations and isinstance(operation, str) and operation not in operations:
        yield f"operation: {operation[:40]} is none of the contract; {nearest_names(operation, operations)}"


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
        elif name == "header" and item is not None and is_secret_header(key):
            yield f"header/{key[:40]}: the journal keeps no credentials to compare with; leave it out"


def nearest_names(name: str, known: Collection[str]) -> str:
    """Return the names that were likely meant, or all that there are."""
    near = get_close_matches(name, list(known), n=3)
    return f"the nearest: {', '.join(near)}" if near else f"there are {', '.join(known)}"
