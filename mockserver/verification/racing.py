"""Updates that are sent at the same time: which steps those are, and what must come of all of them together.

One after the other, in whichever order, or one of them refused with 521 (`concurrent-update`). So what they leave is
what one of the orders leaves, whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, permutations
from typing import Any

from mockserver.verification.comparing import mismatches_of_changes
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import Mismatch, Pattern
from mockserver.verification.findings import Step

REFUSED = ("concurrent-update", "521")  # the listed answer by which one of two updates is refused
_CODE = 521


def grouped(steps: Iterable[Step]) -> Iterator[tuple[Step, ...]]:
    """Give steps in their order, those in one tuple that are sent at the same time."""
    numbered: list[tuple[int, Step]] = []
    for step in steps:
        number = numbered[-1][0] + (not step.together) if numbered else 0
        numbered.append((number, step))
    for _, group in groupby(numbered, key=lambda one: one[0]):
        yield tuple(step for _, step in group)


def was_refused(exchange: Exchange) -> bool:
    """Tell whether an update was refused for there being another one of the customer."""
    return not exchange.granted and exchange.code == _CODE


def changes_of_any(steps: Sequence[Step]) -> Mapping[str, Pattern]:
    """Return what several updates change, in some order: of a path that several write, one of the patterns."""
    patterns: dict[str, list[Pattern]] = {}
    for step in steps:
        for path, pattern in (step.expect.changes or {}).items():
            held = patterns.setdefault(path, [])
            if pattern not in held:
                held.append(pattern)
    return {path: held[0] if len(held) == 1 else {"$one_of": held} for path, held in patterns.items()}


def mismatches_of_race(steps: Sequence[Step], changes: Mapping[str, Any], before: Mapping[str, Any]) -> list[Mismatch]:
    """Hold what is different afterwards against each order of the updates; the one that comes nearest is told."""
    told = (mismatches_of_changes(_in_order(order), changes, before) for order in permutations(steps))
    return min(told, key=len)


def _in_order(steps: Sequence[Step]) -> Mapping[str, Pattern]:
    return {path: pattern for step in steps for path, pattern in (step.expect.changes or {}).items()}
