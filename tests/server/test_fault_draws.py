"""Laws of draws: a fault hits as often as its probability says, early, and at the places of its seed."""

from fractions import Fraction
from itertools import accumulate
from math import ceil

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.server.fault_draws import Draws, block_of

PROBABILITIES = st.sampled_from([0, 1, 0.2, 0.333, 0.05, 0.999, 0.001, 0.1, 0.5, 1e-05]) | st.floats(0.002, 1)
SEEDS = st.integers(-(2**63), 2**63 - 1)


def hits(probability: float, seed: int, count: int) -> list[bool]:
    draws = Draws(probability, seed)
    return [draws.draw() for _ in range(count)]


def block(probability: float) -> int:
    return block_of(Fraction(str(probability)))


@given(probability=PROBABILITIES, seed=SEEDS, count=st.integers(1, 1500))
@example(probability=0.1, seed=0, count=1000)
@example(probability=0.7, seed=5, count=1000)
def test_a_fault_hits_as_often_as_it_says(probability: float, seed: int, count: int) -> None:
    """Whole blocks are true within one hit; within a block, at most its own hits come early or late."""
    exactly, length = Fraction(str(probability)), block(probability)
    within_block = 1 + length * exactly

    for number, total in enumerate(accumulate(hits(probability, seed, count)), start=1):
        bound = within_block if number % length else 1
        assert abs(total - number * exactly) < bound or total == number * exactly


@given(probability=PROBABILITIES.filter(bool), seed=SEEDS)
def test_a_fault_hits_in_its_first_block(probability: float, seed: int) -> None:
    length = block(probability)

    assert length == max(10, ceil(1 / Fraction(str(probability))))
    assert any(hits(probability, seed, length))


@pytest.mark.parametrize("seed", range(20))
def test_one_in_five_is_two_of_every_ten(seed: int) -> None:
    drawn = hits(0.2, seed, 200)

    assert [sum(drawn[start : start + 10]) for start in range(0, 200, 10)] == [2] * 20


@given(probability=PROBABILITIES, seed=SEEDS)
def test_the_same_seed_draws_the_same(probability: float, seed: int) -> None:
    assert hits(probability, seed, 200) == hits(probability, seed, 200)


def test_other_seeds_draw_other_places() -> None:
    drawn = {tuple(hits(0.2, seed, 100)) for seed in range(200)}

    assert len(drawn) == 200
    assert {sequence.index(True) for sequence in drawn} == set(range(9))


def test_a_share_that_is_no_whole_number_is_rounded_by_the_seed() -> None:
    """One half more than four hits in ten: the first block has four or five, as often."""
    first = [sum(hits(0.45, seed, 10)) for seed in range(400)]

    assert set(first) == {4, 5}
    assert 160 < first.count(5) < 240


@pytest.mark.parametrize(("probability", "hit"), [(0, False), (1, True)])
def test_a_probability_of_0_is_never_and_of_1_is_always(probability: int, hit: bool) -> None:
    assert hits(probability, 3, 1000) == [hit] * 1000


@pytest.mark.parametrize("probability", [5e-324, 1e-300, 1e-18])
def test_the_least_probability_costs_no_more_than_another(probability: float) -> None:
    assert hits(probability, 1, 1000) == [False] * 1000
