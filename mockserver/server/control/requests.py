"""The journal of a world: list, show, forget; verify what was requested; take it away as HAR, or follow it live."""

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

from mockserver.messages import Response
from mockserver.server.control.calls import Answer, Call, Routes, done, refuse, show
from mockserver.server.events import HEARTBEAT_SECONDS, MOST_CLIENTS, Feed, Stream
from mockserver.server.har import as_har
from mockserver.server.journal import Exchange
from mockserver.server.matching import Criteria, Times, Verified, match, read_criteria, verify
from mockserver.server.unfolding import unfold

_COUNTS = ("times", "atLeast", "atMost")
_MOST_TIMES = 999_999_999
_MOST_FOUND = 20  # ids that are named
_EVENT_HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def _list_requests(call: Call) -> Response:
    limit = call.count("limit")
    if isinstance(limit, Response):
        return limit
    criteria = _filters(call)
    if isinstance(criteria, Response):
        return criteria
    kept = _older_than(call)
    if isinstance(kept, Response):
        return kept
    lines = (exchange.summary() for exchange in kept if match(criteria, exchange).matches)
    return show({"requests": list(islice(lines, limit))})


def _filters(call: Call) -> Criteria | Response:
    """Read the criteria that stand in the query."""
    record: dict[str, Any] = {}
    operation, forced = call.query("operation"), call.query("forced")
    if operation is not None:
        known = call.world.setting.contract.operations
        if operation not in known:
            return refuse(
                400, f"query/operation: {operation[:40]} is none of the contract; there are {', '.join(known)}"
            )
        record["operation"] = operation
    if forced is not None:
        if forced not in ("true", "false"):
            return refuse(400, f"query/forced: {forced[:20]} is neither true nor false")
        record["forced"] = forced == "true"
    for name, digits in (("customer", 19), ("code", 9), ("status", 9)):
        number = call.count(name, digits=digits)
        if isinstance(number, Response):
            return number
        if number is not None:
            record[name] = number
    return Criteria(**record)


def _older_than(call: Call) -> Iterator[Exchange] | Response:
    """Give the exchanges, newest first, from the one on that came before `before`."""
    kept = iter(call.world.journal)
    before = call.query("before")
    if before is None or any(exchange.id == before for exchange in kept):  # which takes those up to it away
        return kept
    return refuse(400, f"query/before: the journal has no exchange {before[:20]}")


def _clear_requests(call: Call) -> Response:
    call.world.journal.clear()
    return done()


def _show_request(call: Call) -> Response:
    world = call.world
    exchange = world.journal.find(call.argument)
    if exchange is None:
        return refuse(404, f"the journal of world {world.name} has no exchange {call.argument[:40]}")
    return show(unfold(exchange, call.base_url, load=world.store.find, known=world.store.ids()))


def _verify_requests(call: Call) -> Response:
    record = call.body()
    if isinstance(record, Response):
        return record
    if not isinstance(record, dict):
        return refuse(
            400, 'body: is no object; send {"operation": "updateCustomer", "customer": 171891944, "times": 1}'
        )
    times = _read_times(record)
    if isinstance(times, str):
        return refuse(400, f"body/{times}")
    asked = {name: value for name, value in record.items() if name not in _COUNTS}
    criteria = read_criteria(asked, call.world.setting.contract.operations, besides=_COUNTS)
    if isinstance(criteria, str):
        return refuse(400, f"body/{criteria}")
    return show(_show_verified(verify(criteria, call.world.journal, times)))


def _read_times(record: dict[str, Any]) -> Times | str:
    """Read how often it was to be requested; a text says what is wrong."""
    counts = {name: record[name] for name in _COUNTS if name in record}
    for name, value in counts.items():
        if type(value) is not int or not 0 <= value <= _MOST_TIMES:  # a boolean is an int, too
            return f"{name}: is no whole number from 0 to {_MOST_TIMES}"
    if "times" in counts:
        return (
            Times.exactly(counts["times"])
            if len(counts) == 1
            else "times: stands beside atLeast or atMost; leave one out"
        )
    least, most = counts.get("atLeast", 0 if "atMost" in counts else 1), counts.get("atMost")
    if most is not None and least > most:
        return f"atLeast: {least} is more than atMost, {most}"
    return Times(least=least, most=most)


def _show_verified(verified: Verified) -> dict[str, Any]:
    found = verified.found
    return {
        "verified": verified.holds,
        "expected": verified.times.bound(len(found)),
        "found": len(found),
        "matched": [exchange.id for exchange in found[:_MOST_FOUND]],
        "near": [item.record() for item in verified.near],
    }


def _export_har(call: Call) -> Response:
    return show(as_har(reversed(list(call.world.journal)), call.base_url))


def _follow(call: Call) -> Answer:
    """Tell of each exchange from now on, and first of those that came since the one that the client saw last."""
    limit = call.count("limit")
    if isinstance(limit, Response):
        return limit
    if call.request.method == "HEAD":
        return Response(status=200, headers=_EVENT_HEADERS)
    world, worlds = call.world, call.worlds
    if world.journal.listening >= MOST_CLIENTS:
        return refuse(409, f"{MOST_CLIENTS} clients follow world {world.name}, the most that can; close one")
    feed = Feed(
        world.journal,
        after=call.request.headers.get("last-event-id") or call.query("after"),
        limit=limit,
        is_held=lambda: worlds.find(world.name) is world,
        heartbeat=min(HEARTBEAT_SECONDS, (world.idle_seconds or math.inf) / 2),  # each one keeps the world from going
    )
    return Stream(headers=_EVENT_HEADERS, parts=feed.parts, end=feed.end)


ROUTES: Routes = {
    "requests": {"GET": _list_requests, "DELETE": _clear_requests},
    "requests/verify": {"POST": _verify_requests},
    "requests/*": {"GET": _show_request},
    "requests.har": {"GET": _export_har},
    "events": {"GET": _follow},
}
