"""Laws of limits: they are never exceeded, the restoration has its part of them, and what is left decides most."""

import re
import signal
from collections.abc import Iterator, Sequence

import pytest

from mockserver.errors import TargetError
from mockserver.messages import Request, Response
from mockserver.verification.bench import Bench
from mockserver.verification.campaign import Campaign, PhaseOf
from mockserver.verification.courier import Clock
from mockserver.verification.credentials import read_credentials
from mockserver.verification.events import CampaignDone, CheckDone, Event, Noted, Verdict
from mockserver.verification.interruption import Interruption
from mockserver.verification.model import model_phase
from mockserver.verification.opening import bench_on
from mockserver.verification.schema import schema_phase
from mockserver.verification.target import Leave, Limits, Place, Target
from tests.flawed.asking import PASSWORD, TILL
from tests.flawed.checking import PLACES as FIVE
from tests.flawed.checking import InMemory, PassingTime, golden_phase, setting_of_the_demo, statements_phase
from tests.flawed.deployment import Deployment
from tests.flawed.sound import SOUND
from tests.verification.test_restoring import differences, states_of

PLACES = (Place(customer=171891944), Place(customer=171891945, source="WECHAT", account="22232"))
LISTED = (golden_phase(), statements_phase())
GENERATING = (
    PhaseOf(name="schema", run=lambda bench: schema_phase(bench, examples=5)),
    PhaseOf(name="model", run=lambda bench: model_phase(bench, examples=3)),
)


class Way:
    """Carries requests to a deployment, keeps them, and does something at one of them."""

    def __init__(self, deployment: Deployment, passing: PassingTime, *, seconds: float = 0.002) -> None:
        self.carried: list[Request] = []
        self.at: dict[int, signal.Signals] = {}
        self._memory, self._passing, self._seconds = InMemory(deployment, passing), passing, seconds
        deployment.clock = passing.clock

    def carry(self, request: Request, *, fresh: bool = False) -> Response:  # noqa: ARG002  # one is like the other
        self.carried.append(request)
        if len(self.carried) in self.at:
            signal.raise_signal(self.at[len(self.carried)])
        self._passing.pass_by(self._seconds)
        return self._memory.carry(request)

    @property
    def sent(self) -> list[tuple[str, str, str, bytes]]:
        return [(one.method, one.path, one.query, one.body) for one in self.carried]


def made(
    *,
    limits: Limits | None = None,
    leave: Leave = Leave.WRITES,
    deployment: Deployment | None = None,
    seconds: float = 0.002,
    interruption: Interruption | None = None,
    places: Sequence[Place] = PLACES,
) -> tuple[Bench, Way]:
    passing = PassingTime()
    way = Way(deployment or Deployment(), passing, seconds=seconds)
    target = Target(
        name="a deployment",
        places=tuple(places),
        leave=leave,
        setting=setting_of_the_demo(),
        limits=limits or Limits(),
    )
    clock = Clock(now=passing.clock.now, wait=passing.clock.wait)
    credentials = read_credentials(f"{TILL}:{PASSWORD}", "TEST")
    return bench_on(target, way, credentials, seed=1, clock=clock, interruption=interruption), way


def run(bench: Bench, phases: Sequence[PhaseOf] = LISTED) -> tuple[list[Event], CampaignDone]:
    events = list(Campaign(bench=bench, phases=phases, version="test", save_image=lambda _: "image.yaml").run())
    done = events[-1]
    assert isinstance(done, CampaignDone)
    return events, done


def outcome(bench: Bench, phases: Sequence[PhaseOf]) -> CampaignDone | str:
    """Run a campaign, and return how it ended, or why it did not begin."""
    try:
        return run(bench, phases)[1]
    except TargetError as failure:
        return str(failure)


def observed(events: Sequence[Event]) -> set[str]:
    checks = [event for event in events if isinstance(event, CheckDone) and event.verdict is Verdict.HELD]
    return {statement for check in checks for statement in check.statements}


@pytest.mark.parametrize("budget", [1, 12, 30, 60, 250, 600])
@pytest.mark.parametrize("leave", list(Leave))
def test_no_more_is_sent_than_the_budget_and_the_state_is_given_back(budget: int, leave: Leave) -> None:
    deployment = Deployment()
    before = states_of(deployment)
    bench, way = made(limits=Limits(budget=budget), leave=leave, deployment=deployment)

    done = outcome(bench, (*LISTED, *GENERATING))

    if isinstance(done, str):
        assert re.search("do(es)? not suffice", done)
        assert all(request.method == "GET" for request in way.carried)
    else:
        assert (done.findings, done.exchanges) == ((), len(way.carried))
    assert len(way.carried) <= budget
    if leave < Leave.IRREVERSIBLE:
        assert differences(before, deployment) == {}


def test_the_number_that_is_told_would_do() -> None:
    bench, _ = made(limits=Limits(budget=20))

    with pytest.raises(TargetError, match="give at least") as refused:
        run(bench)
    [least] = re.findall(r"give at least ([0-9]+)", str(refused.value))
    bench, way = made(limits=Limits(budget=int(least)))
    _, done = run(bench)

    assert done.exit_code == 0
    assert len(way.carried) <= int(least)


