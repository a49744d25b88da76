"""A campaign: a seeded, bounded run of checks against a target, told as events.

It begins with reads: each named customer must be there, and an id is looked for that nobody has. Before the first write
the state of the named customers is kept, and at the end it is written back, and read to see that it is. What cannot be
undone comes last. Requests and time are shared out before the start, so that no phase starves another.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mockserver.errors import TargetError
from mockserver.verification.bench import Bench
from mockserver.verification.checks import Check
from mockserver.verification.courier import Allowance, Spent
from mockserver.verification.diagnosis import diagnose
from mockserver.verification.events import (
    CampaignDone,
    CampaignStarted,
    CheckDone,
    Event,
    Found,
    Noted,
    PhaseDone,
    PhaseStarted,
    Verdict,
)
from mockserver.verification.expectation import Pattern
from mockserver.verification.failures import TargetFailedError, told
from mockserver.verification.findings import Finding
from mockserver.verification.meeting import find_nobody, meet
from mockserver.verification.restoration import restore
from mockserver.verification.restoring import BeforeImage
from mockserver.verification.target import Leave, Limits, Place
from mockserver.verification.wording import own

_LOST_AFTER = 3  # checks in a row that do not reach the target; then it is given up
Phase = Callable[[Bench], Iterator[Event]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseOf:
    """A phase: its name, its part of requests and time, and either its checks, or how it runs."""

    name: str
    checks: tuple[Check, ...] = ()
    run: Phase | None = None
    share: float = 1.0


@dataclass(slots=True, kw_only=True)
class Campaign:
    """One run. `save_image` keeps the before-image and returns where; `known` are findings of a baseline, by key.

    `believed` is what is said of the customers, by path, which must be so. Without `restores` no before-image is made,
    and nothing written back: where writing one back is what the run is for.
    """

    bench: Bench
    phases: Sequence[PhaseOf]
    version: str
    save_image: Callable[[BeforeImage], str] | None = None
    strict: bool = False
    restores: bool = True
    believed: Mapping[Place, Mapping[str, Pattern]] = field(default_factory=dict)
    known: frozenset[tuple[str, str, str]] = frozenset()
    image: BeforeImage | None = field(default=None, init=False)
    _sent: dict[str, int] = field(default_factory=dict)
    _seconds: dict[str, float] = field(default_factory=dict)
    _reasons: dict[str, str] = field(default_factory=dict)
    _decided: int = 0
    _undecided: int = 0
    _interrupted: bool = False
    _lost: bool = False
    _began: float = 0.0

    def run(self) -> Generator[Event, None, None]:
        """Run all phases, and give the customers their state back, whatever happens."""
        bench = self.bench
        self._began = bench.courier.clock.now()
        yield self._started()
        yield from meet(self.bench, self.believed)
        yield from find_nobody(self.bench)
        yield from self._keep_image()
        try:
            yield from self._run_phases()
        except KeyboardInterrupt:
            self._interrupted = True
            yield Noted(text=own("interrupted; the customers are given their state back"))
        finally:
            restored = [] if self.image is None else list(restore(self.bench, self.image))
        yield from restored
        yield from self._counted(self.bench.told_in_passing())
        yield from self.bench.reconsider()
        yield from (self._phase_done(phase) for phase in self.phases)
        findings, failures = self._told(), tuple(bench.courier.failures)
        if failures:
            yield Noted(text=own(told(failures)))
        yield CampaignDone(
            findings=findings,
            exchanges=bench.courier.sent,
            seconds=round(bench.courier.clock.now() - self._began, 2),
            exit_code=self._exit_code(findings),
            failures=failures,
        )

    @property
    def _saved(self) -> frozenset[str]:
        """The checks that are findings of an earlier run: of each it is asked whether it still happens."""
        return frozenset(check.id for phase in self.phases for check in phase.checks if check.is_saved)

    def _started(self) -> CampaignStarted:
        target = self.bench.target
        return CampaignStarted(
            target=target.name,
            customers=tuple(str(place) for place in target.places),
            phases=tuple(phase.name for phase in self.phases),
            seed=self.bench.seed,
            dialect=target.setting.dialect.name,
            allows=tuple(leave.name.lower() for leave in Leave if leave <= target.leave),
            at=self.bench.courier.clock.today(),
            version=self.version,
            strict=self.strict,
        )

    def _keep_image(self) -> Iterator[Event]:
        target = self.bench.target
        if target.leave < Leave.WRITES or target.disposable or not self.restores:
            return
        states = {place: self.bench.judge.state(place, with_programs=True) for place in target.places}
        self.image = BeforeImage(states=states)
        if self.save_image is not None:
            kept = self.save_image(self.image)
            yield Noted(text=own(f"the customers' state before the first write is kept in {kept}"))

    def _run_phases(self) -> Iterator[Event]:
        shares = self._shares()
        for phase in self.phases:
            yield PhaseStarted(phase=phase.name, checks=len(phase.checks))
            checks = [check for check in phase.checks if self.bench.reset or check.leave < Leave.IRREVERSIBLE]
            yield from self._run_part(phase, checks, shares[phase.name][0])
            yield self._phase_done(phase)
        for phase in self.phases:
            checks = [check for check in phase.checks if not self.bench.reset and check.leave is Leave.IRREVERSIBLE]
            if checks:
                yield from self._run_part(phase, checks, shares[phase.name][1], is_rest=True)
                yield self._phase_done(phase)

    def _shares(self) -> dict[str, tuple[Allowance, Allowance]]:
        """Share out what is left of requests and time: each phase's part, and of it that for what cannot be undone."""
        limits, total = self._limits_left(), sum(phase.share for phase in self.phases)
        return {
            phase.name: (
                _allowance(limits.budget, limits.seconds, phase.share / total * (1 - (rest := _rest_of(phase)))),
                _allowance(limits.budget, limits.seconds, phase.share / total * rest),
            )
            for phase in self.phases
        }

    def _limits_left(self) -> Limits:
        """Return the limits less what the start took, which is no phase's."""
        courier, limits = self.bench.courier, self.bench.target.limits
        spent = courier.clock.now() - self._began
        return Limits(
            budget=None if limits.budget is None else max(limits.budget - courier.sent, 0),
            seconds=None if limits.seconds is None else max(limits.seconds - spent, 0.0),
        )

    def _run_part(
        self, phase: PhaseOf, checks: Sequence[Check], allowance: Allowance, *, is_rest: bool = False
    ) -> Iterator[Event]:
        courier = self.bench.courier
        started, sent = courier.clock.now(), courier.sent
        courier.allowance = Allowance(
            requests=allowance.requests,
            until=None if allowance.until is None else started + allowance.until,
        )
        try:
            yield from self._counted(self._decide(checks, phase.name))
            if phase.run is not None and not is_rest:
                yield from self._counted(phase.run(self.bench))
        except Spent as spent:
            self._reasons[phase.name] = own(str(spent))
        except TargetFailedError as failure:
            self._reasons[phase.name] = failure.told
        except TargetError as failure:
            self._lost, self._reasons[phase.name] = True, str(failure)
        finally:
            courier.allowance = Allowance()
            self._sent[phase.name] = self._sent.get(phase.name, 0) + courier.sent - sent
            self._seconds[phase.name] = self._seconds.get(phase.name, 0.0) + courier.clock.now() - started

    def _decide(self, checks: Sequence[Check], phase: str) -> Iterator[Event]:
        """Decide checks; one that does not reach the target is not observed, and after some of those none is tried."""
        failures: list[TargetError] = []
        for check in checks:
            try:
                if len(failures) < _LOST_AFTER:
                    yield from self.bench.decide(check, phase)
                    failures.clear()
                    continue
            except TargetError as failure:
                failures.append(failure)
                self.bench.judge.forget()
            yield CheckDone(
                phase=phase,
                check=check.id,
                verdict=Verdict.NOT_OBSERVED,
                statements=check.statements,
                questions=check.questions,
                reason=str(failures[-1]),
            )
        if len(failures) >= _LOST_AFTER:
            raise TargetError(str(failures[-1]))

    def _counted(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, CheckDone):
                self._decided += event.verdict is not Verdict.NOT_OBSERVED
                self._undecided += event.verdict is Verdict.NOT_OBSERVED and event.check in self._saved
            if not isinstance(event, Found) or event.finding.key not in self.known:
                yield event

    def _phase_done(self, phase: PhaseOf) -> PhaseDone:
        return PhaseDone(
            phase=phase.name,
            exchanges=self._sent.get(phase.name, 0),
            seconds=round(self._seconds.get(phase.name, 0.0), 2),
            reason=self._reasons.get(phase.name, ""),
        )

    def _told(self) -> tuple[Finding, ...]:
        """Return one finding for each bug but those of the baseline."""
        found = diagnose(self.bench.sightings, self.bench.judge.evidence)
        return tuple(finding for finding in found if not self._is_known(finding))

    def _is_known(self, finding: Finding) -> bool:
        """Tell whether the baseline has a bug: under the name that it has now, or in all that it explains."""
        explained = [one.key in self.known for one in finding.explains]
        return finding.key in self.known or (bool(explained) and all(explained))

    def _exit_code(self, findings: tuple[Finding, ...]) -> int:
        """Findings win; a run in which nothing was decided, or that was cut short, could not check."""
        if any(finding.counts or self.strict for finding in findings):
            return 1
        return 2 if self._interrupted or self._lost or self._undecided or not self._decided else 0


def _rest_of(phase: PhaseOf) -> float:
    """Return the part of a phase's checks that cannot be undone."""
    irreversible = sum(check.leave is Leave.IRREVERSIBLE for check in phase.checks)
    return irreversible / len(phase.checks) if phase.checks else 0.0


def _allowance(requests: int | None, seconds: float | None, part: float) -> Allowance:
    return Allowance(
        requests=None if requests is None else int(requests * part),
        until=None if seconds is None else seconds * part,
    )
