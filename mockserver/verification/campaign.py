"""A campaign: a seeded, bounded run of checks against a target, told as events.

It begins with reads: each named customer must be there, and an id is looked for that nobody has. Before the first write
the state of the named customers is kept, and at the end it is written back, and read to see that it is. What cannot be
undone comes last. What the end takes is kept from the start, and a limited run begins with what decides most.
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
from mockserver.verification.interruption import Interrupted
from mockserver.verification.meeting import find_nobody, meet
from mockserver.verification.phases import PhaseOf as PhaseOf  # for those who run one
from mockserver.verification.restoration import Reserve, reserve_for, restore
from mockserver.verification.restoring import BeforeImage
from mockserver.verification.spending import Part, allowance_of, parts_by_telling, parts_in_turn
from mockserver.verification.target import Leave, Limits, Place
from mockserver.verification.wording import own

_LEAST = 3  # requests that a run has for its checks at least: an update, and a look at what it did
_LOST_AFTER = 3  # checks in a row that do not reach the target; then it is given up


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
    _lost: bool = False
    _began: float = 0.0
    _kept: Reserve = field(default_factory=Reserve)
    _image_at: str = ""

    def run(self) -> Generator[Event, None, None]:
        """Run all phases, and give the customers their state back, whatever happens."""
        yield self._started()
        try:
            yield from self._start()
            yield from (Noted(text=own(note)) for note in self.bench.notes)
            yield from self._run_phases()
        except Interrupted:
            yield Noted(text=own("interrupted; the customers are given their state back"))
        finally:
            restored = self._restore()
        yield from restored
        yield from self._counted(self.bench.told_in_passing())
        yield from self.bench.reconsider()
        yield from (self._phase_done(phase) for phase in self.phases)
        yield from self._end()

    def _start(self) -> Iterator[Event]:
        """Read what a run has to know before its first write, and see that the limits suffice for its end."""
        courier = self.bench.courier
        self._began, limits = courier.clock.now(), self.bench.target.limits
        self._limit_time(0.0)
        try:
            yield from meet(self.bench, self.believed)
            yield from find_nobody(self.bench)
            yield from self._keep_image()
            self._read_customers(limits)
        except Interrupted:
            raise
        except Spent as spent:
            raise TargetError(f"the limits do not suffice for the start: {spent}") from spent
        reserve = Reserve() if self.image is None else reserve_for(self.bench, self.image)
        self._reserve(reserve, limits)

    def _reserve(self, reserve: Reserve, limits: Limits) -> None:
        """Keep what the end takes; where nothing is left then, that ends the run before the first write."""
        purse, spent = self.bench.courier.purse, self.bench.courier.clock.now() - self._began
        least = purse.sent + purse.kept + reserve.requests + _LEAST
        if limits.budget is not None and limits.budget < least:
            told = f"the start takes {purse.sent} requests and giving the state back {purse.kept + reserve.requests}"
            raise TargetError(f"--budget {limits.budget} does not suffice: {told}; give at least {least}")
        if limits.seconds is not None and limits.seconds < spent + reserve.seconds:
            told = f"the start took {spent:.0f} s and giving the state back may take {reserve.seconds:.0f} s"
            raise TargetError(f"--max-time does not suffice: {told}; give more")
        purse.kept += reserve.requests
        self._kept = reserve
        self._limit_time(reserve.seconds)

    def _limit_time(self, kept: float) -> None:
        """Let the run last until its time is over, but for the seconds that are kept for its end."""
        seconds, courier = self.bench.target.limits.seconds, self.bench.courier
        courier.purse.until = None if seconds is None else self._began + seconds - kept
        courier.allowance = Allowance(until=courier.purse.until)

    def _restore(self) -> list[Event]:
        """Give the customers their state back, and say of whom that was left."""
        purse = self.bench.courier.purse
        purse.until, purse.kept = None, purse.kept - self._kept.requests
        self.bench.courier.interruption.close()
        if self.image is None or not self.bench.courier.has_written:
            return []
        restored = restore(self.bench, self.image)
        self._lost = self._lost or bool(restored.left)
        kept = f"; their state before the run is in {self._image_at}" if self._image_at else ""
        told = ", ".join(f"{customer} ({reason})" for customer, reason in restored.left.items())
        return [*restored.events, *([Noted(text=own(f"not given their state back: {told}{kept}"))] if told else [])]

    def _end(self) -> Iterator[Event]:
        courier, findings = self.bench.courier, self._told()
        failures = tuple(courier.failures)
        if failures:
            yield Noted(text=own(told(failures)))
        yield CampaignDone(
            findings=findings,
            exchanges=courier.sent,
            seconds=round(courier.clock.now() - self._began, 2),
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
            self._image_at = self.save_image(self.image)
            yield Noted(text=own(f"the customers' state before the first write is kept in {self._image_at}"))

    def _read_customers(self, limits: Limits) -> None:
        """Read what a limited run is planned on, before what is left for its checks is counted."""
        if limits.budget is not None or limits.seconds is not None:
            for place in self.bench.target.places:
                self.bench.judge.state(place)

    def _run_phases(self) -> Iterator[Event]:
        parts, begun = self._parts(), set[str]()
        for number, part in enumerate(parts):
            if part.phase.name not in begun:
                begun.add(part.phase.name)
                yield PhaseStarted(phase=part.phase.name, checks=len(part.phase.checks))
            yield from self._run_part(part, allowance_of(parts[number:], self.bench.courier.purse.left))
            yield self._phase_done(part.phase)
            self.bench.courier.interruption.heed()

    def _parts(self) -> tuple[Part, ...]:
        """Return what is to be done, in its order."""
        bench, limits = self.bench, self.bench.target.limits

        def is_last(check: Check) -> bool:
            return not bench.reset and check.leave is Leave.IRREVERSIBLE

        if limits.budget is None and limits.seconds is None:
            return parts_in_turn(self.phases, is_last)
        return parts_by_telling(self.phases, is_last, bench.cost, bench.courier.purse.left)

    def _run_part(self, part: Part, requests: int | None) -> Iterator[Event]:
        courier, phase = self.bench.courier, part.phase
        started, sent = courier.clock.now(), courier.sent
        courier.allowance = Allowance(requests=requests, until=courier.purse.until)
        try:
            yield from self._counted(self._decide(part.checks, phase.name))
            if phase.run is not None and part.runs:
                courier.heed_time()  # it may think for seconds before its first request
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
        is_cut = self.bench.courier.interruption.is_noted or self._lost
        return 2 if is_cut or self._undecided or not self._decided else 0
