"""The state of a world: its customers, its clock, reset and background work."""

from typing import Any

from mockserver.contract import is_date_time, moment
from mockserver.domain.customer import Attribution, CustomerId
from mockserver.domain.record import RecordProblem, read_customer, write_customer
from mockserver.messages import Response
from mockserver.server.control.calls import Call, Routes, done, refuse, show
from mockserver.server.served import ServedWorld
from mockserver.storage import MOST_CUSTOMERS, Clock, read_duration

_SEEDED = "2024-01-01T00:00:00Z"  # attribution of a customer that is put without one
_CLOCK = {"frozen": "a time, RFC 3339", "advance": "a duration, 2h", "real": "true"}
_CLOCK_EXAMPLE = '{"frozen": "2026-01-01T00:00:00Z"}, {"advance": "2h"} or {"real": true}'


def _list_customers(call: Call) -> Response:
    return show({"customers": [write_customer(item) for item in call.world.store.state().customers()]})


def _show_customer(call: Call) -> Response:
    customer = call.world.store.find(_customer_id(call.argument))
    return _no_customer(call) if customer is None else show(write_customer(customer))


def _put_customer(call: Call) -> Response:
    record = call.body()
    if isinstance(record, Response):
        return record
    if isinstance(record, dict):
        record = {"id": _customer_id(call.argument), **record}
    customer = read_customer(record, call.world.setting.organisation, attribution=_stamp(call.world))
    if isinstance(customer, RecordProblem):
        return refuse(400, f"body/{customer}")
    if str(customer.id) != call.argument:
        return refuse(400, f"body/id: {customer.id} is not the {call.argument[:40]} of the path; leave it out")
    if len(call.world.store) >= MOST_CUSTOMERS and call.world.store.find(customer.id) is None:
        return refuse(409, f"world {call.world.name} has {MOST_CUSTOMERS} customers, the most it can; delete one")
    call.world.store.put(customer)
    return show(write_customer(customer))


def _stamp(world: ServedWorld) -> Attribution:
    till = world.setting.organisation.till
    return Attribution(created=_SEEDED, created_by=till, modified=_SEEDED, modified_by=till)


def _delete_customer(call: Call) -> Response:
    return done() if call.world.store.delete(_customer_id(call.argument)) else _no_customer(call)


def _no_customer(call: Call) -> Response:
    return refuse(404, f"world {call.world.name} has no customer {call.argument[:40]}")


def _customer_id(text: str) -> CustomerId:
    """Read a customer's id; what is none is an id that no customer has."""
    return CustomerId(int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else -1)


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
        return f"{value} is before the year 1 in UTC; send a later time"
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
    "customers": {"GET": _list_customers},
    "customers/*": {"GET": _show_customer, "PUT": _put_customer, "DELETE": _delete_customer},
    "reset": {"POST": _reset},
    "settle": {"POST": _settle},
    "clock": {"GET": _show_clock, "PUT": _put_clock},
}
