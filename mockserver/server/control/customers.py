"""The customers of a world: a page of them or one, put and deleted, with a version that a caller may insist on."""

import re
from collections.abc import Iterator

from mockserver.domain.customer import Attribution, Customer, CustomerId
from mockserver.domain.record import RecordProblem, read_customer, write_customer
from mockserver.domain.searching import fits
from mockserver.lossless_json import write_json
from mockserver.messages import Response
from mockserver.real_time import monotonic
from mockserver.server.control.calls import Call, Routes, Work, done, refuse, show
from mockserver.server.control.preconditions import read_precondition, tag_of
from mockserver.server.served import ServedWorld
from mockserver.storage import MOST_CUSTOMERS, StoreState
from mockserver.values import Value

_SEEDED = "2024-01-01T00:00:00Z"  # attribution of a customer that is put without one
_LIMIT, _MOST_LIMIT = 100, 1_000
_MOST_SOUGHT = 200  # characters
_PAGE_BYTES = 4 * 1024 * 1024  # after which a page ends, whatever its limit
_SLICE_SECONDS = 0.002  # of looking through customers, until others have their turn
_LOOKED_AT = 64  # customers between two looks at the clock
_ID = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_LARGEST_ID = 2**63 - 1


class _Asked(Value, frozen=True):
    """Which page is asked for: at most so many customers after an id, of those that fit what is sought."""

    limit: int
    after: int
    sought: str


def _list_customers(call: Call) -> Work | Response:
    asked = _read_asked(call)
    return asked if isinstance(asked, Response) else _page(call.world.store.state(), asked)


def _read_asked(call: Call) -> _Asked | Response:
    limit, after, sought = call.query("limit"), call.query("after"), call.query("q") or ""
    if limit is not None and not (_ID.match(limit) and 1 <= int(limit) <= _MOST_LIMIT):
        return refuse(
            400, f"query/limit: {limit[:20]!r} is no number from 1 to {_MOST_LIMIT}; leave it out for {_LIMIT}"
        )
    if after is not None and not (_ID.match(after) and int(after) <= _LARGEST_ID):
        return refuse(400, f"query/after: {after[:20]!r} is no customer's id; send what `next` of the last page says")
    if len(sought) > _MOST_SOUGHT:
        return refuse(400, f"query/q: has {len(sought)} characters; send {_MOST_SOUGHT} at most")
    return _Asked(int(limit or _LIMIT), -1 if after is None else int(after), sought.strip().casefold())


def _page(state: StoreState, asked: _Asked) -> Work:
    """Collect a page, of one moment however long it takes; who seeks is told how many fit in all."""
    found: list[bytes] = []
    last, size, total, has_more = -1, 0, 0, False
    for customer in _fitting(state, asked):
        if customer is None:
            yield
            continue
        total += 1
        if customer.id <= asked.after:
            continue
        if len(found) >= asked.limit or size > _PAGE_BYTES:
            has_more = True
            if not asked.sought:
                break
            continue
        found.append(write_json(write_customer(customer)))
        last, size = customer.id, size + len(found[-1])
    count = total if asked.sought else state.count
    body = b'{"customers":[%b],"total":%d,"next":%b}' % (b",".join(found), count, b"%d" % last if has_more else b"null")
    return Response(status=200, headers={"Content-Type": "application/json"}, body=body)


def _fitting(state: StoreState, asked: _Asked) -> Iterator[Customer | None]:
    """Yield the customers that fit, by id; and None wherever others should have their turn.

    Where nothing is sought, those up to `after` are of no interest.
    """
    until = monotonic() + _SLICE_SECONDS
    for number, key in enumerate(state.ids_after(-1 if asked.sought else asked.after)):
        if number % _LOOKED_AT == 0 and monotonic() > until:
            yield None
            until = monotonic() + _SLICE_SECONDS
        customer = state.find(key)
        if customer is not None and (not asked.sought or fits(customer, asked.sought)):
            yield customer


def _show_customer(call: Call) -> Response:
    precondition = read_precondition(call.request.headers)
    if isinstance(precondition, Response):
        return precondition
    customer, version = call.world.store.load(_customer_id(call.argument))
    if customer is None:
        return _no_customer(call)
    if precondition.holds(tag_of(version)):
        return _shown(customer, version)
    is_known = precondition.wanted is None
    return Response(status=304, headers=_tagged(version)) if is_known else _shown(customer, version, status=412)


def _shown(customer: Customer, version: int, *, status: int = 200) -> Response:
    shown = show(write_customer(customer), status=status)
    return Response(status=status, headers={**shown.headers, **_tagged(version)}, body=shown.body)


def _tagged(version: int) -> dict[str, str]:
    return {"ETag": tag_of(version) or ""}


def _put_customer(call: Call) -> Response:
    precondition, customer = read_precondition(call.request.headers), _read_put(call)
    if isinstance(precondition, Response):
        return precondition
    if isinstance(customer, Response):
        return customer
    store = call.world.store
    present, version = store.load(customer.id)
    if not precondition.holds(tag_of(version)):
        return _outdated(call, present, version)
    if present is None and len(store) >= MOST_CUSTOMERS:
        return refuse(409, f"world {call.world.name} has {MOST_CUSTOMERS} customers, the most it can; delete one")
    return _shown(customer, store.put(customer))


def _read_put(call: Call) -> Customer | Response:
    """Read the customer that is to be put, or refuse it."""
    record = call.body()
    if isinstance(record, Response):
        return record
    if isinstance(record, dict):
        record = {"id": _customer_id(call.argument), **record}
    customer = read_customer(record, call.world.setting.organisation, attribution=_stamp(call.world))
    if isinstance(customer, RecordProblem):
        place = "/".join(("body", *map(str, customer.path)))
        return refuse(400, f"{place}: {customer.problem}; {customer.cure}")
    if str(customer.id) != call.argument:
        return refuse(400, f"body/id: {customer.id} is not the {call.argument[:40]} of the path; leave it out")
    return customer


def _outdated(call: Call, present: Customer | None, version: int) -> Response:
    """Refuse a change of what the caller does not know as it is, with what is there."""
    if present is not None:
        return _shown(present, version, status=412)
    return refuse(412, f"header/If-Match: world {call.world.name} has no customer {call.argument[:40]}; leave it out")


def _stamp(world: ServedWorld) -> Attribution:
    till = world.setting.organisation.till
    return Attribution(created=_SEEDED, created_by=till, modified=_SEEDED, modified_by=till)


def _delete_customer(call: Call) -> Response:
    precondition = read_precondition(call.request.headers)
    if isinstance(precondition, Response):
        return precondition
    key = _customer_id(call.argument)
    customer, version = call.world.store.load(key)
    if customer is None:
        return _no_customer(call)
    if not precondition.holds(tag_of(version)):
        return _outdated(call, customer, version)
    call.world.store.delete(key)
    return done()


def _no_customer(call: Call) -> Response:
    return refuse(404, f"world {call.world.name} has no customer {call.argument[:40]}")


def _customer_id(text: str) -> CustomerId:
    """Read a customer's id; what is none is an id that no customer has."""
    return CustomerId(int(text) if _ID.match(text) else -1)


ROUTES: Routes = {
    "customers": {"GET": _list_customers},
    "customers/*": {"GET": _show_customer, "PUT": _put_customer, "DELETE": _delete_customer},
}
