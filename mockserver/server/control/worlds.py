"""Worlds and their snapshots: fork, list, delete; keep, list, restore, delete."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mockserver.domain.dialect import Dialect
from mockserver.domain.record import RecordProblem
from mockserver.exchange import Setting
from mockserver.files import read_given_world
from mockserver.messages import Response
from mockserver.server.control.calls import Call, Routes, done, refuse, show
from mockserver.server.served import ServedWorld
from mockserver.storage import (
    IDLE_SECONDS,
    MOST_WORLDS,
    Clock,
    Full,
    Snapshot,
    Taken,
    WorldSettings,
    read_duration,
    soon,
)
from mockserver.values import replace

_NAME = re.compile(r"(?!\.+\Z)[A-Za-z0-9._-]{1,64}\Z")  # clients take `.` and `..` out of a path
_NAME_WORDS = "send 1 to 64 letters, digits, dots, hyphens or underscores, but not dots alone"
_NEW = {
    "name": "1 to 64 letters",
    "from": "a world's name",
    "world": "what a world file says",
    "dialect": "answers by question",
    "ttl": "a duration, 30m",
}
_IDLE = f"{IDLE_SECONDS:.0f}s"
_SHORTEST_IDLE = timedelta(seconds=1)
_FORK_EXAMPLE = '{"name": "w1", "from": "demo"}'
_SNAPSHOT = {"name": "1 to 64 letters"}


async def _list_worlds(call: Call) -> Response:
    shown = [await _show_world(world, call) for world in await soon(call.worlds.all())]
    return show({"worlds": shown})


async def _show_world(world: ServedWorld, call: Call) -> dict[str, Any]:
    state = world.state
    return {
        "name": world.name,
        "customers": await soon(state.count()),
        "default": world is call.worlds.default,
        "snapshots": [kept.name for kept in await soon(state.snapshots())],
        "idleSeconds": state.idle_seconds,
    }


async def _make_world(call: Call) -> Response:
    """Make a new world: the fork of another, or one that the body says."""
    asked = call.record(_NEW, _FORK_EXAMPLE)
    if isinstance(asked, Response):
        return asked
    name, idle = asked.get("name"), read_duration(asked.get("ttl", _IDLE))
    if not (isinstance(name, str) and _NAME.match(name)):
        return refuse(400, f"body/name: {_NAME_WORDS}")
    if idle is None or idle < _SHORTEST_IDLE:
        return refuse(400, f"body/ttl: {str(asked['ttl'])[:40]!r} is no duration from 1s on; send one such as 30m")
    if await soon(call.worlds.find(name)) is not None:
        return _refuse_taken(Taken(name))
    origin = await _find_origin(call, asked)
    if isinstance(origin, Response):
        return origin
    if await soon(call.worlds.store.is_full()):
        return _refuse_taken(Full("worlds", MOST_WORLDS))
    made = await _make(call, origin, asked, name, idle.total_seconds())
    if isinstance(made, Response):
        return made
    if isinstance(made, Taken | Full):
        return _refuse_taken(made)
    return show({"name": name, "from": None if "world" in asked else origin.name}, status=201)


def _refuse_taken(made: Taken | Full) -> Response:
    if isinstance(made, Full):
        return refuse(409, f"{made.most} worlds are held, the most that can be; delete one")
    return refuse(409, f"body/name: there is a world {made.name} already; delete it or choose another name")


async def _find_origin(call: Call, asked: Mapping[str, Any]) -> ServedWorld | Response:
    """Return the world to fork; also of one that the body says, which has all else of it."""
    if "world" in asked and "from" in asked:
        return refuse(400, "body/from: stands beside world; send one of them")
    name = asked.get("from", call.worlds.default.name)
    origin = await soon(call.worlds.find(name)) if isinstance(name, str) else None
    if origin is not None:
        return origin
    known = ", ".join((await call.worlds.names())[:20])
    return refuse(404, f"body/from: {str(name)[:60]!r} is not held; there are {known}")


async def _make(
    call: Call, origin: ServedWorld, asked: Mapping[str, Any], name: str, idle: float
) -> ServedWorld | Taken | Full | Response:
    """Make the new world, or refuse what the body says of it."""
    read = read_given_world(asked["world"], name) if "world" in asked else None
    if isinstance(read, RecordProblem):
        return refuse(400, _in_body("world", read))
    dialect = _read_dialect(origin.setting, asked)
    if isinstance(dialect, RecordProblem):
        return refuse(400, _in_body("dialect", dialect))

    def change(settings: WorldSettings) -> WorldSettings:
        return settings if dialect is None else origin.under(dialect, settings)

    if read is None:
        return await call.worlds.fork(origin, name, change=change, idle_seconds=idle)
    settings = replace(change(origin.state.settings), organisation=read.organisation, clock=Clock())
    seed = call.worlds.store.prepare(read.customers)
    return await call.worlds.create(origin, name, settings, seed, idle_seconds=idle)


def _read_dialect(setting: Setting, asked: Mapping[str, Any]) -> Dialect | RecordProblem | None:
    """Read the dialect that the body says, None where it says none; what it does not answer stays."""
    if "dialect" not in asked or setting.dialects is None:
        return None
    return setting.dialects.choose(asked["dialect"], name=setting.dialect.name, over=setting.dialect)


def _in_body(member: str, problem: RecordProblem) -> str:
    place = "/".join(("body", member, *map(str, problem.path)))
    return f"{place}: {problem.problem}; {problem.cure}"


async def _delete_world(call: Call) -> Response:
    world = await soon(call.worlds.find(call.argument))
    if world is None:
        known = ", ".join((await call.worlds.names())[:20])
        return refuse(404, f"{call.argument[:60]} is not held; there are {known}")
    if world is call.worlds.default:
        return refuse(409, f"{world.name} is the default world, it stays; reset it instead")
    await call.worlds.delete(world)
    return done()


async def _list_snapshots(call: Call) -> Response:
    kept = [{"name": kept.name, "customers": kept.customers} for kept in await soon(call.world.state.snapshots())]
    return show({"snapshots": kept})


async def _keep_snapshot(call: Call) -> Response:
    """Keep the present state; one of that name is replaced, and a name that is left out is chosen."""
    asked = call.record(_SNAPSHOT, '{"name": "before"}', may_be_left_out=True)
    if isinstance(asked, Response):
        return asked
    world, name = call.world, asked.get("name")
    if "name" in asked and not (isinstance(name, str) and _NAME.match(name)):
        return refuse(400, f"body/name: {_NAME_WORDS}")
    kept = await world.keep(name)
    if isinstance(kept, Snapshot):
        return show({"name": kept.name, "customers": kept.customers}, status=201)
    if kept.of == "snapshots":
        return refuse(409, f"world {world.name} has {kept.most} snapshots, the most it can; delete one")
    return refuse(409, f"more work would wait in the snapshots of world {world.name} than may; POST /_mock/settle")


async def _restore_snapshot(call: Call) -> Response:
    return done() if await call.world.restore(call.argument) else await _no_snapshot(call)


async def _delete_snapshot(call: Call) -> Response:
    return done() if await soon(call.world.state.forget(call.argument)) else await _no_snapshot(call)


async def _no_snapshot(call: Call) -> Response:
    known = ", ".join(kept.name for kept in await soon(call.world.state.snapshots())) or "none"
    return refuse(404, f"world {call.world.name} has no snapshot {call.argument[:60]}; there are {known}")


ROUTES: Routes = {
    "worlds": {"GET": _list_worlds, "POST": _make_world},
    "worlds/*": {"DELETE": _delete_world},
    "snapshots": {"GET": _list_snapshots, "POST": _keep_snapshot},
    "snapshots/*": {"DELETE": _delete_snapshot},
    "snapshots/*/restore": {"POST": _restore_snapshot},
}
