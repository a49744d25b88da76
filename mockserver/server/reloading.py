"""Reloading: a world's file is taken again when it is saved, or the old world stays and it is said what is wrong.

Files are looked at a few times a second. A change counts once it stays for two looks, so that a file is not read while
an editor still writes it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeAlias

from mockserver.errors import MockServerError
from mockserver.files import Signature, World, find_world_files, read_world, signature
from mockserver.server.options import ServeOptions
from mockserver.server.served import ServedWorld
from mockserver.storage import MemoryStore
from mockserver.values import replace

Tell: TypeAlias = Callable[[str], None]
_LOOK_SECONDS = 0.2


@contextlib.asynccontextmanager
async def reloading(options: ServeOptions, world: ServedWorld, tell: Tell | None) -> AsyncIterator[None]:
    """Take the world's file again whenever it changes, if the options say so; `tell` is told in one line."""
    if not options.reload:
        yield
        return
    paths = find_world_files(options.world)
    taken = signature(paths)
    task = asyncio.create_task(_watch(options.world, paths, taken, world, tell or _say_nothing))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _say_nothing(line: str) -> None:
    del line


async def _watch(name: str, paths: tuple[Path, ...], taken: Signature, world: ServedWorld, tell: Tell) -> None:
    seen = taken
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        now = signature(paths)
        if now != taken and now == seen:
            read, files = await asyncio.to_thread(_read, name)
            paths, now = _followed(paths, now, files)
            taken = now
            _say(tell, _take_or_keep(world, read))
        seen = now


def _followed(paths: tuple[Path, ...], now: Signature, files: tuple[Path, ...]) -> tuple[tuple[Path, ...], Signature]:
    """Return the files to look at from now on, as they were before they were read: what is saved meanwhile counts."""
    before = dict(zip(paths, now, strict=True))
    files = files or paths
    return files, tuple(before[path] if path in before else signature((path,))[0] for path in files)


def _take_or_keep(world: ServedWorld, read: World | MockServerError) -> str:
    """Take what was read, or keep the world where it is wrong; return what is to be told."""
    if not isinstance(read, World):
        return f"{read}; the world stays as it was"
    take(world, read)
    return f"{read.files[0]}: taken again: {len(read.customers)} customers"


def _say(tell: Tell, line: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # nobody reads any more; the world is taken all the same
        tell(line)


def _read(name: str) -> tuple[World | MockServerError, tuple[Path, ...]]:
    """Read the world, and say which files it is made of, also where one of them is wrong."""
    try:
        read = read_world(name)
    except MockServerError as problem:
        return problem, find_world_files(name)
    return read, read.files


def take(world: ServedWorld, read: World) -> None:
    """Give a held world another organisation and other customers, which become its seed; all else of it stays."""
    world.due.clear()
    world.seed_due = ()
    world.setting = replace(world.setting, organisation=read.organisation)
    world.store = MemoryStore(read.customers)
    world.snapshots.clear()
