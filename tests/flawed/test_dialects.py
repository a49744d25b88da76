"""Laws of other answers to our questions: expected, they are silent; not expected, they differ and break nothing."""

from functools import cache

import pytest

from mockserver.exchange import Setting
from mockserver.exchange.dialects import Answer
from mockserver.files import read_questions
from mockserver.verification.campaign import Campaign, PhaseOf
from mockserver.verification.findings import Finding
from mockserver.verification.opening import Order, bench_in_memory
from mockserver.verification.target import Leave
from tests.flawed.checking import bench_with, findings_of, golden_phase, run, setting_of_the_demo, statements_phase
from tests.flawed.deployment import Deployment, read_demo

OTHER_ANSWERS = tuple(
    (question.id, answer)
    for question in read_questions().values()
    for answer in question.implemented
    if answer != question.ours
)


@cache
def phases_about(question: str) -> tuple[PhaseOf, ...]:
    """Return the golden exchanges and the statement checks that name a question."""
    phases = (golden_phase(), statements_phase())
    return tuple(
        PhaseOf(name=phase.name, checks=tuple(check for check in phase.checks if question in check.questions))
        for phase in phases
    )


def setting_with(answer: Answer) -> Setting:
    setting = setting_of_the_demo()
    assert setting.dialects is not None
    return setting.under(setting.dialects.with_answers(setting.dialect, answer))


def told(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{one.grade} {one.question or one.statement}: {one.check}: {one.came}" for one in findings]


@pytest.mark.parametrize("answer", OTHER_ANSWERS, ids=": ".join)
def test_a_mock_that_answers_otherwise_is_as_expected_where_that_is_expected(answer: Answer) -> None:
    bench = bench_in_memory(Order(url=None, world=read_demo(), setting=setting_with(answer), seed=1))

    events = list(Campaign(bench=bench, phases=phases_about(answer[0]), version="test").run())

    assert told(findings_of(events)) == []


@pytest.mark.parametrize("answer", OTHER_ANSWERS, ids=": ".join)
def test_a_deployment_that_answers_otherwise_breaks_nothing(answer: Answer) -> None:
    bench = bench_with(Deployment(answers=dict([answer])), leave=Leave.IRREVERSIBLE)

    findings = findings_of(run(bench, phases_about(answer[0])))

    assert told(tuple(finding for finding in findings if finding.counts)) == []
