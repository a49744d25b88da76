"""How each law is tried: what was drawn is sent, step by step, and every broken promise is given with its steps.

A play begins from the first state: a world is reset, a deployment's customer is given back what was written. So the
steps of a finding can be sent again from there. Each step is judged from the state that the target shows, so that a
play can go on behind a failure that is known already.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from mockserver.exchange.dialects import Answer
from mockserver.verification.bench import Bench
from mockserver.verification.checks import Check
from mockserver.verification.events import Verdict
from mockserver.verification.expectation import ABSENT, Expectation
from mockserver.verification.findings import Finding, Grade, Step
from mockserver.verification.judging import Judged
from mockserver.verification.model_updates import Palette, Update, Write, body_of
from mockserver.verification.oracle import Prediction
from mockserver.verification.reader import ReadError, customer_request, loyalty_request
from mockserver.verification.restoring import body_of as written_back
from mockserver.verification.restoring import restoring_steps
from mockserver.verification.state import State, changes_between
from mockserver.verification.statements.asking import put
from mockserver.verification.target import Place
from mockserver.verification.update_laws import (
    AS_PREDICTED,
    COMMUTE,
    OTHERS,
    POINTS,
    REFUSAL,
    TWICE,
    UNSENT,
    WRITTEN,
    as_predicted,
    asked_points,
    differing,
    is_async,
    statement_of,
    statement_of_refusal,
    touches_programs,
    written,
)

PHASE = "model"
Found: TypeAlias = Iterator[Finding]
_SETTLES = 0.5  # seconds that loyalty work in the background may take, where its points are not known before


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
                request = put(place, written_back(place, before.flat))
                step = Step(request=request, expect=Expectation(changes=lost, valid=False))
                bench.judge.run(AS_PREDICTED, (step,), PHASE)
                bench.judge.forget()  # whoever else was changed by it is read again

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
        if prediction.becomes_loyalty and is_async(update.request):
            self.bench.courier.clock.wait(max(self.bench.judge.lag, min(self.bench.judge.patience, _SETTLES)))
            self.bench.judge.forget()
        return judged, prediction

    def prepare(self, update: Update, done: list[Step]) -> Verdict:
        """Send an update as a law's first step; what is wrong with it is for another check to say."""
        before = self.before(update)
        expect = as_predicted(before, self.predict(before, update), update.request)
        judged, prediction = self.send(AS_PREDICTED, update, replace(expect, valid=False), done)
        if judged.finding is not None and judged.finding.grade is Grade.DIFFERS:
            self._note_difference(self._named(AS_PREDICTED, judged.finding, prediction, update, done))
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
            statement = statement_of(finding.came, prediction, update.request)
        return replace(finding, statement=statement, steps=tuple(done))

    def _note_difference(self, finding: Finding) -> None:
        """Keep the shortest example of each answer that explains a difference, as the first check tells it."""
        self.differing.add(finding.check)
        answer = (finding.question, finding.answer)
        known = self.differs.get(answer)
        if known is None or (known.check == finding.check and size_of(finding) < size_of(known)):
            self.differs[answer] = finding

    def told(self, check: Check, promised: str, came: str, statement: str, done: Sequence[Step]) -> Finding:
        """Return a finding that no single step shows."""
        return Finding(
            grade=check.grade,
            check=check.id,
            phase=PHASE,
            promised=f"{check.law} ({promised})",
            came=came,
            statement=statement,
            steps=tuple(done),
            at=self.bench.courier.clock.today(),
            seed=self.bench.seed,
        )


def size_of(finding: Finding) -> tuple[int, int]:
    """Return how long the example of a finding is: steps, and bytes."""
    return len(finding.steps), sum(len(step.request.body) + len(step.request.query) for step in finding.steps)


def play_updates(stage: Stage, updates: Sequence[Update]) -> Found:
    """Send a sequence of updates, each of which must come to what the core predicts."""
    stage.rewind()
    done: list[Step] = []
    for update in updates:
        if not stage.can_predict(update):
            continue
        before = stage.before(update)
        expect = as_predicted(before, stage.predict(before, update), update.request)
        judged, prediction = stage.send(AS_PREDICTED, update, expect, done)
        yield from stage.conclude(AS_PREDICTED, judged, prediction, update, done)


