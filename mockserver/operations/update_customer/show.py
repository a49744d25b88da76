"""An accepted update as the vendor shows it, and the forms that page and samples give such an answer."""

from collections.abc import Sequence
from typing import Any

from mockserver.domain.dialect import Dialect
from mockserver.domain.outcome import Accepted, PointsAwarded
from mockserver.lossless_json import as_decimal_point
from mockserver.operations.operation import Body, Scenario

_AS_OBJECT = (("warnings", "warnings-type"), ("sideEffects", "side-effects-type"))


def show(outcome: Accepted, warnings: Sequence[Body], scenario: Scenario) -> Body:
    """Show createdId, warnings, and side effects unless they come later."""
    body: dict[str, object] = {"createdId": outcome.customer.id, "warnings": warnings}
    if outcome.effects is not None:
        body["sideEffects"] = [_show_effect(effect) for effect in outcome.effects]
    elif scenario.dialect["async-side-effects"] == "empty":
        body["sideEffects"] = []
    return body


def _show_effect(effect: PointsAwarded) -> dict[str, object]:
    return {
        "entityType": "USER",
        "rawAwardedPoints": as_decimal_point(effect.points),
        "awardedPoints": effect.points,
        "type": "points",
    }


def shape(body: Body, dialect: Dialect) -> Body:
    """Return an answer in a dialect's form: number or text, list or object; samples have the first of both."""
    shaped: dict[str, Any] = {}
    answers = dialect.answers
    if answers["created-id-type"] == "text" and "createdId" in body:
        shaped["createdId"] = str(body["createdId"])
    for name, question in _AS_OBJECT:
        if answers[question] == "object" and name in body:
            shaped[name] = _as_object(body[name])
    return {**body, **shaped} if shaped else body


def _as_object(items: Any) -> Any:  # Any: JSON
    """The page's table has an object where samples have a list; the first item is all that it can hold."""
    return next(iter(items), {}) if isinstance(items, list) else items
