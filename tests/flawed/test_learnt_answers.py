"""Laws of what a run learns: it is how the deployment answers, or it is not said; and the file is a dialect."""

from pathlib import Path

import pytest

from mockserver.exchange.dialects import Answer
from mockserver.files import read_dialect, read_dialects
from mockserver.learning import show_learnt
from mockserver.verification.bench import Bench
from mockserver.verification.events import CheckDone
from mockserver.verification.learning import Learnt, learn
from mockserver.verification.target import Leave
from tests.flawed.checking import bench_with, golden_phase, run, statements_phase
from tests.flawed.deployment import Deployment
from tests.flawed.test_dialects import OTHER_ANSWERS, phases_about

DIALECTS = read_dialects()
OURS = {question.id: question.ours for question in DIALECTS.questions.values()}


def learnt_by(bench: Bench, events: list[object]) -> Learnt:
    checks = [event for event in events if isinstance(event, CheckDone)]
    return learn(bench.oracle, bench.held, bench.judge.sightings, checks)


@pytest.mark.parametrize("answer", OTHER_ANSWERS, ids=": ".join)
def test_no_answer_is_learnt_that_is_not_the_deployment_s(answer: Answer) -> None:
    bench = bench_with(Deployment(answers=dict([answer])), leave=Leave.IRREVERSIBLE)

    learnt = learnt_by(bench, list(run(bench, phases_about(answer[0]))))

    truth = {**OURS, **dict([answer])}
    assert {question: truth[question] for question in learnt.answers} == learnt.answers
    assert learnt.evidence.keys() == learnt.answers.keys()
    assert {*learnt.answers, *learnt.unknown} == {*OURS}
    assert not learnt.answers.keys() & learnt.unknown.keys()


@pytest.mark.parametrize(
    "answer",
    [
        ("omitted-field", "clear"),
        ("comm-channels", "replace"),
        ("created-id-type", "text"),
        ("identifiers-in-body", "warn"),
        ("loyalty-downgrade", "ignore"),
    ],
    ids=": ".join,
)
def test_an_answer_that_shows_is_learnt_with_the_checks_that_showed_it(answer: Answer) -> None:
    bench = bench_with(Deployment(answers=dict([answer])), leave=Leave.IRREVERSIBLE)

    learnt = learnt_by(bench, list(run(bench, phases_about(answer[0]))))

    assert learnt.answers[answer[0]] == answer[1]
    assert all(check.partition("/")[0] in ("golden", "statements") for check in learnt.evidence[answer[0]])


def test_a_sound_deployment_shows_most_answers_and_reads_alone_hardly_any() -> None:
    counts = []
    for leave in (Leave.IRREVERSIBLE, Leave.READS):
        bench = bench_with(Deployment(), leave=leave)
        learnt = learnt_by(bench, list(run(bench, (golden_phase(), statements_phase()))))
        counts.append(len(learnt.answers))
        assert {question: OURS[question] for question in learnt.answers} == learnt.answers

    assert counts[0] > 40
    assert counts[1] < 15
    assert learnt.unknown["omitted-field"].endswith("allow that with --allow writes")


def test_what_was_learnt_is_a_file_for_dialect(tmp_path: Path) -> None:
    path = tmp_path / "learnt.yaml"
    learnt = Learnt(
        answers={"omitted-field": "clear", "loyalty-downgrade": "8018"},
        evidence={"omitted-field": ("golden/a",), "loyalty-downgrade": ("statements/b",)},
        unknown={"null-value": "it writes; allow that with --allow writes"},
    )

    path.write_text(show_learnt(learnt, "staging", str), encoding="utf-8")

    dialect = read_dialect(DIALECTS, path)
    assert (dialect.name, dialect.answers) == ("staging", {**OURS, "omitted-field": "clear"})