def play_writes(stage: Stage, drawn: tuple[Palette, Sequence[Sequence[Write]]]) -> Found:
    """Write plain values: they are read, what was not sent stays, and all other customers stay as they were."""
    stage.rewind()
    palette, sequence = drawn
    others = {place.customer: stage.state(place) for place in stage.origin if place.customer != palette.place.customer}
    done: list[Step] = []
    for values in sequence:
        # What an earlier step removed, as some dialects do, is not there to be written any more.
        before = stage.state(palette.place)
        present = [(member, value) for member, value in values if palette.path(member) in before.flat]
        sent = {palette.path(member): value for member, value in present}
        update = Update(place=palette.place, body=body_of(present))
        expect = Expectation(changes=written(before, sent), valid=False)
        judged, prediction = stage.send(WRITTEN, update, expect, done)
        yield from _blamed(stage, stage.conclude(WRITTEN, judged, prediction, update, done), sent)
    yield from _touched(stage, others, done)


def _blamed(stage: Stage, findings: Found, sent: Mapping[str, Any]) -> Found:
    """What is different and was not sent is about another law."""
    for finding in findings:
        path = finding.came.partition(": ")[0].removeprefix("state/")
        told = finding.promised.removeprefix(WRITTEN.law)
        is_unsent = finding.came.startswith("state/") and path not in sent
        yield replace(finding, check=UNSENT.id, promised=f"{UNSENT.law}{told}") if is_unsent else finding
    if WRITTEN.id in stage.decided:
        stage.decided[UNSENT.id] = stage.decided[WRITTEN.id]


def _touched(stage: Stage, others: Mapping[int, State], done: Sequence[Step]) -> Found:
    """Read all other named customers again."""
    for place in {place.customer: place for place in stage.origin}.values():
        before = others.get(place.customer)
        if before is None:
            continue
        stage.decided[OTHERS.id] = stage.decided.get(OTHERS.id, 0) + 1
        after = stage.bench.reader.state(place, with_programs=before.has_programs)
        changes = changes_between(before, after)
        if not changes:
            continue
        stage.bench.judge.forget()
        path, value = next(iter(changes.items()))
        promised, came = before.flat.get(path, "nothing"), "nothing" if value is ABSENT else value
        steps = [*done, *_reads(place, before, after)]
        where = f"state/{path} of {place.customer}"
        yield stage.told(OTHERS, f"{where}: {promised}", f"{where}: {came}", "UPD-PATH-1", steps)


def _reads(place: Place, before: State, after: State) -> Iterator[Step]:
    profiles = [path for path in before.flat if path.startswith("profiles/") and path.count("/") == 1]
    requests = (customer_request(place, everywhere=len(profiles) > 1), loyalty_request(place.customer))
    for request, was, now in zip(requests, before.bodies, after.bodies, strict=False):
        if was != now:
            yield Step(request=request, expect=Expectation(status=200, body=differing(was, now), valid=False))


def play_twice(stage: Stage, updates: Sequence[Update]) -> Found:
    """Send each update twice; the second time nothing more is different, and it is answered as predicted."""
    stage.rewind()
    done: list[Step] = []
    for update in updates:
        if not stage.can_predict(update) or stage.prepare(update, done) is Verdict.BROKEN:
            continue
        outcome = stage.predict(stage.before(update), update).outcome
        expect = Expectation(
            status=outcome.status, code=outcome.code, warnings=outcome.warnings, changes={}, valid=False
        )
        judged, prediction = stage.send(TWICE, update, expect, done)
        for finding in stage.conclude(TWICE, judged, prediction, update, done):
            is_state = finding.came.startswith("state/")
            yield finding if is_state else replace(finding, statement=TWICE.statements[0])


def play_refusals(stage: Stage, updates: Sequence[Update]) -> Found:
    """Send updates that must be refused; nothing of them may be stored, however they are answered."""
    stage.rewind()
    done: list[Step] = []
    for update in updates:
        prediction = stage.predict(stage.before(update), update)
        if prediction.outcome.granted or not stage.can_predict(update):
            continue
        expect = Expectation(changes={}, valid=False)
        judged, _ = stage.send(REFUSAL, update, expect, done)
        for finding in stage.conclude(REFUSAL, judged, prediction, update, done):
            yield replace(finding, statement=statement_of_refusal(prediction))


