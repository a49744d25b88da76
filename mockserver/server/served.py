"""Worlds as a server serves them: the store's state, and beside it what one server keeps of a world itself.

That is a journal, the faults that are set, answers that are remembered, and the setting that the store's settings come
to.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from mockserver.domain.customer import Customer
from mockserver.domain.dialect import Dialect
from mockserver.domain.outcome import Later
from mockserver.domain.record import RecordProblem
from mockserver.domain.update import finish
from mockserver.errors import DialectError
from mockserver.exchange import Setting
from mockserver.server.faults import Faults
from mockserver.server.hiding import Hiding
from mockserver.server.journal import Journal
from mockserver.server.remembering import Memory
from mockserver.storage import (
    Full,
    Loaded,
    Seed,
    Snapshot,
    Soon,
    Store,
    Taken,
    World,
    WorldSettings,
    eager,
    soon,
    work_off,
)
from mockserver.values import Value, member, replace


class ServedWorld(Value, kw_only=True):
    """One world: its `state`, which the store keeps, and what its traffic meets and leaves behind here.

    `base` is the setting that the server was started with; the world's own settings decide on organisation and dialect.
    """

    state: World
    base: Setting
    journal: Journal = member(default_factory=Journal)
    faults: Faults = member(default_factory=Faults)
    memory: Memory = member(default_factory=Memory)
    hiding: Hiding = member(default_factory=Hiding)
    tasks: set[asyncio.Future[None]] = member(default_factory=set)  # which wait for the store
    _setting: Setting | None = None
    _version: int = -1  # of the settings that this setting is made of

    @property
    def name(self) -> str:
        """The name that requests choose it by."""
        return self.state.name

    @property
    def setting(self) -> Setting:
        """What the world answers under, as far as this server knows."""
        return self.setting_of(self.state.settings)

    def setting_of(self, settings: WorldSettings) -> Setting:
        """Return what settings of this world come to; those of one version come to the same."""
        if self._setting is None or settings.version != self._version:
            self._setting, self._version = _made_of(self.base, settings), settings.version
        return self._setting

    def answer(self, answers: object) -> Soon[WorldSettings | RecordProblem]:
        """Answer questions otherwise, the others staying as they are, in one step; it must have dialects to choose."""

        def change(settings: WorldSettings) -> WorldSettings | RecordProblem:
            setting = self.setting_of(settings)
            if setting.dialects is None:
                raise DialectError("this setting knows one dialect only; give it the dialects to choose from")
            dialect = setting.dialects.choose(answers, name=setting.dialect.name, over=setting.dialect)
            return dialect if isinstance(dialect, RecordProblem) else self.under(dialect, settings)

        return self.state.amend(change)

    def under(self, dialect: Dialect, settings: WorldSettings) -> WorldSettings:
        """Return settings under another dialect; ContractError where its answers contradict each other."""
        self.setting_of(settings).under(dialect)
        return replace(settings, dialect=dialect.name, answers=dialect.answers)

    def work(self) -> Soon[None]:
        """Do the loyalty work that is due, unless the clock stands still: then it waits."""
        return eager(work_off(self.state, self._finish))

    def begin_work(self) -> None:
        """Do the work that is due; where the store has to be waited for, in a task."""
        begun = self.work()
        if begun is not None:
            task = asyncio.ensure_future(begun)
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def settle(self) -> Soon[None]:
        """Do the loyalty work that is due, whatever the clock shows."""
        return eager(work_off(self.state, self._finish, ahead=True))

    def _finish(self, customer: Customer, later: Later, loaded: Loaded) -> Customer:
        setting = self.setting_of(loaded.settings)
        return finish(customer, later, setting.organisation, setting.dialect)

    async def reset(self) -> None:
        """Go back to the seed."""
        await soon(self.state.reset())
        await soon(self.work())  # which waits in the seed, where the clock goes by now

    async def keep(self, name: str | None = None) -> Snapshot | Full:
        """Keep the present state, the work done that is due; over a snapshot of that name, or under a free one."""
        await soon(self.work())
        return await soon(self.state.keep(name))

    async def restore(self, name: str) -> bool:
        """Go back to a snapshot; False where there is none of that name."""
        is_there = await soon(self.state.restore(name))
        await soon(self.work())
        return is_there

    def beside(self, state: World) -> "ServedWorld":
        """Return another world that is served alike; it begins with an empty journal and without faults."""
        return ServedWorld(state=state, base=self.base, journal=self.journal.fork())


def settings_of(setting: Setting) -> WorldSettings:
    """Return the settings of a world that begins with a setting."""
    dialect = setting.dialect
    return WorldSettings(organisation=setting.organisation, dialect=dialect.name, answers=dialect.answers)


def _made_of(base: Setting, settings: WorldSettings) -> Setting:
    setting = replace(base, organisation=settings.organisation)
    if base.dialects is None or (settings.dialect, settings.answers) == (base.dialect.name, base.dialect.answers):
        return setting
    dialect = base.dialects.with_answers(base.dialect, *settings.answers.items())
    return setting.under(dialect if dialect.name == settings.dialect else replace(dialect, name=settings.dialect))


class ServedWorlds:
    """The worlds of a store, by name, as one server serves them; one of them is the default."""

    def __init__(self, store: Store[Any], default: ServedWorld) -> None:
        self.store = store
        self.default = default
        self._served = {default.name: default}

    @property
    def served(self) -> tuple[ServedWorld, ...]:
        """Those that this server has answered for, and that are there as far as it knows."""
        return tuple(self._served.values())

    def known(self, name: str) -> ServedWorld | None:
        """Return a world by name as far as this server knows, without asking the store."""
        return self._served.get(name)

    def find(self, name: str) -> Soon[ServedWorld | None]:
        """Return a world by name, or None; it counts as asked for now."""
        state = self.store.find(name)
        served = self._served.get(name)
        if served is not None and served.state is state:  # as in memory, nearly always
            return served
        return eager(self._find(name, state))

    async def _find(self, name: str, found: Soon[World | None]) -> ServedWorld | None:
        state = await soon(found)
        if state is None:
            self._drop(name)
            return None
        return self._serve(state)

    def _serve(self, state: World, like: ServedWorld | None = None) -> ServedWorld:
        """Return a world with what this server keeps of it, which begins anew where it is another of that name."""
        served = self._served.get(state.name)
        if served is None or served.state.key != state.key:
            self._drop(state.name)
            served = self._served[state.name] = (like or self.default).beside(state)
        served.state = state
        return served

    def _drop(self, name: str) -> None:
        served = self._served.pop(name, None)
        if served is not None:
            served.journal.close()

    def all(self) -> Soon[tuple[ServedWorld, ...]]:
        """Return the worlds that have a name, the default first."""
        return eager(self._all())

    async def _all(self) -> tuple[ServedWorld, ...]:
        states = await soon(self.store.worlds())
        for name in self._served.keys() - {state.name for state in states}:
            self._drop(name)
        return tuple(map(self._serve, states))

    async def names(self) -> tuple[str, ...]:
        """Return the names, the default first."""
        return tuple(world.name for world in await soon(self.all()))

    async def fork(
        self,
        origin: ServedWorld,
        name: str | None,
        *,
        change: Callable[[WorldSettings], WorldSettings] | None = None,
        idle_seconds: float | None = None,
    ) -> ServedWorld | Taken | Full:
        """Make a world of the present state of another, which becomes its seed; without a name nobody finds it.

        Work that waits, since the clock stands still, waits in both.
        """
        await soon(origin.work())
        state = await soon(self.store.fork(origin.state, name, change=change, idle_seconds=idle_seconds))
        return self._begin(state, origin, name)

    async def create(
        self,
        like: ServedWorld,
        name: str | None,
        settings: WorldSettings,
        seed: Seed,
        *,
        idle_seconds: float | None = None,
    ) -> ServedWorld | Taken | Full:
        """Make a world of a seed, which is served like another one; without a name nobody finds it."""
        state = await soon(self.store.create(name, settings, seed, idle_seconds=idle_seconds))
        return self._begin(state, like, name)

    def _begin(self, state: World | Taken | Full, like: ServedWorld, name: str | None) -> ServedWorld | Taken | Full:
        if isinstance(state, Taken | Full):
            return state
        return like.beside(state) if name is None else self._serve(state, like)

    async def delete(self, world: ServedWorld) -> None:
        """Drop a world; nothing happens where another has its name by now."""
        present = await soon(self.store.find(world.name))
        if present is not None and present.key == world.state.key:
            await soon(self.store.delete(world.name))
            self._drop(world.name)
