"""The one way to a target. Whatever a check asks for goes through here, so that safety is kept in one place.

The law: nothing but reads goes out unless writes are allowed; a write goes to a named customer, or to an id that the
target was seen not to have; no more requests go out than were allowed, no faster than was allowed; credentials are
added here and are in nothing that is kept.

A 429 is waited out, as long as `Retry-After` says, and the request is sent again: it is how a deployment asks for
patience, not an answer. A failure of the target (`failures`) is none either: a read is tried again, up to three times,
and a write is never sent twice, since it may have been executed.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from mockserver.errors import TargetError
from mockserver.messages import Request, Response
from mockserver.values import replace
from mockserver.verification.credentials import Credentials
from mockserver.verification.exchanges import Exchange, header, read_body
from mockserver.verification.failures import GATEWAY, READING, TOO_MANY, CutError, Failure, TargetFailedError
from mockserver.verification.target import Leave, Target
from mockserver.verification.transport import Transport

_CUSTOMER = re.compile(r"/v2/customers/([1-9][0-9]{0,18})\Z")
_PATIENCE = 5  # times that a 429 is waited out
_LONGEST_WAIT = 60.0  # seconds that a Retry-After is believed
_USUAL_WAIT = 1.0  # seconds, where a 429 names none
_PAUSES = (0.5, 1.0, 2.0)  # seconds before a read that failed is tried again, where no Retry-After says more


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
        self.failures: list[Failure] = []
        self.unknown = 0  # an id that the target was seen not to have
        self.allowance = Allowance()
        self.watch: Callable[[Request], object] | None = None  # told of every request before it goes out
        self._headers = dict(headers or {})
        self._named = frozenset(place.customer for place in target.places)
        self._next = 0.0
        self._was_reached = False

    def send(self, request: Request, *, anonymous: bool = False, fresh: bool = False) -> Exchange:  # noqa: ARG002
        """Send a request, and return the exchange; `anonymous` sends no credentials.

        A request that the target failed in the end is a TargetFailedError.
        """
        self._hold_the_law(request)
        if self.watch is not None:
            self.watch(request)
        for pause in _PAUSES if request.method in READING else ():
            exchange = self._send_patiently(request, anonymous=anonymous)
            if not isinstance(exchange, _Failed):
                return exchange
            if exchange.is_final:
                raise TargetFailedError(exchange.failure, reason=exchange.reason)
            self._wait(max(pause, exchange.wait))
        last = self._send_patiently(request, anonymous=anonymous)
        if isinstance(last, _Failed):
            raise TargetFailedError(last.failure, reason=last.reason)
        return last

    def _send_patiently(self, request: Request, *, anonymous: bool) -> "Exchange | _Failed":
        """Send a request until it is not refused for there being too many; note it where the target fails it."""
        for _ in range(_PATIENCE):
            at = self.clock.today()
            try:
                exchange = self._send_once(request, anonymous=anonymous)
            except TargetError as failure:
                if not (self._was_reached or isinstance(failure, CutError)):
                    raise
                what = failure.what if isinstance(failure, CutError) else "not reached"
                return self._failed(request, what, at, reason=str(failure))
            self._was_reached, response = True, exchange.response
            if response.status in GATEWAY:
                return self._failed(request, str(response.status), at, wait=_read_wait(response, usual=0.0))
            if response.status != TOO_MANY:
                return exchange
            self.throttled += 1
            self._wait(_read_wait(response))
        return self._failed(request, str(TOO_MANY), at, is_final=True)

    def _failed(
        self, request: Request, what: str, at: str, *, wait: float = 0.0, reason: str = "", is_final: bool = False
    ) -> "_Failed":
        failure = Failure(what=what, at=at, method=request.method, path=request.path)
        self.failures.append(failure)
        return _Failed(failure=failure, wait=wait, reason=reason, is_final=is_final)

    def _hold_the_law(self, request: Request) -> None:
        if request.method in READING or self.target.disposable:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    """A request that the target failed, the seconds that it asks to be left alone, and whether that was waited out."""

    failure: Failure
    wait: float
    reason: str
    is_final: bool


def _read_wait(response: Response, *, usual: float = _USUAL_WAIT) -> float:
    """Read Retry-After in seconds (RFC 9110 §10.2.3); a date, or nonsense, counts as the usual wait."""
    text = header(response.headers, "Retry-After").strip()
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdigit() else usual
