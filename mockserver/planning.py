"""What a run would do, told before anything is sent: its checks, about how many exchanges they take, and how long."""

from collections.abc import Iterator, Mapping, Sequence

from mockserver.reporting.progress import rounded
from mockserver.values import replace
from mockserver.verification.campaign import PhaseOf
from mockserver.verification.estimating import Cost, costs_of
from mockserver.verification.loopback import is_loopback
from mockserver.verification.opening import USUAL_RATE, Order, bench_in_memory, places_of
from mockserver.verification.target import Leave, Limits


def plan_of(order: Order, phases: Sequence[PhaseOf]) -> Iterator[str]:
    """Give the lines of a plan: which checks would run, which would not and why, and about what that takes."""
    leave = Leave.IRREVERSIBLE if _is_mock(order) else order.leave
    places = order.places or (places_of(order.world) if _is_mock(order) else ())
    yield f"target     {order.url or 'a mock in memory'}"
    yield f"customers  {', '.join(str(place) for place in places) or 'none is named; see --customer'}"
    at_once = ", updates of one customer at once" if order.parallel or _is_mock(order) else ""
    yield f"allowed    {', '.join(one.name.lower() for one in Leave if one <= leave)}{at_once}"
    if _is_mock(order) and order.url is not None:
        yield f"taken for  a mock, since it is on this machine and no customer is named; see {order.url}/_mock/health"
    for phase in phases:
        yield ""
        yield f"phase {phase.name}"
        if phase.run is not None:
            yield "  requests that are generated, within the phase's part of --budget and --max-time"
        for one in sorted(phase.checks, key=lambda check: check.leave):
            will = "would run" if one.leave <= leave else f"needs --allow {one.leave.name.lower()}"
            yield f"  {will:<27} {one.id}: {one.law}"
    yield ""
    yield from _show_costs(order, costs_of_run(order, phases, max(len(places), 1), leave))


def costs_of_run(order: Order, phases: Sequence[PhaseOf], places: int, leave: Leave) -> Mapping[str, Cost]:
    """Estimate what a run costs, by the customers of the assumed world."""
    assumed = bench_in_memory(replace(order, url=None, places=(), values={}, credentials=None, limits=Limits()))
    return costs_of(phases, places, leave, assumed, begins_anew=_is_mock(order))


def _show_costs(order: Order, costs: Mapping[str, Cost]) -> Iterator[str]:
    """Say about how many exchanges a run takes, how long at its rate, and how much of its budget that is."""
    total, rate, budget = sum(cost.requests for cost in costs.values()), _rate_of(order), order.limits.budget
    parts = ", ".join(f"{name} {cost.requests}" for name, cost in costs.items() if cost.requests)
    yield f"about {total} exchanges: {parts}"
    if rate is not None:
        yield f"about {rounded(total / rate)} at {rate * 60:g} a minute; see --rate"
    if budget is not None:
        covered = "covers that" if budget >= total else f"covers about {budget * 100 // total} % of that"
        yield f"--budget {budget} {covered}"


def _rate_of(order: Order) -> float | None:
    """Return how many requests a second go out at most; None where nothing slows them."""
    return order.limits.rate or (None if _is_mock(order) else USUAL_RATE)


def _is_mock(order: Order) -> bool:
    """Tell whether the target will be a mock's own world; on this machine, where no customer is named, it may be."""
    return order.url is None or (is_loopback(order.url) and not order.places)
