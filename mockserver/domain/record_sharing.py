"""Equal parts of many customers, kept once: a million customers name the same few sources, types, cities and dates.

Customers are frozen, so nobody can tell a shared part from one of its own. How many parts are remembered is bounded:
values that nearly all differ, such as names in made-up data, then cost no more than if nothing were shared.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

_MOST = 50_000  # parts remembered, of each kind
_NOTHING: Mapping[str, Any] = {}
T = TypeVar("T")


class Shared:
    """The parts that were met while some customers are read."""

    __slots__ = ("_mappings", "_values")

    def __init__(self) -> None:
        self._values: dict[Any, Any] = {}  # Any: texts and attributions, which are never equal to one another
        self._mappings: dict[str, dict[str, Any]] = {}

    def value(self, value: T) -> T:
        """Return the equal value that was met first, or this one; it is a text, a frozen value of texts, or None."""
        met: T | None = self._values.get(value)
        if met is not None:
            return met
        if value is not None and len(self._values) < _MOST:
            self._values[value] = value
        return value

    def mapping(self, mapping: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a copy of a mapping, the one that was made for the same mapping where there is one.

        Its text is compared, which tells 1 from true and from 1.0, and one order of members from another.
        """
        if not mapping:
            return _NOTHING
        text = repr(mapping)
        met = self._mappings.get(text)
        if met is None:
            met = dict(mapping)
            if len(self._mappings) < _MOST:
                self._mappings[text] = met
        return met
