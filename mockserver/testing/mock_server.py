"""A mock without the plugin's fixtures: a server for the time of a `with` block, or from `start` to `stop`."""

import asyncio
import atexit
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

from mockserver.errors import ConfigurationError
from mockserver.exchange import Auth
from mockserver.server.journal import BOUND, LEAST_BOUND, MOST_BOUND
from mockserver.server.options import ServeOptions
from mockserver.server.origins import read_origins
from mockserver.testing.customer_api import CustomerApi
from mockserver.testing.hosting import DialectChoice, Host
from mockserver.testing.mock_journals import MOCK_JOURNALS

__tracebackhide__ = True  # a failure is shown at the line of the test

_LAST_PORT = 65_535


class MockServer(CustomerApi):
    """A mock of its own: `with MockServer() as mock:` or `async with MockServer() as mock:`, or `start` and `stop`.

    It runs in a thread, so that blocking and asynchronous clients reach it alike; several may run at once. `world` is
    a name or a file; `dialect` a file, or answers by question; port 0 is any free one; `cors` are origins of web pages
    besides those of localhost; `journal` is how many exchanges of a world are kept, 100 to 100,000. ValueError for what
    is none of these. What it offers itself is its first world; `fork` gives more.
    """

    def __init__(
        self,
        *,
        world: str | Path = "demo",
        dialect: DialectChoice = None,
        auth: Auth = "any",
        port: int = 0,
        cors: Sequence[str] = (),
        journal: int = BOUND,
    ) -> None:
        _check(auth, port, cors)
        _check_journal(journal)
        options = ServeOptions(port=port, world=str(world), auth=auth, cors=tuple(cors), journal=journal)
        host = Host(options, dialect=dialect)
        self._number = 0  # among the mocks of this process, once it has started
        super().__init__(host, host.default)

    def fork(self, *, world: str | Path | None = None, dialect: DialectChoice = None) -> CustomerApi:
        """Return a further world that nothing of this one reaches, and that ends with the server.

        It begins with the present state of this one, or with that of another world's file.
        """
        origin = self._world if world is None else self._host.seed(str(world))
        return CustomerApi(self._host, self._host.fork(origin, dialect))

    def start(self) -> Self:
        """Start the server and return the mock; MockServerError where it was started before.

        It answers until `stop`, or until the process ends.
        """
        self._host.__enter__()
        self._number = MOCK_JOURNALS.enter(self._host)
        atexit.register(self.stop)
        return self

    def stop(self) -> None:
        """Answer what is in flight and end the server; nothing happens where it does not run."""
        self._host.__exit__(None, None, None)
        MOCK_JOURNALS.end(self._number)
        atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await _aside(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await _aside(self.stop)


def _check(auth: object, port: object, cors: Sequence[str]) -> None:
    """Refuse what would be served otherwise than it was meant."""
    if auth not in get_args(Auth):
        raise ValueError(f"MockServer: auth: {auth!r} is not known; give one of {', '.join(get_args(Auth))}")
    if type(port) is not int or not 0 <= port <= _LAST_PORT:
        raise ValueError(f"MockServer: port: {port!r} is no port; give a whole number from 0 (any free one) to 65535")
    if isinstance(cors, str):
        raise ValueError(f"MockServer: cors: {cors!r} is no list; give a list of origins, [{cors!r}]")
    try:
        read_origins(cors, option="MockServer: cors:")
    except ConfigurationError as error:
        raise ValueError(str(error)) from None


def _check_journal(journal: object) -> None:
    if not isinstance(journal, int) or not LEAST_BOUND <= journal <= MOST_BOUND:
        raise ValueError(
            f"MockServer: journal: {journal!r} is not from {LEAST_BOUND} to {MOST_BOUND}; give a number of exchanges"
        )


async def _aside(function: Callable[[], object]) -> None:
    """Run what waits for the server's thread: beside the loop where it is asyncio's, since clients may still use it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:  # another kind of loop, such as trio's
        function()
    else:
        await asyncio.to_thread(function)
