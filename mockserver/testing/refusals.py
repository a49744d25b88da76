"""Which refusals a test expects. What it does not expect, `--mock-strict` makes a failure.

The contract refuses in the steps 3 to 12 of the order of judgement: an unknown path or method, credentials, content
types, what is no JSON, and what parameters and body must be. What the rules of the update refuse is no such breach.
"""

from collections.abc import Iterable

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
