"""A server in a thread of its own, and the worlds that tests take from it.

Several seed worlds stand on one server: each is read once, and every test gets a fork of it. Seeds are not held by the
server, so no request can change them. Whatever touches a world runs in the server's loop (`call`).
"""

from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, Self, TypeAlias, TypeVar

from mockserver.domain.dialect import Dialect
from mockserver.domain.record import RecordProblem
from mockserver.errors import ConfigurationError, MockServerError
from mockserver.exchange import Setting
from mockserver.files import read_dialect, read_world
from mockserver.server.app import Watch
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from mockserver.server.served import ServedWorld
from mockserver.storage import MOST_WORLDS, MemoryStore
from mockserver.values import replace

P = ParamSpec("P")
T = TypeVar("T")
DialectChoice: TypeAlias = str | Path | Mapping[str, str] | None  # a file, or answers by question; None: the default


class Host:
    """One server with its seed worlds; `world` and `dialect` are those that a test gets where it names none."""

    def __init__(self, options: ServeOptions, *, dialect: DialectChoice = None, watch: Watch | None = None) -> None:
        self._server = ServerThread(options, watch=watch)
        self._names = count(1)
        self.default = self._server.worlds.default
        self.default.setting = choose(self.default.setting, dialect)
        self._seeds: dict[str | None, ServedWorld] = {None: self.default.fork(self.default.name)}

    @property
    def url(self) -> str:
        """The address of the server; MockServerError before it has one."""
        if not self._server.url:
            raise MockServerError("the server has no address before its start; ask it within `with`")
        return self._server.url

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a plain function in the server's loop."""
        return self._server.call(function, *args, **kwargs)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    def seed(self, world: str | None = None) -> ServedWorld:
        """Return the seed world of a name or file, read once; without one, that of the server."""
        if world not in self._seeds:
            self._seeds[world] = self._read_seed(str(world))
        return self._seeds[world]

    def _read_seed(self, world: str) -> ServedWorld:
        read = read_world(world)
        setting = replace(self._seeds[None].setting, organisation=read.organisation)
        journal = self._seeds[None].journal.fork()
        return ServedWorld(name=read.name, setting=setting, store=MemoryStore(read.customers), journal=journal)

    def fork(self, origin: ServedWorld, dialect: DialectChoice = None) -> ServedWorld:
        """Hold a new world with the origin's present state, until `delete`, under its dialect or another one."""
        setting = None if dialect is None else choose(origin.setting, dialect)
        return self.call(self._fork, origin, setting)

    def _fork(self, origin: ServedWorld, setting: Setting | None) -> ServedWorld:
        worlds = self._server.worlds
        if worlds.is_full:
            raise ConfigurationError(f"{MOST_WORLDS} worlds are held, the most that can be; let some of them go")
        name = next(name for name in (f"test-{number}" for number in self._names) if worlds.find(name) is None)
        world = worlds.fork(name, origin, idle_seconds=None)
        world.setting = setting or world.setting
        return world

    def delete(self, world: ServedWorld) -> None:
        """Stop holding a world; nothing happens where a request deleted it before."""
        self.call(self._delete, world)

    def _delete(self, world: ServedWorld) -> None:
        if self._server.worlds.find(world.name) is world:
            self._server.worlds.delete(world.name)


def choose(setting: Setting, choice: DialectChoice) -> Setting:
    """Return a setting under a dialect; ValueError for answers that are not possible, with the nearest that are."""
    if choice is None:
        return setting
    if isinstance(choice, Mapping):
        return setting.under(answered(setting, choice))
    if setting.dialects is None:
        raise ConfigurationError("this world knows one dialect only")
    return setting.under(read_dialect(setting.dialects, None if choice == "documented" else Path(choice)))


def answered(setting: Setting, answers: Mapping[str, str]) -> Dialect:
    """Return the setting's dialect with other answers; `loyalty_downgrade` names the question `loyalty-downgrade`."""
    if setting.dialects is None:
        raise ConfigurationError("this world knows one dialect only")
    given = {name.replace("_", "-"): answer for name, answer in answers.items()}
    dialect = setting.dialects.choose(given, name=setting.dialect.name, over=setting.dialect)
    if isinstance(dialect, RecordProblem):
        raise ValueError(f"dialect: {dialect}")
    return dialect
