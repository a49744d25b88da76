"""The steps before the contract judges what was sent: what came, who asks, and what can be read.

Of the order of judgement: what could not be received, then 401, 415, 406, 413 and 400.
"""

from collections.abc import Mapping

from mockserver.contract import Violation, read_json
from mockserver.domain.outcome import Basis, Refusal
from mockserver.exchange.authentication import find_fault
from mockserver.exchange.negotiation import CODINGS, accepts_json, is_json, read_coding
from mockserver.exchange.passage import Passage
from mockserver.exchange.rendering import refuse, render_refusal
from mockserver.exchange.reply import Reply
from mockserver.messages import Obstacle
from mockserver.operations.operation import read_id

CONTINUE = "100-continue"  # the only expectation that there is (RFC 9110 §10.1.1)


def unmet(expected: str) -> Obstacle:
    """Return what an Expect other than 100-continue comes to: its sender holds the body back until it is answered."""
    why = f"{expected[:40]} is unknown; send {CONTINUE}, or none"
    return Obstacle(code="417", place="header/Expect", why=why)


def receive(passage: Passage) -> Reply | None:
    """Refuse what the shell could not receive as a request."""
    met = passage.request.obstacle
    return None if met is None else refuse(passage.setting, met.code, met.why, place=met.place)


def authenticate(passage: Passage) -> Reply | None:
    """Refuse who has no credentials, or not those that the setting wants, where the operation wants any."""
    if not passage.operation.needs_credentials:
        return None
    fault = find_fault(passage.setting, passage.request.headers)
    return None if fault is None else _refuse(passage, "401", fault.place, fault.why)


def negotiate(passage: Passage) -> Reply | None:
    """Refuse a body that is not said to be JSON, and a client that takes no JSON."""
    headers = passage.request.headers
    if has_body(passage) and not is_json(headers.get("content-type")):
        why = f"{headers.get('content-type', 'none')[:80]} is not application/json"
        return _refuse(passage, "415", "header/Content-Type", why)
    if "content-encoding" in headers and has_body(passage) and read_coding(headers["content-encoding"]) is None:
        why = f"{headers['content-encoding'][:80]} is unknown; send gzip or deflate, or leave it out"
        return _refuse(passage, "415", "header/Content-Encoding", why, headers={"Accept-Encoding": CODINGS})
    if not accepts_json(headers.get("accept")):
        why = f"{headers['accept'][:80]} excludes application/json"
        return _refuse(passage, "406", "header/Accept", why)
    return None


def read_body(passage: Passage) -> Reply | None:
    """Read the body as strict JSON; that of a read is not looked at."""
    passage.body = None
    request = passage.request
    if request.oversized:
        return _refuse(passage, "413", "body", "is larger than 1 MiB")
    if request.undecodable:
        return _refuse(passage, "400", "body", request.undecodable)
    if not request.body or not passage.endpoint.takes_body:
        return None
    parsed = read_json(request.body)
    if isinstance(parsed, Violation):
        return refuse_violation(passage, parsed)
    passage.body = parsed
    return None


def has_body(passage: Passage) -> bool:
    """Tell whether there is a body that the operation takes."""
    request = passage.request
    return passage.endpoint.takes_body and bool(request.body or request.oversized or request.undecodable)


def refuse_violation(passage: Passage, violation: Violation, *questions: str) -> Reply:
    """Refuse with the code that the vendor has for the place, else 400."""
    return render_refusal(
        passage.setting,
        Refusal(code=violation.refusal or "400", place=violation.place, why=violation.problem),
        Basis(questions=questions),
        operation=passage.endpoint.id,
        customer=read_id(passage.path_id),
        violation=violation,
    )


def _refuse(passage: Passage, code: str, place: str, why: str, *, headers: Mapping[str, str] | None = None) -> Reply:
    return render_refusal(
        passage.setting,
        Refusal(code=code, place=place, why=why),
        Basis(),
        operation=passage.endpoint.id,
        customer=read_id(passage.path_id),
        headers=headers,
    )
