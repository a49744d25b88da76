"""Worlds and their snapshots: fork, list, delete; keep, list, restore, delete."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mockserver.domain.record import RecordProblem
from mockserver.exchange import Setting
from mockserver.files import read_given_world
from mockserver.messages import Response
from mockserver.server.control.calls import Call, Routes, done, refuse, show
from mockserver.server.served import ServedWorld
from mockserver.storage import IDLE_SECONDS, MOST_SNAPSHOTS, MOST_WORLDS, Clock, StoreState, read_duration

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


def _list_worlds(call: Call) -> Response:
    default = call.worlds.default
    return show({"worlds": [_show_world(world, is_default=world is default) for world in call.worlds]})


def _show_world(world: ServedWorld, *, is_default: bool) -> dict[str, Any]:
    return {
        "name": world.name,
        "customers": len(world.store),
        "default": is_default,
        "snapshots": list(world.snapshots),
        "idleSeconds": world.idle_seconds,
    }


def _make_world(call: Call) -> Response:
    """Hold a new world: the fork of another, or one that the body says."""
    asked = call.record(_NEW, _FORK_EXAMPLE)
    if isinstance(asked, Response):
        return asked
    name, idle = asked.get("name"), read_duration(asked.get("ttl", _IDLE))
    if not (isinstance(name, str) and _NAME.match(name)):
        return refuse(400, f"body/name: {_NAME_WORDS}")
    if idle is None or idle < _SHORTEST_IDLE:
        return refuse(400, f"body/ttl: {str(asked['ttl'])[:40]!r} is no duration from 1s on; send one such as 30m")
    if call.worlds.find(name) is not None:
        return refuse(409, f"body/name: there is a world {name} already; delete it or choose another name")
    origin = _find_origin(call, asked)
    if isinstance(origin, Response):
        return origin
    if call.worlds.is_full:
        return refuse(409, f"{MOST_WORLDS} worlds are held, the most that can be; delete one")
    made = _made(origin, name, asked)
    if isinstance(made, Response):
        return made
    call.worlds.hold(made, idle_seconds=idle.total_seconds())
    return show({"name": name, "from": None if "world" in asked else origin.name}, status=201)


def _find_origin(call: Call, asked: Mapping[str, Any]) -> ServedWorld | Response:
    """Return the world to fork; also of one that the body says, which has all else of it."""
    if "world" in asked and "from" in asked:
        return refuse(400, "body/from: stands beside world; send one of them")
    name = asked.get("from", call.worlds.default.name)
    origin = call.worlds.find(name) if isinstance(name, str) else None
    if origin is not None:
        return origin
    known = ", ".join(call.worlds.names()[:20])
    return refuse(404, f"body/from: {str(name)[:60]!r} is not held; there are {known}")


def _made(origin: ServedWorld, name: str, asked: Mapping[str, Any]) -> ServedWorld | Response:
    """Return the new world, or the refusal of what the body says of it."""
    read = read_given_world(asked["world"], name) if "world" in asked else None
    if isinstance(read, RecordProblem):
        return refuse(400, _in_body("world", read))
    setting = _setting(origin.setting, asked)
    if isinstance(setting, RecordProblem):
        return refuse(400, _in_body("dialect", setting))
    made = origin.fork(name)
    made.setting = setting
    if read is not None:
        made.take(read.organisation, StoreState.of(read.customers))
        made.clock = Clock()
    return made


def _setting(setting: Setting, asked: Mapping[str, Any]) -> Setting | RecordProblem:
    """Return a setting under the dialect that the body says; what it does not answer stays."""
    if "dialect" not in asked or setting.dialects is None:
        return setting
    dialect = setting.dialects.choose(asked["dialect"], name=setting.dialect.name, over=setting.dialect)
    return dialect if isinstance(dialect, RecordProblem) else setting.under(dialect)


def _in_body(member: str, problem: RecordProblem) -> str:
    place = "/".join(("body", member, *map(str, problem.path)))
    return f"{place}: {problem.problem}; {problem.cure}"


def _delete_world(call: Call) -> Response:
    world = call.worlds.find(call.argument)
    if world is None:
        known = ", ".join(call.worlds.names()[:20])
        return refuse(404, f"{call.argument[:60]} is not held; there are {known}")
    if world is call.worlds.default:
        return refuse(409, f"{world.name} is the default world, it stays; reset it instead")
    call.worlds.delete(world.name)
    return done()


def _list_snapshots(call: Call) -> Response:
    kept = [{"name": name, "customers": moment.state.count} for name, moment in call.world.snapshots.items()]
    return show({"snapshots": kept})


def _keep_snapshot(call: Call) -> Response:
    """Keep the present state; one of that name is replaced, and a name that is left out is chosen."""
    asked = call.record(_SNAPSHOT, '{"name": "before"}', may_be_left_out=True)
    if isinstance(asked, Response):
        return asked
    world = call.world
    name = asked.get("name", _free_name(world))
    if not (isinstance(name, str) and _NAME.match(name)):
        return refuse(400, f"body/name: {_NAME_WORDS}")
    if len(world.snapshots) >= MOST_SNAPSHOTS and name not in world.snapshots:
        return refuse(409, f"world {world.name} has {MOST_SNAPSHOTS} snapshots, the most it can; delete one")
    if not world.keep(name):
        return refuse(409, f"more work would wait in the snapshots of world {world.name} than may; POST /_mock/settle")
    return show({"name": name, "customers": len(world.store)}, status=201)


def _free_name(world: ServedWorld) -> str:
    return next(
        name for name in (f"s{number}" for number in range(1, MOST_SNAPSHOTS + 2)) if name not in world.snapshots
    )


def _restore_snapshot(call: Call) -> Response:
    if call.argument not in call.world.snapshots:
        return _no_snapshot(call)
    call.world.restore(call.argument)
    return done()


def _delete_snapshot(call: Call) -> Response:
    if call.argument not in call.world.snapshots:
        return _no_snapshot(call)
    del call.world.snapshots[call.argument]
    return done()


def _no_snapshot(call: Call) -> Response:
    known = ", ".join(call.world.snapshots) or "none"
    return refuse(404, f"world {call.world.name} has no snapshot {call.argument[:60]}; there are {known}")


ROUTES: Routes = {
    "worlds": {"GET": _list_worlds, "POST": _make_world},
    "worlds/*": {"DELETE": _delete_world},
    "snapshots": {"GET": _list_snapshots, "POST": _keep_snapshot},
    "snapshots/*": {"DELETE": _delete_snapshot},
    "snapshots/*/restore": {"POST": _restore_snapshot},
}
