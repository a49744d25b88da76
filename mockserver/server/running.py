"""Starting and stopping: a server on a port, in this loop, in a thread of its own, or until a signal comes."""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from mockserver.errors import ConfigurationError, MockServerError
from mockserver.exchange import Setting
from mockserver.files import Progress, read_dialect, read_dialects, read_world
from mockserver.server.app import App, Watch
from mockserver.server.control import Control, Guard
from mockserver.server.journal import Journal
from mockserver.server.options import ServeOptions
from mockserver.server.protocol import EnvelopeServer
from mockserver.server.reloading import Tell, reloading
from mockserver.server.served import ServedWorld, ServedWorlds
from mockserver.storage import MemoryStore, Worlds

_GRACE_SECONDS = 5.0  # for requests in flight when the server stops
_CLOSING_SECONDS = 2.0  # for connections after that
_ANY_HOST = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # compared with, not bound to
P = ParamSpec("P")
T = TypeVar("T")


def make_worlds(options: ServeOptions, progress: Callable[[Progress], None] | None = None) -> ServedWorlds:
    """Read the world and the dialect that the options name, and make that world the default."""
    world = read_world(options.world, progress)
    dialects = read_dialects()
    dialect = read_dialect(dialects, options.dialect)
    setting = Setting(
        contract=dialects.contract_of(dialect),
        organisation=world.organisation,
        dialect=dialect,
        auth=options.auth,
        dialects=dialects,
    )
    journal = Journal(bound=options.journal)
    return Worlds(ServedWorld(name=world.name, setting=setting, store=MemoryStore(world.customers), journal=journal))


class RunningServer:
    """A server in the running event loop: `async with RunningServer(options) as server: … server.url`."""

    def __init__(
        self,
        options: ServeOptions,
        *,
        watch: Watch | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.worlds = make_worlds(options, progress)
        self.url = ""
        self._options = options
        hosts = frozenset() if options.host in _ANY_HOST else frozenset({options.host.lower()})
        control = Control(self.worlds, Guard(token=options.control_token, hosts=hosts))
        self._app = App(self.worlds, control=control, cors=frozenset(options.cors), watch=watch)
        self._server: EnvelopeServer | None = None
        self._listener: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = EnvelopeServer(self._app)
        options = self._options
        try:
            self._listener = await asyncio.get_running_loop().create_server(self._server, options.host, options.port)
        except OSError as cause:
            reason = cause.strerror or str(cause)
            raise ConfigurationError(
                f"cannot listen on {options.host}:{options.port}: {reason}; choose another --port (0: any free one)"
            ) from cause
        port = self._listener.sockets[0].getsockname()[1]
        host = f"[{options.host}]" if ":" in options.host else options.host
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take no new connection, answer what is in flight, and do the loyalty work that is due."""
        if self._listener is None or self._server is None:
            return
        self._listener.close()
        await self._app.wait_until_idle(_GRACE_SECONDS)
        self._server.pre_shutdown()
        await self._server.shutdown(_CLOSING_SECONDS)
        for world in self.worlds:
            world.settle()


class ServerThread:
    """A server in a thread and loop of its own, for callers that have none: `with ServerThread(options) as server:`."""

    def __init__(self, options: ServeOptions, *, watch: Watch | None = None) -> None:
        self._server = RunningServer(options, watch=watch)
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # None while the server does not answer
        self._stop: asyncio.Event | None = None
        self._guard = threading.Lock()  # of `_loop`, so that no call is left in a loop that has ended
        self._thread = threading.Thread(target=self._run, name="mockserver", daemon=True)

    @property
    def url(self) -> str:
        """The address that the server answers under."""
        return self._server.url

    @property
    def worlds(self) -> ServedWorlds:
        """The worlds that the server holds."""
        return self._server.worlds

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a plain function in the server's loop, which alone touches its worlds; return or raise what it does.

        MockServerError where the server does not run.
        """
        if threading.current_thread() is self._thread:
            return function(*args, **kwargs)
        outcome: Future[T] = Future()

        def run() -> None:
            try:
                outcome.set_result(function(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  # handed to the thread that called
                outcome.set_exception(error)

        with self._guard:
            if self._loop is None:
                raise MockServerError("the server does not run; ask it between its start and its end, within `with`")
            self._loop.call_soon_threadsafe(run)
        return outcome.result()

    def __enter__(self) -> Self:
        if self._thread.ident is not None:
            raise MockServerError("this server was started before; make another one")
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            if self._loop is not None and self._stop is not None:
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:  # noqa: BLE001  # handed to the thread that waits for readiness
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        try:
            async with self._server:
                self._loop = asyncio.get_running_loop()
                self._ready.set()
                await self._stop.wait()
        finally:
            with self._guard:
                self._loop = None


def serve_until_stopped(
    options: ServeOptions,
    *,
    announce: Callable[[RunningServer], None],
    watch: Watch | None = None,
    tell: Tell | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM.

    `announce` is called once, when the server answers; `tell` is told of each reloading of the world, and `progress`
    how far its first reading has come.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(RunningServer(options, watch=watch, progress=progress), options, announce, tell))


async def _serve(
    server: RunningServer, options: ServeOptions, announce: Callable[[RunningServer], None], tell: Tell | None
) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform != "win32":
            loop.add_signal_handler(number, stopped.set)
    async with server, reloading(options, server.worlds.default, tell):
        announce(server)
        await stopped.wait()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's loop where the platform has it."""
    try:
        import uvloop
    except ImportError:  # no uvloop for this platform; asyncio's own loop does
        return None
    return uvloop.new_event_loop
