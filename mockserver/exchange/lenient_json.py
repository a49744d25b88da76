"""JSON that a strict reader refuses although its structure is clear: a key twice in one object, NaN, Infinity, 1e999.

It is read here so that such a body can be edited, and for nothing else. The law: reading and writing mends nothing.
What was unsound and has not been edited is written as unsound as it came.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mockserver.contract.violation import Step

Path = tuple[Step, ...]


class Twice(dict[str, Any]):
    """An object that had keys twice: the last value of each, and `twice`, the keys that were not set anew since."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        super().__init__(members)
        times = Counter(name for name, _ in members)
        self.twice = {name for name in self if times[name] > 1}

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        self.twice.discard(name)

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        self.twice.discard(name)


def read_leniently(body: bytes) -> Any:
    """Return the JSON value of a body; ValueError or RecursionError where its structure is not clear."""
    return json.loads(body.decode("utf-8"), object_pairs_hook=_object)


def write(value: Any) -> bytes | None:
    """Return a value as JSON, None where a key still stands twice in one object."""
    if any(isinstance(item, Twice) and item.twice for _, item in _walk(value)):
        return None
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def unsound_parts(value: Any) -> Iterator[tuple[Path, bool]]:
    """Give the path of each part that is unsound, and whether it is a key that stands twice (else: no number).

    Later parts come first, so that each path holds also when the parts before it have been taken out.
    """
    for path, item in reversed(list(_walk(value))):
        if isinstance(item, Twice):
            yield from (((*path, name), True) for name in item if name in item.twice)
        if isinstance(item, float) and not math.isfinite(item):
            yield path, False


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(members)
    return read if len(read) == len(members) else Twice(members)


def _walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, value
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for step, item in inner:
        yield from _walk(item, (*path, step))
