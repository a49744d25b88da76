"""The one way to a target. Whatever a check asks for goes through here, so that safety is kept in one place.

The law: nothing but reads goes out unless writes are allowed; a write goes to a named customer, or to an id that the
target was seen not to have; no more requests go out than were allowed, no faster than was allowed, and at the same time
only where that is allowed; credentials are added here and are in nothing that is kept.

A 429 is waited out, as long as `Retry-After` says, and the request is sent again: it is how a deployment asks for
patience, not an answer. A failure of the target (`failures`) is none either: a read is tried again, up to three times,
and a write is never sent twice, since it may have been executed.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Barrier

from mockserver.errors import TargetError
from mockserver.messages import Request, Response
from mockserver.values import replace
from mockserver.verification.credentials import Credentials
from mockserver.verification.exchanges import Exchange, header, read_body
from mockserver.verification.failures import GATEWAY, READING, TOO_MANY, CutError, Failure, TargetFailedError
from mockserver.verification.findings import Step
from mockserver.verification.interruption import Interruption
from mockserver.verification.purse import Counted, Purse
from mockserver.verification.purse import Spent as Spent  # for those who send
from mockserver.verification.target import Leave, Target
from mockserver.verification.transport import Transport
from mockserver.verification.wire import Received

_CUSTOMER = re.compile(r"/v2/customers/([1-9][0-9]{0,18})\Z")
_PATIENCE = 5  # times that a request is sent while 429 comes
_LONGEST_WAIT = 60.0  # seconds that a Retry-After is believed
_USUAL_WAIT = 1.0  # seconds, where a 429 names none
_PAUSES = (0.5, 1.0, 2.0)  # seconds before a read that failed is tried again, where no Retry-After says more


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
        purse: Purse | None = None,
        interruption: Interruption | None = None,
    ) -> None:
        """Carry by a transport; one that is counted already comes with the `purse` that it is counted in."""
        self.target = target
        self.purse = purse or Purse(budget=target.limits.budget)
        self.transport = transport
        self._counted = transport if purse is not None else Counted(transport, self.purse)
        self.credentials = credentials
        self.interruption = interruption or Interruption()
        self.clock = clock or Clock(wait=self.interruption.sleep)
        self.throttled = 0
        self.failures: list[Failure] = []
        self.has_written = False  # since the target had its first state
        self.unknown = 0  # an id that the target was seen not to have
        self.allowance = Allowance()
        self.watch: Callable[[Request], object] | None = None  # told of every request before it goes out
        self._headers = dict(headers or {})
        self._named = frozenset(place.customer for place in target.places)
        self._next = 0.0
        self._was_reached = False

    @property
    def sent(self) -> int:
        """How many requests went out so far, whoever sent them."""
        return self.purse.sent

    def send(
        self, request: Request, *, anonymous: bool = False, fresh: bool = False, credentials: Credentials | None = None
    ) -> Exchange:
        """Send a request, and return the exchange; `anonymous` sends no credentials, `credentials` other ones.

        `fresh` sends it over a new connection. A request that the target failed in the end is a TargetFailedError.
        """
        self._admit(request)
        usual = credentials or self.credentials
        sending = _Sending(request=request, credentials=None if anonymous else usual, fresh=fresh)
        for pause in _PAUSES if request.method in READING else ():
            exchange = self._send_patiently(sending)
            if not isinstance(exchange, _Failed):
                return exchange
            if exchange.is_final:
                raise TargetFailedError(exchange.failure, reason=exchange.reason)
            self.wait(max(pause, exchange.wait))
        last = self._send_patiently(sending)
        if isinstance(last, _Failed):
            raise TargetFailedError(last.failure, reason=last.reason)
        return last

    def send_step(self, step: Step) -> Exchange:
        """Send the request of a step as the step has it: after a while, on a new connection, with wrong credentials."""
        self.wait(step.after)
        wrong = self.credentials.wrong(step.credentials) if step.credentials else None
        return self.send(step.request, anonymous=step.anonymous, fresh=step.fresh, credentials=wrong)

    @property
    def may_send_together(self) -> bool:
        """Tell whether several requests may go out at the same time."""
        return self.target.parallel or self.target.disposable

    def send_together(self, requests: Sequence[Request]) -> list[Exchange | TargetFailedError]:
        """Send requests at the same time, each over a connection of its own, and return what came of each.

        None of them is sent twice. Where the target does not allow it, that is a NotAllowedError.
        """
        if not self.may_send_together:
            raise NotAllowedError("requests at the same time are not allowed; see --parallel")
        for request in requests:
            self._admit(request)
        self.purse.require(len(requests))
        start = Barrier(len(requests))
        carried = [self._prepared(_Sending(request=one, credentials=self.credentials, fresh=True)) for one in requests]

        def carry(sending: "_Sending") -> "Exchange | _Failed":
            start.wait()
            return self._try(sending)

        with ThreadPoolExecutor(len(requests)) as threads:
            came = list(threads.map(carry, carried))
        return [TargetFailedError(one.failure, reason=one.reason) if isinstance(one, _Failed) else one for one in came]

    def _admit(self, request: Request) -> None:
        """Refuse what is not allowed, and tell who watches of what is."""
        self._hold_the_law(request)
        self.has_written = self.has_written or request.method not in READING
        if self.watch is not None:
            self.watch(request)

    def _hold_the_law(self, request: Request) -> None:
        if request.method in READING or self.target.disposable:
            return
        if self.target.leave < Leave.WRITES:
            raise NotAllowedError(f"{request.method} {request.path} is a write, and only reads are allowed")
        found = _CUSTOMER.match(request.path)
        customer = int(found[1]) if found else -1
        if request.method != "PUT" or not (customer in self._named or 0 < customer == self.unknown):
            raise NotAllowedError(f"{request.method} {request.path} is no update of a customer that was named")

    def _send_patiently(self, sending: "_Sending", tries: int = _PATIENCE) -> "Exchange | _Failed":
        """Send a request until it is not refused for there being too many, so many times at most."""
        came = self._try(self._prepared(sending))
        if not isinstance(came, _Failed) or not came.is_final:
            return came
        self.throttled += 1
        if tries == 1:
            return self._noted(came)
        self.wait(came.wait)
        return self._send_patiently(sending, tries - 1)

    def _prepared(self, sending: "_Sending") -> "_Sending":
        """Wait for a turn, and add what every request has; a token may have to be fetched for that."""
        self._take_turn()
        now = self.clock.now()
        added = {} if sending.credentials is None else sending.credentials.headers(self._counted, now)
        return replace(sending, headers={**self._headers, **added, **sending.request.headers})

    def _try(self, sending: "_Sending") -> "Exchange | _Failed":
        """Carry a request once; what the target failed is noted, but for a 429, which may come to something yet."""
        at = self.clock.today()
        try:
            exchange = self._carry(sending, at)
        except TargetError as failure:
            self.heed_time()  # an exchange that is broken off at the end of the run is no failure of the target
            if not (self._was_reached or isinstance(failure, CutError)):
                raise
            what = failure.what if isinstance(failure, CutError) else "not reached"
            return self._noted(_failed(sending.request, what, at, reason=str(failure)))
        self._was_reached, response = True, exchange.response
        if response.status == TOO_MANY:
            return _failed(sending.request, str(TOO_MANY), at, wait=_read_wait(response), is_final=True)
        if response.status in GATEWAY:
            return self._noted(_failed(sending.request, str(response.status), at, wait=_read_wait(response, usual=0.0)))
        return exchange

    def _noted(self, failed: "_Failed") -> "_Failed":
        self.failures.append(failed.failure)
        return failed

    def _carry(self, sending: "_Sending", at: str) -> Exchange:
        carried, started = replace(sending.request, headers=sending.headers), self.clock.now()
        response = self._counted.carry(carried, fresh=sending.fresh)
        return Exchange(
            request=sending.request,
            response=response,
            at=at,
            milliseconds=round((self.clock.now() - started) * 1000, 3),
            body=read_body(response.body),
            wire=response.wire if isinstance(response, Received) else None,
        )

    def _take_turn(self) -> None:
        """Wait until the rate allows another request, and take it from the allowance."""
        self.interruption.heed()
        limits, now = self.target.limits, self.clock.now()
        if self.allowance.requests is not None:
            if self.allowance.requests <= 0:
                raise Spent("the requests of its share are used up; allow more with --budget")
            self.allowance.requests -= 1
        if limits.rate is not None:
            self.wait(self._next - now)
            self._next = max(self._next, now) + 1 / limits.rate
        self.heed_time()

    def heed_time(self) -> None:
        """Raise Spent if the time of what is under way is over."""
        if self.allowance.until is not None and self.clock.now() >= self.allowance.until:
            raise Spent("the time is used up; allow more with --max-time")

    def wait(self, seconds: float) -> None:
        """Wait, unless the time that is left does not suffice."""
        if seconds <= 0:
            return
        if self.allowance.until is not None and self.clock.now() + seconds > self.allowance.until:
            raise Spent("the time is used up while waiting; allow more with --max-time")
        self.clock.wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sending:
    """One request, how it is to be sent, and the headers that it goes out with once it is prepared."""

    request: Request
    credentials: Credentials | None
    fresh: bool
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    """A request that the target failed, the seconds that it asks to be left alone, and whether that was waited out."""

    failure: Failure
    wait: float
    reason: str
    is_final: bool


def _failed(
    request: Request, what: str, at: str, *, wait: float = 0.0, reason: str = "", is_final: bool = False
) -> _Failed:
    failure = Failure(what=what, at=at, method=request.method, path=request.path)
    return _Failed(failure=failure, wait=wait, reason=reason, is_final=is_final)


def _read_wait(response: Response, *, usual: float = _USUAL_WAIT) -> float:
    """Read Retry-After in seconds (RFC 9110 §10.2.3); a date, or nonsense, counts as the usual wait."""
    text = header(response.headers, "Retry-After").strip()
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdigit() else usual
