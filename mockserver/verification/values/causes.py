"""Causes of refusals: what of an update refuses it, by our own answers, whatever else it asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.values.pieces import NOTHING, Piece
from mockserver.verification.values.subjects import Subject

UNKNOWN = 2_147_483_000  # no program and no tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why an update is refused: a piece of it, another query, or what is done to the request at last."""

    piece: Piece = NOTHING
    query: Callable[[Subject], str] | None = None
    bend: Callable[[Request], Request] | None = None


def _profile(**members: Any) -> Cause:
    return Cause(piece=Piece(profile=members))


def body(**members: Any) -> Cause:
    """Return that members of the body refuse it."""
    return Cause(piece=Piece(body=members))


def _channel(**members: Any) -> Cause:
    return _profile(commChannels=[members])


def enrolment(**members: Any) -> Cause:
    """Return that an enrolment refuses it."""
    return body(loyaltyProgramEnrollments=[members])


def _query(query: str) -> Cause:
    return Cause(query=lambda _: query)


def _header(name: str, value: str) -> Cause:
    return Cause(bend=lambda request: replace(request, headers={**request.headers, name: value}))


def _bytes(change: Callable[[bytes], bytes]) -> Cause:
    return Cause(bend=lambda request: replace(request, body=change(request.body)))


def _with_account(subject: Subject) -> str:
    return f"source={subject.place.source}&accountId=no-such-account"


def _without_account(subject: Subject) -> str:
    return f"source={subject.place.source}"


SOURCES = (_query(""), _query("source=FAX"), _query("source=instore"), _query("source="))
ACCOUNTS = (Cause(query=_with_account),)
NO_ACCOUNT = (Cause(query=_without_account),)
CHANNEL_TYPES = (
    _channel(type="fax", value="12"),
    _channel(value="12"),
    _channel(type="Email", value="nova@example.com"),
    _channel(type=None, value="12"),
    _channel(type=7, value="12"),
)
PROFILES = (
    _profile(firstName=5),
    _profile(lastName=["x"]),
    _profile(fields=5),
    _profile(fields={"city": 5}),
    _profile(commChannels=5),
    _profile(commChannels=["x"]),
    _channel(type="email", value=5),
    _channel(type="email", value="nova@example.com", primary="yes"),
    _channel(type="email", value="nova@example.com", verified=1),
    _channel(type="email", value="nova@example.com", meta=["x"]),
    _channel(type="email", value="nova@example.com", meta={"residence": "maybe"}),
    _profile(identifiers=5),
    Cause(piece=Piece(after=(5,))),  # type: ignore[arg-type]  # what must be refused
)
BODIES = (
    body(extendedFields=5),
    body(extendedFields={"city": {"x": 1}}),
    body(extendedFields={"city": ["x"]}),
    body(loyaltyInfo=5),
    body(loyaltyInfo={"loyaltyType": "platinum"}),
    body(loyaltyInfo={"loyaltyType": 5}),
    body(loyaltyProgramEnrollments=5),
    body(loyaltyProgramEnrollments=["x"]),
)
REQUESTS = (
    _header("content-type", "text/plain"),
    _header("accept", "text/html"),
    _bytes(lambda body: body[:-1]),
    _bytes(lambda body: body + b"}"),
    _bytes(lambda body: b"[" + body + b"]"),
    _bytes(lambda body: body.replace(b'"profiles"', b"'profiles'")),
    Cause(piece=Piece(query="&use_async=maybe")),
)
PROGRAMS = (enrolment(programId=UNKNOWN), enrolment(programId=-1), enrolment(programId=0))
ENROLMENTS = (
    enrolment(tierNumber=1),
    enrolment(programId="x"),
    enrolment(programId=UNKNOWN, loyaltyPoints=-1),
    enrolment(programId=UNKNOWN, loyaltyPoints=1.5),
    enrolment(programId=UNKNOWN, tierNumber="x"),
    enrolment(programId=UNKNOWN, tierExpiryDate="tomorrow"),
    enrolment(programId=UNKNOWN, pointsExpiryDate="2031-02-30T00:00:00Z"),
)
