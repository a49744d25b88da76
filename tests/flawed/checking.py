"""The checker put to a deployment in memory, as it would meet a real one: named customers, and no way to reset it.

Time passes for the checker and the deployment alike, and only by what they do: nobody sleeps.
"""

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cache

from mockserver.exchange import Setting
from mockserver.files import read_dialect, read_dialects, read_world
from mockserver.messages import Request, Response
from mockserver.values import replace
from mockserver.verification.bench import Bench
from mockserver.verification.campaign import Campaign, PhaseOf
from mockserver.verification.courier import Clock
from mockserver.verification.credentials import read_credentials
from mockserver.verification.events import CampaignDone, Event, Found
from mockserver.verification.failures import CutError
from mockserver.verification.findings import Finding
from mockserver.verification.golden import check_of
from mockserver.verification.golden_files import read_golden_exchanges
from mockserver.verification.opening import bench_on
from mockserver.verification.statements import STATEMENT_CHECKS
from mockserver.verification.target import Leave, Place, Target
from mockserver.verification.values import EARLY_CHECKS, VALUE_CHECKS
from tests.flawed.asking import ASHA, GRACE, LI, PASSWORD, RAVI, TILL, TOMAS
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw, Sound
from tests.flawed.flaws_of_dialect import FLAWS_OF_DIALECT

# Two or three records of a staging system would do for most flaws; these have a profile of every kind among them.
PLACES = (
    Place(customer=ASHA),
    Place(customer=RAVI),
    Place(customer=RAVI, source="WECHAT", account="22232"),
    Place(customer=GRACE, source="FACEBOOK", account="fb-1"),
    Place(customer=TOMAS, source="MARTJACK"),
    Place(customer=LI, source="WECHAT", account="1234"),
)
_CREDENTIALS = f"{TILL}:{PASSWORD}"
_PER_REQUEST = 0.002  # seconds
_OF_DIALECT = frozenset(flaw.name for flaw in FLAWS_OF_DIALECT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The first finding that names a flaw rightly, and how many requests and seconds it took."""

    finding: Finding
    requests: int
    seconds: float


class PassingTime:
    """Time that passes when somebody waits for it."""

    def __init__(self) -> None:
        self._now = 0.0
        self.clock = Clock(now=lambda: self._now, wait=self.pass_by)

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self._now += max(seconds, 0.0)


@dataclass(frozen=True, slots=True)
class InMemory:
    """Carries requests to a deployment without a socket."""

    deployment: Deployment
    time: PassingTime

    def carry(self, request: Request, *, fresh: bool = False) -> Response:  # noqa: ARG002  # there is no connection
        self.time.pass_by(_PER_REQUEST)
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            return self.deployment.handle(replace(request, headers=headers))
        except ConnectionError as failure:
            raise CutError("the deployment hung up", what="connection cut") from failure


@cache
def setting_of_the_demo() -> Setting:
    """Return what the checker assumes of a deployment, as the command does when it is told nothing."""
    dialects, organisation = read_dialects(), read_world("demo").organisation
    dialect = read_dialect(dialects)
    contract = dialects.contract_of(dialect)
    return Setting(contract=contract, organisation=organisation, dialect=dialect, dialects=dialects)


@cache
def statements_phase() -> PhaseOf:
    """Return the phase of the page's statements."""
    return PhaseOf(name="statements", checks=STATEMENT_CHECKS)


@cache
def values_phase() -> PhaseOf:
    """Return the checks of values, which the phase of the statements ends with."""
    return PhaseOf(name="statements", checks=(*EARLY_CHECKS, *VALUE_CHECKS))


@cache
def golden_phase() -> PhaseOf:
    """Return the phase of the golden exchanges."""
    return PhaseOf(name="golden", checks=tuple(check_of(golden) for golden in read_golden_exchanges()))


def leave_of(flaw: Flaw) -> Leave:
    """Return the leave that a flaw says it needs to be seen."""
    return Leave[flaw.needs.upper()]


def bench_of(named: Flaw | Sound, *, leave: Leave, seed: int = 1) -> Bench:
    """Return a bench with a fresh deployment of this kind."""
    return bench_with(named.make(), leave=leave, seed=seed)


def bench_with(
    deployment: Deployment,
    *,
    leave: Leave,
    seed: int = 1,
    passing: PassingTime | None = None,
    parallel: bool = False,
) -> Bench:
    """Return a bench with a deployment, which from now on lives by the time of the bench: its own, or that given."""
    passing = passing or PassingTime()
    deployment.clock = passing.clock
    target = Target(name="a deployment", places=PLACES, leave=leave, setting=setting_of_the_demo(), parallel=parallel)
    transport = InMemory(deployment, passing)
    credentials = read_credentials(_CREDENTIALS, "TEST")
    return bench_on(target, transport, credentials, seed=seed, clock=passing.clock)


def run(bench: Bench, phases: Iterable[PhaseOf]) -> Generator[Event, None, None]:
    """Run a campaign; closing it early gives the customers their state back."""
    return Campaign(bench=bench, phases=tuple(phases), version="test").run()


def first_right_finding(flaw: Flaw, bench: Bench, phases: Iterable[PhaseOf]) -> Sighting | None:
    """Run until a finding names the flaw rightly, and end the campaign there; None where none does."""
    clock, started = bench.courier.clock, bench.courier.clock.now()
    with closing(run(bench, phases)) as events:
        for event in events:
            if isinstance(event, Found) and is_right(flaw, event.finding):
                seconds = clock.now() - started
                return Sighting(finding=event.finding, requests=bench.courier.sent, seconds=seconds)
    return None


def is_right(flaw: Flaw, finding: Finding) -> bool:
    """Tell whether a finding names the flaw; it must count, unless the flaw is another answer to a question."""
    is_named = finding.statement in flaw.names or finding.question in flaw.names
    return is_named and (finding.counts or flaw.name in _OF_DIALECT)


def findings_of(events: Iterable[Event]) -> tuple[Finding, ...]:
    """Return what a whole campaign found."""
    [done] = [event for event in events if isinstance(event, CampaignDone)]
    return done.findings
