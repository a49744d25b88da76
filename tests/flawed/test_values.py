"""Checks of values on what is sound, and on what answers a question otherwise: nothing there is a broken promise.

`make check-the-checker` runs all of them on all that is sound; here each is run where it may go wrong most easily.
"""

import pytest

from mockserver.exchange.dialects import Answer
from mockserver.verification.campaign import Campaign, PhaseOf
from mockserver.verification.opening import Order, bench_in_memory
from mockserver.verification.target import Leave
from mockserver.verification.values import EARLY_CHECKS, VALUE_CHECKS
from tests.flawed.checking import PassingTime, bench_with, findings_of, run, values_phase
from tests.flawed.deployment import Deployment, read_demo
from tests.flawed.sound import SOUND
from tests.flawed.test_dialects import OTHER_ANSWERS, setting_with, told

_CHECKS = (*EARLY_CHECKS, *VALUE_CHECKS)
# Answers that a check of values raises by what it sends, one by one.
_RAISED = tuple(answer for answer in OTHER_ANSWERS if any(answer[0] in check.questions for check in _CHECKS))


def _about(question: str) -> PhaseOf:
    return PhaseOf(
        name="statements",
        checks=tuple(check for check in _CHECKS if question in check.questions),
    )


def _alarms(deployment: Deployment, phase: PhaseOf, *, runs: int = 1) -> list[str]:
    time = PassingTime()
    found = []
    for seed in range(runs):
        bench = bench_with(deployment, leave=Leave.IRREVERSIBLE, seed=seed, passing=time)
        findings = findings_of(run(bench, [phase]))
        found += told(tuple(finding for finding in findings if finding.counts))
    return found


@pytest.mark.parametrize("name", ["more-members", "warns-8107", "late-reads", "gateway-fails-often", "other-numbers"])
def test_a_sound_deployment_is_not_suspected_for_its_values(name: str) -> None:
    assert _alarms(SOUND[name].make(), values_phase()) == []


def test_a_sound_deployment_that_keeps_its_state_is_never_suspected_for_its_values() -> None:
    assert _alarms(Deployment(), values_phase(), runs=2) == []


@pytest.mark.parametrize("answer", _RAISED, ids=": ".join)
def test_values_break_nothing_where_a_question_is_answered_otherwise(answer: Answer) -> None:
    assert _alarms(Deployment(answers=dict([answer])), _about(answer[0])) == []


@pytest.mark.parametrize("answer", _RAISED, ids=": ".join)
def test_values_differ_in_nothing_where_another_answer_is_expected(answer: Answer) -> None:
    bench = bench_in_memory(Order(url=None, world=read_demo(), setting=setting_with(answer), seed=1))

    events = list(Campaign(bench=bench, phases=(_about(answer[0]),), version="test").run())

    assert told(findings_of(events)) == []
