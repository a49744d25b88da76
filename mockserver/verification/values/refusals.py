"""Refusals of updates that ask for much: nothing of what they ask is stored, whatever it is and whatever refuses them.

Each cause of a refusal goes out with all that an update could change, before and after it in the body, once with the
loyalty work in the background. The customer is looked at after each, and once more at the end.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.checks import Check, Foretelling, Foretold, Plan, Situation, Unfit
from mockserver.verification.reader import customer_request
from mockserver.verification.statements.asking import LOYALTY, NON_LOYALTY
from mockserver.verification.target import Leave
from mockserver.verification.values import typed
from mockserver.verification.values.pieces import NOTHING, Piece, request_of
from mockserver.verification.values.subjects import Subject, subjects

_BACKGROUND = "&use_async=true"
_UNKNOWN = 2_147_483_000  # no program and no tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why an update is refused: a piece of it, another query, or what is done to the request at last."""

    piece: Piece = NOTHING
    query: Callable[[Subject], str] | None = None
    bend: Callable[[Request], Request] | None = None


def _profile(**members: Any) -> Cause:
    return Cause(piece=Piece(profile=members))


def _body(**members: Any) -> Cause:
    return Cause(piece=Piece(body=members))


def _channel(**members: Any) -> Cause:
    return _profile(commChannels=[members])


def _enrolment(**members: Any) -> Cause:
    return _body(loyaltyProgramEnrollments=[members])


def _query(query: str) -> Cause:
    return Cause(query=lambda _: query)


def _header(name: str, value: str) -> Cause:
    return Cause(bend=lambda request: replace(request, headers={**request.headers, name: value}))


def _bytes(change: Callable[[bytes], bytes]) -> Cause:
    return Cause(bend=lambda request: replace(request, body=change(request.body)))


def _refusals(*causes: Cause, irreversible: bool = False, but: int | None = None) -> Callable[[Situation], Plan]:
    def plan(situation: Situation) -> Plan:
        chosen = tuple(_chosen(situation, irreversible=irreversible))
        lists = (_asked(subject, situation, causes, irreversible=irreversible, but=but) for subject in chosen)
        asked = tuple(one for listed in lists for one in listed)
        return Foretelling(asked) if asked else Unfit("no named customer has a name that could be written back")

    return plan


def _chosen(situation: Situation, *, irreversible: bool) -> Iterator[Subject]:
    """Give a place, and one of a source with several accounts; where all may stay, also a customer of other status."""
    named = [each for each in subjects(situation) if each.names]
    yield from named[:1]
    yield from [each for each in named[1:] if each.place.account is not None and named[0].place.account is None][:1]
    if irreversible:
        yield from [each for each in named[1:] if _status(each) != _status(named[0])][:1]


def _status(subject: Subject) -> Any:
    return subject.state.flat.get("loyaltyType")


def _asked(
    subject: Subject, situation: Situation, causes: Sequence[Cause], *, irreversible: bool, but: int | None = None
) -> Iterator[Foretold]:
    """Give each cause first and last; where all may stay, in turns. `but` is a program that nothing else is about."""
    looks = irreversible and subject.state.has_programs
    pieces = tuple(_wanted(subject, situation, irreversible=irreversible, but=but))
    for number, cause in enumerate(causes):
        for is_first in (number % 2 == 1,) if irreversible else (False, True):
            request = _request(subject, cause, pieces, is_first=is_first)
            yield Foretold(request=request, looks_at_programs=looks, must_be_refused=True)
    yield Foretold(request=customer_request(subject.place), looks_at_programs=looks)


def _request(subject: Subject, cause: Cause, pieces: Sequence[Piece], *, is_first: bool) -> Request:
    """Return an update that is refused; what the cause sends counts, wherever it stands."""
    ordered = [cause.piece, *pieces, _single(cause.piece)] if is_first else [*pieces, cause.piece]
    query = subject.place.query if cause.query is None else cause.query(subject)
    background = _BACKGROUND if is_first else ""
    request = request_of(subject.place, ordered, query=query + background if query else background.removeprefix("&"))
    return request if cause.bend is None else cause.bend(request)