@pytest.mark.parametrize("leave", [Leave.READS, Leave.WRITES])
def test_a_budget_that_suffices_for_the_start_decides_something(leave: Leave) -> None:
    for budget in range(1, 60, 3):
        bench, _ = made(limits=Limits(budget=budget), leave=leave, places=FIVE)

        done = outcome(bench, LISTED)

        assert isinstance(done, str) or done.exit_code == 0, budget


def test_time_may_be_over_at_any_exchange() -> None:
    for seconds in range(1, 12):
        bench, way = made(limits=Limits(rate=2.0, seconds=seconds), leave=Leave.READS, places=FIVE)

        done = outcome(bench, LISTED)

        assert isinstance(done, str) or done.exchanges == len(way.carried)


def test_a_small_budget_decides_what_tells_most() -> None:
    bench, _ = made(limits=Limits(budget=40))

    events, done = run(bench)

    assert done.exit_code == 0
    assert len(observed(events)) >= 8


def test_a_budget_is_not_spent_on_one_phase_alone() -> None:
    bench, _ = made(limits=Limits(budget=900), leave=Leave.IRREVERSIBLE)

    events, _ = run(bench, (*LISTED, *GENERATING))

    held = [event for event in events if isinstance(event, CheckDone) and event.verdict is Verdict.HELD]
    assert {event.phase for event in held} == {"golden", "statements", "schema", "model"}


@pytest.mark.parametrize("phases", [LISTED, GENERATING], ids=["listed", "generating"])
@pytest.mark.parametrize("limits", [Limits(), Limits(budget=400)], ids=["all", "400"])
def test_the_same_seed_sends_the_same_whatever_the_machine_s_speed(phases: Sequence[PhaseOf], limits: Limits) -> None:
    fast, slow = (made(limits=limits, seconds=seconds) for seconds in (0.0001, 0.9))

    for bench, _ in (fast, slow):
        run(bench, phases)

    assert fast[1].sent == slow[1].sent


def test_what_time_cuts_off_is_cut_at_the_end() -> None:
    whole, cut = made(limits=Limits(seconds=1000)), made(limits=Limits(seconds=20), seconds=0.1)
    for bench, _ in (whole, cut):
        run(bench)

    written = [[request for request in way.sent if request[0] == "PUT"] for _, way in (whole, cut)]
    kept = next(at for at, (one, other) in enumerate(zip(*written, strict=False)) if one != other)

    assert kept > 10
    assert len(written[1]) - kept <= len(PLACES) + 1  # what gives the customers their state back
    assert cut[0].courier.clock.now() <= 20


def test_time_that_does_not_suffice_ends_the_run_before_the_first_write() -> None:
    bench, way = made(limits=Limits(seconds=30, rate=0.5))

    with pytest.raises(TargetError, match="--max-time does not suffice"):
        run(bench)

    assert {request.method for request in way.carried} == {"GET"}


@pytest.mark.parametrize("moment", [1, 2, 4, 6, *range(10, 400, 24)])
def test_the_first_interruption_counts_at_any_moment(moment: int) -> None:
    deployment, interruption = Deployment(), Interruption()
    before = states_of(deployment)
    bench, way = made(deployment=deployment, interruption=interruption)
    way.at = {moment: signal.SIGINT}

    with interruption.listening():
        events, done = run(bench, (*GENERATING, *LISTED))

    assert done.exit_code == 2
    assert done.findings == ()
    assert Noted(text="interrupted; the customers are given their state back") in events
    assert len(way.carried) < moment + 20
    assert differences(before, deployment) == {}


def test_a_second_interruption_says_who_is_not_given_the_state_back() -> None:
    interruption = Interruption()
    bench, way = made(interruption=interruption)
    way.at = {100: signal.SIGINT, 102: signal.SIGTERM}

    with interruption.listening():
        events, done = run(bench)

    assert done.exit_code == 2
    told = "not given their state back: 171891945 (interrupted again); their state before the run is in image.yaml"
    assert Noted(text=told) in events


@pytest.mark.parametrize("name", SOUND)
def test_a_limited_run_suspects_nothing_sound(name: str) -> None:
    deployment = SOUND[name].make()
    for _ in range(2):
        bench, way = made(limits=Limits(budget=150), deployment=deployment, leave=Leave.IRREVERSIBLE)
        _, done = run(bench)
        assert not [finding for finding in done.findings if finding.counts]
        assert len(way.carried) <= 150


def test_no_phase_begins_to_generate_when_the_time_is_over() -> None:
    begun: list[Bench] = []
    limits = Limits(rate=2.0, seconds=11.0)
    bench, _ = made(limits=limits, leave=Leave.READS)

    def generate(bench: Bench) -> Iterator[Event]:
        begun.append(bench)
        yield from ()

    _, done = run(bench, (*LISTED, PhaseOf(name="schema", run=generate)))

    assert (begun, done.findings) == ([], ())
