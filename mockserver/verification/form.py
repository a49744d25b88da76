"""What every answer of the vendor's API must be like, whatever was asked: the promises of form.

A body that parses as JSON is judged whatever its Content-Type says. The body of a 401 is nobody's promise: no page
shows one. What a front server refuses by itself (a path or a request that it cannot read) is not looked at here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract import Contract, RouteMatch, Violation
from mockserver.contract.pointers import find, steps_of
from mockserver.contract.violation import glimpse, pointer
from mockserver.errors import ContractError
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import ABSENT, Kind, Mismatch
from mockserver.verification.findings import Grade
from mockserver.verification.strictness import Flaw, flaws_of_bytes
from mockserver.verification.wording import Held, Wording, own, worded

_UNAUTHORISED = 401
_SHOWN = 120  # characters of a body that a message shows
_SHOWN_AS = {str: "the text {}", int: "the number {}", float: "the number {}"}
# Refusals are nowhere on the page; samples of sibling requests show them.
_PUBLISHED = ("#/components/schemas/Refusal", "#/components/schemas/Remark")


def flaws_of_form(exchange: Exchange, contract: Contract) -> tuple[Flaw, ...]:
    """Return what is wrong with the form of an answer, the gravest first; nothing for a path of no operation."""
    routed = contract.route(exchange.request.method, exchange.request.path)
    status = exchange.response.status
    if not isinstance(routed, RouteMatch) or status == _UNAUTHORISED or exchange.request.method == "HEAD":
        return ()
    if status >= 500 and status != 503:
        return (_flaw("status", "no failure of the server", own(str(status)), Grade.BROKEN, Kind.FAILURE),)
    if exchange.body is ABSENT:
        return (_flaw("body", "JSON", _shown(exchange.response.body), Grade.UNLIKE),)
    found = [*flaws_of_bytes(exchange), *_flaws_of_body(exchange, contract, routed)]
    return tuple(sorted(found, key=lambda flaw: flaw.grade is not Grade.BROKEN))


def _flaws_of_body(exchange: Exchange, contract: Contract, routed: RouteMatch) -> Iterator[Flaw]:
    responses, status = routed.operation.responses, str(exchange.response.status)
    if status not in responses and "default" not in responses:
        yield _flaw("status", f"one of {', '.join(sorted(responses))}", own(status), Grade.BROKEN)
        return
    schema = responses.get(status) or responses.get("default")
    if schema is None or schema.is_valid(exchange.body):
        return
    for violation in schema.violations(exchange.body, "body")[:1]:
        is_published = violation.rule.startswith(_PUBLISHED)
        grade = Grade.UNLIKE if is_published else Grade.BROKEN
        statement = statement_at(contract.document, violation)
        yield Flaw(mismatch=mismatch_of(violation, exchange.body), grade=grade, statement=statement)


def mismatch_of(violation: Violation, body: Any) -> Mismatch:  # Any: JSON
    """Return what a body has at a place where the contract wants something else."""
    promised, found = own(violation.wanted or "as the contract has it"), _value_at(body, violation.place)
    came = own("missing") if found is ABSENT else worded(_SHOWN_AS.get(type(found), "{}"), Held(found, glimpse))
    return Mismatch(place=violation.place, promised=promised, came=came, kind=Kind.FORM)


def _value_at(body: Any, place: str) -> Any:
    """Return what stands at a place such as `body/profiles/0`; ABSENT where nothing does."""
    for name in place.split("/")[1:]:
        inner = name.replace("~1", "/").replace("~0", "~")
        if isinstance(body, list) and inner.isdecimal() and int(inner) < len(body):
            body = body[int(inner)]
        else:
            body = body.get(inner, ABSENT) if isinstance(body, Mapping) else ABSENT
    return body


def statement_at(document: Mapping[str, Any], violation: Violation) -> str:
    """Return the statement that the broken rule's node carries, or the nearest node around it, or its sibling."""
    missing = violation.place.rpartition("/")[2]
    steps = steps_of(violation.rule)
    for length in range(len(steps), 1, -1):
        node = _find(document, steps[:length])
        named = _named(node) or _named(_property(node, missing))
        if named:
            return named
    return ""


def _find(document: Mapping[str, Any], steps: list[str]) -> Any:
    try:
        return find(document, f"#{pointer(steps)}")
    except ContractError:  # a rule may stand inside what a reference leads to
        return None


def _property(node: Any, name: str) -> Any:
    return node.get("properties", {}).get(name) if isinstance(node, Mapping) else None


def _named(node: Any) -> str:
    names = node.get("x-statements", ()) if isinstance(node, Mapping) else ()
    return str(names[0]) if names else ""


def _flaw(place: str, promised: str, came: str, grade: Grade, kind: Kind = Kind.FORM) -> Flaw:
    return Flaw(mismatch=Mismatch(place=place, promised=own(promised), came=came, kind=kind), grade=grade)


def _shown(body: bytes) -> Wording:
    text = body[:_SHOWN].decode("utf-8", "replace").strip()
    return worded("no JSON: {}", text) if text else own("an empty body")
