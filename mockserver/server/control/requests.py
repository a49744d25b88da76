"""The journal of a world: list and forget it, and verify what was requested."""

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.lossless_json import write_json
from mockserver.messages import Response
from mockserver.server.control.calls import JSON, Answer, Call, Routes, done, refuse, show
from mockserver.server.journal import Exchange
from mockserver.server.matching import (
    OUTCOMES,
    Criteria,
    Filter,
    Times,
    Verified,
    describe_unknown,
    meets,
    read_criteria,
    read_filter,
    verify,
)
from mockserver.server.pieces import in_pieces
from mockserver.values import Value

_COUNTS = ("times", "atLeast", "atMost")
_MOST_TIMES = 999_999_999
_MOST_FOUND = 20  # ids that are named
_AT_ONCE = 2_000  # exchanges that are looked through without letting others go before
_NUMBERS = (("customer", 19), ("code", 9), ("warning", 9), ("status", 9))  # parameters, and their digits at most
_CURE = "keep more with serve --journal N, or forget with DELETE /_mock/requests before what is to be counted"


class _Listing(Value, frozen=True, kw_only=True):
    """What of a journal is to be listed: from `start` on, at most `limit` of the exchanges that fit."""

    exchanges: Sequence[Exchange]
    forgotten: int
    criteria: Criteria
    asked: Filter
    start: int = 0
    limit: int | None = None

    def parts(self) -> Iterator[bytes]:
        """Yield the list as JSON; `total` counts all that fit, wherever the list starts and ends."""
        yield b'{"requests":['
        total = shown = 0
        for number, exchange in enumerate(self.exchanges):
            fits = meets(self.criteria, exchange) and self.asked.fits(exchange)
            is_shown = fits and number >= self.start and (self.limit is None or shown < self.limit)
            yield (b"," * (shown > 0) + write_json(exchange.summary())) if is_shown else b""
            total, shown = total + fits, shown + is_shown
        yield b'],"total":%d,"forgotten":%d}' % (total, self.forgotten)


def _list_requests(call: Call) -> Answer:
    listing = _read_listing(call)
    if isinstance(listing, Response):
        return listing
    if len(listing.exchanges) <= _AT_ONCE or call.request.method == "HEAD":
        return Response(status=200, headers=JSON, body=b"".join(listing.parts()))
    return in_pieces(listing.parts(), JSON)


def _read_listing(call: Call) -> _Listing | Response:
    """Read what is to be listed from the query."""
    limit, exchanges = call.count("limit"), call.exchanges()
    if isinstance(limit, Response):
        return limit
    if isinstance(exchanges, Response):
        return exchanges
    criteria, asked, start = _read_criteria(call), _read_filter(call), _find_start(call, exchanges)
    if isinstance(criteria, Response):
        return criteria
    if isinstance(asked, Response):
        return asked
    if isinstance(start, Response):
        return start
    forgotten = call.world.journal.forgotten
    return _Listing(exchanges=exchanges, forgotten=forgotten, criteria=criteria, asked=asked, start=start, limit=limit)


def _read_criteria(call: Call) -> Criteria | Response:
    """Read the criteria that stand in the query, each under a name of its own."""
    record: dict[str, Any] = {}
    operation, forced = call.query("operation"), call.query("forced")
    if operation is not None:
        known = call.world.setting.contract.operations
        if operation not in known:
            return refuse(
                400, f"query/operation: {operation[:40]} is none of the contract; there are {', '.join(known)}"
            )
        record["operation"] = operation
    outcome = call.query("outcome")
    if outcome is not None:
        if outcome not in OUTCOMES:
            return refuse(400, f"query/outcome: {outcome[:40]} is no outcome; there are {', '.join(OUTCOMES)}")
        record["outcome"] = outcome
    if forced is not None:
        if forced not in ("true", "false"):
            return refuse(400, f"query/forced: {forced[:20]} is neither true nor false")
        record["forced"] = forced == "true"
    for name, digits in _NUMBERS:
        number = call.count(name, digits=digits)
        if isinstance(number, Response):
            return number
        if number is not None:
            record[name] = number
    return Criteria(**record)


def _read_filter(call: Call) -> Filter | Response:
    asked = read_filter(call.query("filter") or "", call.world.setting.contract.operations)
    return refuse(400, f"query/filter: {asked}") if isinstance(asked, str) else asked


def _find_start(call: Call, exchanges: Sequence[Exchange]) -> int | Response:
    """Return where the exchanges, newest first, begin that came before `before`."""
    before = call.query("before")
    if before is None:
        return 0
    for number, exchange in enumerate(exchanges):
        if exchange.id == before:
            return number + 1
    return refuse(400, f"query/before: the journal has no exchange {before[:20]}")


def _clear_requests(call: Call) -> Response:
    call.world.journal.clear()
    return done()


def _verify_requests(call: Call) -> Response:
    record = call.body()
    if isinstance(record, Response):
        return record
    if not isinstance(record, dict):
        first = next(iter(call.world.setting.operations))
        return refuse(400, f'body: is no object; send {{"operation": "{first}", "customer": 171891944, "times": 1}}')
    times = _read_times(record)
    if isinstance(times, str):
        return refuse(400, f"body/{times}")
    asked = {name: value for name, value in record.items() if name not in _COUNTS}
    criteria = read_criteria(asked, call.world.setting.contract.operations, besides=_COUNTS)
    if isinstance(criteria, str):
        return refuse(400, f"body/{criteria}")
    journal = call.world.journal
    return _show_verified(verify(criteria, journal.exchanges(), times, forgotten=journal.forgotten))


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


def _show_verified(verified: Verified) -> Response:
    """Answer whether it was so; 409 where that depends on what the journal has forgotten."""
    if verified.holds is None:
        message = f"{describe_unknown(verified)}; {_CURE}"
        return show({"verified": None, "forgotten": verified.forgotten, "message": message}, status=409)
    found = verified.found
    return show(
        {
            "verified": verified.holds,
            "expected": verified.times.bound(len(found)),
            "found": len(found),
            "matched": [exchange.id for exchange in found[:_MOST_FOUND]],
            "near": [item.record() for item in verified.near],
        }
    )


ROUTES: Routes = {
    "requests": {"GET": _list_requests, "DELETE": _clear_requests},
    "requests/verify": {"POST": _verify_requests},
}
