"""Updates that the core foretells: each is judged from the state that is there when it is sent, and by itself.

So one check may try many values. One that differs, in a way that a listed answer explains, leaves the others to be
tried; the first that is broken ends it. Where a request that asks for several things comes otherwise in a way that no
one answer explains, its parts are sent one by one: the smallest that is broken is told, and what two answers explain
together is no broken promise.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.checks import Check, Foretelling, Foretold
from mockserver.verification.events import Verdict
from mockserver.verification.expectation import Expectation
from mockserver.verification.failures import TargetFailedError
from mockserver.verification.findings import Step
from mockserver.verification.judging import Judge
from mockserver.verification.restoring import body_of, restoring_steps
from mockserver.verification.state import State, changes_between
from mockserver.verification.statements.asking import put
from mockserver.verification.trials import Judged, Trial
from mockserver.verification.update_laws import as_predicted, touches_programs

_UNSEEN = "the target does not show loyalty details, or the customer does not show the refusal"


@dataclass(slots=True)
class _Course:
    """What came of the requests so far."""

    differs: Judged | None = None
    failure: TargetFailedError | None = None
    reason: str = ""
    trials: list[Trial] = field(default_factory=list)
    is_held: bool = False

    def take(self, judged: Judged) -> None:
        """Note what came of one request."""
        self.trials += judged.trials
        self.is_held |= judged.verdict is Verdict.HELD
        self.reason = self.reason or judged.reason
        if judged.verdict is Verdict.DIFFERS:
            self.differs = self.differs or judged

    @property
    def judged(self) -> Judged:
        """What came of all; a failure of the target only where nothing else came."""
        if self.differs is not None:
            return self.differs
        if self.is_held:
            return Judged(verdict=Verdict.HELD, trials=tuple(self.trials))
        if self.failure is not None:
            raise self.failure
        return Judged(verdict=Verdict.NOT_OBSERVED, reason=self.reason)


def run_foretold(judge: Judge, check: Check, plan: Foretelling, phase: str) -> Judged:
    """Send the requests of a check until one breaks its promise; one that the target failed is not sent again."""
    course = _Course()
    for asked in plan.asked:
        try:
            judged = _judge(judge, check, asked, phase)
        except TargetFailedError as failure:
            if failure.is_read:
                raise
            course.failure = failure
            continue
        if judged.verdict is Verdict.BROKEN:
            return judged
        course.take(judged)
    return course.judged


def _judge(judge: Judge, check: Check, asked: Foretold, phase: str) -> Judged:
    origin = _before(judge, asked)
    judged = _judge_alone(judge, check, asked, phase)
    if judged.verdict is not Verdict.BROKEN or not asked.parts:
        return judged
    return _Parts(judge, check, asked, phase, origin).narrowed(judged)


def _judge_alone(judge: Judge, check: Check, asked: Foretold, phase: str) -> Judged:
    step = _step_of(judge, asked)
    if step is None:
        return Judged(verdict=Verdict.NOT_OBSERVED, reason=_UNSEEN)
    return judge.run(check, (step,), phase)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a request that broke a promise; each try begins from the state in which the whole was sent."""

    judge: Judge
    check: Check
    asked: Foretold
    phase: str
    origin: State | None

    def narrowed(self, whole: Judged) -> Judged:
        """Send each part alone: the first that breaks a promise is what is told.

        Where some come as another answer has it, the whole is tried once more: by all these answers it may come too.
        What no part breaks alone, some do together: the others are left out.
        """
        differs = None
        for number in range(len(self.asked.parts)):
            judged = self._send((number,))
            if judged.verdict is Verdict.BROKEN:
                return judged
            differs = differs or (judged if judged.verdict is Verdict.DIFFERS else None)
        if differs is not None and self._send(range(len(self.asked.parts))).verdict is not Verdict.BROKEN:
            return differs
        return self._together(whole)

    def _together(self, whole: Judged) -> Judged:
        """Leave out one part after the other, as long as the rest still breaks the promise."""
        kept, smallest = list(range(len(self.asked.parts))), whole
        for number in tuple(kept):
            rest = [at for at in kept if at != number]
            judged = self._send(rest)
            if judged.verdict is Verdict.BROKEN:
                kept, smallest = rest, judged
        return _named(smallest, self.check, [self.asked.parts[at] for at in kept])

    def _send(self, kept: Sequence[int]) -> Judged:
        if self.origin is not None:
            _write_back(self.judge, self.asked, self.origin)
        return _judge_alone(self.judge, self.check, _of(self.asked, kept), self.phase)


