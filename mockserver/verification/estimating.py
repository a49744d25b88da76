"""About how many requests a run sends, before any is sent: its checks are planned on the assumed world's customers.

What a deployment's own customers hold is known only when they are read, so this is an estimate: a check that fits none
of the assumed customers is taken to cost what the others do in the median, and the phases that generate their requests
what they were seen to take.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from mockserver.verification.bench import Bench
from mockserver.verification.campaign import PhaseOf
from mockserver.verification.checks import Check, Foretelling, Foretold, Situation, Unfit
from mockserver.verification.findings import Step
from mockserver.verification.target import Leave
from mockserver.verification.update_laws import touches_programs

START, RESTORATION = "start", "restoration"
# Of the generating phases, by what is allowed: measured on a sound deployment with six named customers.
_GENERATED: Mapping[str, Mapping[Leave, int]] = {
    "schema": {Leave.READS: 20, Leave.WRITES: 160, Leave.IRREVERSIBLE: 160},
    "model": {Leave.READS: 0, Leave.WRITES: 850, Leave.IRREVERSIBLE: 850},
}
_TO_FIND_NOBODY = 1
_TO_MEET = 2  # reads of a place: the customer, and the loyalty details
_TO_RESTORE = 4  # of a place: what is there now, one update, and what is there then


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """About how many requests a phase sends; `later` is the part of them that cannot be undone, and comes last."""

    requests: int
    later: int = 0


def costs_of(
    phases: Sequence[PhaseOf], places: int, leave: Leave, assumed: Bench, *, begins_anew: bool = False
) -> dict[str, Cost]:
    """Estimate each phase, the start and the restoration, of a run on so many named places.

    On a mock, which `begins_anew` for each check, all of them are read each time, and nothing is restored.
    """
    restores = leave >= Leave.WRITES and not begins_anew
    reads = places if begins_anew else 0
    return {
        START: Cost(requests=places * _TO_MEET + _TO_FIND_NOBODY),
        **{phase.name: _cost_of(phase, leave, assumed, reads) for phase in phases},
        RESTORATION: Cost(requests=places * _TO_RESTORE if restores else 0),
    }


def _cost_of(phase: PhaseOf, leave: Leave, assumed: Bench, reads: int) -> Cost:
    allowed = [check for check in phase.checks if check.leave <= leave]
    planned = {check.id: _requests_of(check, assumed) for check in allowed}
    known = [requests for requests in planned.values() if requests is not None]
    usual = round(median(known)) if known else 1
    costs = {check: reads + (usual if requests is None else requests) for check, requests in planned.items()}
    later = sum(costs[check.id] for check in allowed if check.leave is Leave.IRREVERSIBLE)
    generated = _GENERATED.get(phase.name, {}).get(leave, 0) if phase.run is not None else 0
    return Cost(requests=sum(costs.values()) + generated, later=later)


def _requests_of(check: Check, assumed: Bench) -> int | None:
    """Return how many requests the steps of a check take, with the looks after them; None where it fits nobody."""
    plans = (check.plan(situation) for situation in _situations(check, assumed))
    plan = next((plan for plan in plans if not isinstance(plan, Unfit)), None)
    if plan is None:
        return None
    asked = plan.asked if isinstance(plan, Foretelling) else plan
    return sum(_with_looks(one) for one in asked)


def _situations(check: Check, assumed: Bench) -> Iterator[Situation]:
    for place in assumed.target.places:
        yield assumed.situation(place, with_programs=check.looks_at_programs)


def _with_looks(asked: Step | Foretold) -> int:
    """Count the request, and what looks at an update: one read, and one more where it may touch the programs."""
    if asked.request.method != "PUT":
        return 1
    return 2 + (asked.looks_at_programs or touches_programs(asked.request))
