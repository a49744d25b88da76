"""Which refusals a test expects. What it does not expect, `--mock-strict` makes a failure.

The contract refuses in the steps 3 to 12 of the order of judgement: an unknown path or method, credentials, content
types, what is no JSON, and what parameters and body must be. What the rules of the update refuse is no such breach.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType

from mockserver.server.journal import Exchange
from mockserver.testing.exchanges import line_of

_OF_THE_REQUEST = frozenset({400, 401, 404, 405, 406, 413, 415, 417})


def is_breach(exchange: Exchange) -> bool:
    """Tell whether the contract refused a request, and not because that was asked for."""
    reply = exchange.reply
    return not reply.forced and (reply.violation is not None or reply.code in _OF_THE_REQUEST)


class Expected:
    """The refusals that one world's test has said that it expects, and those that have been told."""

    def __init__(self) -> None:
        self._settled: set[str] = set()  # ids of exchanges
        self._forgotten: list[Exchange] = []

    def note(self, exchanges: Iterable[Exchange]) -> None:
        """Expect these."""
        self._settled.update(exchange.id for exchange in exchanges)

    def forget(self, exchanges: Iterable[Exchange]) -> None:
        """Keep the breaches of a journal that is about to be emptied."""
        self._forgotten.extend(exchange for exchange in exchanges if is_breach(exchange))

    def take(self, exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
        """Return the breaches that nobody expects, oldest first, each once."""
        untold = [
            exchange
            for exchange in (*self._forgotten, *exchanges)
            if exchange.id not in self._settled and is_breach(exchange)
        ]
        self.note(untold)
        return tuple(untold)


class ExpectedRefusal(AbstractContextManager[None]):
    """A block within which a request is to be refused; what it raises itself goes before a refusal that did not come.

    A class, since a generator's frames would stand in the report of a test that fails.
    """

    def __init__(self, expected: Expected, read: Callable[[], Sequence[Exchange]], code: int | None) -> None:
        self._expected = expected
        self._read = read
        self._code = code
        self._before: frozenset[str] = frozenset()

    def __enter__(self) -> None:
        self._before = frozenset(exchange.id for exchange in self._read())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        came = [exchange for exchange in self._read() if exchange.id not in self._before]
        refused = [item for item in came if item.reply.code is not None and self._code in (None, item.reply.code)]
        self._expected.note(refused)
        if error is None and not refused:
            what = "a refusal" if self._code is None else f"a refusal with code {self._code}"
            lines = "\n".join(f"  {line_of(exchange)}" for exchange in came) or "  nothing was requested"
            raise AssertionError(f"{what} was expected, but none came:\n{lines}")


def tell_breaches(breaches: Iterable[Exchange]) -> str:
    """Say what was sent that the contract refuses: each exchange, the place, and the repair."""
    told = list(breaches)
    number = "a request" if len(told) == 1 else f"{len(told)} requests"
    lines = [f"--mock-strict: the contract refused {number} of this test, and the test did not expect that:"]
    for exchange in told:
        lines.append(f"  {line_of(exchange)}")
        if exchange.reply.repair:
            lines.append(f"    repair: {exchange.reply.repair}")
    lines.append("Mend the client; or expect it, with customer_api.expecting_refusal() or assert_requested(code=…).")
    return "\n".join(lines)