def _before(judge: Judge, asked: Foretold) -> State | None:
    """Return the state in which a request finds the customer; None where nothing is left of it to be tried."""
    place = judge.onlooker.place_of(_bare(asked))
    return None if place is None or not asked.parts else judge.state(place, with_programs=asked.looks_at_programs)


def _write_back(judge: Judge, asked: Foretold, origin: State) -> None:
    """Write back what can be, all at once and then, since just that may be broken, member by member."""
    place = judge.onlooker.place_of(_bare(asked))
    if place is None:
        return
    for step in restoring_steps(place, origin, judge.state(place)):
        _send(judge, step)
    for path in changes_between(judge.state(place), origin):
        body = body_of(place, {path: origin.flat[path]}) if path in origin.flat else {}
        if body:
            _send(judge, Step(request=put(place, body), expect=Expectation(status=200)))


def _send(judge: Judge, step: Step) -> None:
    judge.onlooker.send(step)
    judge.forget()
    judge.onlooker.courier.clock.wait(judge.lag)


def _bare(asked: Foretold) -> Step:
    """Return the step of a request of which nothing is foretold yet: that it is granted, and changes nothing."""
    expect = Expectation(status=200, changes={})
    return Step(request=asked.request, expect=expect, looks_at_programs=asked.looks_at_programs)


def _of(asked: Foretold, kept: Sequence[int]) -> Foretold:
    request = asked.request if asked.of_parts is None else asked.of_parts(kept)
    return replace(asked, request=request, parts=(), of_parts=None)


def _named(judged: Judged, check: Check, about: Sequence[str]) -> Judged:
    """Name what the last part that is needed is about, where nothing tells more than the check."""
    finding, statement = judged.finding, next((one for one in reversed(about) if one), "")
    if finding is None or not statement or finding.statement != check.statements[0]:
        return judged
    return replace(judged, finding=replace(finding, statement=statement))


def _step_of(judge: Judge, asked: Foretold) -> Step | None:
    """Return the step with what must come of it now; None where it cannot be foretold, or is not to be sent."""
    request = asked.request
    step = _bare(asked)
    place = judge.onlooker.place_of(step)
    if place is None or request.method == "GET":
        return step
    is_loyalty = touches_programs(request)
    before = judge.state(place, with_programs=asked.looks_at_programs or is_loyalty)
    if is_loyalty and not before.has_programs:
        return None
    now = judge.onlooker.courier.clock.today()
    prediction = judge.oracle.predict(before, request, now, setting=judge.documented)
    if asked.must_be_refused and prediction.outcome.granted:
        return None
    return replace(step, expect=as_predicted(before, prediction, request))


def texts_of(request: Request) -> Iterator[str]:
    """Give the texts that a request's body sends as values, one that is no JSON has none."""
    try:
        sent = json.loads(request.body)
    except ValueError:  # a body that must be refused
        return iter(())
    return _texts(sent)


def _texts(sent: Any) -> Iterator[str]:
    if isinstance(sent, str):
        yield sent
    elif isinstance(sent, dict):
        for inner in sent.values():
            yield from _texts(inner)
    elif isinstance(sent, list):
        for inner in sent:
            yield from _texts(inner)
