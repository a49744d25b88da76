"""Frozen values that are quick to make, compare and change: what the core passes on for every request.

They are `msgspec.Struct`s, which behave as frozen dataclasses do and take a tenth of their time. A class of them is
made in a tenth of the time, too, and a server has a hundred when it starts; so what a start loads is of them, even
where it is made once, such as a contract or an organisation, or not frozen, as a held world. The rest are dataclasses.
"""

import dataclasses
from typing import Any, TypeVar

import msgspec

Value = msgspec.Struct
member = msgspec.field
V = TypeVar("V")


def replace(value: V, /, **changes: Any) -> V:  # Any: of each member's own type
    """Return a value with some members changed, whether it is one of ours or a dataclass."""
    if isinstance(value, Value):
        return msgspec.structs.replace(value, **changes)
    return dataclasses.replace(value, **changes)  # type: ignore[type-var]  # nothing else is replaced
