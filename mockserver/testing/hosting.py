"""A server in a thread of its own, and the worlds that tests take from it.

Several seed worlds stand on one server: each is read once, and every test gets a fork of it. Seeds are not held by the
server, so no request can change them. Whatever touches a world runs in the server's loop (`call`); files are read
before, in the test's own thread.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeAlias, TypeVar

from mockserver.domain.dialect import Dialect
from mockserver.domain.record import RecordProblem
from mockserver.errors import ConfigurationError, MockServerError
from mockserver.exchange import Setting
from mockserver.exchange.dialects import Dialects
from mockserver.files import World, read_dialect, read_world
from mockserver.server.journal import Exchange
from mockserver.server.options import ServeOptions
from mockserver.server.recording import Watch
from mockserver.server.running import ServerThread
from mockserver.server.served import ServedWorld
from mockserver.storage import Full, Taken, WorldSettings, at_once, eager, soon
from mockserver.values import replace

__tracebackhide__ = True  # a failure is shown at the line of the test

P = ParamSpec("P")
T = TypeVar("T")
DialectChoice: TypeAlias = str | Path | Mapping[str, str] | None  # a file, or answers by question; None: the default
_Chosen: TypeAlias = Dialect | Mapping[str, str] | None


class Host:
    """One server with its seed worlds; `world` and `dialect` are those that a test gets where it names none."""

    def __init__(self, options: ServeOptions, *, dialect: DialectChoice = None, watch: Watch | None = None) -> None:
        self._made_from = options, dialect, watch
        self._heir: Host | None = None  # in a process that was forked
        self._server = plainly(ServerThread, options, watch=watch)
        self._names = count(1)
        self.default = self._server.worlds.default
        self._dialects = self.default.setting.dialects
        at_once(self.default.state.amend(partial(_under, self.default, _read_choice(self._dialects, dialect))))
        self._seeds: dict[str | None, ServedWorld] = {None: at_once(eager(self._make_seed()))}

    @property
    def url(self) -> str:
        """The address of the server; MockServerError before it has one."""
        if not self._server.url:
            raise MockServerError("the server has no address before its start; ask it within `with`")
        return self._server.url

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a plain function in the server's loop."""
        return self._server.call(function, *args, **kwargs)

    def run(self, function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a coroutine function in the server's loop."""
        return self._server.run(function, *args, **kwargs)

    def __enter__(self) -> Self:
        plainly(self._server.__enter__)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether the server runs in the process that this one was forked from."""
        return self._server.is_elsewhere

    def here(self) -> "Host":
        """Return this host, or in a process that was forked one like it that runs here, and ends with the process."""
        if not self.is_elsewhere:
            return self
        if self._heir is None:
            options, dialect, watch = self._made_from
            self._heir = Host(options, dialect=dialect, watch=watch).__enter__()
        return self._heir.here()

    def journals(self) -> Mapping[str, Sequence[Exchange]]:
        """Return the exchanges of each world that the server holds, newest first; also after its end."""
        return self.call(self._journals) if self._server.is_running else self._journals()

    def _journals(self) -> Mapping[str, Sequence[Exchange]]:
        return {world.name: tuple(world.journal) for world in self._server.worlds.served}

    def seed(self, world: str | None = None) -> ServedWorld:
        """Return the seed world of a name or file, read once; without one, that of the server."""
        held = self.call(self._seeds.get, world)
        return held or self.run(self._hold_seed, world, plainly(read_world, str(world)))

    async def _hold_seed(self, name: str | None, world: World) -> ServedWorld:
        made = await self._make_seed(world)
        return self._seeds.setdefault(name, made)

    async def _make_seed(self, world: World | None = None) -> ServedWorld:
        """Make a world that no request finds: as the server's is now, or of what was read."""
        worlds = self._server.worlds
        if world is None:
            return _made(await worlds.fork(self.default, None))
        seed = self._seeds[None]
        settings = replace(seed.state.settings, organisation=world.organisation)
        return _made(await worlds.create(seed, None, settings, worlds.store.prepare(world.customers)))

    def fork(self, origin: ServedWorld, dialect: DialectChoice = None) -> ServedWorld:
        """Hold a new world with the origin's present state, until `delete`, under its dialect or another one."""
        chosen = _read_choice(self._dialects, dialect)
        return self.run(self._fork, origin, chosen)

    async def _fork(self, origin: ServedWorld, chosen: _Chosen) -> ServedWorld:
        change, made = partial(_under, origin, chosen), None
        while made is None or isinstance(made, Taken):
            made = await self._server.worlds.fork(origin, f"test-{next(self._names)}", change=change)
        return _made(made)

    def delete(self, world: ServedWorld) -> None:
        """Stop holding a world; nothing happens where a request deleted it before."""
        self.run(self._server.worlds.delete, world)


def _made(world: ServedWorld | Taken | Full) -> ServedWorld:
    if isinstance(world, Full):
        raise ConfigurationError(f"{world.most} worlds are held, the most that can be; let some of them go")
    assert isinstance(world, ServedWorld)  # noqa: S101  # a world without a name is in nobody's way
    return world


def _read_choice(dialects: Dialects | None, choice: DialectChoice) -> _Chosen:
    """Read the file that is chosen; answers by question stay what they are."""
    if choice is None or isinstance(choice, Mapping):
        return choice
    if dialects is None:
        raise ConfigurationError("this world knows one dialect only")
    return plainly(read_dialect, dialects, None if choice == "documented" else Path(choice))


def _under(world: ServedWorld, chosen: _Chosen, settings: WorldSettings) -> WorldSettings:
    """Return settings under a dialect; ValueError for answers that are not possible, with the nearest that are."""
    if chosen is None:
        return settings
    dialect = chosen if isinstance(chosen, Dialect) else answered(world.setting_of(settings), chosen)
    return world.under(dialect, settings)


async def answer(world: ServedWorld, answers: Mapping[str, str]) -> None:
    """Answer questions otherwise, the others as they are."""
    await soon(world.state.amend(partial(_under, world, answers)))


def plainly(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function whose MockServerError is to be told at the line of the test that caused it, and nothing else."""
    try:
        return function(*args, **kwargs)
    except MockServerError as error:
        raise error.with_traceback(None) from None


def answered(setting: Setting, answers: Mapping[str, str]) -> Dialect:
    """Return the setting's dialect with other answers; `loyalty_downgrade` names the question `loyalty-downgrade`."""
    if setting.dialects is None:
        raise ConfigurationError("this world knows one dialect only")
    given = {name.replace("_", "-"): answer for name, answer in answers.items()}
    dialect = setting.dialects.choose(given, name=setting.dialect.name, over=setting.dialect)
    if isinstance(dialect, RecordProblem):
        raise ValueError(f"dialect: {dialect}")
    return dialect
