"""Updates that the core foretells: each is judged from the state that is there when it is sent, and by itself.

So one check may try many values. One that differs, in a way that a listed answer explains, leaves the others to be
tried; the first that is broken ends it. Where a request that asks for several things comes otherwise in a way that no
one answer explains, its parts are sent one by one: the smallest that is broken is told, and what two answers explain
together is no broken promise.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.checks import Check, Foretelling, Foretold
from mockserver.verification.events import Verdict
from mockserver.verification.expectation import Expectation
from mockserver.verification.failures import TargetFailedError
from mockserver.verification.findings import Step
from mockserver.verification.judging import Judge, Judged, Trial
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
    step = _step_of(judge, asked)
    if step is None:
        return Judged(verdict=Verdict.NOT_OBSERVED, reason=_UNSEEN)
    judged = judge.run(check, (step,), phase)
    if judged.verdict is not Verdict.BROKEN or not asked.parts:
        return judged
    return _narrowed(judge, check, asked, judged, phase)


def _narrowed(judge: Judge, check: Check, asked: Foretold, whole: Judged, phase: str) -> Judged:
    """Send the parts of a request that broke a promise: the first that breaks it too is what is told.

    Where each part comes as some answer has it, the whole is tried once more: by all these answers it may come too.
    """
    differs = None
    for part in asked.parts:
        judged = _judge(judge, check, part, phase)
        if judged.verdict is Verdict.BROKEN:
            return judged
        differs = differs or (judged if judged.verdict is Verdict.DIFFERS else None)
    if differs is None:
        return whole
    again = _judge(judge, check, replace(asked, parts=()), phase)
    return whole if again.verdict is Verdict.BROKEN else differs


def _step_of(judge: Judge, asked: Foretold) -> Step | None:
    """Return the step with what must come of it now; None where it cannot be foretold, or is not to be sent."""
    request = asked.request
    step = Step(request=request, expect=Expectation(status=200, changes={}), looks_at_programs=asked.looks_at_programs)
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
