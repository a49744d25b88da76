"""Updates that are sent at the same time: which steps those are, and what must come of all of them together.

One after the other, in whichever order, or one of them refused with 521 (`concurrent-update`). So what they leave is
what one of the orders leaves, whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations
from typing import Any

from mockserver.values import replace
from mockserver.verification.comparing import mismatches_of, mismatches_of_changes
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import Mismatch, Pattern
from mockserver.verification.findings import Step
from mockserver.verification.looking import Onlooker
from mockserver.verification.state import State
from mockserver.verification.target import Place
from mockserver.verification.update_laws import is_async

REFUSED = ("concurrent-update", "521")  # the listed answer by which one of two updates is refused
_CODE = 521


@dataclass(frozen=True, slots=True)
class Racer:
    """One of the updates: its customer's place, None where nobody is named, and the state before."""

    step: Step
    place: Place | None
    before: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Raced:
    """What came of updates at the same time: the exchange to tell, one that was refused first, and what is wrong."""

    exchange: Exchange
    wrong: tuple[Mismatch, ...]


def race(onlooker: Onlooker, racers: Sequence[Racer]) -> Raced:
    """Send updates at the same time, and look at each customer once for all that was taken."""
    exchanges = onlooker.send_together([racer.step for racer in racers])
    came = list(zip(racers, exchanges, strict=True))
    taken = [(racer, exchange) for racer, exchange in came if not was_refused(exchange)]
    wrong = [one for racer, exchange in taken for one in mismatches_of(racer.step.expect, exchange)]
    for place in dict.fromkeys(racer.place for racer in racers if racer.place is not None):
        mine = [racer for racer in racers if racer.place == place]
        wrong += _look(onlooker, place, mine, [racer.step for racer, _ in taken if racer in mine])
    told = next((exchange for exchange in exchanges if was_refused(exchange)), exchanges[-1])
    return Raced(exchange=told, wrong=tuple(wrong))


def _look(onlooker: Onlooker, place: Place, racers: Sequence[Racer], taken: Sequence[Step]) -> list[Mismatch]:
    """Look at a customer until it is as one order of the updates leaves it; what is done in background comes last."""
    steps, before = [racer.step for racer in racers], racers[-1].before
    latest = next((step for step in steps if is_async(step.request)), steps[-1])
    looking = replace(latest, expect=replace(latest.expect, changes=changes_of_any(taken)))
    changes = onlooker.changes_after(looking, place, before, failed=True) or {}
    return mismatches_of_race(taken, changes, before.flat)


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
