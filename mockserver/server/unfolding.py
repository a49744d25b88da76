"""The whole of an exchange: why it was answered so, what it changed, and how to mend the request.

The journal keeps what an answer depended on; here the pure core is asked again. So an exchange that nobody looks at
costs nothing, and one that is looked at is explained by the very steps that answered it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mockserver.contract.violation import part_of
from mockserver.domain.customer import CustomerId
from mockserver.domain.outcome import BasisItem
from mockserver.exchange import Load, Reply
from mockserver.exchange.explaining import Stage, changes_of, explain
from mockserver.exchange.passage import before
from mockserver.exchange.plain import plain
from mockserver.exchange.repairing import find_repair
from mockserver.exchange.secrecy import is_secret_header
from mockserver.exchange.snippets import as_curl
from mockserver.messages import Request
from mockserver.server.journal import Exchange
from mockserver.values import replace


def unfold(exchange: Exchange, base_url: str, *, load: Load, known: Iterable[CustomerId] = ()) -> dict[str, Any]:
    """Return the whole of an exchange as JSON.

    `base_url` is where the exchange's world answers. `load` finds customers that the answer did not depend on, and
    `known` are their ids: a repair may lead to another customer.
    """
    load_before = before(exchange.loaded, load)
    stages = _stages(exchange, load_before)
    return {
        **exchange.summary(),
        "request": _message(exchange.request.headers, exchange.request.body),
        "response": _message(exchange.reply.response.headers, exchange.reply.response.body),
        "why": [stage.record() for stage in stages],
        "said": exchange.reply.why,
        "violations": _violations(stages[-1]),
        "decided": _decided(exchange, stages[-1]),
        "changes": changes(exchange),
        "repair": _repair(exchange, base_url, load_before, known),
        "curl": curl(exchange, base_url),
        "faults": [dict(fault) for fault in exchange.faults],
    }


def changes(exchange: Exchange) -> list[dict[str, Any]]:
    """Return what the exchange changed at once, each `member` with `previous` and `current`."""
    return [change for after in exchange.reply.changed for change in changes_of(exchange.loaded.get(after.id), after)]


def curl(exchange: Exchange, base_url: str) -> str:
    """Return the command that sends the request again; a credential is a variable of the shell."""
    anonymous = not any(is_secret_header(name) for name in exchange.request.headers)
    return as_curl(exchange.request, base_url, anonymous=anonymous)


def _stages(exchange: Exchange, load: Load) -> tuple[Stage, ...]:
    """Return the steps of judgement; of a preflight, or where a fault cut the connection before any, that alone.

    Where what is hidden mattered, so that the request as it is kept comes to another end, only the end is told.
    """
    reply = exchange.reply
    if exchange.preflight:
        return (_preflight(exchange),)
    if not reply.response.status:
        return (Stage(name="fault", outcome="cut", why=plain(reply.why), basis=reply.basis),)
    request = _as_decided(exchange)
    stages = explain(exchange.setting, request, load=load, now=exchange.time, answered=reply)
    return stages if _ends_as(stages, reply) else (_hidden_stage(reply),)


def _ends_as(stages: Sequence[Stage], reply: Reply) -> bool:
    """Tell whether the steps come to a reply's status, code and warnings."""
    warnings = tuple(code for stage in stages for code in stage.warnings)
    is_alike = (stages[-1].status, stages[-1].code) == (reply.response.status, reply.code)
    return is_alike and (reply.forced or warnings == reply.warnings)


def _hidden_stage(reply: Reply) -> Stage:
    outcome = "answered" if reply.code is None or reply.forced else "refused"
    said = {"place": plain(reply.place), "why": plain(reply.why), "basis": reply.basis}
    return Stage(name="hidden", outcome=outcome, status=reply.response.status, code=reply.code, **said)


def _preflight(exchange: Exchange) -> Stage:
    reply = exchange.reply
    return Stage(
        name="preflight",
        outcome="answered" if reply.code is None else "refused",
        place=plain(reply.place),
        why=plain(reply.why),
        basis=reply.basis,
        status=reply.response.status,
        code=reply.code,
    )


def _as_decided(exchange: Exchange) -> Request:
    """Return the request as the core decided it: where a fault asked for an answer, with that preference."""
    asked = [fault["prefer"] for fault in exchange.faults if "prefer" in fault]
    if not asked:
        return exchange.request
    return replace(exchange.request, headers={**exchange.request.headers, "prefer": asked[0]})


def _message(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    return {"headers": dict(headers), "body": body.decode("utf-8", "backslashreplace")}


def _violations(last: Stage) -> list[dict[str, Any]]:
    """Return all breaches of the contract; `pointer` is the JSON Pointer within the body, null elsewhere."""
    listed = last.value.get("violations", ()) if isinstance(last.value, dict) else ()
    return [{"place": item["place"], "pointer": _pointer(item["place"]), **item} for item in listed]


def _pointer(place: str) -> str | None:
    return place.removeprefix("body") if part_of(place) == "body" else None


def _decided(exchange: Exchange, last: Stage) -> dict[str, Any]:
    """Return the step, the rule of the contract, the questions and the statements that decided."""
    reply = exchange.reply
    return {
        "stage": last.name,
        "place": plain(reply.place) or None,
        "rule": None if reply.violation is None else reply.violation.rule,
        "basis": [_named(exchange, item) for item in reply.rests_on],
        "advice": plain(reply.repair) or None,
    }


def _named(exchange: Exchange, item: BasisItem) -> dict[str, Any]:
    """Return one thing that an answer rests on; a question comes with the answer that the dialect gives it."""
    answers = exchange.setting.dialect.answers
    answer = {"answer": answers[item.name]} if item.name in answers else {}
    return {"kind": item.kind, "name": item.name, **answer}


def _repair(exchange: Exchange, base_url: str, load: Load, known: Iterable[CustomerId]) -> dict[str, Any] | None:
    """Return the edits that would have made the request pass, and the command that sends it so."""
    if exchange.preflight:  # the cure is an option of the server
        return None
    found = find_repair(
        exchange.setting, exchange.request, load=load, now=exchange.time, known=known, answered=exchange.reply
    )
    return None if found is None else {**found.record(), "curl": as_curl(found.request, base_url)}
