"""Starting and stopping: a server on a port, in this loop, in a thread of its own, or until a signal comes."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from mockserver.errors import MockServerError
from mockserver.exchange import Setting
from mockserver.files import Progress, read_dialect, read_dialects, read_world
from mockserver.real_time import monotonic
from mockserver.server.app import App
from mockserver.server.bounds import Bounds
from mockserver.server.control import Control, Guard
from mockserver.server.journal import Journal
from mockserver.server.listening import are_local, have_loopback, is_any, listen, read_host, url_of
from mockserver.server.options import ServeOptions, check_token
from mockserver.server.origins import read_origins
from mockserver.server.protocol import EnvelopeServer
from mockserver.server.public_url import PublicUrl, read_public_url
from mockserver.server.recording import Watch
from mockserver.server.reloading import Tell, reloading
from mockserver.server.served import ServedWorld, ServedWorlds, settings_of
from mockserver.storage import Full, MemoryStore, Taken, at_once, eager, soon

_GRACE_SECONDS = 5.0  # for requests in flight when the server stops
_CLOSING_SECONDS = 2.0  # for connections after that
_MISUSE = (ValueError, LookupError, AssertionError)  # as they are raised on purpose; their subclasses are defects
P = ParamSpec("P")
T = TypeVar("T")


def make_worlds(options: ServeOptions, progress: Callable[[Progress], None] | None = None) -> ServedWorlds:
    """Read the world and the dialect that the options name, and make that world the default."""
    world = read_world(options.world, progress)
    dialects = read_dialects(options.specification)
    dialect = read_dialect(dialects, options.dialect)
    setting = Setting(
        contract=dialects.contract_of(dialect),
        organisation=world.organisation,
        dialect=dialect,
        auth=options.auth,
        dialects=dialects,
        operations=dialects.operations,
    )
    store = MemoryStore()
    state = store.create(world.name, settings_of(setting), store.prepare(world.customers))
    if isinstance(state, Taken | Full):
        raise AssertionError(f"an empty store has no room: {state}")
    return ServedWorlds(store, ServedWorld(state=state, base=setting, journal=Journal(bound=options.journal)))


class RunningServer:
    """A server in the running event loop: `async with RunningServer(options) as server: … server.url`.

    ConfigurationError for options that cannot be served. `is_local` tells whether only this machine reaches it, and
    `has_loopback` whether this machine does so by loopback.
    """

    def __init__(
        self,
        options: ServeOptions,
        *,
        watch: Watch | None = None,
        progress: Callable[[Progress], None] | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self._host, public = read_host(options.host), _read_public(options)
        cors, token = read_origins(options.cors), check_token(options.control_token)
        self.worlds = make_worlds(options, progress)
        self._bounds = bounds
        self.url = ""
        self.is_local = self.has_loopback = True
        self._port = options.port
        self._public = public
        guard = _guard(self._host, token, public)
        address = None if public is None else public.text
        control = Control(self.worlds, guard, public_url=address, specification=options.specification)
        self._app = App(self.worlds, control=control, cors=cors, watch=watch)
        self._server: EnvelopeServer | None = None
        self._listeners: list[asyncio.Server] = []

    @property
    def public_url(self) -> str:
        """The address that others reach the server under, without a slash at its end."""
        return self._public.text if self._public else self.url

    async def __aenter__(self) -> Self:
        self._server = EnvelopeServer(self._app, self._bounds)
        loop = asyncio.get_running_loop()
        sockets = listen(self._host, self._port)
        self._listeners = [await loop.create_server(self._server, sock=one) for one in sockets]
        self.url = url_of(self._host, sockets)
        self.is_local, self.has_loopback = are_local(sockets), have_loopback(sockets)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take no new connection, answer what is in flight, and do the loyalty work that is due."""
        if self._server is None:
            return
        for listener in self._listeners:
            listener.close()
        await self._app.wait_until_idle(_GRACE_SECONDS)
        self._server.cut_unfinished()
        self._server.pre_shutdown()
        await self._server.shutdown(_CLOSING_SECONDS)
        for world in await soon(self.worlds.all()):
            await soon(world.settle())


class RealTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose timers go on while a test freezes the time."""

    def time(self) -> float:
        """Return the seconds of a clock that nobody freezes."""
        return monotonic()


def _read_public(options: ServeOptions) -> PublicUrl | None:
    return None if options.public_url is None else read_public_url(options.public_url)


def _guard(host: str, token: str | None, public: PublicUrl | None) -> Guard:
    hosts = {host} if public is None else {host, public.host}
    return Guard(
        token=token,
        hosts=frozenset(hosts),
        is_everywhere=is_any(host),
        origin=None if public is None else public.origin,
    )


class ServerThread:
    """A server in a thread and loop of its own, for callers that have none: `with ServerThread(options) as server:`.

    The thread is of the process that started it. A process that was forked from that one has a copy of everything but
    the thread: there the server can be reached by HTTP only, and neither asked nor stopped.
    """

    def __init__(self, options: ServeOptions, *, watch: Watch | None = None, bounds: Bounds | None = None) -> None:
        self._server = RunningServer(options, watch=watch, bounds=bounds)
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # None while the server does not answer
        self._stop: asyncio.Event | None = None
        self._process = os.getpid()
        self._calls: set[asyncio.Future[None]] = set()
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

    @property
    def is_running(self) -> bool:
        """Tell whether the server answers, in this process."""
        return self._loop is not None and not self.is_elsewhere

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether the server runs in the process that this one was forked from."""
        return os.getpid() != self._process

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a plain function in the server's loop, which alone touches its worlds; return or raise what it does.

        MockServerError where the server does not run, or runs in another process.
        """
        __tracebackhide__ = True

        async def call() -> T:
            return function(*args, **kwargs)

        return self.run(call)

    def run(self, function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a coroutine function in the server's loop; with a store that answers at once, in one step."""
        __tracebackhide__ = True
        if self.is_elsewhere:
            raise MockServerError(
                f"the mock runs in process {self._process}, and process {os.getpid()} was forked from it; "
                f"ask it there, or by HTTP at {self.url}/_mock, or start a mock in this process"
            )
        if threading.current_thread() is self._thread:
            return at_once(eager(function(*args, **kwargs)))
        outcome: Future[T] = Future()

        async def run() -> None:
            try:
                outcome.set_result(await function(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  # handed to the thread that called
                outcome.set_exception(error)

        with self._guard:
            if self._loop is None:
                raise MockServerError("the server does not run; ask it between its start and its end, within `with`")
            self._loop.call_soon_threadsafe(self._begin, run())
        failure = outcome.exception()
        if failure is None:
            return outcome.result()
        if type(failure) in _MISUSE or isinstance(failure, MockServerError):
            failure = failure.with_traceback(None)  # a test's mistake is told at its own line
        raise failure

    def _begin(self, running: Coroutine[Any, Any, None]) -> None:
        begun = eager(running)
        if begun is not None:  # it waits for the store
            task = asyncio.ensure_future(begun)
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    def __enter__(self) -> Self:
        if self._thread.ident is not None:
            raise MockServerError("this server was started before; make another one")
        self._process = os.getpid()
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the server; nothing happens where it does not run, or runs in another process."""
        if self._thread.ident is None or self.is_elsewhere:
            return
        with self._guard:
            if self._loop is not None and self._stop is not None:
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=RealTimeLoop) as runner:
                runner.run(self._serve())
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
    async with server, reloading(options, server.worlds, tell):
        announce(server)
        await stopped.wait()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's loop where the platform has it."""
    try:
        import uvloop
    except ImportError:  # no uvloop for this platform; asyncio's own loop does
        return None
    return uvloop.new_event_loop
