"""The journal of a world, as a test asks it: what was requested, and whether that was expected."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Unpack

from mockserver.exchange import Setting
from mockserver.server.journal import Exchange, Listener
from mockserver.server.matching import Criteria, Times
from mockserver.server.served import ServedWorld
from mockserver.server.unfolding import unfold
from mockserver.storage import soon
from mockserver.testing.asserting import Kept, Sought, Wanted, criteria_of, find_in_order, find_requested, times_of
from mockserver.testing.exchanges import ExchangeView, journal_lines
from mockserver.testing.hosting import Host
from mockserver.testing.refusals import MOST_TOLD, Breach, Expected, ExpectedWithin, is_misspelt, is_refused

__tracebackhide__ = True  # a failure is shown at the line of the test

_MOST_KNOWN = 10_000  # customers among whom a repair looks for the one that was meant


class WorldJournal:
    """What a test may ask of one world's journal."""

    def __init__(self, host: Host, world: ServedWorld) -> None:
        self._host = host
        self._world = world
        self._expected = Expected()

    @property
    def requests(self) -> Sequence[ExchangeView]:
        """What was requested, oldest first: `requests[-1]` came last. As many as the journal keeps, no preflights."""
        return tuple(map(ExchangeView, self._journal()[::-1]))

    def _journal(self) -> Sequence[Exchange]:
        """Return the exchanges, newest first."""
        return self._host.call(lambda: self._world.journal.exchanges())

    def _kept(self) -> Kept:
        """Return the exchanges, and how many are forgotten, of one moment."""
        return self._host.call(lambda: Kept(self._world.journal.exchanges(), self._world.journal.forgotten))

    def forget_requests(self) -> None:
        """Empty the journal."""
        self._host.call(lambda: self._world.journal.clear())

    def journal_lines(self) -> Sequence[str]:
        """Return the last requests in lines for a report, oldest first."""
        return tuple(journal_lines(self._journal()[::-1]))

    def assert_requested(
        self,
        operation: str | None = None,
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **sought: Unpack[Sought],
    ) -> tuple[ExchangeView, ...]:
        """Assert that something was requested, at least once or so many times; return those requests, oldest first."""
        wanted = times_of(times, at_least, at_most)
        return self._assert_requested(self._criteria("assert_requested", operation, sought), wanted)

    def assert_not_requested(self, operation: str | None = None, **sought: Unpack[Sought]) -> None:
        """Assert that nothing of the kind was requested."""
        self._assert_requested(self._criteria("assert_not_requested", operation, sought), Times.exactly(0))

    def assert_in_order(self, wanted: Sequence[Wanted]) -> tuple[ExchangeView, ...]:
        """Assert that requests came one after the other, others in between or not; return them."""
        if isinstance(wanted, str) or not wanted:
            first = next(iter(self._world.setting.operations))
            raise ValueError(f"assert_in_order: {wanted!r} is no list of requests; give one, such as [{first!r}]")
        asked = [{"operation": item} if isinstance(item, str) else item for item in wanted]
        for item in asked:
            if not isinstance(item, Mapping):
                raise ValueError(
                    f"assert_in_order: {item!r} is no request; give an operation, or a mapping of criteria"
                )
        setting = self._setting
        criteria = [criteria_of(item, setting, "assert_in_order") for item in asked]
        found = find_in_order(criteria, self._kept())
        self._expect(criteria, found)
        return tuple(map(ExchangeView, found))

    def _criteria(self, caller: str, operation: str | None, sought: Sought) -> Criteria:
        named = {} if operation is None else {"operation": operation}
        return criteria_of({**named, **sought}, self._setting, caller)

    @property
    def _setting(self) -> Setting:
        """What the world answers under now, a frozen value."""
        return self._host.call(lambda: self._world.setting)

    def _assert_requested(self, criteria: Criteria, times: Times) -> tuple[ExchangeView, ...]:
        found = find_requested(criteria, times, self._kept())
        self._expect([criteria] * len(found), found)
        return tuple(map(ExchangeView, found))

    def _expect(self, criteria: Sequence[Criteria], found: Sequence[Exchange]) -> None:
        """A refusal that was asserted by its code or status is one that the test expects."""
        pairs = zip(criteria, found, strict=True)
        refused = ((asked, item) for asked, item in pairs if item.reply.code is not None)
        self._note([item for asked, item in refused if isinstance(asked.code, int) or isinstance(asked.status, int)])

    def _note(self, expected: Sequence[Exchange]) -> None:
        """Expect these; the loop hears of others meanwhile."""
        self._host.call(self._expected.note, expected)

    def expecting_refusal(self, code: int | None = None) -> AbstractContextManager[None]:
        """Expect that a request within is refused, with that code if one is given; AssertionError where none is."""
        if code is not None and not isinstance(code, int):
            raise ValueError(f"expecting_refusal: {code!r} is no code; give a whole number such as 8018")

        def fits(exchange: Exchange) -> bool:
            return exchange.reply.code is not None and code in (None, exchange.reply.code)

        return self._expecting("a refusal" if code is None else f"a refusal with code {code}", fits)

    def expecting_misspelt(self) -> AbstractContextManager[None]:
        """Expect that a request within has a name that is likely misspelt; AssertionError where none has."""
        return self._expecting("a misspelt name", is_misspelt)

    def _expecting(self, what: str, fits: Callable[[Exchange], bool]) -> AbstractContextManager[None]:
        def listen(listener: Listener) -> Callable[[], None]:
            self._host.call(lambda: self._world.journal.listen(listener))
            return lambda: self._host.call(lambda: self._world.journal.leave(listener))

        return ExpectedWithin(self._note, listen, what, fits)

    def keep_breaches(self) -> None:
        """Keep what the contract refuses or is misspelt from now on, also when the journal forgets it."""
        self._host.call(lambda: self._world.journal.listen(self._expected))

    def take_unexpected(self) -> Sequence[Breach]:
        """Return what was refused or misspelt since `keep_breaches` and the test did not expect, each exchange once."""
        return self._host.run(self._take_unexpected)

    async def _take_unexpected(self) -> Sequence[Breach]:
        taken = self._expected.take()
        told = [Breach(exchange=exchange, cure=await self._cure_of(exchange)) for exchange in taken[:MOST_TOLD]]
        return (*told, *(Breach(exchange=exchange) for exchange in taken[MOST_TOLD:]))

    async def _cure_of(self, exchange: Exchange) -> str:
        """Return the smallest repair of a refused request, as the control plane finds it, else general advice.

        For a request that was not refused, return the names that it likely meant.
        """
        if not is_refused(exchange):
            return "; ".join(f"{item.place}: did you mean {item.meant}?" for item in exchange.reply.misspelt)
        customers = await soon(self._world.state.recent(_MOST_KNOWN))
        unfolded = unfold(exchange, self._host.url, load=customers.get, known=customers)
        repair, advice = unfolded["repair"], unfolded["decided"]["advice"]
        if repair is not None:
            return f"repair: {repair['text']}"
        return f"advice: {advice}" if advice else ""
