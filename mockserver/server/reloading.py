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
from mockserver.files import Signature, World, read_world, signature
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
    paths = read_world(options.world).files
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
            taken = now
            read = await asyncio.to_thread(_read, name)
            if isinstance(read, World):
                paths = read.files
                taken = signature(paths)
                take(world, read)
                tell(f"{paths[0]}: taken again: {len(read.customers)} customers")
            else:
                tell(f"{read}; the world stays as it was")
        seen = now


def _read(name: str) -> World | MockServerError:
    try:
        return read_world(name)
    except MockServerError as problem:
        return problem


def take(world: ServedWorld, read: World) -> None:
    """Give a held world another organisation and other customers, which become its seed; all else of it stays."""
    world.due.clear()
    world.setting = replace(world.setting, organisation=read.organisation)
    world.store = MemoryStore(read.customers)
    world.snapshots.clear()
