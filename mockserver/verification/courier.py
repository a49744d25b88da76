"""The one way to a target. Whatever a check asks for goes through here, so that safety is kept in one place.

The law: nothing but reads goes out unless writes are allowed; a write goes to a named customer, or to an id that the
target was seen not to have; no more requests go out than were allowed, no faster than was allowed; credentials are
added here and are in nothing that is kept.

A 429 is waited out, as long as `Retry-After` says, and the request is sent again: it is how a deployment asks for
patience, not an answer.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from mockserver.messages import Request, Response
from mockserver.values import replace
from mockserver.verification.credentials import Credentials
from mockserver.verification.exchanges import Exchange, header, read_body
from mockserver.verification.target import Leave, Target
from mockserver.verification.transport import Transport

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_CUSTOMER = re.compile(r"/v2/customers/([1-9][0-9]{0,18})\Z")
_TOO_MANY = 429
_PATIENCE = 5  # times that a 429 is waited out
_LONGEST_WAIT = 60.0  # seconds that a Retry-After is believed
_USUAL_WAIT = 1.0  # seconds, where a 429 names none


class Spent(Exception):  # noqa: N818  # no error: it ends a phase, whose checks are then not observed
    """The requests or the time that a phase was given are used up; the text says which."""


class NotAllowedError(Exception):
    """A check asked for what it may not; a defect of ours, and the request was not sent."""


@dataclass(slots=True, kw_only=True)
class Allowance:
    """What is left for the phase under way: requests (None: any), and the monotonic time at which it ends."""

    requests: int | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time, so that tests can pass it: `now` in monotonic seconds, `wait` for so many, `today` as RFC 3339."""

    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep
    today: Callable[[], str] = lambda: datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Courier:
    """Carries requests to one target under its leave and limits, and counts them."""

    def __init__(
        self,
        target: Target,
        transport: Transport,
        credentials: Credentials,
        *,
        headers: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.target = target
        self.transport = transport
        self.credentials = credentials
        self.clock = clock or Clock()
        self.sent = 0
        self.throttled = 0
        self.unknown = 0  # an id that the target was seen not to have
        self.allowance = Allowance()
        self.watch: Callable[[Request], object] | None = None  # told of every request before it goes out
        self._headers = dict(headers or {})
        self._named = frozenset(place.customer for place in target.places)
        self._next = 0.0

    def send(self, request: Request, *, anonymous: bool = False) -> Exchange:
        """Send a request, and return the exchange; `anonymous` sends no credentials."""
        self._hold_the_law(request)
        if self.watch is not None:
            self.watch(request)
        for _ in range(_PATIENCE):
            exchange = self._send_once(request, anonymous=anonymous)
            if exchange.response.status != _TOO_MANY:
                return exchange
            self.throttled += 1
            self._wait(_read_wait(exchange.response))
        return exchange

    def _hold_the_law(self, request: Request) -> None:
        if request.method in _READING or self.target.disposable:
            return
        if self.target.leave < Leave.WRITES:
            raise NotAllowedError(f"{request.method} {request.path} is a write, and only reads are allowed")
        found = _CUSTOMER.match(request.path)
        customer = int(found[1]) if found else -1
        if request.method != "PUT" or not (customer in self._named or 0 < customer == self.unknown):
            raise NotAllowedError(f"{request.method} {request.path} is no update of a customer that was named")

    def _send_once(self, request: Request, *, anonymous: bool) -> Exchange:
        self._take_turn()
        added = {} if anonymous else self.credentials.headers(self.transport, self.clock.now())
        carried = replace(request, headers={**self._headers, **added, **request.headers})
        at, started = self.clock.today(), self.clock.now()
        response = self.transport.carry(carried)
        self.sent += 1
        return Exchange(
            request=request,
            response=response,
            at=at,
            milliseconds=round((self.clock.now() - started) * 1000, 3),
            body=read_body(response.body),
        )

    def _take_turn(self) -> None:
        """Wait until the rate allows another request, and take it from the allowance."""
        limits, now = self.target.limits, self.clock.now()
        if self.allowance.requests is not None:
            if self.allowance.requests <= 0:
                raise Spent("the requests of its share are used up; allow more with --budget")
            self.allowance.requests -= 1
        if limits.rate is not None:
            self._wait(self._next - now)
            self._next = max(self._next, now) + 1 / limits.rate
        if self.allowance.until is not None and self.clock.now() >= self.allowance.until:
            raise Spent("the time of its share is used up; allow more with --max-time")

    def _wait(self, seconds: float) -> None:
        """Wait, unless the time that is left does not suffice."""
        if seconds <= 0:
            return
        if self.allowance.until is not None and self.clock.now() + seconds > self.allowance.until:
            raise Spent("the time of its share is used up while waiting; allow more with --max-time")
        self.clock.wait(seconds)


def _read_wait(response: Response) -> float:
    """Read Retry-After in seconds (RFC 9110 §10.2.3); a date, or nonsense, counts as the usual wait."""
    text = header(response.headers, "Retry-After").strip()
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdigit() else _USUAL_WAIT
