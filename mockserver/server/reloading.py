"""Reloading: a world's file is taken again when it is saved, or the old world stays and it is said what is wrong.

Files are looked at a few times a second. A change counts once it stays for two looks, so that a file is not read while
an editor still writes it. It is read in a thread, and taken in one step of the loop: no request meets half of it. What
nobody foresaw is told as well, and the looking goes on.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeAlias

from mockserver.errors import MockServerError
from mockserver.files import World, find_world_files, read_world, signature
from mockserver.server.options import ServeOptions
from mockserver.server.served import ServedWorlds
from mockserver.storage import Seed, Store, soon
from mockserver.values import Value, replace

Tell: TypeAlias = Callable[[str], None]
_LOOK_SECONDS = 0.2


@contextlib.asynccontextmanager
async def reloading(options: ServeOptions, worlds: ServedWorlds, tell: Tell | None) -> AsyncIterator[None]:
    """Take the default world's file again when it changes, if the options say so; `tell` is told in one line."""
    if not options.reload:
        yield
        return
    watch = _Watch(options.world, worlds, tell or _say_nothing)
    task = asyncio.create_task(watch.go_on())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _say_nothing(line: str) -> None:
    del line


class _Read(Value, frozen=True):
    """What was read: the world and its customers, or what is wrong; and the files that it is made of, in both cases."""

    world: World | MockServerError
    seed: Seed | None
    files: tuple[Path, ...]


class _Watch:
    """One world and its files: as they were `taken`, and as they were `seen` when they were looked at last."""

    def __init__(self, name: str, worlds: ServedWorlds, tell: Tell) -> None:
        self._name = name
        self._store = worlds.store
        self._world = worlds.default
        self._tell = tell
        self._paths = find_world_files(name)
        self._taken = self._seen = signature(self._paths)
        self._failed = ""  # what was told last of what nobody foresaw

    async def go_on(self) -> None:
        """Look until somebody ends it."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self._look()
            except Exception as defect:  # noqa: BLE001  # a watcher that dies would leave the old world without a word
                self._tell_defect(defect)

    async def _look(self) -> None:
        now = signature(self._paths)
        before, self._seen = self._seen, now
        if now == self._taken or now != before:
            return
        self._taken = now
        read = await asyncio.to_thread(_read, self._name, self._store)
        self._follow(read.files)
        self._say(await self._take_or_keep(read))
        self._failed = ""

    def _follow(self, files: tuple[Path, ...]) -> None:
        """Look at these files from now on, as they were before they were read: what is saved meanwhile counts."""
        before = dict(zip(self._paths, self._taken, strict=True))
        self._paths = files or self._paths
        self._taken = tuple(before[path] if path in before else signature((path,))[0] for path in self._paths)
        self._seen = self._taken

    async def _take_or_keep(self, read: _Read) -> str:
        """Take what was read, or keep the world where it is wrong; return what is to be told."""
        if not isinstance(read.world, World) or read.seed is None:
            return f"{read.world}; the world stays as it was"
        organisation = read.world.organisation
        await soon(self._world.state.reseed(read.seed, lambda settings: replace(settings, organisation=organisation)))
        return f"{read.world.files[0]}: taken again: {read.seed.count} customers"

    def _tell_defect(self, defect: Exception) -> None:
        reason = " ".join(f"{type(defect).__name__}: {defect}".split())
        line = f"{self._name}: cannot be taken again: {reason}; the world stays as it was; save the file once more"
        if line != self._failed:
            self._failed = line
            self._say(line)

    def _say(self, line: str) -> None:
        with contextlib.suppress(Exception):  # nobody reads any more; the world is taken all the same
            self._tell(line)


def _read(name: str, store: Store[Any]) -> _Read:
    """Read the world, and say which files it is made of, also where one of them is wrong."""
    try:
        world = read_world(name)
    except MockServerError as problem:
        return _Read(problem, None, find_world_files(name))
    return _Read(world, store.prepare(world.customers), world.files)
