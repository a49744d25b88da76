"""Values of the core as plain JSON, for those who show what the core has found.

A member that the request left out is left out here too. Numbers stay as they are, whatever their size; half of a
surrogate pair, which no JSON writer would write, is shown as its escape, so that showing never fails.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from mockserver.domain.command import OMITTED
from mockserver.values import Value

Json: TypeAlias = Any  # any JSON value: texts, numbers, booleans, None, lists, dicts


def plain(value: object) -> Json:
    """Return a value as JSON: values of the core and mappings as objects, tuples and sets as lists."""
    if value is None or isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, str):
        return _sound(value)
    if isinstance(value, Mapping):
        return {_sound(str(name)): plain(item) for name, item in value.items()}
    if isinstance(value, Value):
        return _members(value)
    return _items(value)


def _members(value: Value) -> dict[str, Json]:
    named = ((name, getattr(value, name)) for name in value.__struct_fields__)
    return {name: plain(item) for name, item in named if item is not OMITTED}


def _items(value: object) -> list[Json]:
    if isinstance(value, frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no form in JSON; give plain() a value of the core")


def _sound(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
