"""Where the model plays: the target, its first state, what was met so far, and how one step is sent and judged.

A play begins from the first state: a world is reset, a deployment's customer is given back what was written. So the
steps of a finding can be sent again from there. Each step is judged from the state that the target shows, so that a
play can go on behind a failure that is known already.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mockserver.exchange.dialects import Answer
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.bench import Bench
from mockserver.verification.checks import Check
from mockserver.verification.events import Verdict
from mockserver.verification.expectation import Expectation, Kind, Mismatch
from mockserver.verification.findings import Finding, Grade, Step, came_of, promise_of
from mockserver.verification.model_updates import Update
from mockserver.verification.outcomes import Prediction
from mockserver.verification.reader import ReadError
from mockserver.verification.restoring import body_of as written_back
from mockserver.verification.restoring import restoring_steps
from mockserver.verification.state import State, changes_between
from mockserver.verification.statements.asking import put
from mockserver.verification.target import Place
from mockserver.verification.trials import Judged
from mockserver.verification.update_laws import AS_PREDICTED, as_predicted, statement_of, touches_programs
from mockserver.verification.wording import own

PHASE = "model"
Found: TypeAlias = Iterator[Finding]


@dataclass(slots=True, kw_only=True)
class Stage:
    """Where plays take place.

    `differs` are examples of answers that explained something, `differing` the checks that met one. `decided` counts,
    by check, the steps that were judged; `reasons` say why one was not.
    """

    bench: Bench
    origin: Mapping[Place, State]
    with_programs: bool
    differs: dict[Answer, Finding] = field(default_factory=dict)
    differing: set[str] = field(default_factory=set)
    decided: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def rewind(self) -> None:
        """Give the target its first state back, as far as that can be done."""
        bench = self.bench
        if bench.reset is not None:
            bench.begin_anew()
            return
        bench.judge.forget()
        for place, before in self.origin.items():
            now = self.state(place)
            lost = {path: before.flat[path] for path in changes_between(before, now) if path in before.flat}
            if restoring_steps(place, before, now):
                # All of it is sent: a target that replaces lists and maps would lose what is left out.
                self._write_back(put(place, written_back(place, before.flat)), lost, now)
                bench.judge.forget()  # whoever else was changed by it is read again

    def _write_back(self, request: Request, lost: Mapping[str, Any], now: State) -> None:
        """Send what gives a customer its state back; what the core would not have come to is told."""
        judge = self.bench.judge
        step = Step(request=request, expect=Expectation(changes=lost, valid=False))
        told = judge.run(AS_PREDICTED, (step,), PHASE).finding
        outcome = self.bench.oracle.predict(
            now, request, self.bench.courier.clock.today(), setting=judge.documented
        ).outcome
        if told is not None and (outcome.changes or {}) == lost:
            judge.witness.note(told)

    def state(self, place: Place) -> State:
        """Return the present state of a place's customer."""
        return self.bench.judge.state(place, with_programs=self.with_programs)

    def before(self, update: Update) -> State:
        """Return the state from which an update is predicted; nobody has none."""
        if update.customer is not None:
            return State(customer=update.customer)
        return self.state(update.place)

    def predict(self, before: State, update: Update) -> Prediction:
        """Return what must come of an update by our own answers, which are those that expectations are written by."""
        bench = self.bench
        now = bench.courier.clock.today()
        return bench.oracle.predict(before, update.request, now, setting=bench.judge.documented)

    def send(self, check: Check, update: Update, expect: Expectation, done: list[Step]) -> tuple[Judged, Prediction]:
        """Send one update, and judge it; the step joins those that are done."""
        before = self.before(update)
        prediction = self.predict(before, update)
        looks = self.with_programs and update.customer is None
        step = Step(request=update.request, expect=expect, looks_at_programs=looks)
        judged = self.bench.judge.run(check, (step,), PHASE)
        done.append(step)
        return judged, prediction

    def prepare(self, update: Update, done: list[Step]) -> Verdict:
        """Send an update as a law's first step; what is wrong with it is told, though it is no breach of the law."""
        before = self.before(update)
        expect = as_predicted(before, self.predict(before, update), update.request)
        judged, prediction = self.send(AS_PREDICTED, update, replace(expect, valid=False), done)
        if judged.finding is not None:
            finding = self._named(AS_PREDICTED, judged.finding, prediction, update, done)
            self.bench.judge.witness.note(finding)
            if finding.grade is Grade.DIFFERS:
                self._note_difference(finding)
        return judged.verdict

    def can_predict(self, update: Update) -> bool:
        """Tell whether enough is read of a customer to predict an update."""
        is_plain = update.customer is not None or not touches_programs(update.request)
        return is_plain or self.state(update.place).has_programs

    def conclude(
        self, check: Check, judged: Judged, prediction: Prediction, update: Update, done: Sequence[Step]
    ) -> Found:
        """Give the finding of a step, if it counts, with all steps and the statement that it is about."""
        if judged.verdict is Verdict.NOT_OBSERVED:
            self.reasons[check.id] = judged.reason
            return
        self.decided[check.id] = self.decided.get(check.id, 0) + 1
        if judged.finding is None:
            return
        finding = self._named(check, judged.finding, prediction, update, done)
        if finding.grade is Grade.DIFFERS:
            self._note_difference(finding)
        else:
            yield finding

    def _named(
        self, check: Check, finding: Finding, prediction: Prediction, update: Update, done: Sequence[Step]
    ) -> Finding:
        statement = finding.statement
        if statement == check.statements[0]:
            statement = statement_of(finding.wrong, prediction, update.request)
        return replace(finding, statement=statement, steps=tuple(done))

    def _note_difference(self, finding: Finding) -> None:
        """Keep the shortest example of each answer that explains a difference, as the first check tells it."""
        self.differing.add(finding.check)
        answer = (finding.question, finding.answer)
        known = self.differs.get(answer)
        if known is None or (known.check == finding.check and size_of(finding) < size_of(known)):
            self.differs[answer] = finding

    def told(self, check: Check, wrong: Mismatch, statement: str, done: Sequence[Step]) -> Finding:
        """Return a finding that no single step shows."""
        return Finding(
            grade=check.grade,
            check=check.id,
            phase=PHASE,
            promised=promise_of(check.law, (wrong,)),
            came=came_of((wrong,)),
            wrong=(wrong,),
            statement=statement,
            steps=tuple(done),
            at=self.bench.courier.clock.today(),
            seed=self.bench.seed,
            law=check.law,
        )


def size_of(finding: Finding) -> tuple[int, int]:
    """Return how long the example of a finding is: steps, and bytes."""
    return len(finding.steps), sum(len(step.request.body) + len(step.request.query) for step in finding.steps)


def lost(stage: Stage, check: Check, failure: ReadError) -> Finding:
    """Return the finding that a named customer cannot be read any more."""
    step = Step(request=failure.exchange.request, expect=Expectation(status=200, valid=False))
    promised, came = own("the customer can still be read"), own(str(failure))
    wrong = Mismatch(place="state", promised=promised, came=came, kind=Kind.LOST)
    return stage.told(check, wrong, "UPD-USE-1", [step])