def _single(piece: Piece) -> Piece:
    """Return the members of a piece that are no lists, and so could be overwritten by those of another."""
    profile, body = (
        {name: value for name, value in part.items() if not isinstance(value, list)}
        for part in (piece.profile, piece.body)
    )
    return Piece(profile=profile, body=body)


def _wanted(subject: Subject, situation: Situation, *, irreversible: bool, but: int | None) -> Iterator[Piece]:
    """Give what an update could change: all that is held, and what was not there where that may stay."""
    word = situation.word
    yield Piece(profile={name: f"{word} {name}" for (name,) in subject.names})
    yield Piece(profile={"fields": {member[1]: word for member in subject.custom}})
    extended = {member[1]: _other(subject, member) for member in subject.extended}
    yield Piece(body={"extendedFields": extended})
    for kind, value in subject.channels:
        turned = subject.held["commChannels", kind, value, "verified"] is not True
        meta = {"residence": subject.held.get(("commChannels", kind, value, "meta", "residence")) is not True}
        yield Piece(profile={"commChannels": [{"type": kind, "value": value, "verified": turned, "meta": meta}]})
    if irreversible:
        yield from _lasting(subject, situation, but)


def _other(subject: Subject, member: tuple[str, ...]) -> Any:
    return next((each for each in typed.typed(subject.field_of(member)) if each != subject.held[member]), None)


def _lasting(subject: Subject, situation: Situation, but: int | None) -> Iterator[Piece]:
    """Give a channel, an enrolment, and the status of a member."""
    email = situation.make_up("email")
    if email is not None:
        yield Piece(profile={"commChannels": [{"type": "email", "value": email, "primary": True}]})
    for program in situation.organisation.programs.values():
        item = {"programId": program.id, "tierNumber": program.tiers[-1].number, "loyaltyPoints": 3}
        yield Piece(body={"loyaltyProgramEnrollments": [item]}) if program.id != but else NOTHING
    if _status(subject) == NON_LOYALTY:
        yield Piece(body={"loyaltyInfo": {"loyaltyType": LOYALTY}})


def _with_account(subject: Subject) -> str:
    return f"source={subject.place.source}&accountId=no-such-account"


def _without_account(subject: Subject) -> str:
    return f"source={subject.place.source}"


def _in_last_program(**members: Any) -> Callable[[Situation], Plan]:
    """Refuse an enrolment in the organisation's last program, which nothing else in the update is about."""

    def plan(situation: Situation) -> Plan:
        programs = list(situation.organisation.programs)
        if not programs:
            return Unfit("the organisation has no program")
        cause = _enrolment(programId=programs[-1], **members)
        return _refusals(cause, cause, irreversible=True, but=programs[-1])(situation)

    return plan


