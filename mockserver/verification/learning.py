"""What a run learnt of a deployment's dialect: an answer is settled where what came rules out all the others.

Each step that came as the core has it is held against every other listed answer to the questions that it rests on; so
is each difference that the answers to one question explain. What is left by all such sightings is the answer, if it is
one. Nothing is said of a question that no step of this run rested on.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mockserver.exchange import Setting
from mockserver.exchange.dialects import Question
from mockserver.values import replace
from mockserver.verification.events import CheckDone, Verdict
from mockserver.verification.oracle import Oracle
from mockserver.verification.outcomes import agrees
from mockserver.verification.trials import Sighting, Trial
from mockserver.verification.wording import Wording, own, worded

_ENOUGH = 3  # sightings of one question; more are not looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What is known of a dialect: the answers that were settled, by which checks, and what the others would take."""

    answers: Mapping[str, str]
    evidence: Mapping[str, tuple[str, ...]]
    unknown: Mapping[str, str]


def learn(
    oracle: Oracle,
    held: Iterable[tuple[str, Sequence[Trial]]],
    differences: Iterable[Sighting],
    checks: Sequence[CheckDone],
) -> Learnt:
    """Return what a run shows: steps of checks that `held`, by check, and `differences` that one question explains."""
    dialects = oracle.setting.dialects
    if dialects is None:
        return Learnt(answers={}, evidence={}, unknown={})
    seen: dict[str, list[Sighting]] = {}
    for sighting in (*differences, *_sightings(oracle, held)):
        seen.setdefault(sighting.question, []).append(sighting)
    left = {question: frozenset.intersection(*(one.answers for one in found)) for question, found in seen.items()}
    answers = {
        question: next(iter(left[question])) for question in dialects.questions if len(left.get(question, ())) == 1
    }
    return Learnt(
        answers=answers,
        evidence={question: tuple(dict.fromkeys(one.check for one in seen[question])) for question in answers},
        unknown={
            question: _lacking(question, seen.get(question, ()), left.get(question, frozenset()), checks)
            for question in dialects.questions
            if question not in answers
        },
    )


def _sightings(oracle: Oracle, held: Iterable[tuple[str, Sequence[Trial]]]) -> Iterator[Sighting]:
    counts: Counter[str] = Counter()
    for check, trials in held:
        for trial in trials:
            enough = {question for question, count in counts.items() if count >= _ENOUGH}
            for sighting in _sightings_of(oracle, trial, check, enough=enough):
                counts[sighting.question] += 1
                yield sighting


def _sightings_of(oracle: Oracle, trial: Trial, check: str, *, enough: set[str]) -> Iterator[Sighting]:
    """Give what one step tells of each question that it rests on: the answers by which it comes as it came."""
    setting, dialects = oracle.setting, oracle.setting.dialects
    if dialects is None or not trial.step.is_authorised:
        return
    predicted = oracle.predict(trial.before, trial.step.request, trial.exchange.at)
    if not agrees(predicted, trial.came, with_form=True):
        yield from _contradictions(oracle, trial, check)
        return
    for question in dialects.questions.values():
        if question.id in enough or not (question.id in predicted.names or question.form):
            continue
        others = [answer for answer in question.implemented if answer != setting.dialect[question.id]]
        fitting = {answer for answer in others if _comes_so(oracle, trial, question, answer)}
        if len(fitting) < len(others):
            yield Sighting(
                question=question.id, answers=frozenset({setting.dialect[question.id], *fitting}), check=check
            )


def _contradictions(oracle: Oracle, trial: Trial, check: str) -> Iterator[Sighting]:
    """Give the questions whose answer was learnt from another step, and which this one answers as before."""
    dialects = oracle.setting.dialects
    for question in oracle.learnt if dialects is not None else ():
        ours = dialects.questions[question].ours if dialects is not None else ""
        if dialects is not None and _comes_so(oracle, trial, dialects.questions[question], ours):
            yield Sighting(question=question, answers=frozenset({ours}), check=check)


def _comes_so(oracle: Oracle, trial: Trial, question: Question, answer: str) -> bool:
    """Tell whether a step would have come as it came under another answer."""
    dialects = oracle.setting.dialects
    if dialects is None:
        return False
    other = oracle.setting.under(dialects.with_answers(oracle.setting.dialect, (question.id, answer)))
    alone: Setting = replace(other, dialects=None)  # only what comes is wanted, not what that rests on
    predicted = oracle.predict(trial.before, trial.step.request, trial.exchange.at, setting=alone)
    return agrees(predicted, trial.came, with_form=True)


def _lacking(question: str, seen: Sequence[Sighting], left: frozenset[str], checks: Sequence[CheckDone]) -> Wording:
    """Say what it would take to settle a question."""
    if seen and not left:
        ways = "; ".join(f"{' or '.join(sorted(one.answers))} by {one.check}" for one in seen[:_ENOUGH])
        return own(f"one answer: the target showed several ({ways})")
    if left:
        return own(f"another customer or request: what was seen comes the same by {' and '.join(sorted(left))}")
    about = [check for check in checks if question in check.questions]
    if not about:
        return own("a check that asks for it; there is none yet")
    reasons = Counter(check.reason for check in about if check.verdict is Verdict.NOT_OBSERVED)
    if reasons:
        return worded(
            "an observation of {}: {}", own(f"{about[0].phase}/{about[0].check}"), reasons.most_common(1)[0][0]
        )
    return own("another customer: what these show comes the same by any answer")
