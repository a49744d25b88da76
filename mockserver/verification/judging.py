"""One check on one target: its steps are sent, what comes is judged, and what went wrong is explained.

A step that came otherwise than promised is held against the oracle. Where the expected dialect has it so, the promise
was kept. Where another listed answer to a question has it so, the deployment differs in that answer. Where the
organisation that the oracle assumes is not the target's, nothing was observed. All else is a broken promise.

What comes of a step may rest on what an earlier update of the check did. Where a step came otherwise than promised, and
yet as the page has it from the state as it was, the earlier update is what is explained.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise
from typing import Any

from mockserver.exchange import Setting
from mockserver.exchange.dialects import Answer
from mockserver.values import replace
from mockserver.verification.checks import Check
from mockserver.verification.comparing import is_foregone, mismatches_of, mismatches_of_changes
from mockserver.verification.courier import Courier
from mockserver.verification.events import Verdict
from mockserver.verification.exchanges import Exchange, header
from mockserver.verification.expectation import Kind, Mismatch
from mockserver.verification.features import features_of
from mockserver.verification.findings import Finding, Grade, Step, came_of, promise_of
from mockserver.verification.looking import Onlooker
from mockserver.verification.naming import statement_at_place, statement_of
from mockserver.verification.oracle import Oracle
from mockserver.verification.outcomes import RULE_WARNINGS, Outcome, agrees
from mockserver.verification.racing import REFUSED, Racer, grouped, race, was_refused
from mockserver.verification.reader import Reader, ReadError
from mockserver.verification.state import State, changes_between
from mockserver.verification.symptoms import Evidence, refusal_of, subject_of
from mockserver.verification.target import Place
from mockserver.verification.trials import Judged, Sighting, Trial
from mockserver.verification.update_laws import touches_programs
from mockserver.verification.witness import Witness
from mockserver.verification.wording import Wording, own

_BASIS = "X-Mock-Basis"  # a header of our own mock, and of no deployment behind one
# Codes that say that the target's organisation is another than the assumed one.
_ORGANISATION_CODES = frozenset({1017, 1101, 91015})


class Judge:
    """Judges checks on one target; what an update did is looked at through an onlooker."""

    def __init__(self, courier: Courier, reader: Reader, oracle: Oracle, *, patience: float, seed: int) -> None:
        self.onlooker = Onlooker(courier, reader, patience=patience)
        self.oracle = oracle
        self.expected = oracle.setting
        self.documented = _documented(oracle.setting)
        self.seed = seed
        self.witness = Witness(oracle=oracle, documented=self.documented, seed=seed)
        reader.heard = self.witness.hear
        self.sightings: list[Sighting] = []  # of differences that the answers to one question explain
        self.evidence: set[Evidence] = set()  # what came as promised
        self._stored: set[str] = set()  # statements whose member was seen stored

    @property
    def patience(self) -> float:
        """How many seconds a change is waited for."""
        return self.onlooker.patience

    @property
    def lag(self) -> float:
        """How many seconds the target took to show a change, the longest so far."""
        return self.onlooker.lag

    def forget(self) -> None:
        """Forget all states, because something else than a check changed them."""
        self.onlooker.forget()

    def state(self, place: Place, *, with_programs: bool = False) -> State:
        """Return the present state of a named customer; read only if it is not known."""
        return self.onlooker.state(place, with_programs=with_programs)

    def run(self, check: Check, steps: tuple[Step, ...], phase: str) -> Judged:
        """Send the steps of a check until one comes otherwise than promised."""
        done: list[Step] = []
        trials: list[Trial] = []
        for group in grouped(steps):
            if len(group) > 1 and any(trial.wrong for trial in trials):
                return Judged(verdict=Verdict.NOT_OBSERVED, reason=own("one after the other these come otherwise, too"))
            done += group
            try:
                trials.append(self._try(group[0]) if len(group) == 1 else self._try_together(group))
                judged = self._judge(check, tuple(done), trials, phase)
            except ReadError as failure:
                return self._tell_unreadable(check, tuple(done), failure, phase)
            if judged is not None:
                return judged
        hidden = self._hidden(check, trials)
        if hidden:
            return Judged(verdict=Verdict.NOT_OBSERVED, reason=own(f"the customer does not show {hidden} any more"))
        telling = [trial for trial in trials if trial.step.expect.changes]
        if telling and all(is_foregone(trial.step.expect.changes or {}, trial.before.flat) for trial in telling):
            return Judged(verdict=Verdict.NOT_OBSERVED, reason=own("the customer holds already what would be written"))
        return Judged(verdict=Verdict.HELD, trials=tuple(trials))

    def _hidden(self, check: Check, trials: Sequence[Trial]) -> str:
        """Name the question whose answer explained a saved finding, where these steps come alike by that answer."""
        others = self._saved_settings(check)
        is_hidden = any(all(self._agrees(trial, other) for trial in trials) for other in others)
        return next(iter(check.differs), "") if is_hidden else ""

    def _saved_settings(self, check: Check) -> Iterator[Setting]:
        """Give the settings that explained a saved finding: by its own answer, and by all that were learnt then."""
        dialects = self.documented.dialects
        if dialects is not None and check.differs:
            answers = tuple(check.differs.items())
            for known in (answers[:1], answers):
                yield self.documented.under(dialects.with_answers(self.documented.dialect, *known))

    def _is_outdated(self, check: Check, trial: Trial) -> bool:
        """Tell whether a saved finding expects what the page does not have from the state that is there now."""
        expect, place = trial.step.expect, self.onlooker.place_of(trial.step)
        if not check.is_saved or place is None or not self._agrees(trial, self.documented):
            return False
        outcome = self.oracle.predict(
            trial.before, trial.step.request, trial.exchange.at, setting=self.documented
        ).outcome
        is_refused = bool(expect.statuses) and outcome.status not in expect.statuses
        is_other = bool(expect.codes) and outcome.code not in expect.codes
        is_warned = {*outcome.warnings} != {*expect.warnings} & RULE_WARNINGS
        changes = mismatches_of_changes(expect.changes or {}, outcome.changes or {}, trial.before.flat)
        return is_refused or is_other or is_warned or (expect.changes is not None and bool(changes))

    def learnt_but_unseen(self, check: Check, trials: Sequence[Trial]) -> str:
        """Name a question of a check that the target answers in its own way, and that these steps do not show.

        Empty where there is none: they came as promised, and the learnt answer has it otherwise.
        """
        dialects = self.oracle.setting.dialects
        for question in check.questions if dialects is not None else ():
            answer, ours = self.oracle.learnt.get(question), self.documented.dialect[question]
            if answer is None or answer == ours or dialects is None:
                continue
            page = self.oracle.setting.under(dialects.with_answers(self.oracle.setting.dialect, (question, ours)))
            if all(self._agrees(trial, page) and self._agrees(trial, self.oracle.setting) for trial in trials):
                return question
        return ""

    def _judge(self, check: Check, done: tuple[Step, ...], trials: Sequence[Trial], phase: str) -> Judged | None:
        """Return what is to be told of the last step, None where it came as promised, or as the dialect has it."""
        trial = trials[-1]
        if trial.step.together:
            return self._judge_race(check, done, trial, phase)
        if not trial.wrong:
            return self._hold_to_dialect(check, done, trial, phase)
        if self._is_outdated(check, trial):
            reason = own("the customer's state is another one than it was then")
            return Judged(verdict=Verdict.NOT_OBSERVED, reason=reason)
        if trial.step.credentials and _takes_any(trial.exchange):
            reason = own("this mock is served so that it takes any credentials")
            return Judged(verdict=Verdict.NOT_OBSERVED, reason=reason)
        if not trial.step.is_authorised:
            return self._tell(check, done, trial, phase)  # no answer to a question is about credentials
        return self._explain(check, done, trial, self._cause_of(trials), phase)

    def _judge_race(self, check: Check, done: tuple[Step, ...], trial: Trial, phase: str) -> Judged | None:
        """Updates at the same time come to what is promised; that one of them is refused is a listed answer."""
        if trial.wrong:
            return self._tell(check, done, trial, phase)
        if not was_refused(trial.exchange) or self.expected.dialect[REFUSED[0]] == REFUSED[1]:
            return None
        wrong = (Mismatch(place="code", promised=own("both are granted"), came=own(REFUSED[1]), kind=Kind.REFUSED),)
        return self._tell(check, done, replace(trial, wrong=wrong), phase, answer=REFUSED)

    def _hold_to_dialect(self, check: Check, done: tuple[Step, ...], trial: Trial, phase: str) -> Judged | None:
        """A dialect that is expected may want other than the page; what is as the page has it is a difference then."""
        if not trial.step.is_authorised or self.expected.dialect.answers == self.documented.dialect.answers:
            return None
        if self._agrees(trial, self.expected) or self._agrees(trial, self.oracle.setting):
            return None  # as expected, or the difference is known
        answers = self.oracle.explain(trial.before, trial.step.request, trial.came, trial.exchange.at)
        if not answers:
            return None
        question, answer = answers[0]
        place, wanted = f"question/{question}", self.expected.dialect[question]
        promised = own(f"{wanted}, as the dialect expects")
        wrong = (Mismatch(place=place, promised=promised, came=own(answer)),)
        return self._tell_difference(check, done, replace(trial, wrong=wrong), phase, answers)

    def _agrees(self, trial: Trial, setting: Setting) -> bool:
        """Tell whether a step came as the core has it under a setting."""
        predicted = self.oracle.predict(trial.before, trial.step.request, trial.exchange.at, setting=setting)
        return agrees(predicted, trial.came, with_form=True)

    def _tell_difference(
        self, check: Check, done: tuple[Step, ...], trial: Trial, phase: str, answers: tuple[Answer, ...]
    ) -> Judged:
        """Tell a difference; what explains it is learnt where nothing else does."""
        questions = {question for question, _ in answers}
        if len(questions) == 1:
            self.oracle.learn(answers[0])
            fitting = frozenset(answer for _, answer in answers)
            self.sightings.append(Sighting(question=answers[0][0], answers=fitting, check=f"{phase}/{check.id}"))
        return self._tell(check, done, trial, phase, answer=answers[0])

    def _try(self, step: Step) -> Trial:
        onlooker, place = self.onlooker, self.onlooker.place_of(step)
        is_unseen = onlooker.is_unseen(place) and step.request.method == "GET"
        before, disagreeing = self._before(step, place), list[Mismatch]()
        if step.expect.agrees and place is not None:
            exchange, disagreeing = onlooker.read_form(step, place, before)
        else:
            exchange = onlooker.read_update(step) if is_unseen else onlooker.send(step)
        flaws = self.witness.flaws_of(exchange) if step.expect.valid else ()
        wrong = [flaw.mismatch for flaw in flaws[:1]] + mismatches_of(step.expect, exchange) + disagreeing
        changes, expected = None, step.expect.changes
        if place is not None and (step.request.method == "PUT" or expected is not None):
            changes = onlooker.changes_after(step, place, before, failed=bool(wrong))
        if expected is not None and changes is not None:
            wrong += mismatches_of_changes(expected, changes, before.flat)
            self._stored |= {statement_at_place(f"state/{path}") for path in expected if path in changes}
        if place is not None and exchange.granted and touches_programs(step.request):
            self.onlooker.expect_programs(place, self.oracle.predict(before, step.request, exchange.at).after)
        if not wrong:
            self.evidence.add(_evidence_of(step, exchange, changes))
        return Trial(
            step=step,
            before=before,
            exchange=exchange,
            changes=changes,
            wrong=tuple(wrong),
            saw_programs=step.looks_at_programs,
            flaw=flaws[0] if flaws else None,
        )

    def _try_together(self, steps: tuple[Step, ...]) -> Trial:
        """Send updates at the same time, and look at what came of all of them."""
        places = [self.onlooker.place_of(step) for step in steps]
        racers = [Racer(step, place, self._before(step, place)) for step, place in zip(steps, places, strict=True)]
        raced, last = race(self.onlooker, racers), racers[-1]
        return Trial(step=last.step, before=last.before, exchange=raced.exchange, changes=None, wrong=raced.wrong)

    def _before(self, step: Step, place: Place | None) -> State:
        if place is None:
            return State(customer=self.onlooker.courier.unknown)
        return self.state(place, with_programs=step.looks_at_programs or touches_programs(step.request))

    def _cause_of(self, trials: Sequence[Trial]) -> Trial:
        """Return the step that explains why the last one came otherwise: itself, or an earlier update of the check."""
        last = trials[-1]
        if len(trials) == 1 or last.flaw is not None or not self._agrees(last, self.documented):
            return last
        updates = self._seen_whole(trials)
        return next((update for update in updates if not self._agrees(update, self.documented)), last)

    def _seen_whole(self, trials: Sequence[Trial]) -> Iterator[Trial]:
        """Give the updates before the last step, with what each changed: the next step found the customer like that."""
        last, place = trials[-1], self.onlooker.place_of(trials[-1].step)
        if place is None:
            return
        if last.step.request.method == "GET":  # it may have waited until it saw the update
            last = replace(last, before=self.onlooker.state_now(place, with_programs=last.before.has_programs))
        same = [trial for trial in (*trials[:-1], last) if self.onlooker.sees_the_same(trial.step, place)]
        for trial, following in pairwise(same):
            before, after = trial.before, following.before
            seen = trial.saw_programs and after.has_programs
            if trial.step.request.method == "PUT":
                yield replace(trial, changes=changes_between(before, after), saw_programs=seen)

    def _explain(self, check: Check, done: tuple[Step, ...], trial: Trial, cause: Trial, phase: str) -> Judged | None:
        """Return what is to be told of a step that came otherwise than promised, None where it was expected so."""
        if self._agrees(cause, self.documented):
            return self._tell(check, done, trial, phase)  # no answer to a question is about what went wrong here
        if self._agrees(cause, self.expected):
            return None
        if any(self._agrees(cause, other) for other in self._saved_settings(check)):
            return self._tell_difference(check, done, trial, phase, tuple(check.differs.items())[:1])
        request, before, now = cause.step.request, cause.before, cause.exchange.at
        predicted = self.oracle.predict(before, request, now)
        if agrees(predicted, cause.came, with_form=True):
            known = next((answer for answer in self.oracle.learnt.items() if answer[0] in predicted.names), None)
            known = known or next(iter(self.oracle.learnt.items()), None)
            return self._tell(check, done, trial, phase, answer=known)
        answers = self.oracle.explain(before, request, cause.came, now)
        if answers:
            return self._tell_difference(check, done, trial, phase, answers)
        reason = _other_organisation(cause.came, predicted.outcome)
        if reason:
            return Judged(verdict=Verdict.NOT_OBSERVED, reason=reason)
        return self._tell(check, done, trial, phase)

    def _tell(
        self,
        check: Check,
        done: tuple[Step, ...],
        trial: Trial,
        phase: str,
        *,
        answer: tuple[str, str] | None = None,
    ) -> Judged:
        differs = answer is not None
        finding = Finding(
            grade=Grade.DIFFERS if differs else trial.grade or check.grade,
            check=check.id,
            phase=phase,
            promised=promise_of(check.law, trial.wrong),
            came=came_of(trial.wrong),
            wrong=trial.wrong,
            statement=_statement(check, trial, self._stored),
            question=answer[0] if answer else "",
            answer=answer[1] if answer else "",
            steps=done,
            request_id=trial.exchange.request_id,
            at=trial.exchange.at,
            seed=self.seed,
            law=check.law,
        )
        return Judged(verdict=Verdict.DIFFERS if differs else Verdict.BROKEN, finding=finding)

    def _tell_unreadable(self, check: Check, done: tuple[Step, ...], failure: ReadError, phase: str) -> Judged:
        """A customer who could be read before and cannot be read any more was lost by what was sent last."""
        promised, came = own("the customer can still be read"), own(str(failure))
        wrong = Mismatch(place="state", promised=promised, came=came, kind=Kind.LOST)
        trial = Trial(step=done[-1], before=State(customer=0), exchange=failure.exchange, changes=None, wrong=(wrong,))
        return self._tell(check, done, trial, phase)


def _takes_any(exchange: Exchange) -> bool:
    """Tell whether a mock of ours, which says what its answers rest on, granted what should be refused."""
    return exchange.granted and bool(header(exchange.response.headers, _BASIS))


def _evidence_of(step: Step, exchange: Exchange, changes: Mapping[str, Any] | None) -> Evidence:
    """Return what a step shows that came as promised."""
    expected = step.expect.changes or {}
    return Evidence(
        features=features_of((step,)),
        granted=exchange.granted,
        looked=changes is not None and step.expect.changes is not None,
        stored=frozenset(subject_of(f"state/{path}") for path in expected if path in (changes or {})),
        warned=frozenset(step.expect.warnings),
        refused=refusal_of(step.expect),
    )


def _documented(setting: Setting) -> Setting:
    """Return the setting under our own answers, which are those that the checks are written by."""
    dialects = setting.dialects
    if dialects is None:
        return setting
    ours = [(question.id, question.ours) for question in dialects.questions.values()]
    return setting.under(dialects.with_answers(setting.dialect, *ours))


def _other_organisation(came: Outcome, predicted: Outcome) -> Wording | None:
    """Say that the target has another organisation than the one assumed, where its codes say so."""
    other = {came.code, *came.warnings} & _ORGANISATION_CODES - {predicted.code, *predicted.warnings}
    named = ", ".join(str(code) for code in sorted(code for code in other if code is not None))
    told = f"the target has another organisation than the one assumed (it answered {named}); see --world"
    return own(told) if other else None


def _statement(check: Check, trial: Trial, stored: Set[str]) -> str:
    if trial.flaw is not None and (named := trial.flaw.statement or statement_at_place(trial.flaw.mismatch.place)):
        return named
    code = None if trial.exchange.granted else trial.exchange.code
    should_be_granted = not trial.step.expect.is_refusal
    return statement_of(check, trial.wrong, code=code, should_be_granted=should_be_granted, stored=stored)
