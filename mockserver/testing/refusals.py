"""What a test expects of its requests: refusals, and misspelt names. The rest `--mock-strict` makes a failure.

The contract refuses in the steps 1 to 12 of the order of judgement: what cannot be read as HTTP, an unknown path or
method, credentials, content types, what is no JSON, and what parameters and body must be. What the rules of the update
refuse is no such breach. A misspelt name is one whatever was answered, since nothing comes of what it was to say.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import TypeAlias

from mockserver.server.journal import Exchange, Journal, Listener
from mockserver.testing.exchanges import line_of

__tracebackhide__ = True  # a failure is shown at the line of the test

Note: TypeAlias = Callable[[Sequence[Exchange]], object]  # is told which refusals are expected
MOST_TOLD = 20  # breaches of a test that are told one by one
_OF_THE_REQUEST = frozenset({400, 401, 404, 405, 406, 408, 413, 415, 417, 431})
_REFUSED = "--mock-strict: the contract refused {} of this test, and the test did not expect that:"
_EXPECT_REFUSAL = "Fix the client; or expect it, with customer_api.expecting_refusal() or assert_requested(code=…)."
_MISSPELT = "--mock-strict: names that the contract does not know are likely misspelt in {} of this test:"
_EXPECT_MISSPELT = "Fix the client; or expect it, with customer_api.expecting_misspelt()."


def is_breach(exchange: Exchange) -> bool:
    """Tell whether the contract refused a request, and not because that was asked for; or a name of it is misspelt."""
    return is_refused(exchange) or is_misspelt(exchange)


def is_refused(exchange: Exchange) -> bool:
    """Tell whether the contract refused a request, and not because that was asked for."""
    reply = exchange.reply
    return (
        not exchange.preflight and not reply.forced and (reply.violation is not None or reply.code in _OF_THE_REQUEST)
    )


def is_misspelt(exchange: Exchange) -> bool:
    """Tell whether a request has a member or a query parameter that is likely misspelt."""
    return bool(exchange.reply.misspelt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """An exchange that no test expected, and how to fix its request: `repair: …`, `advice: …` or `did you mean …`."""

    exchange: Exchange
    cure: str = ""


class Expected:
    """The exchanges that one world's test has said that it expects, and the breaches that have come.

    It listens to the world's journal, and keeps them when that forgets them; as many as a journal holds.
    """

    def __init__(self) -> None:
        self._settled: set[str] = set()  # ids of exchanges that are expected, or have been told
        self._breaches = Journal()

    def hear(self, exchange: Exchange) -> None:
        """Keep a breach."""
        if is_breach(exchange):
            self._breaches.add(exchange)

    def end(self) -> None:
        """The world goes; what has come is still to be told."""

    def note(self, exchanges: Iterable[Exchange]) -> None:
        """Expect these."""
        self._settled.update(exchange.id for exchange in exchanges)

    def take(self) -> tuple[Exchange, ...]:
        """Return the breaches that nobody expects, oldest first, each once."""
        untold = tuple(exchange for exchange in self._breaches if exchange.id not in self._settled)[::-1]
        self._breaches.clear()
        return untold


class ExpectedWithin(AbstractContextManager[None]):
    """A block within which a request of a kind is to come; what it raises itself goes before one that did not come.

    A class, since a generator's frames would stand in the report of a test that fails.
    """

    def __init__(
        self, note: Note, listen: Callable[[Listener], Callable[[], None]], what: str, fits: Callable[[Exchange], bool]
    ) -> None:
        self._note = note
        self._listen = listen  # to the journal; returns what ends that
        self._what = what
        self._fits = fits
        self._met: list[Exchange] = []
        self._came = 0
        self._last: deque[str] = deque(maxlen=MOST_TOLD)

    def __enter__(self) -> None:
        self._leave = self._listen(self)

    def hear(self, exchange: Exchange) -> None:
        """Take note of an exchange, however soon the journal forgets it."""
        if exchange.preflight:
            return
        self._came += 1
        self._last.append(line_of(exchange))
        if self._fits(exchange):
            self._met.append(exchange)

    def end(self) -> None:
        """The world goes; what has come is still to be told."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()
        if self._met:
            self._note(self._met)
        elif error is None:
            raise AssertionError(f"{self._what} was expected, but none came:\n{self._told()}")

    def _told(self) -> str:
        more = [f"{self._came - len(self._last)} more before:"] if self._came > len(self._last) else []
        return "\n".join(f"  {line}" for line in (*more, *self._last)) or "  nothing was requested"


def tell_breaches(breaches: Sequence[Breach]) -> str:
    """Say what was sent that the contract refuses, and what is misspelt: each exchange, the place, and the cure."""
    refused = [breach for breach in breaches if is_refused(breach.exchange)]
    misspelt = [breach for breach in breaches if not is_refused(breach.exchange)]
    told = [*_tell(refused, _REFUSED, _EXPECT_REFUSAL), *_tell(misspelt, _MISSPELT, _EXPECT_MISSPELT)]
    return "\n".join(told)


def _tell(breaches: Sequence[Breach], title: str, cure: str) -> Iterator[str]:
    """Yield the lines on breaches of one kind, the first 20 of them."""
    if not breaches:
        return
    yield title.format("a request" if len(breaches) == 1 else f"{len(breaches)} requests")
    for breach in breaches[:MOST_TOLD]:
        yield f"  {line_of(breach.exchange)}"
        if breach.cure:
            yield f"    {breach.cure}"
    if len(breaches) > MOST_TOLD:
        yield f"  and {len(breaches) - MOST_TOLD} more"
    yield cure
