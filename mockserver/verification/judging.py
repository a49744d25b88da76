"""One check on one target: its steps are sent, what comes is judged, and what went wrong is explained.

A step that came otherwise than promised is held against the oracle. Where the expected dialect has it so, the promise
was kept. Where another listed answer to a question has it so, the deployment differs in that answer. Where the
organisation that the oracle assumes is not the target's, nothing was observed. All else is a broken promise.

Reads may show an update late. So what must be different is waited for, and how long the target took is how long a
later check waits before it believes that nothing changed.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from mockserver.exchange import Setting
from mockserver.exchange.dialects import Answer
from mockserver.verification.checks import Check
from mockserver.verification.comparing import mismatches_of, mismatches_of_changes
from mockserver.verification.courier import Courier
from mockserver.verification.events import Verdict
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import Mismatch
from mockserver.verification.findings import Finding, Grade, Step
from mockserver.verification.form import Flaw, flaws_of_form
from mockserver.verification.naming import statement_at_place, statement_of
from mockserver.verification.oracle import Oracle, Outcome, agrees, observe
from mockserver.verification.reader import Reader, ReadError
from mockserver.verification.state import State, changes_between
from mockserver.verification.target import Place

_MOST_TOLD = 3  # mismatches that a finding tells
_POLLS = 0.05  # seconds before the first look again; each wait is twice the one before
_T = TypeVar("_T")
# Codes that say that the target's organisation is another than the assumed one.
_ORGANISATION_CODES = frozenset({1017, 1101, 91015})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of a check: the verdict, the finding where there is one, the reason where nothing was observed."""

    verdict: Verdict
    finding: Finding | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """One step that was sent: the state before, the exchange, what reads showed to be different, and what is wrong."""

    step: Step
    before: State
    exchange: Exchange
    changes: Mapping[str, Any] | None
    wrong: tuple[Mismatch, ...]
    flaw: Flaw | None = None

    @property
    def grade(self) -> Grade | None:
        """The grade of what is wrong with the form, None where something else is wrong alone."""
        return None if self.flaw is None else self.flaw.grade


