"""Covering arrays: few rows in which every level of a factor meets every level of each other one.

The rows are found greedily, one at a time, each the best of several that are drawn; the same seed gives the same rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, product
from random import Random
from typing import TypeAlias

Row: TypeAlias = tuple[int, ...]  # the level of each factor
_Meeting: TypeAlias = tuple[tuple[int, int], ...]  # factors with their levels, in the order of factors
_DRAWN = 6  # rows, of which the best is kept


@lru_cache(maxsize=64)
def covering_rows(levels: tuple[int, ...], *, strength: int = 2, seed: int = 0) -> tuple[Row, ...]:
    """Return rows in which any `strength` factors meet in every combination; `levels` counts those of each factor."""
    draw = Random(seed)  # noqa: S311  # which rows are sent, nothing secret
    strength = min(strength, len(levels))
    missing = dict.fromkeys(_all_meetings(levels, strength))
    rows: list[Row] = []
    while missing:
        drawn = [_drawn(levels, missing, strength, draw) for _ in range(_DRAWN)]
        row = max(drawn, key=lambda row: sum(met in missing for met in _meetings(row, strength)))
        for met in _meetings(row, strength):
            missing.pop(met, None)
        rows.append(row)
    return tuple(rows)


def _all_meetings(levels: Sequence[int], strength: int) -> Iterator[_Meeting]:
    for factors in combinations(range(len(levels)), strength):
        for chosen in product(*(range(levels[factor]) for factor in factors)):
            yield tuple(zip(factors, chosen, strict=True))


def _meetings(row: Row, strength: int) -> Iterator[_Meeting]:
    return combinations(tuple(enumerate(row)), strength)


def _drawn(levels: Sequence[int], missing: Mapping[_Meeting, None], strength: int, draw: Random) -> Row:
    """Draw a row with the first missing meeting, and of each other factor the level that adds most of them."""
    chosen = dict(next(iter(missing)))
    rest = [factor for factor in range(len(levels)) if factor not in chosen]
    draw.shuffle(rest)
    for factor in rest:
        others = list(combinations(sorted(chosen.items()), strength - 1))
        gains = [
            sum(tuple(sorted((*other, (factor, level)))) in missing for other in others)
            for level in range(levels[factor])
        ]
        best = max(gains)
        chosen[factor] = draw.choice([level for level, gain in enumerate(gains) if gain == best])
    return tuple(chosen[factor] for factor in range(len(levels)))
