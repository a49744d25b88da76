"""The customers of a world: a page of them or one, put and deleted, with a version that a caller may insist on."""

import re
from collections.abc import Awaitable, Sequence

from mockserver.domain.customer import Attribution, Customer, CustomerId
from mockserver.domain.record import RecordProblem, read_customer, write_customer
from mockserver.domain.searching import fits
from mockserver.lossless_json import write_json
from mockserver.messages import Response
from mockserver.real_time import monotonic
from mockserver.server.control.calls import Call, Routes, Work, done, refuse, show
from mockserver.server.control.preconditions import read_precondition, tag_of
from mockserver.server.served import ServedWorld
from mockserver.storage import Full, Moment, Outdated, soon
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


async def _list_customers(call: Call) -> Work | Response:
    asked = _read_asked(call)
    return asked if isinstance(asked, Response) else _page(await soon(call.world.state.moment()), asked)


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


def _page(moment: Moment, asked: _Asked) -> Work:
    """Collect a page, of one moment however long it takes, and let others go first in between."""
    page, after = _Page(asked), -1 if asked.sought else asked.after  # who seeks is told how many fit in all
    until = monotonic() + _SLICE_SECONDS
    while not page.is_whole:
        some = moment.after(after, _LOOKED_AT)
        customers = (yield some) if isinstance(some, Awaitable) else some
        if not customers:
            break
        page.add(customers)
        after = customers[-1].id
        if monotonic() > until:
            yield None
            until = monotonic() + _SLICE_SECONDS
    body = page.body(moment.count)
    return Response(status=200, headers={"Content-Type": "application/json"}, body=body)


class _Page:
    """The customers of a page so far."""

    def __init__(self, asked: _Asked) -> None:
        self._asked = asked
        self._found: list[bytes] = []
        self._last, self._size, self._total = -1, 0, 0
        self._has_more = False

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing more has to be looked at; who seeks something is told how many customers fit in all."""
        return self._has_more and not self._asked.sought

    def add(self, customers: Sequence[Customer]) -> None:
        """Look at the next customers by id."""
        sought = self._asked.sought
        for customer in customers:
            if not sought or fits(customer, sought):
                self._add(customer)

    def _add(self, customer: Customer) -> None:
        self._total += 1
        if customer.id <= self._asked.after or self._has_more:
            return
        if len(self._found) >= self._asked.limit or self._size > _PAGE_BYTES:
            self._has_more = True
            return
        self._found.append(write_json(write_customer(customer)))
        self._last, self._size = customer.id, self._size + len(self._found[-1])

    def body(self, count: int) -> bytes:
        """Return the page as JSON; `count` is how many customers there are."""
        total = self._total if self._asked.sought else count
        after = b"%d" % self._last if self._has_more else b"null"
        return b'{"customers":[%b],"total":%d,"next":%b}' % (b",".join(self._found), total, after)


async def _show_customer(call: Call) -> Response:
    precondition = read_precondition(call.request.headers)
    if isinstance(precondition, Response):
        return precondition
    customer, version = await soon(call.world.state.load(_customer_id(call.argument)))
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


async def _put_customer(call: Call) -> Response:
    precondition, customer = read_precondition(call.request.headers), _read_put(call)
    if isinstance(precondition, Response):
        return precondition
    if isinstance(customer, Response):
        return customer
    state = call.world.state
    present, version = await soon(state.load(customer.id))
    while precondition.holds(tag_of(version)):
        put: int | Outdated | Full = await soon(state.put(customer, version=version))
        if isinstance(put, Full):
            return refuse(409, f"world {call.world.name} has {put.most} customers, the most it can; delete one")
        if not isinstance(put, Outdated):
            return _shown(customer, put)
        present, version = put.customer, put.version
    return _outdated(call, present, version)


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


async def _delete_customer(call: Call) -> Response:
    precondition = read_precondition(call.request.headers)
    if isinstance(precondition, Response):
        return precondition
    key = _customer_id(call.argument)
    customer, version = await soon(call.world.state.load(key))
    while customer is not None and precondition.holds(tag_of(version)):
        deleted = await soon(call.world.state.delete(key, version=version))
        if not isinstance(deleted, Outdated):
            return done()
        customer, version = deleted.customer, deleted.version
    return _no_customer(call) if customer is None else _outdated(call, customer, version)


def _no_customer(call: Call) -> Response:
    return refuse(404, f"world {call.world.name} has no customer {call.argument[:40]}")


def _customer_id(text: str) -> CustomerId:
    """Read a customer's id; what is none is an id that no customer has."""
    return CustomerId(int(text) if _ID.match(text) else -1)


ROUTES: Routes = {
    "customers": {"GET": _list_customers},
    "customers/*": {"GET": _show_customer, "PUT": _put_customer, "DELETE": _delete_customer},
}
