"""Covering arrays: what meets in them, and how few rows that takes."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.verification.values.covering import covering_rows

_LEVELS = st.lists(st.integers(1, 4), min_size=1, max_size=6).map(tuple)


@settings(max_examples=60, deadline=None)
@given(_LEVELS, st.integers(1, 3))
def test_any_levels_meet_in_some_row(levels: tuple[int, ...], strength: int) -> None:
    rows = covering_rows(levels, strength=strength)

    for factors in combinations(range(len(levels)), min(strength, len(levels))):
        met = {tuple(row[factor] for factor in factors) for row in rows}
        assert met == set(product(*(range(levels[factor]) for factor in factors)))


@settings(max_examples=30, deadline=None)
@given(_LEVELS)
def test_no_row_has_a_level_that_is_not_there(levels: tuple[int, ...]) -> None:
    assert all(0 <= level < count for row in covering_rows(levels) for level, count in zip(row, levels, strict=True))


@pytest.mark.parametrize(("levels", "most"), [((2,) * 10, 12), ((3,) * 6, 20), ((6, 7, 4, 4, 3, 3), 50)])
def test_pairs_take_few_rows(levels: tuple[int, ...], most: int) -> None:
    assert len(covering_rows(levels)) <= most


def test_the_same_seed_gives_the_same_rows() -> None:
    assert covering_rows((3, 4, 5), seed=7) == covering_rows.__wrapped__((3, 4, 5), seed=7)