class Judge:
    """Judges checks on one target. It keeps the last known state of each customer, so that none is read twice."""

    def __init__(self, courier: Courier, reader: Reader, oracle: Oracle, *, patience: float, seed: int) -> None:
        self.courier = courier
        self.reader = reader
        self.oracle = oracle
        self.expected = oracle.setting
        self.documented = _documented(oracle.setting)
        self.patience = patience  # seconds that a change is waited for
        self.lag = 0.0  # seconds that the target took to show a change, the longest so far
        self.seed = seed
        self._states: dict[Place | int, State] = {}
        self._stored: set[str] = set()  # statements whose member was seen stored
        self._unseen: set[int] = set()  # customers whose last update nobody has looked at

    def forget(self) -> None:
        """Forget all states, because something else than a check changed them."""
        self._states.clear()

    def _forget_customer(self, customer: int) -> None:
        for view in [view for view in self._states if customer in (view, getattr(view, "customer", None))]:
            del self._states[view]

    def state(self, place: Place, *, with_programs: bool = False) -> State:
        """Return the present state of a named customer; read only if it is not known."""
        known = self._states.get(self.reader.view(place))
        if known is None or (with_programs and not known.has_programs):
            self._settle(place)
            known = self.reader.state(place, with_programs=with_programs)
            self._states[self.reader.view(place)] = known
        return known

    def _settle(self, place: Place) -> None:
        """Wait until an update that nobody has looked at can be seen."""
        if place.customer in self._unseen:
            self._unseen.discard(place.customer)
            self.courier.clock.wait(self.lag)

    def run(self, check: Check, steps: tuple[Step, ...], phase: str) -> Judged:
        """Send the steps of a check until one comes otherwise than promised."""
        done: list[Step] = []
        for step in steps:
            done.append(step)
            try:
                trial = self._try(step)
            except ReadError as failure:
                return self._tell_unreadable(check, tuple(done), failure, phase)
            judged = self._explain(check, tuple(done), trial, phase) if trial.wrong else None
            judged = judged or self._hold_to_dialect(check, tuple(done), trial, phase)
            if judged is not None:
                return judged
        return Judged(verdict=Verdict.HELD)

    def _hold_to_dialect(self, check: Check, done: tuple[Step, ...], trial: _Trial, phase: str) -> Judged | None:
        """A dialect that is expected may want other than the page; what is as the page has it is a difference then."""
        if trial.wrong or trial.step.anonymous or self.expected.dialect.answers == self.documented.dialect.answers:
            return None
        before, request, now = trial.before, trial.step.request, trial.exchange.at
        came = observe(trial.exchange, trial.changes, saw_programs=trial.step.looks_at_programs)
        if agrees(self.oracle.predict(before, request, now, setting=self.expected), came, with_form=True):
            return None
        if agrees(self.oracle.predict(before, request, now), came, with_form=True):
            return None  # the difference is known
        answers = self.oracle.explain(before, request, came, now)
        if not answers:
            return None
        question, answer = answers[0]
        place, wanted = f"question/{question}", self.expected.dialect[question]
        wrong = (Mismatch(place=place, promised=f"{wanted}, as the dialect expects", came=answer),)
        return self._tell_difference(check, done, replace(trial, wrong=wrong), phase, answers)

    def _tell_difference(
        self, check: Check, done: tuple[Step, ...], trial: _Trial, phase: str, answers: tuple[Answer, ...]
    ) -> Judged:
        """Tell a difference; what explains it is learnt where nothing else does."""
        if len({question for question, _ in answers}) == 1:
            self.oracle.learn(answers[0])
        return self._tell(check, done, trial, phase, answer=answers[0])

    def _try(self, step: Step) -> _Trial:
        place = self._place_of(step)
        is_unseen = place is not None and place.customer in self._unseen
        before = self._before(step, place)
        exchange = self._read_update(step) if is_unseen and step.request.method == "GET" else self._send(step)
        flaws = self._flaws_of(exchange) if step.expect.valid else ()
        wrong = [flaw.mismatch for flaw in flaws[:1]] + mismatches_of(step.expect, exchange)
        changes = None
        if place is not None and (step.request.method == "PUT" or step.expect.changes is not None):
            changes = self._changes_after(step, place, before, failed=bool(wrong))
            if step.expect.changes is not None and changes is not None:
                wrong += mismatches_of_changes(step.expect.changes, changes)
        return _Trial(
            step=step,
            before=before,
            exchange=exchange,
            changes=changes,
            wrong=tuple(wrong),
            flaw=flaws[0] if flaws else None,
        )

    def _flaws_of(self, exchange: Exchange) -> tuple[Flaw, ...]:
        """Return what is wrong with an answer's form; one as the page has it is no flaw, whatever else is expected."""
        flaws = flaws_of_form(exchange, self.oracle.setting.contract)
        return flaws if flaws and flaws_of_form(exchange, self.documented.contract) else ()

    def _send(self, step: Step) -> Exchange:
        return self.courier.send(step.request, anonymous=step.anonymous)

    def _read_update(self, step: Step) -> Exchange:
        """Read until the answer shows what an update did that nobody has looked at otherwise."""
        return self._look(lambda: self._send(step), lambda exchange: not mismatches_of(step.expect, exchange))

    def _look(self, look: Callable[[], _T], is_there: Callable[[_T], bool]) -> _T:
        """Look until what must be there is there, for as long as the target may take to show it."""
        started, pause = self.courier.clock.now(), _POLLS
        while True:
            seen, waited = look(), self.courier.clock.now() - started
            found = is_there(seen)
            if found or waited + pause > self.patience:
                break
            self.courier.clock.wait(pause)
            pause *= 2
        self._note_lag(waited, is_there=found)
        return seen

    def _place_of(self, step: Step) -> Place | None:
        """Return the named customer that a request is about, None where it is about nobody who is named."""
        number = step.request.path.rpartition("/v2/customers/")[2].partition("/")[0]
        places = [place for place in self.courier.target.places if str(place.customer) == number]
        asked = (place for place in places if step.request.query.startswith(place.query))
        return next(asked, next(iter(places), None))

    def _before(self, step: Step, place: Place | None) -> State:
        if place is None:
            return State(customer=self.courier.unknown)
        return self.state(place, with_programs=step.looks_at_programs)

    def _changes_after(self, step: Step, place: Place, before: State, *, failed: bool) -> Mapping[str, Any] | None:
        """Return what reads show to be different after an update; None where nobody needs to know."""
        expected = step.expect.changes
        self._forget_customer(place.customer)
        if expected is None and not failed:
            self._unseen.add(place.customer)
            return None
        if not expected:
            self.courier.clock.wait(self.lag)
        after = self._look(
            lambda: self.reader.state(place, with_programs=step.looks_at_programs),
            lambda state: not expected or not mismatches_of_changes(expected, changes_between(before, state)),
        )
        self._states[self.reader.view(place)] = after
        changes = changes_between(before, after)
        self._stored |= {statement_at_place(f"state/{path}") for path in expected or () if path in changes}
        return changes

    def _note_lag(self, waited: float, *, is_there: bool) -> None:
        """A change that did not come was waited for in vain, so the next one is waited for half as long."""
        if is_there and waited > _POLLS:
            self.lag = max(self.lag, waited)
        elif not is_there:
            self.patience = max(self.patience / 2, 2 * self.lag, min(self.patience, 0.5))

    def _explain(self, check: Check, done: tuple[Step, ...], trial: _Trial, phase: str) -> Judged | None:
        """Return what is to be told of a step that came otherwise than promised, None where it was expected so."""
        request, before = trial.step.request, trial.before
        came = observe(trial.exchange, trial.changes, saw_programs=trial.step.looks_at_programs)
        documented = self.oracle.predict(before, request, trial.exchange.at, setting=self.documented)
        if trial.step.anonymous or agrees(documented, came, with_form=True):
            return self._tell(check, done, trial, phase)  # no answer to a question is about what went wrong here
        if agrees(self.oracle.predict(before, request, trial.exchange.at, setting=self.expected), came, with_form=True):
            return None
        predicted = self.oracle.predict(before, request, trial.exchange.at)
        if agrees(predicted, came, with_form=True):
            known = next((answer for answer in self.oracle.learnt.items() if answer[0] in predicted.names), None)
            known = known or next(iter(self.oracle.learnt.items()), None)
            return self._tell(check, done, trial, phase, answer=known)
        answers = self.oracle.explain(before, request, came, trial.exchange.at)
        if answers:
            return self._tell_difference(check, done, trial, phase, answers)
        reason = _other_organisation(came, predicted.outcome)
        if reason:
            return Judged(verdict=Verdict.NOT_OBSERVED, reason=reason)
        return self._tell(check, done, trial, phase)

    def _tell(
        self,
        check: Check,
        done: tuple[Step, ...],
        trial: _Trial,
        phase: str,
        *,
        answer: tuple[str, str] | None = None,
    ) -> Judged:
        differs = answer is not None
        finding = Finding(
            grade=Grade.DIFFERS if differs else trial.grade or check.grade,
            check=check.id,
            phase=phase,
            promised=_promise(check, trial),
            came="; ".join(f"{wrong.place}: {wrong.came}" for wrong in trial.wrong[:_MOST_TOLD]),
            statement=_statement(check, trial, self._stored),
            question=answer[0] if answer else "",
            answer=answer[1] if answer else "",
            steps=done,
            request_id=trial.exchange.request_id,
            at=trial.exchange.at,
            seed=self.seed,
        )
        return Judged(verdict=Verdict.DIFFERS if differs else Verdict.BROKEN, finding=finding)

    def _tell_unreadable(self, check: Check, done: tuple[Step, ...], failure: ReadError, phase: str) -> Judged:
        """A customer who could be read before and cannot be read any more was lost by what was sent last."""
        wrong = Mismatch(place="state", promised="the customer can still be read", came=str(failure))
        trial = _Trial(step=done[-1], before=State(customer=0), exchange=failure.exchange, changes=None, wrong=(wrong,))
        return self._tell(check, done, trial, phase)


