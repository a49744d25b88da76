"""The laws of updates that the model checks, what a step must come to, and which statement a mismatch is about.

What must come of a step is written by our own answers to the questions: the judge finds out whether the expected
dialect, or another listed answer, explains what came instead.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.messages import Request
from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.expectation import ABSENT, Expectation, Kind, Mismatch, Pattern
from mockserver.verification.naming import statement_at_place
from mockserver.verification.outcomes import Prediction
from mockserver.verification.state import State
from mockserver.verification.target import Leave


def _drawn(_: Situation) -> Plan:
    return Unfit("the model draws its steps itself")


def _law(name: str, law: str, *statements: str, leave: Leave = Leave.WRITES) -> Check:
    return Check(id=f"model-{name}", law=law, statements=statements, plan=_drawn, leave=leave)


AS_PREDICTED = _law("as-predicted", "Any sequence of updates ends as the page says, step by step", "UPD-USE-1")
REFUSAL = _law("refusal-changes-nothing", "A refused update changes nothing", "UPD-USE-1")
TWICE = _law("twice-is-once", "The same update sent again changes nothing more", "UPD-USE-1")
COMMUTE = _law("disjoint-updates-commute", "Updates of different members end alike in either order", "UPD-USE-1")
WRITTEN = _law("read-as-written", "What was written is what is read", "UPD-USE-1")
UNSENT = _law("unsent-stays", "What an update does not send stays as it was", "UPD-USE-1")
OTHERS = _law("others-untouched", "An update changes no other customer", "UPD-PATH-1")
POINTS = _law(
    "points-as-told",
    "The points that an answer tells are those that the customer gains",
    "UPD-RSP-3",
    leave=Leave.IRREVERSIBLE,
)
# In the order in which they are decided: the laws first, which need few requests.
MODEL_CHECKS: tuple[Check, ...] = (WRITTEN, UNSENT, OTHERS, TWICE, REFUSAL, COMMUTE, POINTS, AS_PREDICTED)


def as_predicted(before: State, prediction: Prediction, request: Request) -> Expectation:
    """Return what must come of a step, as the core predicts it."""
    outcome = prediction.outcome
    if not outcome.granted:
        return Expectation(status=outcome.status, code=outcome.code, changes={})
    return Expectation(
        status=outcome.status,
        warnings=outcome.warnings,
        body=dict(_members_of(prediction, request)),
        changes=_changes_of(before, prediction, request),
    )


def _changes_of(before: State, prediction: Prediction, request: Request) -> Mapping[str, Pattern]:
    """Return what must be different; on becoming loyalty the organisation pays what incentives it likes.

    Then points in a new program are at least those that were asked for, and nothing is said of a program that the
    customer was in.
    """
    changes = {path: None if value is ABSENT else value for path, value in (prediction.outcome.changes or {}).items()}
    if not prediction.becomes_loyalty:
        return changes
    held = {path.rpartition("/")[0] for path in before.flat if path.startswith("programs/")}
    asked = asked_points(request)
    changes |= {path: {"$at_least": asked.get(path, 0)} for path in changes if path.endswith("/points")}
    kept = {path: pattern for path, pattern in changes.items() if path.rpartition("/")[0] not in held}
    return kept | {f"{program}/*": {"$any": True} for program in held}


def _members_of(prediction: Prediction, request: Request) -> Iterator[tuple[str, Pattern]]:
    """Give the members of a granted answer; side effects beyond those predicted are the organisation's own."""
    yield "createdId", {"$id": int(request.path.rpartition("/")[2])}
    points = prediction.outcome.points
    if points is None:
        yield "sideEffects", {"$without": [{"type": "points"}]}
    elif points and not prediction.becomes_loyalty:
        yield "sideEffects", {"$contains": [{"type": "points", "awardedPoints": awarded} for awarded in points]}


def asked_points(request: Request) -> Mapping[str, float]:
    """Return the points that an update's enrolments ask for, by path; the first item of a program counts."""
    asked: dict[str, float] = {}
    for item in _sent(request).get("loyaltyProgramEnrollments") or []:
        asked.setdefault(f"programs/{item.get('programId')}/points", item.get("loyaltyPoints") or 0)
    return asked


def touches_programs(request: Request) -> bool:
    """Tell whether an update may enrol, so that it cannot be predicted where programs are not read."""
    sent = _sent(request)
    return sent.get("loyaltyInfo") == {"loyaltyType": "loyalty"} or bool(sent.get("loyaltyProgramEnrollments"))


