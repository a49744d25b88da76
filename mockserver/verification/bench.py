"""What a phase works with: one target, all that is known of it, and the way to decide a check on it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from mockserver.errors import TargetError
from mockserver.values import replace
from mockserver.verification.checks import Check, Foretelling, Situation, Unfit, requests_of
from mockserver.verification.courier import Courier, Spent
from mockserver.verification.events import CheckDone, Event, Found, Verdict
from mockserver.verification.failures import TargetFailedError
from mockserver.verification.fiction import Fiction
from mockserver.verification.findings import Finding, Key, Step
from mockserver.verification.foretelling import run_foretold, texts_of
from mockserver.verification.judging import Judge
from mockserver.verification.oracle import Oracle
from mockserver.verification.reader import Reader, ReadError
from mockserver.verification.state import State
from mockserver.verification.target import Leave, Place, Target
from mockserver.verification.trials import Judged, Trial
from mockserver.verification.wording import as_own, own, worded


@dataclass(slots=True, kw_only=True)
class Bench:
    """One target under check. `reset` gives a disposable target its first state back; None where there is no such way.

    `notes` are said before anything is checked. `findings` are all so far, by what makes them one bug, `sightings` each
    as it came. `fiction` makes up values that the target does not hold.
    """

    target: Target
    courier: Courier
    reader: Reader
    oracle: Oracle
    judge: Judge
    fiction: Fiction
    seed: int
    reset: Callable[[], None] | None = None
    notes: tuple[str, ...] = ()
    findings: dict[Key, Finding] = field(default_factory=dict)
    sightings: list[Finding] = field(default_factory=list)
    _held: list[tuple[Check, CheckDone, tuple[Trial, ...]]] = field(default_factory=list)

    def leave_out(self, places: set[Place]) -> None:
        """Check without these places from now on."""
        kept = tuple(place for place in self.target.places if place not in places)
        self.target = replace(self.target, places=kept)

    def begin_anew(self) -> None:
        """Give a disposable target its first state back; what was read in it need not be read again."""
        if self.reset is not None:
            self.reset()
            self.courier.has_written = False
            self.judge.onlooker.recall()
            self.courier.wait(self.judge.lag)

    def situation(self, place: Place, *, with_programs: bool = False) -> Situation:
        """Return what a check may build on at a place."""
        states: Mapping[Place, State] = {
            other: self.judge.state(other, with_programs=with_programs) for other in self.target.places
        }
        for state in states.values():
            self.fiction.avoid(state)
        return Situation(
            place=place,
            state=states[place],
            states=states,
            unknown=self.courier.unknown,
            organisation=self.target.setting.organisation,
            dialect=self.target.setting.dialect,
            word=self.fiction.word(),
            make_up=self.fiction.value,
            disposable=self.target.disposable,
            shows_every_source=self.reader.shows_every_source(place.customer),
            moment=self.judge.onlooker.moment,
            thorough=self._is_quick,
            stores_any_name=self.judge.onlooker.stored_any_name,
            wrong_credentials=self.courier.credentials.wrong_kinds,
            parallel=self.target.parallel or self.target.disposable,
        )

    def cost(self, check: Check) -> int | None:
        """Return about how many requests a check takes, None where it cannot decide anything here."""
        if check.leave > self.target.leave:
            return None
        plans = (check.plan(self.situation(place)) for place in self.target.places)
        fit = next((plan for plan in plans if not isinstance(plan, Unfit)), None)
        if fit is None:  # one that looks at programs may fit once they are read
            return _WITH_PROGRAMS + self._unread(check) if check.looks_at_programs else None
        return requests_of(fit) + self._unread(check)

    def _unread(self, check: Check) -> int:
        """Return how many reads it takes until a check knows the programs that it looks at."""
        if not check.looks_at_programs:
            return 0
        return sum(_TO_KNOW for place in self.target.places if not self.judge.state(place).has_programs)

    @property
    def _is_quick(self) -> bool:
        """Tell whether exchanges cost little: none of the limits is a narrow one, and updates show at once."""
        limits = self.target.limits
        is_quick = self.judge.lag <= _PROMPT and (limits.rate is None or limits.rate >= _QUICK)
        return is_quick and (limits.budget is None or limits.budget >= _AMPLE)

    def decide(self, check: Check, phase: str) -> Iterator[Event]:
        """Decide one check at the first named place that it fits, and tell what came of it."""
        sent, started = self.courier.sent, self.courier.clock.now()
        judged = self._judge(check, phase)
        done = CheckDone(
            phase=phase,
            check=check.id,
            verdict=judged.verdict,
            statements=check.statements,
            questions=check.questions,
            reason=judged.reason,
            exchanges=self.courier.sent - sent,
            milliseconds=round((self.courier.clock.now() - started) * 1000, 1),
        )
        yield done
        if judged.verdict is Verdict.HELD and check.questions:
            self._held.append((check, done, judged.trials))
        if judged.finding is not None:
            yield self.found(judged.finding)

    @property
    def held(self) -> Iterator[tuple[str, tuple[Trial, ...]]]:
        """The steps of the checks that held, by `phase/check`."""
        return ((f"{done.phase}/{done.check}", trials) for _, done, trials in self._held)

    def reconsider(self) -> Iterator[Event]:
        """Tell anew of checks that held, and are about a question that the target turned out to answer in its own way.

        Where the customer does not show that answer, nothing was observed: another customer would have shown it.
        """
        for check, done, trials in self._held:
            question = self.judge.learnt_but_unseen(check, trials)
            if question:
                answer = self.oracle.learnt[question]
                reason = own(f"the target answers {question} with {answer}, which this customer does not show")
                yield replace(done, verdict=Verdict.NOT_OBSERVED, reason=reason)

    def told_in_passing(self) -> Iterator[Event]:
        """Tell what was seen beside the checks."""
        yield from (self.found(finding) for finding in self.judge.witness.findings)

    def found(self, finding: Finding) -> Found:
        """Keep a finding; one that is known already is the same bug, seen again."""
        self.sightings.append(finding)
        known = self.findings.get(finding.key)
        kept = finding if known is None else known.merged(finding)
        self.findings[finding.key] = kept
        return Found(finding=kept)

    def _judge(self, check: Check, phase: str) -> Judged:
        if check.leave > self.target.leave:
            return Judged(verdict=Verdict.NOT_OBSERVED, reason=_LEAVES[check.leave])
        try:
            self.begin_anew()
            return self._judge_where_it_fits(check, phase)
        except Spent as spent:
            self.judge.forget()
            return Judged(verdict=Verdict.NOT_OBSERVED, reason=own(str(spent)))
        except ReadError as failure:
            return Judged(verdict=Verdict.NOT_OBSERVED, reason=own(str(failure)))
        except TargetFailedError as failure:
            if failure.is_read:
                raise
            return Judged(
                verdict=Verdict.NOT_OBSERVED, reason=worded("{}; an update is never sent twice", failure.told)
            )

    def _judge_where_it_fits(self, check: Check, phase: str) -> Judged:
        reason = own("no customer is named")
        for place in self.target.places:
            plan = check.plan(self.situation(place, with_programs=check.looks_at_programs))
            if not isinstance(plan, Unfit):
                judged = self._run(check, plan, phase)
                return self._try_again(check, place, judged, phase)
            reason = as_own(plan.reason)
        return Judged(verdict=Verdict.NOT_OBSERVED, reason=reason)

    def _try_again(self, check: Check, place: Place, judged: Judged, phase: str) -> Judged:
        """See whether a failure repeats, where trying costs nothing that stays; what was seen is told in any case."""
        if judged.finding is None or not judged.finding.counts or check.leave is Leave.IRREVERSIBLE:
            return judged
        try:
            again = self._judge_once_more(check, place, phase)
        except (Spent, TargetError):  # nobody could see whether it repeats
            self.judge.forget()
            return judged
        if again is None:
            return judged
        return Judged(verdict=judged.verdict, finding=judged.finding.repeated(seen=again.finding is not None))

    def _judge_once_more(self, check: Check, place: Place, phase: str) -> Judged | None:
        """Judge a check at a place that it fitted before; None where it fits no more."""
        self.begin_anew()
        plan = check.plan(self.situation(place, with_programs=check.looks_at_programs))
        return None if isinstance(plan, Unfit) else self._run(check, plan, phase)

    def _run(self, check: Check, plan: tuple[Step, ...] | Foretelling, phase: str) -> Judged:
        if not isinstance(plan, Foretelling):
            return self.judge.run(check, plan, phase)
        for asked in plan.asked:
            self.fiction.claim(texts_of(asked.request))
        return run_foretold(self.judge, check, plan, phase)


_WITH_PROGRAMS = 6  # requests that a check takes about which fits nobody before the programs are read
_TO_KNOW = 2  # reads of a place with its programs: the customer, and the loyalty details
_PROMPT = 0.5  # seconds after which an update shows
_QUICK = 5.0  # requests a second
_AMPLE = 2000  # requests in all
_LEAVES: Mapping[Leave, str] = {
    Leave.WRITES: own("it writes; allow that with --allow writes"),
    Leave.IRREVERSIBLE: own("it changes what cannot be undone; allow that with --allow irreversible"),
}