def _documented(setting: Setting) -> Setting:
    """Return the setting under our own answers, which are those that the checks are written by."""
    dialects = setting.dialects
    if dialects is None:
        return setting
    ours = [(question.id, question.ours) for question in dialects.questions.values()]
    return setting.under(dialects.with_answers(setting.dialect, *ours))


def _other_organisation(came: Outcome, predicted: Outcome) -> str:
    """Say that the target has another organisation than the one assumed, where its codes say so."""
    other = {came.code, *came.warnings} & _ORGANISATION_CODES - {predicted.code, *predicted.warnings}
    named = ", ".join(str(code) for code in sorted(code for code in other if code is not None))
    told = f"the target has another organisation than the one assumed (it answered {named}); see --world"
    return told if other else ""


def _statement(check: Check, trial: _Trial, stored: Set[str]) -> str:
    if trial.flaw is not None and (named := trial.flaw.statement or statement_at_place(trial.flaw.mismatch.place)):
        return named
    code = None if trial.exchange.granted else trial.exchange.code
    return statement_of(check, trial.wrong, code=code, should_be_granted=not trial.step.expect.codes, stored=stored)


def _promise(check: Check, trial: _Trial) -> str:
    told = "; ".join(f"{wrong.place}: {wrong.promised}" for wrong in trial.wrong[:_MOST_TOLD])
    return f"{check.law} ({told})"
