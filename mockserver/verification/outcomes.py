"""What came of a request, what was predicted, and whether the two agree.

What the assumed organisation alone decides (which incentives are paid) is left out of every comparison.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.exchange import Reply
from mockserver.verification.exchanges import Exchange
from mockserver.verification.state import State

# Warnings that the rules of the update give: one of these that was not predicted is a difference, any other is the
# deployment's own affair.
RULE_WARNINGS = frozenset({521, 1017, 1101, 8010, 8054, 8057, 8058, 10002, 91005, 91006, 91015})
_IN_BACKGROUND = "UPD-QRY-3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a request, in the terms by which a prediction and an observation are compared.

    `points` are those of the side effects; None where the answer names no side effects. `changes` are by path, None
    where nobody looked; those of programs are among them where somebody `saw_programs`. `shape` has the JSON types of
    the members whose form is a question.
    """

    status: int
    code: int | None
    warnings: tuple[int, ...] = ()
    points: tuple[float, ...] | None = None
    changes: Mapping[str, Any] | None = None
    saw_programs: bool = True
    shape: Mapping[str, str] | None = None

    @property
    def granted(self) -> bool:
        """Tell whether the request was granted."""
        return self.code is None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What the core answers: its outcome, the state before and after, and what statements and questions it rests on.

    `incentives` are the points that the assumed organisation pays for becoming loyalty, which a target may not pay.
    """

    outcome: Outcome
    before: State
    after: State
    names: tuple[str, ...]
    reply: Reply
    becomes_loyalty: bool
    incentives: tuple[float, ...] = ()


def observe(exchange: Exchange, changes: Mapping[str, Any] | None, *, saw_programs: bool = True) -> Outcome:
    """Return what came of an exchange."""
    return Outcome(
        status=exchange.response.status,
        code=None if exchange.granted else exchange.code or exchange.response.status,
        warnings=exchange.warnings,
        points=exchange.points if _names_effects(exchange.body) else None,
        changes=changes,
        saw_programs=saw_programs,
        shape=shape_of(exchange.body),
    )


def _names_effects(body: Any) -> bool:
    return isinstance(body, Mapping) and "sideEffects" in body


def shape_of(body: Any) -> dict[str, str]:
    """Return the JSON types of the members whose type is a question of form."""
    members = body if isinstance(body, Mapping) else {}
    return {name: type(members[name]).__name__ for name in ("createdId", "warnings", "sideEffects") if name in members}


def points_of(body: Any) -> tuple[float, ...] | None:  # Any: JSON
    """Return the points of the side effects of an answer of ours; None where it names none."""
    if not _names_effects(body):
        return None
    effects = body["sideEffects"]
    listed = [effects] if isinstance(effects, Mapping) and effects else [*effects]
    return tuple(item["awardedPoints"] for item in listed if item.get("type") == "points")


def agrees(predicted: Prediction, came: Outcome, *, with_form: bool = False) -> bool:
    """Tell whether what came is what was predicted; `with_form` looks at types of members too."""
    outcome = predicted.outcome
    if outcome.granted != came.granted or outcome.status != came.status:
        return False
    if not outcome.granted and outcome.code != came.code:
        return False
    if with_form and not _same_form(outcome, came):
        return False
    if outcome.granted and not (_same_warnings(outcome, came) and _same_effects(predicted, came)):
        return False
    return came.changes is None or outcome.changes is None or _same_changes(predicted, came, came.changes)


def _same_form(outcome: Outcome, came: Outcome) -> bool:
    return outcome.shape == came.shape


def _same_warnings(outcome: Outcome, came: Outcome) -> bool:
    return sorted(outcome.warnings) == sorted(code for code in came.warnings if code in RULE_WARNINGS)


def _same_effects(predicted: Prediction, came: Outcome) -> bool:
    """Side effects that were predicted are there; more may be, as incentives of the target's own.

    On becoming loyalty those of the assumed organisation need not be there. In the background none are returned, the
    target's own no more than others.
    """
    if _IN_BACKGROUND in predicted.names:
        return not came.points
    expected = predicted.outcome.points
    if expected is None:
        return not came.points
    if came.points is None:
        return False
    if not predicted.becomes_loyalty:
        return Counter(expected) <= Counter(came.points)
    return Counter(expected) - Counter(predicted.incentives) <= Counter(came.points) and _hides_as_much(predicted, came)


def _hides_as_much(predicted: Prediction, came: Outcome) -> bool:
    """Where the points of enrolments are hidden, those that are told are all the others that the customer gained."""
    hidden = _gained(predicted.before, predicted.outcome.changes or {}) - sum(predicted.outcome.points or ())
    if hidden <= 0 or came.changes is None or not came.saw_programs:
        return True
    return sum(came.points or ()) == _gained(predicted.before, came.changes) - hidden


def _gained(before: State, changes: Mapping[str, Any]) -> float:
    """Return the points that a customer gained, by what is different afterwards."""
    paths = [path for path in changes if path.startswith("programs/") and path.endswith("/points")]
    return sum(_number(changes[path]) - _number(before.flat.get(path)) for path in paths)


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0


def _same_changes(predicted: Prediction, came: Outcome, changes: Mapping[str, Any]) -> bool:
    expected = predicted.outcome.changes or {}
    open_paths = _open_paths(predicted, changes)
    paths = {path for path in {**expected, **changes} if path not in open_paths}
    seen = {path for path in paths if came.saw_programs or not path.startswith("programs/")}
    return all(path in expected and path in changes and expected[path] == changes[path] for path in seen)


def _open_paths(predicted: Prediction, came: Mapping[str, Any]) -> frozenset[str]:
    """On becoming loyalty an organisation pays what incentives it likes, in which program it likes."""
    if not predicted.becomes_loyalty:
        return frozenset()
    return frozenset(path for path in {**came, **(predicted.outcome.changes or {})} if path.endswith("/points"))
