"""The journal of a world: list, show, forget."""

from collections.abc import Mapping
from typing import Any

from mockserver.messages import Response
from mockserver.server.control.calls import Call, Routes, done, refuse, show


def _list_requests(call: Call) -> Response:
    limit = call.count("limit")
    if isinstance(limit, Response):
        return limit
    lines = [item.summary() for item in call.world.journal]
    before = call.query("before")
    if before is not None:
        ids = [line["id"] for line in lines]
        if before not in ids:
            return refuse(400, f"query/before: the journal has no exchange {before[:20]}")
        lines = lines[ids.index(before) + 1 :]
    kept = [line for line in lines if _matches(line, call)]
    return show({"requests": kept if limit is None else kept[:limit]})


def _matches(line: Mapping[str, Any], call: Call) -> bool:
    asked = {name: call.query(name) for name in ("operation", "customer", "code")}
    return all(value is None or str(line[name]) == value for name, value in asked.items())


def _clear_requests(call: Call) -> Response:
    call.world.journal.clear()
    return done()


def _show_request(call: Call) -> Response:
    exchange = call.world.journal.find(call.argument)
    if exchange is None:
        return refuse(404, f"the journal of world {call.world.name} has no exchange {call.argument[:40]}")
    return show(exchange.whole())


ROUTES: Routes = {
    "requests": {"GET": _list_requests, "DELETE": _clear_requests},
    "requests/*": {"GET": _show_request},
}
