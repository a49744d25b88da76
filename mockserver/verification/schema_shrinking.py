"""Making a request smaller: what it says, and the same request saying less. Nothing is sent here."""

import json
from collections.abc import Callable, Iterator, Set
from itertools import islice
from typing import Any, TypeVar

from mockserver.contract import Contract, Violation, read_json
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.schema_asked import is_same_violation, read_asked

_T = TypeVar("_T")
_TRIES = 2000  # parts that are taken off one request to see what matters; nothing is sent for it
_IN_EACH = frozenset({"query/source", "query/accountId", "header/content-type"})


def leaves_of(request: Request) -> frozenset[str]:
    """Return the places at which a request says something, but for those that each has: source and account.

    They are the innermost members of its body, and its parameters.
    """
    parsed = read_json(request.body) if request.body else None
    body = set() if parsed is None or isinstance(parsed, Violation) else set(_leaves(parsed.value, "body"))
    query = {f"query/{part.partition('=')[0]}" for part in request.query.split("&") if part}
    headers = {f"header/{name}" for name in request.headers}
    return frozenset({request.method, *body, *query, *headers}) - _IN_EACH


def _leaves(value: Any, place: str) -> Iterator[str]:
    members = value.items() if isinstance(value, dict) else ()
    items = (("*", item) for item in value) if isinstance(value, list) else ()
    found = [leaf for name, inner in (*members, *items) for leaf in _leaves(inner, f"{place}/{name}")]
    yield from found or [place]


def smallest(value: _T, parts: Callable[[_T], Iterator[_T]], keeps: Callable[[_T], bool]) -> _T:
    """Take parts off a value as long as it keeps what matters, within limits."""
    left = _TRIES
    parts_left = parts(value)
    while left > 0:
        less = next(parts_left, None)
        if less is None:
            break
        left -= 1
        if keeps(less):
            value, parts_left = less, parts(less)
    return value


def smaller(value: Any) -> Iterator[Any]:  # Any: JSON
    """Give the values that have one part less, the larger parts first."""
    if isinstance(value, dict):
        yield from ({name: member for name, member in value.items() if name != gone} for gone in value)
        yield from ({**value, name: less} for name, member in value.items() for less in smaller(member))
    elif isinstance(value, list):
        yield from ([*value[:gone], *value[gone + 1 :]] for gone in range(len(value)))
        yield from ([*value[:at], less, *value[at + 1 :]] for at, item in enumerate(value) for less in smaller(item))


def alone(value: Any) -> Iterator[Any]:  # Any: JSON
    """Give the values that hold one leaf alone: mostly one leaf is to blame, and then the rest is off at once."""
    if isinstance(value, dict) and value:
        yield from ({name: one} for name, member in value.items() for one in alone(member))
    elif isinstance(value, list) and value:
        yield from ([one] for item in value for one in alone(item))
    else:
        yield value


def pruned(value: Any, known: Set[str]) -> Any:  # Any: JSON
    """Return a value without the members whose names the contract does not know."""
    if isinstance(value, dict):
        return {name: pruned(member, known) for name, member in value.items() if name in known}
    return [pruned(item, known) for item in value] if isinstance(value, list) else value


def smaller_requests(request: Request, known: Set[str] = frozenset()) -> Iterator[Request]:
    """Give the requests that say less: fewer headers, a part less of the body, or of the query.

    `known` are the names of the contract's members; what it does not know goes first.
    """
    headers = request.headers
    more = [name for name in headers if name != "content-type"]
    for gone in [more, *([name] for name in more)] if more else []:
        yield replace(request, headers={name: value for name, value in headers.items() if name not in gone})
    parsed = read_json(request.body) if request.body else None
    if parsed is not None and not isinstance(parsed, Violation):
        first = [pruned(parsed.value, known)] if known else []
        larger = islice(smaller(parsed.value), len(parsed.value) if isinstance(parsed.value, dict | list) else 0)
        candidates = (*first, *larger, *alone(parsed.value), *smaller(parsed.value))
        less = (one for one in candidates if one != parsed.value)
        yield from (replace(request, body=json.dumps(one).encode()) for one in less)
    parts = request.query.split("&") if request.query else []
    yield from (replace(request, query="&".join([*parts[:at], *parts[at + 1 :]])) for at in range(len(parts)))


def smallest_refused(request: Request, contract: Contract, other: Contract) -> Request:
    """Return the smallest request that a contract allows, and another one forbids for the reason it has here."""
    reason = read_asked(other, request).violation

    def keeps(less: Request) -> bool:
        is_allowed = read_asked(contract, less).violation is None
        return is_allowed and is_same_violation(read_asked(other, less).violation, reason)

    return smallest(request, smaller_requests, keeps)
