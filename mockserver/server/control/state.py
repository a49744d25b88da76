"""The state of a world as a whole: its clock, reset and background work."""

from functools import partial
from typing import Any

from mockserver.contract import is_date_time, moment
from mockserver.messages import Response
from mockserver.server.control.calls import Call, Routes, done, refuse, show
from mockserver.storage import Clock, WorldSettings, read_duration, soon
from mockserver.values import replace

_CLOCK = {"frozen": "a time, RFC 3339", "advance": "a duration, 2h", "real": "true"}
_CLOCK_EXAMPLE = '{"frozen": "2026-01-01T00:00:00Z"}, {"advance": "2h"} or {"real": true}'


async def _reset(call: Call) -> Response:
    await call.world.reset()
    return done()


async def _settle(call: Call) -> Response:
    await soon(call.world.settle())
    return done()


def _show_clock(call: Call) -> Response:
    clock = call.world.state.settings.clock
    return show({"now": clock.text(), "frozen": clock.is_frozen})


async def _put_clock(call: Call) -> Response:
    """Set the clock; where it went on, the work that waited is done."""
    asked = call.record(_CLOCK, _CLOCK_EXAMPLE)
    if isinstance(asked, Response):
        return asked
    if len(asked) != 1:
        return refuse(400, f"body: names {len(asked)} of frozen, advance and real; send {_CLOCK_EXAMPLE}")
    ((name, value),) = asked.items()
    world, before = call.world, call.world.state.settings.clock.now()
    changing = world.state.amend(partial(_set_clock, name=name, value=value))
    changed: WorldSettings | str = await soon(changing)
    if isinstance(changed, str):
        return refuse(400, f"body/{name}: {changed}")
    if not changed.clock.is_frozen or changed.clock.now() > before:
        await soon(world.settle())
    return _show_clock(call)


def _set_clock(settings: WorldSettings, *, name: str, value: Any) -> WorldSettings | str:
    """Return settings with another clock, or what is wrong."""
    clock = _other_clock(settings.clock, name, value)
    return clock if isinstance(clock, str) else replace(settings, clock=clock)


def _other_clock(clock: Clock, name: str, value: Any) -> Clock | str:
    match name:
        case "frozen":
            return _frozen(clock, value)
        case "advance":
            return _advanced(clock, value)
        case _:
            return Clock() if value is True else "is not true; send true, or freeze the clock"


def _frozen(clock: Clock, value: Any) -> Clock | str:
    if not (isinstance(value, str) and is_date_time(value)):
        return f"{str(value)[:40]!r} is no time; send RFC 3339 such as 2026-01-01T00:00:00Z"
    try:
        return clock.frozen_at(moment(value))
    except OverflowError:
        return f"{value} is no time in UTC; send one between the years 1 and 9999"


def _advanced(clock: Clock, value: Any) -> Clock | str:
    by = read_duration(value)
    if by is None:
        return f"{str(value)[:40]!r} is no duration; send a number and ms, s, m, h or d, such as 2h"
    try:
        return clock.advanced(by)
    except OverflowError:
        return f"{value} leads beyond the year 9999; advance by less"


ROUTES: Routes = {
    "reset": {"POST": _reset},
    "settle": {"POST": _settle},
    "clock": {"GET": _show_clock, "PUT": _put_clock},
}
