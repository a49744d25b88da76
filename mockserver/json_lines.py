"""Worlds as JSON lines: one JSON object a line, the first of which may be the head; each other one is a customer.

Lines are read one after the other and not kept, so that a file may be larger than the memory. They are read as
strictly as the body of a request: no key twice, no number that is lost. Nothing here opens a file.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from mockserver.contract import Violation, read_json
from mockserver.domain.customer import Attribution, Customer, CustomerId
from mockserver.domain.organisation import Organisation
from mockserver.domain.record import CUSTOMER_MEMBERS, RecordProblem, Shared, read_customer
from mockserver.encoding import find_wide
from mockserver.values import Value

HEAD_MEMBERS = ("extends", "organisation", "attribution")
DEFAULT_HEAD: Mapping[str, Any] = {"extends": "demo"}
_SUFFIXES = (".jsonl", ".ndjson")
_TELL_EACH = 2_000  # customers, some hundredths of a second
_BLANK = b" \t\r\n"
Count: TypeAlias = Callable[[int], None]


class Head(Value, frozen=True, kw_only=True):
    """What a file says of its world, and on which line; `stands` is False where it says nothing, and extends demo."""

    record: Mapping[str, Any]
    line: int
    stands: bool


class LineProblem(Value, frozen=True, kw_only=True):
    """What is wrong on a line, and how to mend it."""

    line: int
    problem: str


def is_json_lines(path: Path) -> bool:
    """Tell by its name whether a file holds JSON lines."""
    return path.suffix in _SUFFIXES


def read_head(lines: Iterable[bytes]) -> Head | LineProblem:
    """Read the head, looking at the first line that is not blank; what its members hold is for others to say."""
    for number, line in _written(lines):
        wide = find_wide(line)
        if wide is not None:
            return LineProblem(line=number, problem=wide.problem)
        record = _read_line(number, line)
        if isinstance(record, LineProblem):
            return record
        stands = _is_head(record)
        return Head(record=record if stands else DEFAULT_HEAD, line=number, stands=stands)
    return LineProblem(line=1, problem="is empty; write one customer a line")


def _is_head(record: Mapping[str, Any]) -> bool:
    """A first line that only lacks the id of a customer is a wrong customer, not a head."""
    return not any(name in CUSTOMER_MEMBERS and name not in HEAD_MEMBERS for name in record)


def read_customers(
    lines: Iterable[bytes],
    organisation: Organisation,
    *,
    head: Head,
    attribution: Attribution | None,
    count: Count,
) -> Mapping[CustomerId, Customer] | LineProblem:
    """Read the customers, by id; `count` is told now and then how many there are so far."""
    shared = Shared()
    customers: dict[CustomerId, Customer] = {}
    for number, line in _written(lines):
        if head.stands and number == head.line:
            continue
        record = _read_line(number, line)
        if isinstance(record, LineProblem):
            return record
        customer = read_customer(record, organisation, attribution=attribution, shared=shared)
        if isinstance(customer, RecordProblem):
            return LineProblem(line=number, problem=str(customer))
        if customer.id in customers:
            return LineProblem(line=number, problem=f"id: {customer.id} stands twice; give each customer its own id")
        customers[customer.id] = customer
        if len(customers) % _TELL_EACH == 0:
            count(len(customers))
    return customers


def _written(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers."""
    for number, line in enumerate(lines, 1):
        text = line.strip(_BLANK)
        if number == 1:
            text = text.removeprefix(codecs.BOM_UTF8)
        if text:
            yield number, text


def _read_line(number: int, line: bytes) -> Any:  # a mapping, as its callers rely on, or a LineProblem
    read = read_json(line)
    if isinstance(read, Violation):
        problem = read.problem.replace("(line 1 column", "(column")
        cure = "write one JSON object a line, in UTF-8, with each key once"
        return LineProblem(line=number, problem=f"{problem}; {cure}")
    if not isinstance(read.value, dict):
        kind = type(read.value).__name__
        return LineProblem(line=number, problem=f"holds {kind}, not an object; write one JSON object a line")
    return read.value
