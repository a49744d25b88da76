"""The state of a world as a whole: its clock, reset and background work."""

from typing import Any

from mockserver.contract import is_date_time, moment
from mockserver.messages import Response
from mockserver.server.control.calls import Call, Routes, done, refuse, show
from mockserver.storage import Clock, read_duration

_CLOCK = {"frozen": "a time, RFC 3339", "advance": "a duration, 2h", "real": "true"}
_CLOCK_EXAMPLE = '{"frozen": "2026-01-01T00:00:00Z"}, {"advance": "2h"} or {"real": true}'


def _reset(call: Call) -> Response:
    call.world.reset()
    return done()


def _settle(call: Call) -> Response:
    call.world.settle()
    return done()


def _show_clock(call: Call) -> Response:
    clock = call.world.clock
    return show({"now": clock.text(), "frozen": clock.is_frozen})


def _put_clock(call: Call) -> Response:
    """Set the clock; where it went on, the work that waited is done."""
    asked = call.record(_CLOCK, _CLOCK_EXAMPLE)
    if isinstance(asked, Response):
        return asked
    if len(asked) != 1:
        return refuse(400, f"body: names {len(asked)} of frozen, advance and real; send {_CLOCK_EXAMPLE}")
    ((name, value),) = asked.items()
    clock, before = call.world.clock, call.world.clock.now()
    problem = _set_clock(clock, name, value)
    if problem is not None:
        return refuse(400, f"body/{name}: {problem}")
    if not clock.is_frozen or clock.now() > before:
        call.world.settle()
    return _show_clock(call)


def _set_clock(clock: Clock, name: str, value: Any) -> str | None:
    """Set a clock, or return what is wrong."""
    match name:
        case "frozen":
            return _freeze(clock, value)
        case "advance":
            return _advance(clock, value)
        case _:
            if value is not True:
                return "is not true; send true, or freeze the clock"
            clock.follow()
            return None


def _freeze(clock: Clock, value: Any) -> str | None:
    if not (isinstance(value, str) and is_date_time(value)):
        return f"{str(value)[:40]!r} is no time; send RFC 3339 such as 2026-01-01T00:00:00Z"
    try:
        clock.freeze(moment(value))
    except OverflowError:
        return f"{value} is no time in UTC; send one between the years 1 and 9999"
    return None


def _advance(clock: Clock, value: Any) -> str | None:
    by = read_duration(value)
    if by is None:
        return f"{str(value)[:40]!r} is no duration; send a number and ms, s, m, h or d, such as 2h"
    try:
        clock.advance(by)
    except OverflowError:
        return f"{value} leads beyond the year 9999; advance by less"
    return None


ROUTES: Routes = {
    "reset": {"POST": _reset},
    "settle": {"POST": _settle},
    "clock": {"GET": _show_clock, "PUT": _put_clock},
}
