"""Judge values by a schema of the contract: fast when they are valid, in full sentences when they are not.

The law: violations come in the order in which the value was written, a missing member at the start
of its object, and a null where a member is required counts as missing.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import jsonschema_rs

from mockserver.contract.breaches import Breach, read_breaches, read_first_breach
from mockserver.contract.formats import is_date_time
from mockserver.contract.keywords import Keywords
from mockserver.contract.narrowing import Narrowing
from mockserver.contract.pointers import Node, as_fragment
from mockserver.contract.violation import Violation, pointer
from mockserver.contract.wording import describe
from mockserver.values import Value

Refused: TypeAlias = tuple[str, str | None]  # a place of the message, and the vendor's code for it
_BASE = "urn:contract"


class Schemas:
    """Compiles schemas of one document by their place."""

    __slots__ = ("_document", "_registry")

    def __init__(self, document: Node) -> None:
        self._document = document
        self._registry = jsonschema_rs.Registry([(_BASE, dict(document))], draft=jsonschema_rs.Draft202012)

    def at(self, place: str) -> "Schema":
        """Compile the schema that stands at a place."""
        return Schema(
            place=place,
            keywords=Keywords(self._document, place),
            _validator=self._compile(_refer(place)),
            _narrowing=Narrowing(self._document, place, _refer, self._compile),
        )

    def _compile(self, schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            dict(schema), registry=self._registry, formats={"date-time": is_date_time}, validate_formats=True
        )


def _refer(place: str) -> Mapping[str, Any]:
    return {"$ref": _BASE + as_fragment(place)}


class Schema(Value, frozen=True, kw_only=True):
    """One schema, compiled."""

    place: str
    keywords: Keywords
    _validator: jsonschema_rs.Draft202012Validator
    _narrowing: Narrowing

    def is_valid(self, value: Any) -> bool:  # Any: any JSON value
        """Tell whether a value obeys the schema; this is the fast path."""
        return self._validator.is_valid(value)

    def violations(self, value: Any, place: str) -> tuple[Violation, ...]:  # Any: any JSON value
        """List what is wrong with a value that stands at `place` of the message, in its own order."""
        return tuple(describe(breach, place) for breach in read_breaches(self.keywords, value, self._validator))

    def first_violation(self, value: Any, place: str, *, is_large: bool = False) -> Violation | None:  # Any: any JSON
        """Give the first of the violations, None if there is none; what `is_large` may have many, and is narrowed."""
        breach = self._first_breach(value, is_large=is_large)
        return None if breach is None else describe(breach, place)

    def first_refusal(self, value: Any, place: str) -> Refused | None:  # Any: any JSON value
        """Give place and code of the first violation, which is all that a comparison needs; None if there is none."""
        breach = self._first_breach(value)
        return None if breach is None else (place + pointer(breach.path), breach.refusal)

    def _first_breach(self, value: Any, *, is_large: bool = False) -> Breach | None:
        if self._validator.is_valid(value):
            return None
        path = self._narrowing.find(value) if is_large else ()
        return read_first_breach(self.keywords, value, self._validator, path)
