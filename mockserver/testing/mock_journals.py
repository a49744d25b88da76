"""The journals of the mocks that run in this process without a fixture, for the report of a test that failed.

pytest knows nothing of a `MockServer` that a test, a fixture or a class starts. So each one enters itself here, and the
plugin asks what came since a test began. What came to the last few that ended is kept, since a test may end its own
before it fails.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import TypeAlias

from mockserver.server.journal import Exchange
from mockserver.testing.exchanges import journal_lines
from mockserver.testing.hosting import Host
from mockserver.values import Value

__tracebackhide__ = True
_ENDED_KEPT = 8
Latest: TypeAlias = Mapping[tuple[int, str], str]  # number of a mock and name of a world → id of its latest exchange


class _Journals(Value, frozen=True, kw_only=True):
    """What came to one mock so far, by world, newest first."""

    number: int
    url: str
    default: str
    worlds: Mapping[str, Sequence[Exchange]]


class MockJournals:
    """What came to the mocks of this process; each has a number, since an address may be used again."""

    def __init__(self) -> None:
        self._running: dict[int, Host] = {}
        self._ended: deque[_Journals] = deque(maxlen=_ENDED_KEPT)
        self._started = 0

    def enter(self, host: Host) -> int:
        """Take in a mock that has started, and return its number."""
        self._started += 1
        self._running[self._started] = host
        return self._started

    def end(self, number: int) -> None:
        """Keep what came to a mock that has ended; nothing happens where it is not here."""
        host = self._running.pop(number, None)
        if host is not None and not host.is_elsewhere:
            self._ended.append(_journals_of(number, host))

    def forget_ended(self) -> None:
        """Forget the mocks that have ended: a test that is over will not ask."""
        self._ended.clear()

    def latest(self) -> Latest:
        """Return where the journals stand now."""
        return {
            (journals.number, world): exchanges[0].id
            for journals in self._all()
            for world, exchanges in journals.worlds.items()
            if exchanges
        }

    def sections(self, latest: Latest) -> Sequence[tuple[str, str]]:
        """Return titles and lines for a report: what has come since; a further world only where something has."""
        return [section for journals in self._all() for section in _sections_of(journals, latest)]

    def _all(self) -> Sequence[_Journals]:
        """Return the journals of all mocks, in the order in which these started."""
        running = [(number, host) for number, host in self._running.items() if not host.is_elsewhere]
        journals = [*self._ended, *(_journals_of(number, host) for number, host in running)]
        return sorted(journals, key=lambda item: item.number)


def _journals_of(number: int, host: Host) -> _Journals:
    return _Journals(number=number, url=host.url, default=host.default.name, worlds=host.journals())


def _sections_of(journals: _Journals, latest: Latest) -> Iterator[tuple[str, str]]:
    for world, exchanges in journals.worlds.items():
        came = _since(exchanges, latest.get((journals.number, world)))
        title = f"mock journal of MockServer at {journals.url}"
        if world == journals.default:
            yield title, "\n".join(journal_lines(came))
        elif came:
            yield f"{title}, world {world}", "\n".join(journal_lines(came))


def _since(exchanges: Iterable[Exchange], exchange_id: str | None) -> Sequence[Exchange]:
    """Return the exchanges after one, oldest first; all where the journal has forgotten that one."""
    return tuple(takewhile(lambda exchange: exchange.id != exchange_id, exchanges))[::-1]


MOCK_JOURNALS = MockJournals()
