"""What a client is asked to send and to expect, and what it found: values that go to its process and back as JSON."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Self

NUMBER = b"NNNNNNNN"  # stands for the number of the request, eight digits, so that each request differs
CUSTOMER = b"CCCCCCCCC"  # stands for the id of a customer, nine digits: one customer after the other
FIRST_CUSTOMER = 200_000_000  # the id of the first customer that is made (`customers`)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one client sends, over so many connections, each with one request in flight.

    `request` is the whole request; in it and in `answer` the marks `NUMBER` and `CUSTOMER` are filled in, which does
    not change their length. The status of every response is compared with `status`, and one body in `one_in` with
    `answer`; where that is empty, with the first body of the run, unless it `varies`. Each of `has` must be in the
    body. It lasts `seconds`, after `warm_up` seconds that are not counted, or until `most` requests were answered.
    """

    port: int
    request: str
    status: int = 200
    answer: str = ""
    varies: bool = False
    has: tuple[str, ...] = ()
    connections: int = 64
    seconds: float = 3.0
    warm_up: float = 0.5
    most: int = 0  # 0: as many as there is time for
    customers: int = 1
    first_number: int = 0
    one_in: int = 97

    def as_json(self) -> str:
        """Return it as one line of text; bytes are latin-1."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `as_json` wrote."""
        members = json.loads(text)
        return cls(**{**members, "has": tuple(members["has"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one run of a client found: times in milliseconds, `per_second` requests.

    `wrong` counts responses with another status or body than expected, `lost` connections that ended in between;
    `trouble` shows the first of them. `late` are the numbers of the requests that were in flight at the end, and of the
    last that was answered: one of them is what the server did last. wrk does not tell them.
    """

    requests: int
    seconds: float
    per_second: float
    p50: float
    p99: float
    most: float
    wrong: int = 0
    lost: int = 0
    compared: int = 0
    late: tuple[int, ...] = ()
    trouble: str = ""
    client: str = "ours"

    @property
    def is_right(self) -> bool:
        """Tell whether there were answers, all that were looked at as expected."""
        return self.requests > 0 and not self.wrong and not self.lost


def filling(template: bytes, customers: int) -> Callable[[int], bytes]:
    """Return what makes the request (or the answer) of a number from its template."""
    if NUMBER not in template and CUSTOMER not in template:
        return lambda _: template
    escaped = template.replace(b"%", b"%%")
    pattern = escaped.replace(NUMBER, b"%(number)08d").replace(CUSTOMER, b"%(customer)09d")

    def fill(number: int) -> bytes:
        return pattern % {b"number": number % 100_000_000, b"customer": FIRST_CUSTOMER + number % customers}

    return fill


def figures_of(milliseconds: Sequence[float], seconds: float, *, wrong: int, lost: int, trouble: str) -> Figures:
    """Reckon the figures of a run from the time that each request took."""
    ordered = sorted(milliseconds) or [0.0]
    return Figures(
        requests=len(milliseconds),
        seconds=round(seconds, 3),
        per_second=round(len(milliseconds) / seconds, 1) if seconds else 0.0,
        p50=round(percentile(ordered, 50), 3),
        p99=round(percentile(ordered, 99), 3),
        most=round(ordered[-1], 3),
        wrong=wrong,
        lost=lost,
        trouble=trouble,
    )


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the smallest of the values that so many per cent of them do not exceed (nearest rank)."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
