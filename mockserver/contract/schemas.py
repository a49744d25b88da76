"""Judge values by a schema of the contract: fast when they are valid, in full sentences when they are not.

The law: violations come in the order in which the value was written, a missing member at the start
of its object, and a null where a member is required counts as missing.
"""

from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from mockserver.contract.breaches import read_breaches, read_first_breach
from mockserver.contract.formats import is_date_time
from mockserver.contract.pointers import Node, as_fragment
from mockserver.contract.violation import Violation
from mockserver.contract.wording import describe

_BASE = "urn:contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schemas:
    """Compiles schemas of one document by their place."""

    document: Node
    _registry: jsonschema_rs.Registry = field(init=False, repr=False)

    def __post_init__(self) -> None:
        registry = jsonschema_rs.Registry([(_BASE, dict(self.document))], draft=jsonschema_rs.Draft202012)
        object.__setattr__(self, "_registry", registry)

    def at(self, place: str) -> "Schema":
        """Compile the schema that stands at a place."""
        validator = jsonschema_rs.Draft202012Validator(
            {"$ref": _BASE + as_fragment(place)},
            registry=self._registry,
            formats={"date-time": is_date_time},
            validate_formats=True,
        )
        return Schema(document=self.document, place=place, _validator=validator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """One schema, compiled."""

    document: Node
    place: str
    _validator: jsonschema_rs.Draft202012Validator

    def is_valid(self, value: Any) -> bool:  # Any: any JSON value
        """Tell whether a value obeys the schema; this is the fast path."""
        return self._validator.is_valid(value)

    def violations(self, value: Any, place: str) -> tuple[Violation, ...]:  # Any: any JSON value
        """List what is wrong with a value that stands at `place` of the message, in its own order."""
        breaches = read_breaches(self.document, self.place, value, self._validator)
        return tuple(describe(self.document, breach, place) for breach in breaches)

    def first_violation(self, value: Any, place: str) -> Violation | None:  # Any: any JSON value
        """Give the first of the violations, None if there is none."""
        if self._validator.is_valid(value):
            return None
        breach = read_first_breach(self.document, self.place, value, self._validator)
        return describe(self.document, breach, place)
