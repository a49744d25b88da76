"""Assertions about what was requested: arguments become criteria, and a failure is told with the nearest request."""

import reprlib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, TypedDict

from mockserver.contract.violation import Step, pointer
from mockserver.exchange import Setting
from mockserver.server.journal import Exchange
from mockserver.server.matching import (
    Criteria,
    Times,
    describe,
    describe_order,
    describe_unknown,
    in_order,
    read_criteria,
    verify,
)
from mockserver.values import Value

_CURE = (
    "keep more with pytest --mock-journal N or MockServer(journal=N), "
    "or call forget_requests() before what is to be counted"
)

__tracebackhide__ = True  # a failure is shown at the line of the test


class Sought(TypedDict, total=False):
    """What a request was to be like; what is left out may be anything, and None means that there is none.

    `source` and `account` are those of the query. `code` is that of a refusal, None that nothing was refused; `warning`
    is one of an answer's warnings, None that there were none; `outcome` is what the client saw. `header` and `query`
    are values by name, None for one that must not be there. `body` is JSON of which every member must be there with its
    value; more members may be, and lists are compared item by item.
    """

    customer: int | None
    source: str | None
    account: str | None
    method: str
    path: str
    status: int
    outcome: str
    code: int | None
    warning: int | None
    forced: bool
    header: Mapping[str, str | None]
    query: Mapping[str, str | None]
    body: Any  # Any: JSON


class SoughtRequest(Sought, total=False):
    """What a request was to be like, and its operation."""

    operation: str | None


Wanted: TypeAlias = str | SoughtRequest  # an operation, or all that is sought


def criteria_of(sought: Mapping[str, Any], setting: Setting, caller: str) -> Criteria:
    """Return the criteria of an assertion's arguments; ValueError for one that nothing could ever meet."""
    criteria = next(_beyond_json(sought), "") or read_criteria(sought, setting.contract.operations)
    if isinstance(criteria, str):
        raise ValueError(f"{caller}: {criteria}")
    return criteria


def _beyond_json(value: object, steps: tuple[Step, ...] = ()) -> Iterator[str]:
    """Tell of what no request can hold, since JSON has no value for it; a Decimal is a number, a tuple a list."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            if isinstance(name, str):
                yield from _beyond_json(member, (*steps, name))
            else:
                yield f"{pointer(steps)[1:]}: {reprlib.repr(name)} is no name in JSON; write text"
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _beyond_json(item, (*steps, index))
    elif not isinstance(value, str | int | float | Decimal | None) or value != value:  # which NaN alone does
        yield f"{pointer(steps)[1:]}: {reprlib.repr(value)} is not JSON; give text, a number, a list, a mapping or None"


def times_of(times: int | None, at_least: int | None, at_most: int | None) -> Times:
    """Return how often something is to be requested; ValueError for numbers that do not go together."""
    numbers: list[object] = [number for number in (times, at_least, at_most) if number is not None]
    if not all(map(_is_count, numbers)):
        raise ValueError(f"assert_requested: times: {numbers} are no numbers of times; give whole numbers from 0 on")
    if times is not None and len(numbers) > 1:
        raise ValueError("assert_requested: times: stands beside at_least or at_most; leave out one or the other")
    if times is not None:
        return Times.exactly(times)
    least = at_least if at_least is not None else (0 if at_most is not None else 1)
    if at_most is not None and at_most < least:
        raise ValueError(f"assert_requested: at_most: {at_most} is less than at_least {least}; swap them")
    return Times(least=least, most=at_most)


def _is_count(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0


class Kept(Value, frozen=True):
    """What a journal keeps, newest first, and how many exchanges it has forgotten."""

    exchanges: Sequence[Exchange]
    forgotten: int = 0


def find_requested(criteria: Criteria, times: Times, kept: Kept) -> tuple[Exchange, ...]:
    """Return the exchanges, oldest first, that meet criteria.

    AssertionError where they are too few or too many, or where that depends on what the journal has forgotten.
    """
    verified = verify(criteria, kept.exchanges, times, forgotten=kept.forgotten)
    if verified.holds is None:
        raise AssertionError(f"{describe_unknown(verified)}; {_CURE}")
    if not verified.holds:
        raise AssertionError(describe(verified))
    return verified.found


def find_in_order(wanted: Sequence[Criteria], kept: Kept) -> tuple[Exchange, ...]:
    """Return the exchanges that meet criteria one after the other; AssertionError where they did not come so."""
    order = in_order(wanted, kept.exchanges, forgotten=kept.forgotten)
    if order.holds is None:
        raise AssertionError(f"{describe_unknown(order)}; {_CURE}\n{describe_order(order)}")
    if not order.holds:
        raise AssertionError(describe_order(order))
    return order.found
