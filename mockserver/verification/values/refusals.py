"""Refusals of updates that ask for much: nothing of what they ask is stored, whatever it is and whatever refuses them.

Each cause of a refusal goes out with all that an update could change, before and after it in the body, once with the
loyalty work in the background. The customer is looked at after each, and once more at the end.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.messages import Request
from mockserver.verification.checks import Check, Foretelling, Foretold, Plan, Situation, Unfit
from mockserver.verification.reader import customer_request
from mockserver.verification.statements.asking import LOYALTY, NON_LOYALTY
from mockserver.verification.target import Leave
from mockserver.verification.values import causes, typed
from mockserver.verification.values.causes import UNKNOWN, Cause, body, enrolment
from mockserver.verification.values.pieces import NOTHING, Piece, request_of
from mockserver.verification.values.subjects import Subject, subjects

_BACKGROUND = "&use_async=true"


def _refusals(*reasons: Cause, irreversible: bool = False, but: int | None = None) -> Callable[[Situation], Plan]:
    def plan(situation: Situation) -> Plan:
        chosen = tuple(_chosen(situation, irreversible=irreversible))
        lists = (
            _asked(subject, situation, reasons, irreversible=irreversible, but=but, turn=turn)
            for turn, subject in enumerate(chosen)
        )
        asked = tuple(one for listed in lists for one in listed)
        return Foretelling(asked) if asked else Unfit("no named customer has a name that could be written back")

    return plan


def _chosen(situation: Situation, *, irreversible: bool) -> Iterator[Subject]:
    """Give a place, and one of a source with several accounts; where all may stay, one of another status instead."""
    named = [each for each in subjects(situation) if each.names]
    yield from named[:1]
    if irreversible:
        yield from [each for each in named[1:] if _status(each) != _status(named[0])][:1]
    else:
        yield from [each for each in named[1:] if (each.place.account is None) != (named[0].place.account is None)][:1]


def _status(subject: Subject) -> Any:
    return subject.state.flat.get("loyaltyType")


def _asked(
    subject: Subject,
    situation: Situation,
    reasons: Sequence[Cause],
    *,
    irreversible: bool,
    but: int | None = None,
    turn: int = 0,
) -> Iterator[Foretold]:
    """Give the causes, first and last in turns. `but` is a program that nothing else in the update is about."""
    looks = irreversible and subject.state.has_programs
    pieces = tuple(_wanted(subject, situation, irreversible=irreversible, but=but))
    for number, cause in enumerate(reasons, start=turn):
        request = _request(subject, cause, pieces, is_first=number % 2 == 1)
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


def _in_last_program(**members: Any) -> Callable[[Situation], Plan]:
    """Refuse an enrolment in the organisation's last program, which nothing else in the update is about."""

    def plan(situation: Situation) -> Plan:
        programs = list(situation.organisation.programs)
        if not programs:
            return Unfit("the organisation has no program")
        cause = enrolment(programId=programs[-1], **members)
        return _refusals(cause, cause, irreversible=True, but=programs[-1])(situation)

    return plan


_GROUPS: Mapping[str, tuple[str, tuple[Cause, ...], tuple[str, ...]]] = {
    "source": ("its source", causes.SOURCES, ("UPD-QRY-1", "UPD-PRE-2")),
    "account": ("its account", causes.ACCOUNTS, ("UPD-ERR-2", "UPD-QRY-2")),
    "missing-account": ("the account that it lacks", causes.NO_ACCOUNT, ("UPD-QRY-6", "UPD-QRY-2")),
    "channel-type": ("the type of a channel", causes.CHANNEL_TYPES, ("UPD-BODY-8",)),
    "profile": ("the form of a profile", causes.PROFILES, ("UPD-USE-1", "UPD-BODY-1", "UPD-BODY-29")),
    "body": ("the form of its body", causes.BODIES, ("UPD-USE-1", "UPD-BODY-15", "UPD-BODY-16")),
    "request": ("the form of the request", causes.REQUESTS, ("UPD-EX-3", "UPD-QRY-7")),
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
    for name, (why, reasons, statements) in _GROUPS.items():
        yield _check(f"refused-for-{name}", why, _refusals(*reasons), statements, Leave.WRITES)
    for name, (why, reasons, statements) in _GROUPS.items():
        plan = _refusals(*reasons, irreversible=True)
        yield _check(f"refused-for-{name}-with-all", why, plan, statements, Leave.IRREVERSIBLE)
    for name, why, plan, statements in (
        ("program", "a program", _refusals(*causes.PROGRAMS, irreversible=True), ("UPD-BODY-20", "UPD-BODY-19")),
        ("tier", "a tier", _in_last_program(tierNumber=UNKNOWN), ("UPD-BODY-22",)),
        ("enrolment", "the form of an enrolment", _refusals(*causes.ENROLMENTS, irreversible=True), ("UPD-USE-1",)),
        ("points", "points", _in_last_program(loyaltyPoints=-1), ("UPD-USE-1", "UPD-BODY-23")),
        ("expiry", "an expiry", _in_last_program(tierExpiryDate="tomorrow"), ("UPD-USE-1", "UPD-BODY-24")),
        ("downgrade", "a downgrade", _downgrade, ("UPD-LIM-3", "UPD-USE-3")),
    ):
        yield _check(f"refused-for-{name}", why, plan, statements, Leave.IRREVERSIBLE)


def _downgrade(situation: Situation) -> Plan:
    """Refuse it to the loyalty customer with whom most else could be done."""
    cause = body(loyaltyInfo={"loyaltyType": NON_LOYALTY})
    loyal = [subject for subject in subjects(situation) if subject.names and _status(subject) == LOYALTY]
    if not loyal:
        return Unfit("no named customer is loyalty")
    subject = min(loyal, key=lambda each: sum(path.startswith("programs/") for path in each.state.flat))
    return Foretelling(tuple(_asked(subject, situation, (cause, cause), irreversible=True)))


CHECKS = tuple(_checks())
