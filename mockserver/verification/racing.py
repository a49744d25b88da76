"""Updates that are sent at the same time: which steps those are, and what must come of all of them together.

One after the other, in whichever order, or one of them refused with 521 (`concurrent-update`): of a member that one of
them sends that value is stored, of a member that several send the value of one of them, whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import Pattern
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


def changes_of_all(steps: Sequence[Step]) -> Mapping[str, Pattern]:
    """Return what several updates change together; of a path that several write, one of the patterns."""
    patterns: dict[str, list[Pattern]] = {}
    for step in steps:
        for path, pattern in (step.expect.changes or {}).items():
            held = patterns.setdefault(path, [])
            if pattern not in held:
                held.append(pattern)
    return {path: held[0] if len(held) == 1 else {"$one_of": held} for path, held in patterns.items()}