_SOURCES = (_query(""), _query("source=FAX"), _query("source=instore"), _query("source="))
_ACCOUNTS = (Cause(query=_with_account),)
_NO_ACCOUNT = (Cause(query=_without_account),)
_CHANNEL_TYPES = (
    _channel(type="fax", value="12"),
    _channel(value="12"),
    _channel(type="Email", value="nova@example.com"),
    _channel(type=None, value="12"),
    _channel(type=7, value="12"),
)
_PROFILES = (
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
_BODIES = (
    _body(extendedFields=5),
    _body(extendedFields={"city": {"x": 1}}),
    _body(extendedFields={"city": ["x"]}),
    _body(loyaltyInfo=5),
    _body(loyaltyInfo={"loyaltyType": "platinum"}),
    _body(loyaltyInfo={"loyaltyType": 5}),
    _body(loyaltyProgramEnrollments=5),
    _body(loyaltyProgramEnrollments=["x"]),
)
_REQUESTS = (
    _header("content-type", "text/plain"),
    _header("accept", "text/html"),
    _bytes(lambda body: body[:-1]),
    _bytes(lambda body: body + b"}"),
    _bytes(lambda body: b"[" + body + b"]"),
    _bytes(lambda body: body.replace(b'"profiles"', b"'profiles'")),
    Cause(piece=Piece(query="&use_async=maybe")),
)
_PROGRAMS = (_enrolment(programId=_UNKNOWN), _enrolment(programId=-1), _enrolment(programId=0))
_ENROLMENTS = (
    _enrolment(tierNumber=1),
    _enrolment(programId="x"),
    _enrolment(programId=_UNKNOWN, loyaltyPoints=-1),
    _enrolment(programId=_UNKNOWN, loyaltyPoints=1.5),
    _enrolment(programId=_UNKNOWN, tierNumber="x"),
    _enrolment(programId=_UNKNOWN, tierExpiryDate="tomorrow"),
    _enrolment(programId=_UNKNOWN, pointsExpiryDate="2031-02-30T00:00:00Z"),
)
_GROUPS: Mapping[str, tuple[str, tuple[Cause, ...], tuple[str, ...]]] = {
    "source": ("its source", _SOURCES, ("UPD-QRY-1", "UPD-PRE-2")),
    "account": ("its account", _ACCOUNTS, ("UPD-ERR-2", "UPD-QRY-2")),
    "missing-account": ("the account that it lacks", _NO_ACCOUNT, ("UPD-QRY-6", "UPD-QRY-2")),
    "channel-type": ("the type of a channel", _CHANNEL_TYPES, ("UPD-BODY-8",)),
    "profile": ("the form of a profile", _PROFILES, ("UPD-USE-1", "UPD-BODY-1", "UPD-BODY-29")),
    "body": ("the form of its body", _BODIES, ("UPD-USE-1", "UPD-BODY-15", "UPD-BODY-16")),
    "request": ("the form of the request", _REQUESTS, ("UPD-EX-3", "UPD-QRY-7")),
}


def _check(name: str, why: str, plan: Callable[[Situation], Plan], statements: tuple[str, ...], leave: Leave) -> Check:
    return Check(
        id=name,
        law=f"An update that is refused for {why} changes nothing",
        plan=plan,
        statements=statements,
        leave=leave,
        looks_at_programs=leave is Leave.IRREVERSIBLE,
    )


def _checks() -> Iterator[Check]:
    for name, (why, causes, statements) in _GROUPS.items():
        yield _check(f"refused-for-{name}", why, _refusals(*causes), statements, Leave.WRITES)
    for name, (why, causes, statements) in _GROUPS.items():
        plan = _refusals(*causes, irreversible=True)
        yield _check(f"refused-for-{name}-with-all", why, plan, statements, Leave.IRREVERSIBLE)
    for name, why, plan, statements in (
        ("program", "a program", _refusals(*_PROGRAMS, irreversible=True), ("UPD-BODY-20", "UPD-BODY-19")),
        ("tier", "a tier", _in_last_program(tierNumber=_UNKNOWN), ("UPD-BODY-22",)),
        ("enrolment", "the form of an enrolment", _refusals(*_ENROLMENTS, irreversible=True), ("UPD-USE-1",)),
        ("points", "points", _in_last_program(loyaltyPoints=-1), ("UPD-USE-1", "UPD-BODY-23")),
        ("expiry", "an expiry", _in_last_program(tierExpiryDate="tomorrow"), ("UPD-USE-1", "UPD-BODY-24")),
        ("downgrade", "a downgrade", _downgrade, ("UPD-LIM-3", "UPD-USE-3")),
    ):
        yield _check(f"refused-for-{name}", why, plan, statements, Leave.IRREVERSIBLE)


def _downgrade(situation: Situation) -> Plan:
    """Refuse it to the loyalty customer with whom most else could be done."""
    cause = _body(loyaltyInfo={"loyaltyType": NON_LOYALTY})
    loyal = [subject for subject in subjects(situation) if subject.names and _status(subject) == LOYALTY]
    if not loyal:
        return Unfit("no named customer is loyalty")
    subject = min(loyal, key=lambda each: sum(path.startswith("programs/") for path in each.state.flat))
    return Foretelling(tuple(_asked(subject, situation, (cause, cause), irreversible=True)))


CHECKS = tuple(_checks())
