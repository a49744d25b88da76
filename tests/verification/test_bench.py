"""Laws of trying a failure again: what was seen is told, whatever becomes of the second try."""

from collections.abc import Callable

import pytest

from mockserver.errors import TargetError
from mockserver.exchange import Reply, refuse
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.bench import Bench
from mockserver.verification.checks import Check
from mockserver.verification.courier import Allowance
from mockserver.verification.events import CheckDone, Found, Verdict
from mockserver.verification.statements import STATEMENT_CHECKS
from mockserver.verification.target import Leave
from tests.flawed.checking import bench_with
from tests.flawed.deployment import Deployment
from tests.flawed.twists import saving_profiles

[CHECK] = [check for check in STATEMENT_CHECKS if check.id == "last-name-is-updated"]
ONCE = replace(CHECK, leave=Leave.IRREVERSIBLE)  # what cannot be undone is not tried again
losing_last_names = saving_profiles(lambda old, new: replace(new, last_name=old.last_name))


def refused(deployment: Deployment, _: Request) -> Reply:
    return refuse(deployment.setting, "8015", "no")


def gone(_: Deployment, __: Request) -> Reply:
    raise TargetError("it is gone")


def bench_on_flawed(end: Callable[[Deployment, Request], Reply], *, after: int) -> Bench:
    """Return a bench with a deployment that loses last names, and that ends in some way after so many requests."""
    left = iter(range(after))

    def answer(deployment: Deployment, request: Request) -> Reply:
        return end(deployment, request) if next(left, None) is None else losing_last_names(deployment, request)

    return bench_with(Deployment(answer), leave=Leave.IRREVERSIBLE)


def decided(bench: Bench, check: Check) -> tuple[Verdict, int, list[tuple[int, int]]]:
    """Return what came of a check: the verdict, how many requests went out, and how often each finding was seen."""
    events = list(bench.decide(check, "statements"))
    [verdict] = [event.verdict for event in events if isinstance(event, CheckDone)]
    seen = [(event.finding.seen, event.finding.tries) for event in events if isinstance(event, Found)]
    return verdict, bench.courier.sent, seen


def requests_of(check: Check) -> int:
    return decided(bench_on_flawed(gone, after=1000), check)[1]


def test_a_failure_is_tried_again_where_that_leaves_nothing_behind() -> None:
    verdict, sent, seen = decided(bench_on_flawed(gone, after=1000), CHECK)

    assert (verdict, seen) == (Verdict.BROKEN, [(2, 2)])
    assert sent > requests_of(ONCE)


@pytest.mark.parametrize("end", [refused, gone])
def test_a_target_that_ends_while_a_failure_is_tried_again_leaves_the_finding(
    end: Callable[[Deployment, Request], Reply],
) -> None:
    for after in range(requests_of(ONCE), requests_of(CHECK)):
        verdict, _, [(seen, tries)] = decided(bench_on_flawed(end, after=after), CHECK)

        assert verdict is Verdict.BROKEN
        assert 1 <= seen <= tries <= 2


def test_a_budget_that_ends_while_a_failure_is_tried_again_leaves_the_finding() -> None:
    for budget in range(requests_of(ONCE), requests_of(CHECK)):
        bench = bench_on_flawed(gone, after=1000)
        bench.courier.allowance = Allowance(requests=budget)

        assert decided(bench, CHECK) == (Verdict.BROKEN, budget, [(1, 1)])


def test_what_was_not_seen_whole_before_the_budget_ended_is_not_observed() -> None:
    bench = bench_on_flawed(gone, after=1000)
    bench.courier.allowance = Allowance(requests=requests_of(ONCE) - 1)

    verdict, _, seen = decided(bench, CHECK)

    assert (verdict, seen) == (Verdict.NOT_OBSERVED, [])