def is_async(request: Request) -> bool:
    """Tell whether an update asks for loyalty activities in the background."""
    return "use_async=true" in request.query


def written(before: State, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be different after plain values are written at these paths, and nothing else."""
    return {path: value for path, value in values.items() if before.flat.get(path, ABSENT) != value}


def differing(before: Any, after: Any) -> Pattern:
    """Return the pattern of a body as it was, with no more than what is different now."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        changed = {name: differing(before[name], after.get(name)) for name in before if before[name] != after.get(name)}
        return changed | {name: {"$absent": True} for name in after if name not in before}
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = zip(before, after, strict=True)
        return [differing(was, now) if was != now else {"$any": True} for was, now in pairs]
    return before


def statement_of(wrong: Sequence[Mismatch], prediction: Prediction, request: Request) -> str:
    """Return the statement that what went wrong, and nothing explains, is about; the first is the main thing."""
    where = wrong[0].place
    if where.startswith("state/"):
        return _of_state(where, prediction, request, stayed=wrong[0].kind is Kind.KEPT)
    if where in ("status", "code"):
        return _of_status(prediction, is_refused=any(one.place == "code" for one in wrong))
    return statement_at_place(where) or _OF_ANSWERS.get(where.partition("/")[0], "UPD-RSP-1")


def statement_of_refusal(prediction: Prediction) -> str:
    """Return the statement that a predicted refusal rests on."""
    named = (name for name in prediction.names if name.startswith("UPD-"))
    return next(named, _OF_CODES.get(prediction.outcome.code or 0, "UPD-USE-1"))


def in_background(wrong: Mismatch, request: Request) -> bool:
    """Tell whether a mismatch of a smallest example is about use_async=true: nothing else of it could be left out."""
    is_lost = wrong.kind is Kind.KEPT and wrong.place.startswith(("state/profiles/", "state/extendedFields/"))
    return is_async(request) and (is_lost or wrong.place.startswith("body/sideEffects"))


def _of_state(where: str, prediction: Prediction, request: Request, *, stayed: bool) -> str:
    if where == "state/loyaltyType":
        return "UPD-LIM-3" if b"non_loyalty" in request.body else "UPD-USE-3"
    if where.startswith("state/programs/"):
        return _of_program(where, prediction, stayed=stayed)
    if where.startswith("state/profiles/") and not f"{where}/".startswith(f"state/profiles/{_meant(request)}/"):
        return "UPD-QRY-1"  # the source of the query is the one that is updated
    # A channel is told by its flags; where they did not come, the whole channel may be missing.
    return "UPD-BODY-7" if stayed and "/commChannels/" in where else statement_at_place(where) or "UPD-USE-1"


def _meant(request: Request) -> str:
    """Return the source, and the account, that a query names."""
    said = dict(part.partition("=")[::2] for part in request.query.split("&"))
    return ":".join(said[name] for name in ("source", "accountId") if name in said)


def _of_program(where: str, prediction: Prediction, *, stayed: bool) -> str:
    if where.removeprefix("state/") not in (prediction.outcome.changes or {}):
        return "UPD-BODY-21" if "UPD-BODY-21" in prediction.names else "UPD-BODY-19"
    return "UPD-BODY-19" if stayed else statement_at_place(where)


def _of_status(prediction: Prediction, *, is_refused: bool) -> str:
    """A refusal that did not come is about what the page says of it, a grant about the last member that was sent."""
    named = [name for name in prediction.names if name.startswith("UPD-")]
    if not prediction.outcome.granted:
        return statement_of_refusal(prediction)
    members = [name for name in named if is_refused and name.startswith("UPD-BODY-")]
    return members[-1] if members else "UPD-USE-1"


def _sent(request: Request) -> Mapping[str, Any]:
    try:
        sent = json.loads(request.body)
    except ValueError:  # a body that must be refused
        return {}
    return sent if isinstance(sent, dict) else {}


_OF_ANSWERS: Mapping[str, str] = {"header": "UPD-EX-3", "state": "UPD-USE-1", "warnings": "UPD-RSP-2"}
_OF_CODES: Mapping[int, str] = {
    1101: "UPD-BODY-20",
    3217: "UPD-ERR-2",
    8003: "UPD-QRY-1",
    8010: "UPD-BODY-8",
    8015: "UPD-ERR-1",
    8018: "UPD-LIM-3",
    8045: "UPD-QRY-6",
    8089: "UPD-BODY-19",
    8106: "UPD-BODY-8",
    10002: "UPD-BODY-22",
}
