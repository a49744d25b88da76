"""The form of an answer, where page and samples differ: number or text, list or object, errors alone or not.

One function gives both earned and forced answers, and the examples of the contract, the form of a dialect.
"""

from collections.abc import Mapping
from typing import Any

from mockserver.domain.dialect import Dialect

_AS_OBJECT = (("warnings", "warnings-type"), ("sideEffects", "side-effects-type"))


def shape(body: Mapping[str, Any], dialect: Dialect) -> Mapping[str, Any]:  # Any: JSON
    """Return a body, as the documented dialect shows it, in another's form; reads have one form only."""
    if "createdId" in body:
        return _shape_update(body, dialect)
    if body.keys() == {"errors"} and dialect["error-envelope"] == "with-warnings":
        return {**body, "warnings": []}
    return body


def _shape_update(body: Mapping[str, Any], dialect: Dialect) -> Mapping[str, Any]:
    shaped: dict[str, Any] = {}
    if dialect["created-id-type"] == "text":
        shaped["createdId"] = str(body["createdId"])
    for member, question in _AS_OBJECT:
        if dialect[question] == "object" and member in body:
            shaped[member] = _as_object(body[member])
    return {**body, **shaped} if shaped else body


def _as_object(items: Any) -> Any:
    """The page's table has an object where samples have a list; the first item is all that it can hold."""
    return next(iter(items), {}) if isinstance(items, list) else items