def play_orders(stage: Stage, drawn: tuple[Update, Update]) -> Found:
    """Send two updates of different members in one order and in the other, from the same state."""
    one, other = drawn
    stage.rewind()
    if not (_is_merged(stage, one, []) and _is_merged(stage, other, [])):
        return
    ended = stage.state(one.place)
    stage.rewind()
    done: list[Step] = []
    if not _is_merged(stage, other, done):
        return
    expected = changes_between(stage.state(one.place), ended)
    changes = {path: None if value is ABSENT else value for path, value in expected.items()}
    judged, prediction = stage.send(COMMUTE, one, Expectation(changes=changes, valid=False), done)
    yield from stage.conclude(COMMUTE, judged, prediction, one, done)


def _is_merged(stage: Stage, update: Update, done: list[Step]) -> bool:
    """Send an update, and tell whether no more is different than by our own answers.

    Updates commute where they are merged; a target that replaces or clears what is left out does not promise it.
    """
    before = stage.state(update.place)
    expected = stage.predict(before, update).outcome.changes
    stage.prepare(update, done)
    is_merged = changes_between(before, stage.state(update.place)) == expected
    if not is_merged:
        stage.reasons[COMMUTE.id] = "one update alone already ended otherwise than by our own answers"
    return is_merged


def play_points(stage: Stage, updates: Sequence[Update]) -> Found:
    """Add up the points that answers tell, and those that reads show."""
    stage.rewind()
    done: list[Step] = []
    for update in updates:
        before = stage.before(update)
        if not before.has_programs:
            stage.reasons[POINTS.id] = "the target shows no loyalty programs"
            return
        exchange = stage.bench.courier.send(update.request)
        if isinstance(exchange.body, Mapping) and isinstance(exchange.body.get("sideEffects"), Mapping):
            stage.reasons[POINTS.id] = "the target lists no side effects: it shows one object"
            return
        told = sum(exchange.points)
        gained = _gained(stage, update, before, exchange.points)
        done.append(Step(request=update.request, expect=Expectation(), looks_at_programs=True))
        stage.decided[POINTS.id] = stage.decided.get(POINTS.id, 0) + 1
        if gained != told:
            expect = Expectation(body={"sideEffects": {"$contains": [{"awardedPoints": gained}]}}, valid=False)
            steps = [*done[:-1], replace(done[-1], expect=expect)]
            promised, came = f"body/sideEffects: {gained} points, as gained", f"body/sideEffects: {told} points"
            finding = stage.told(POINTS, promised, came, "UPD-RSP-3", steps)
            yield replace(finding, at=exchange.at, request_id=exchange.request_id)


def _gained(stage: Stage, update: Update, before: State, points: Sequence[float]) -> float:
    """Return the points that reads show to be gained, waiting for those that were told.

    Where an answer does not list the points that an enrolment asked for, which is a question, they are left out.
    """
    judge, clock = stage.bench.judge, stage.bench.courier.clock
    judge.forget()
    until, pause = clock.now() + judge.patience, 0.05
    while True:
        after = stage.bench.reader.state(update.place, with_programs=True)
        gained = _points_in(after) - _points_in(before)
        asked = asked_points(update.request).items()
        unlisted = [due for path, due in asked if path in after.flat and path not in before.flat and due not in points]
        if sum(points) in (gained, gained - sum(unlisted)):
            return sum(points)
        if clock.now() + pause > until:
            return gained
        clock.wait(pause)
        pause *= 2


def _points_in(state: State) -> float:
    return sum(
        value
        for path, value in state.flat.items()
        if path.startswith("programs/") and path.endswith("/points") and isinstance(value, int | float)
    )


def lost(stage: Stage, check: Check, failure: ReadError) -> Finding:
    """Return the finding that a named customer cannot be read any more."""
    step = Step(request=failure.exchange.request, expect=Expectation(status=200, valid=False))
    return stage.told(check, "state: the customer can still be read", f"state: {failure}", "UPD-USE-1", [step])
