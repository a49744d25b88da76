"""In which order a campaign goes about its checks, and how many requests each part of it may take.

Without limits the phases go one after another, and what cannot be undone comes last. A limited run begins with what
decides most: the checks that together observe each statement once, the cheapest for what it tells first. What is left
is shared out among all else. Nothing here depends on how fast the machine or the target is: time cuts off at the end.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.verification.checks import Check
from mockserver.verification.phases import PhaseOf

Cost: TypeAlias = Callable[[Check], int | None]  # requests that a check takes about; None where it decides nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some checks of a phase, and whether what it runs besides belongs to them.

    `cost` is about how many requests it takes, where it was chosen for what it tells; else `share` is its part of what
    is left.
    """

    phase: PhaseOf
    checks: tuple[Check, ...] = ()
    runs: bool = False
    cost: int = 0
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """A check, its phase, its cost, and whether it tells what none before it does."""

    phase: PhaseOf
    check: Check
    cost: int
    is_telling: bool


def parts_in_turn(phases: Sequence[PhaseOf], is_last: Callable[[Check], bool]) -> tuple[Part, ...]:
    """Return the parts of a run that has no limits."""
    first = (
        Part(phase=phase, checks=tuple(check for check in phase.checks if not is_last(check)), runs=True)
        for phase in phases
    )
    last = (Part(phase=phase, checks=tuple(check for check in phase.checks if is_last(check))) for phase in phases)
    return (*first, *(part for part in last if part.checks))


def parts_by_telling(
    phases: Sequence[PhaseOf], is_last: Callable[[Check], bool], cost: Cost, budget: int | None
) -> tuple[Part, ...]:
    """Return the parts of a run that may be cut short, those that tell most for what they take first."""
    chosen = list(_chosen(phases, cost, math.inf if budget is None else budget))
    early = [one for one in chosen if not is_last(one.check)]
    late = [one for one in chosen if is_last(one.check)]
    generated = [Part(phase=phase, runs=True, share=phase.share) for phase in phases if phase.run is not None]
    return (*_telling(early), *_rest(early), *generated, *_telling(late), *_rest(late))


def allowance_of(parts: Sequence[Part], left: int | None) -> int | None:
    """Return how many requests the first of these parts may take, of those that are left for all; None for any."""
    if left is None:
        return None
    part, later = parts[0], parts[1:]
    free = max(left - sum(other.cost for other in later), 0)
    if part.cost or not part.share:
        return free
    return int(free * part.share / sum(other.share for other in parts))


def _telling(chosen: Iterable[_Chosen]) -> Iterator[Part]:
    for phase, some in _by_phase(one for one in chosen if one.is_telling):
        yield Part(phase=phase, checks=tuple(one.check for one in some), cost=sum(one.cost for one in some))


def _rest(chosen: Iterable[_Chosen]) -> Iterator[Part]:
    for phase, some in _by_phase(one for one in chosen if not one.is_telling):
        yield Part(phase=phase, checks=tuple(one.check for one in some), share=phase.share)


def _by_phase(chosen: Iterable[_Chosen]) -> Iterator[tuple[PhaseOf, list[_Chosen]]]:
    """Give the phases in the order in which they come first, each with all of its own."""
    grouped: dict[str, list[_Chosen]] = {}
    for one in chosen:
        grouped.setdefault(one.phase.name, []).append(one)
    yield from ((some[0].phase, some) for some in grouped.values())


def _chosen(phases: Sequence[PhaseOf], cost: Cost, budget: float) -> Iterator[_Chosen]:
    """Give all checks: first, one by one, the one that tells most for its cost, as far as a budget goes."""
    left = [(phase, check, cost(check)) for phase in phases for check in phase.checks]
    observed: set[str] = set()
    while True:
        fitting = [one for one in left if _gain(one[1], one[2], observed) and (one[2] or 0) <= budget]
        if not fitting:
            break
        best = max(fitting, key=lambda one: _gain(one[1], one[2], observed))
        left.remove(best)
        observed.update(best[1].statements)
        spent = best[2] or 0
        budget -= spent
        yield _Chosen(phase=best[0], check=best[1], cost=spent, is_telling=True)
    yield from (_Chosen(phase=phase, check=check, cost=0, is_telling=False) for phase, check, _ in left)


def _gain(check: Check, cost: int | None, observed: set[str]) -> float:
    """Return how many statements a check observes first, for each request that it takes."""
    return 0.0 if cost is None else len({*check.statements} - observed) / max(cost, 1)
