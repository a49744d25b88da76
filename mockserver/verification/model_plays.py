"""How each law is tried: what was drawn is sent, step by step, and every broken promise is given with its steps.

From which state a play begins, and how a step is sent and judged, stands in `model_stage`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.values import replace
from mockserver.verification.events import Verdict
from mockserver.verification.expectation import ABSENT, Expectation, Kind, Mismatch, told
from mockserver.verification.findings import Step, promise_of
from mockserver.verification.model_stage import Found, Stage
from mockserver.verification.model_updates import Palette, Update
from mockserver.verification.reader import customer_request, loyalty_request
from mockserver.verification.state import State, changes_between
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
    statement_of_refusal,
    written,
)
from mockserver.verification.wording import own
from mockserver.verification.writing import Write, body_of


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
        place = finding.wrong[0].place
        is_unsent = place.startswith("state/") and place.removeprefix("state/") not in sent
        promised = promise_of(UNSENT.law, finding.wrong)
        yield replace(finding, check=UNSENT.id, promised=promised, law=UNSENT.law) if is_unsent else finding
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
        promised, came = (told(one) for one in (before.flat.get(path, ABSENT), value))
        where = f"state/{path} of {place.customer}"
        wrong = Mismatch(place=where, promised=promised, came=came, kind=Kind.OTHERS)
        yield stage.told(OTHERS, wrong, "UPD-PATH-1", [*done, *_reads(place, before, after)])


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
            is_state = finding.wrong[0].place.startswith("state/")
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
    done: list[Step] = []
    if not (_is_merged(stage, one, done) and _is_merged(stage, other, done)):
        return
    ended = stage.state(one.place)
    stage.rewind()
    done = []
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
        if exchange.granted:
            stage.bench.judge.witness.hear(exchange)
        if isinstance(exchange.body, Mapping) and isinstance(exchange.body.get("sideEffects"), Mapping):
            stage.reasons[POINTS.id] = "the target lists no side effects: it shows one object"
            return
        listed = sum(exchange.points)
        gained = _gained(stage, update, before, exchange.points)
        done.append(Step(request=update.request, expect=Expectation(), looks_at_programs=True))
        stage.decided[POINTS.id] = stage.decided.get(POINTS.id, 0) + 1
        if gained != listed:
            expect = Expectation(body={"sideEffects": {"$contains": [{"awardedPoints": gained}]}}, valid=False)
            steps = [*done[:-1], replace(done[-1], expect=expect)]
            promised, came = own(f"{gained} points, as gained"), own(f"{listed} points")
            wrong = Mismatch(place="body/sideEffects", promised=promised, came=came)
            finding = stage.told(POINTS, wrong, "UPD-RSP-3", steps)
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
        stage.bench.courier.wait(pause)
        pause *= 2


def _points_in(state: State) -> float:
    return sum(
        value
        for path, value in state.flat.items()
        if path.startswith("programs/") and path.endswith("/points") and isinstance(value, int | float)
    )
