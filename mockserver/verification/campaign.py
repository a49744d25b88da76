"""A campaign: a seeded, bounded run of checks against a target, told as events.

It begins with reads: each named customer must be there, and an id is looked for that nobody has. Before the first write
the state of the named customers is kept, and at the end it is written back, and read to see that it is. What cannot be
undone comes last. Requests and time are shared out before the start, so that no phase starves another.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from mockserver.errors import TargetError
from mockserver.verification.bench import Bench
from mockserver.verification.checks import Check
from mockserver.verification.courier import Allowance, Spent
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
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import ABSENT, Expectation, Pattern, mismatches, shown
from mockserver.verification.findings import Finding, Grade, Step
from mockserver.verification.reader import ReadError, customer_request
from mockserver.verification.restoring import RESTORED, BeforeImage, is_irreversible, left_behind, restoring_steps
from mockserver.verification.state import State
from mockserver.verification.target import Leave, Limits, Place

_CANDIDATES = 3  # ids that are tried, to find one that nobody has
_LOST_AFTER = 3  # checks in a row that do not reach the target; then it is given up
_GRADES = {grade: position for position, grade in enumerate(Grade)}
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

    `believed` is what is said of the customers, by path, which must be so. Without `restores` no before-image is made, and nothing written back: where writing one back is what the run is for.
    """

    bench: Bench
    phases: Sequence[PhaseOf]
    version: str
    save_image: Callable[[BeforeImage], str] | None = None
    strict: bool = False
    restores: bool = True
    believed: Mapping[Place, Mapping[str, Pattern]] = field(default_factory=dict)
    known: frozenset[tuple[str, str, str]] = frozenset()
    _sent: dict[str, int] = field(default_factory=dict)
    _seconds: dict[str, float] = field(default_factory=dict)
    _reasons: dict[str, str] = field(default_factory=dict)
    _decided: int = 0
    _image: BeforeImage | None = None
    _interrupted: bool = False
    _lost: bool = False
    _began: float = 0.0

    def run(self) -> Generator[Event, None, None]:
        """Run all phases, and give the customers their state back, whatever happens."""
        bench = self.bench
        self._began = bench.courier.clock.now()
        yield self._started()
        yield from self._meet()
        yield from self._find_nobody()
        yield from self._keep_image()
        try:
            yield from self._run_phases()
        except KeyboardInterrupt:
            self._interrupted = True
            yield Noted(text="interrupted; the customers are given their state back")
        finally:
            restored = list(self._restore())
        yield from restored
        yield from (self._phase_done(phase) for phase in self.phases)
        findings = self._told()
        yield CampaignDone(
            findings=findings,
            exchanges=bench.courier.sent,
            seconds=round(bench.courier.clock.now() - self._began, 2),
            exit_code=self._exit_code(findings),
        )

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
        )

    def _meet(self) -> Iterator[Event]:
        """Read each named customer; one who cannot be read ends the campaign before it begins."""
        if not self.bench.target.places:
            raise TargetError("no customer is named; name one that may be read with --customer ID@SOURCE")
        unreadable = []
        for place in self.bench.target.places:
            exchange = self.bench.reader.find(place)
            if exchange.granted and isinstance(exchange.body, Mapping):
                continue
            if exchange.response.status != 200 or exchange.body is not ABSENT:
                raise TargetError(_why_unread(place, exchange))
            unreadable.append((place, exchange))
        if len(unreadable) == len(self.bench.target.places):
            raise TargetError(_why_unread(*unreadable[0]))
        for place, exchange in unreadable:
            yield self._unreadable(place, exchange)
        self.bench.leave_out({place for place, _ in unreadable})
        for place, patterns in self.believed.items():
            if place in self.bench.target.places:
                self._verify(place, patterns)

    def _verify(self, place: Place, patterns: Mapping[str, Pattern]) -> None:
        """Hold what is said of a customer against what is read; checks that build on a wrong word would mislead."""
        state = self.bench.judge.state(place, with_programs=any(path.startswith("programs/") for path in patterns))
        for path, pattern in patterns.items():
            for wrong in mismatches(pattern, state.flat.get(path, ABSENT), path):
                told = f"{wrong.place} is {wrong.came}, and the target's file says {wrong.promised}"
                raise TargetError(f"{place}: {told}; mend the file, or the customer")

    def _unreadable(self, place: Place, exchange: Exchange) -> Found:
        """A read that is no JSON, while others are, is a finding; that customer is left out of all else."""
        return self.bench.found(
            Finding(
                grade=Grade.BROKEN,
                check="customer-is-read",
                phase="start",
                promised=f"the read of {place} answers with JSON",
                came=f"status {exchange.response.status}, and no JSON",
                statement="UPD-PRE-1",
                steps=(Step(request=exchange.request, expect=Expectation(status=200)),),
                request_id=exchange.request_id,
                at=exchange.at,
                seed=self.bench.seed,
            )
        )

    def _find_nobody(self) -> Iterator[Event]:
        """Look for an id that the target does not have; one that has them all breaks its promise."""
        bench, place = self.bench, self.bench.target.places[0]
        draw = Random(bench.seed)  # noqa: S311  # an id, nothing secret
        for _ in range(_CANDIDATES):
            nobody = Place(
                customer=draw.randrange(800_000_000, 899_999_999), source=place.source, account=place.account
            )
            bench.made_up.add(str(nobody.customer))
            request = customer_request(nobody)
            exchange = bench.courier.send(request)
            if not exchange.granted:
                bench.courier.unknown = nobody.customer
                return
        step = Step(request=request, expect=Expectation(status=400, code=8015))
        yield bench.found(
            Finding(
                grade=Grade.BROKEN,
                check="unknown-customer-is-not-read",
                phase="start",
                promised="A read of a customer who is not there is refused with 8015",
                came=f"{_CANDIDATES} ids that were made up are all read with status {exchange.response.status}",
                statement="UPD-ERR-1",
                steps=(step,),
                request_id=exchange.request_id,
                at=exchange.at,
                seed=bench.seed,
            )
        )

    def _keep_image(self) -> Iterator[Event]:
        target = self.bench.target
        if target.leave < Leave.WRITES or target.disposable or not self.restores:
            return
        states = {place: self.bench.judge.state(place, with_programs=True) for place in target.places}
        self._image = BeforeImage(states=states)
        if self.save_image is not None:
            yield Noted(text=f"the customers' state before the first write is kept in {self.save_image(self._image)}")

    def _run_phases(self) -> Iterator[Event]:
        shares = self._shares()
        for phase in self.phases:
            yield PhaseStarted(phase=phase.name, checks=len(phase.checks))
            checks = [check for check in phase.checks if self.bench.reset or check.leave < Leave.IRREVERSIBLE]
            yield from self._run_part(phase, checks, shares[phase.name][0])
        for phase in self.phases:
            checks = [check for check in phase.checks if not self.bench.reset and check.leave is Leave.IRREVERSIBLE]
            if checks:
                yield from self._run_part(phase, checks, shares[phase.name][1], is_rest=True)

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
            self._reasons[phase.name] = str(spent)
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
            raise failures[-1]

    def _counted(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, CheckDone):
                self._decided += event.verdict is not Verdict.NOT_OBSERVED
            if not isinstance(event, Found) or event.finding.key not in self.known:
                yield event

    def _phase_done(self, phase: PhaseOf) -> PhaseDone:
        return PhaseDone(
            phase=phase.name,
            exchanges=self._sent.get(phase.name, 0),
            seconds=round(self._seconds.get(phase.name, 0.0), 2),
            reason=self._reasons.get(phase.name, ""),
        )

    def _restore(self) -> Iterator[Event]:
        """Write back what is different, and read whether it is as before."""
        if self._image is None:
            return
        self.bench.courier.allowance = Allowance()
        for customer in dict.fromkeys(place.customer for place in self._image.states):
            states = {place: state for place, state in self._image.states.items() if place.customer == customer}
            try:
                yield from self._restore_customer(states)
            except (ReadError, TargetError) as failure:
                yield self._not_restored(next(iter(states)), (), f"it could not be tried: {failure}")

    def _restore_customer(self, states: Mapping[Place, State]) -> Iterator[Event]:
        """Write back each named profile of a customer, and then look at the whole customer."""
        steps = self._restoring(states)
        for step in steps:
            self.bench.courier.send(step.request)
        place, before = next(iter(states.items()))
        rest = self._await_restored(place, before)
        lost = {path: value for path, value in rest.items() if not is_irreversible(path, before)}
        left = [path for path in rest if path not in lost]
        if lost or (left and self.bench.target.leave < Leave.IRREVERSIBLE):
            told = "; ".join(f"{path} is {shown(value)}" for path, value in rest.items())
            yield self._not_restored(place, steps, told)
        elif left:
            yield Noted(text=f"{place}: left as it was allowed, since no update takes it back: {', '.join(left)}")

    def _restoring(self, states: Mapping[Place, State]) -> tuple[Step, ...]:
        """Return what is to be written back; of a customer who cannot be read any more that is all."""
        judge = self.bench.judge
        judge.forget()
        try:
            now = {place: judge.state(place, with_programs=True) for place in states}
        except ReadError:
            return BeforeImage(states=states).steps()
        return tuple(step for place, before in states.items() for step in restoring_steps(place, before, now[place]))

    def _await_restored(self, place: Place, before: State) -> dict[str, object]:
        """Read until all is as before, as long as the target may need to show it."""
        courier, judge = self.bench.courier, self.bench.judge
        ends = courier.clock.now() + max(2 * judge.lag, judge.patience)
        while True:
            judge.forget()
            rest = left_behind(before, judge.state(place, with_programs=True))
            if all(is_irreversible(path, before) for path in rest) or courier.clock.now() >= ends:
                return rest
            courier.clock.wait(0.1)

    def _not_restored(self, place: Place, steps: tuple[Step, ...], came: str) -> Found:
        return self.bench.found(
            Finding(
                grade=Grade.BROKEN,
                check=RESTORED,
                phase="restoration",
                promised=f"{place} can be given its state back, and reads show it",
                came=came,
                steps=steps,
                at=self.bench.courier.clock.today(),
                seed=self.bench.seed,
            )
        )

    def _told(self) -> tuple[Finding, ...]:
        """Return all findings but those of the baseline, the gravest first."""
        told = [finding for finding in self.bench.findings.values() if finding.key not in self.known]
        return tuple(sorted(told, key=_gravity))

    def _exit_code(self, findings: tuple[Finding, ...]) -> int:
        """Findings win; a run in which nothing was decided, or that was cut short, could not check."""
        if any(finding.counts or self.strict for finding in findings):
            return 1
        return 2 if self._interrupted or self._lost or not self._decided else 0


def _gravity(finding: Finding) -> tuple[int, bool, str, str]:
    """Order findings by grade; those that name no statement come after those that do."""
    return _GRADES[finding.grade], not finding.statement, finding.statement, finding.question


def _rest_of(phase: PhaseOf) -> float:
    """Return the part of a phase's checks that cannot be undone."""
    irreversible = sum(check.leave is Leave.IRREVERSIBLE for check in phase.checks)
    return irreversible / len(phase.checks) if phase.checks else 0.0


def _allowance(requests: int | None, seconds: float | None, part: float) -> Allowance:
    return Allowance(
        requests=None if requests is None else int(requests * part),
        until=None if seconds is None else seconds * part,
    )


def _why_unread(place: Place, exchange: Exchange) -> str:
    status = exchange.response.status
    if status in (401, 403):
        return f"the credentials are refused with {status}; see the variable that --auth-env names"
    if exchange.body is ABSENT or status in range(300, 400):
        return f"{place} answers {status} without JSON, as a login page does; see the URL and its path prefix"
    if exchange.code is not None:
        return f"{place} cannot be read: {exchange.code}; name a customer who is there, as ID@SOURCE[:ACCOUNT]"
    return f"{place} cannot be read: status {status}; see the URL and its path prefix"
