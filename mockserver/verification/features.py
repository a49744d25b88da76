"""What is particular about a request, as plain words that two requests can be compared by.

    PUT, GET                      query/use_async=true            body/profiles/*/firstName
    customer=171891944            header/accept                   body/profiles/*/firstName=text
    source=WECHAT                 again (the very request before) body/profiles/*/firstName=long

The members of a body stand for themselves, and once more with each class of values that theirs belongs to.
"""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from mockserver.messages import Request
from mockserver.verification.findings import Step

Features: TypeAlias = frozenset[str]
ANONYMOUS, AGAIN = "anonymous", "again"
NOTHING = "body=nothing"  # that asks for nothing, in whatever way
_LONG = 100  # code points of a name that are kept
_LARGE = 2**31
_NAMED = ("type", "loyaltyType")  # members whose values are a few names
_ADDRESSES = ("customer=", "source=", "accountId=")
_LOOKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("empty", r"\A\Z"),
        ("like-a-number", r"\A\s*[-+]?[0-9][0-9.eE+-]*\s*\Z"),
        ("like-a-flag", r"(?i)\A(true|false|yes|no|null|none)\Z"),
        ("like-a-date", r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        ("edged", r"\A\s|\s\Z"),
        ("signs", r"[^\w\s@.+:-]"),
        ("capitals", r"[A-Z]"),
        ("beyond-ascii", r"[^\x00-\x7f]"),
        ("beyond-latin-1", r"[^\x00-\xff]"),
        ("astral", "[^\x00-\uffff]"),
    )
)


def features_of(steps: Sequence[Step]) -> Features:
    """Return what is particular about the last of some steps."""
    *before, last = steps
    request = last.request
    found = {request.method, *_of_address(request), *_of_query(request), *_of_headers(request), *_of_body(request)}
    if last.anonymous:
        found.add(ANONYMOUS)
    if any(step.request == request for step in before):
        found.add(AGAIN)
    return frozenset(found)


def reach_of(steps: Sequence[Step]) -> Features:
    """Return what is particular about any of some steps, since what one did the next ones may show."""
    return frozenset(chain.from_iterable(features_of(steps[: length + 1]) for length in range(len(steps))))


def without_address(features: Features) -> Features:
    """Return features but for the customer, source and account that each request has."""
    return frozenset(one for one in features if not one.startswith(_ADDRESSES))


def named_in(features: Features) -> Features:
    """Return the method, and the members of the body, that some features name, whatever their values."""
    return frozenset(one for one in features if "=" not in one and not one.startswith(("query/", "header/")))


def members_in(features: Features) -> frozenset[str]:
    """Return the places of a body that some features name."""
    return frozenset(one for one in features if one.startswith("body/") and "=" not in one)


def _of_address(request: Request) -> Iterator[str]:
    yield f"customer={request.path.rpartition('/v2/customers/')[2].partition('/')[0]}"
    yield from ["loyaltyDetails"] if request.path.endswith("/loyaltyDetails") else []
    named = dict(parse_qsl(request.query, keep_blank_values=True))
    yield from (f"{name}={value}" for name, value in named.items() if name in ("source", "accountId"))


def _of_query(request: Request) -> Iterator[str]:
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        if name not in ("source", "accountId"):
            yield from (f"query/{name}", f"query/{name}={value}")


def _of_headers(request: Request) -> Iterator[str]:
    for name, value in request.headers.items():
        is_usual = name.lower() == "content-type" and value == "application/json"
        yield from [] if is_usual else [f"header/{name.lower()}"]


def _of_body(request: Request) -> Iterator[str]:
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        yield from [] if request.method == "GET" else [NOTHING, "body=no-json" if request.body else "body=none"]
        return
    yield from [] if isinstance(sent, dict) and sent else [NOTHING]
    for place, value in _leaves(sent, "body"):
        yield place
        yield from (f"{place}={kind}" for kind in _classes_of(value))
        yield from [f"{place}={value}"] if place.rpartition("/")[2] in _NAMED and isinstance(value, str) else []


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:  # Any: JSON
    if isinstance(value, dict) and value:
        yield from chain.from_iterable(_leaves(inner, f"{place}/{name}") for name, inner in value.items())
    elif isinstance(value, list) and value:
        yield from chain.from_iterable(_leaves(inner, f"{place}/*") for inner in value)
        yield from [(place, value)] if len(value) > 1 else []
    else:
        yield place, value


def _classes_of(value: Any) -> Iterator[str]:  # Any: JSON
    """Give the classes of values that a value belongs to."""
    match value:
        case None | bool():
            yield str(value)
        case int() | float():
            yield "number"
            yield from ["negative"] if value < 0 else ["zero"] if value == 0 else []
            yield from ["large"] if abs(value) >= _LARGE else []
            yield from ["fraction"] if value != int(value) else []
        case str():
            yield "text"
            yield from (name for name, look in _LOOKS if look.search(value))
            yield from ["long"] if len(value) >= _LONG else []
        case list():
            yield "several" if value else "empty-list"
        case _:
            yield "empty-object"
