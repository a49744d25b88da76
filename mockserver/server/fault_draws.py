"""Which requests a fault rule draws: as many of every few as its probability says, their places by its seed.

Independent draws of one in five may let twenty requests pass in a row, and a test that waits for the fault fails. So
requests are drawn in strata: each block of requests has its share of hits, rounded so that the running total stays
true (systematic sampling), and the seed decides which requests of the block they are.
"""

import math
import random
from fractions import Fraction

_BLOCK = 10  # requests, or as many more as a small probability needs for one hit
_STARTS = 2**32  # of which the running total begins with one


class Draws:
    """The draws of one rule, one for each request that it is asked about, in their order.

    The law, for n requests that are whole blocks: the hits differ from n times the probability by less than one. Every
    block has a hit, unless the probability is 0.
    """

    __slots__ = ("_block", "_chance", "_count", "_places", "_probability", "_start")

    def __init__(self, probability: float, seed: int) -> None:
        self._probability = Fraction(str(probability))  # as it was written: 0.1 is a tenth
        self._block = block_of(self._probability)
        self._chance = random.Random(seed)  # noqa: S311  # to be repeated, not to be kept secret
        self._start = Fraction(self._chance.randrange(_STARTS), _STARTS)
        self._count = 0
        self._places: frozenset[int] = frozenset()

    def draw(self) -> bool:
        """Tell whether the next request is hit."""
        place = self._count % self._block
        if not place:
            self._places = self._draw_places()
        self._count += 1
        return place in self._places

    def _draw_places(self) -> frozenset[int]:
        """Return where in the block that begins the hits are: Floyd's sampling, which is quick for any length."""
        hits = self._due(self._count + self._block) - self._due(self._count)
        places: set[int] = set()
        for last in range(self._block - hits, self._block):
            place = self._chance.randrange(last + 1)
            places.add(last if place in places else place)
        return frozenset(places)

    def _due(self, count: int) -> int:
        """Return how many of the first so many requests are hits."""
        return int(count * self._probability + self._start)


def block_of(probability: Fraction) -> int:
    """Return how many requests a block has: ten, or as many as one hit needs."""
    return max(_BLOCK, math.ceil(1 / probability)) if probability else _BLOCK
