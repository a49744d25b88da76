"""How JSON that came differs from JSON that was expected: as a subset, place by place.

Every member that is expected must be there with its value; more members may be. Lists are compared item by item, and
must be of one length. Numbers are compared by value, and a boolean is no number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mockserver.contract.violation import Step, glimpse, pointer

Json: TypeAlias = Any  # any JSON value
Steps: TypeAlias = tuple[Step, ...]
_DIFFERING = 0.5  # of a leaf is amiss where another value came, that is neither object nor list


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where what came differs; `place` is a JSON Pointer (RFC 6901), `words` say it in a few words.

    `missed` is how much is amiss, counted in leaves: a value that differs is less amiss than one that is not there.
    """

    place: str
    expected: Json
    came: Json
    words: str
    missed: float


def differences(expected: Json, came: Json, steps: Steps = ()) -> Iterator[Difference]:
    """Yield the smallest differences, in the order of what was expected."""
    if isinstance(expected, Mapping) and isinstance(came, Mapping):
        yield from _of_objects(expected, came, steps)
    elif isinstance(expected, list | tuple) and isinstance(came, list):
        yield from _of_lists(expected, came, steps)
    elif not _is_same(expected, came):
        yield Difference(
            place=pointer(steps),
            expected=expected,
            came=came,
            words=f"{_glimpse(expected)} was expected, {_glimpse(came)} came",
            missed=_missed(expected, came),
        )


def count_leaves(value: Json) -> int:
    """Count the places that can differ; an empty object or list is one."""
    if isinstance(value, Mapping):
        return sum(map(count_leaves, value.values())) or 1
    if isinstance(value, list | tuple):
        return sum(map(count_leaves, value)) or 1
    return 1


def _of_objects(expected: Mapping[str, Json], came: Mapping[str, Json], steps: Steps) -> Iterator[Difference]:
    for name, value in expected.items():
        if name in came:
            yield from differences(value, came[name], (*steps, name))
        else:
            words = f"{_glimpse(value)} was expected, nothing came"
            place = pointer((*steps, name))
            yield Difference(place=place, expected=value, came=None, words=words, missed=count_leaves(value))


def _of_lists(expected: list[Json] | tuple[Json, ...], came: list[Json], steps: Steps) -> Iterator[Difference]:
    for index, (value, other) in enumerate(zip(expected, came, strict=False)):
        yield from differences(value, other, (*steps, index))
    if len(expected) != len(came):
        surplus = max(0, len(came) - len(expected)) * _DIFFERING
        yield Difference(
            place=pointer(steps),
            expected=expected,
            came=came,
            words=f"{_items(len(expected))} expected, {len(came)} came",
            missed=surplus + sum(map(count_leaves, expected[len(came) :])),
        )


def _missed(expected: Json, came: Json) -> float:
    containers = (Mapping, list, tuple)
    is_structure = isinstance(expected, containers) or isinstance(came, containers)
    return float(count_leaves(expected)) if is_structure else _DIFFERING


def _items(number: int) -> str:
    return "1 item was" if number == 1 else f"{number} items were"


def _is_same(expected: Json, came: Json) -> bool:
    return isinstance(expected, bool) is isinstance(came, bool) and bool(expected == came)


def _glimpse(value: Json) -> str:
    return glimpse(list(value) if isinstance(value, tuple) else value)
