"""Laws of judging: what is expected is held, what a listed answer explains differs, and all else is broken."""

import pytest

from mockserver.exchange.dialects import Answer
from mockserver.values import replace
from mockserver.verification.bench import Bench
from mockserver.verification.campaign import PhaseOf
from mockserver.verification.findings import Finding, Grade
from mockserver.verification.judging import Judge
from mockserver.verification.oracle import Oracle
from mockserver.verification.target import Leave
from tests.flawed.checking import bench_with, findings_of, golden_phase, run, statements_phase
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.twists import saving_profiles


def a_bench(*, lives: Answer | None = None, expects: Answer | None = None, twist: Twist | None = None) -> Bench:
    """Return a bench with a deployment that answers a question in its way, and a dialect that is expected of it."""
    bench = bench_with(Deployment(twist, answers=dict([lives] if lives else [])), leave=Leave.IRREVERSIBLE)
    setting = bench.target.setting
    if expects is not None and setting.dialects is not None:
        setting = setting.under(setting.dialects.with_answers(setting.dialect, expects))
        bench.target = replace(bench.target, setting=setting)
        bench.oracle = Oracle(setting)
        bench.judge = Judge(bench.courier, bench.reader, bench.oracle, patience=2.0, seed=1)
    return bench


def found(bench: Bench) -> dict[tuple[Grade, str, str], Finding]:
    findings = findings_of(run(bench, [statements_phase()]))
    return {(finding.grade, finding.question, finding.answer): finding for finding in findings}


IGNORES: Answer = ("loyalty-downgrade", "ignore")
REPLACES: Answer = ("custom-fields", "replace")
TEXT: Answer = ("created-id-type", "text")


@pytest.mark.parametrize("answer", [IGNORES, REPLACES, TEXT], ids="=".join)
def test_another_listed_answer_is_a_difference_that_names_it(answer: Answer) -> None:
    assert found(a_bench(lives=answer)).keys() == {(Grade.DIFFERS, *answer)}


@pytest.mark.parametrize("answer", [IGNORES, REPLACES, TEXT], ids="=".join)
def test_what_the_expected_dialect_answers_is_no_finding(answer: Answer) -> None:
    assert found(a_bench(lives=answer, expects=answer)) == {}


@pytest.mark.parametrize(
    ("answer", "ours"), [(IGNORES, "8018"), (REPLACES, "merge"), (TEXT, "number")], ids=["rule", "state", "form"]
)
def test_what_the_page_has_is_a_difference_where_another_answer_is_expected(answer: Answer, ours: str) -> None:
    findings = found(a_bench(expects=answer))

    assert findings.keys() == {(Grade.DIFFERS, answer[0], ours)}
    [finding] = findings.values()
    assert f"{answer[1]}, as the dialect expects" in finding.promised
    assert finding.came == f"question/{answer[0]}: {ours}"


PREFIXES: Answer = ("mobile-without-country-code", "prefix")
[SAMPLE] = [check for check in golden_phase().checks if check.id == "sample-request-of-the-page"]  # a read shows it
losing_last_names = saving_profiles(lambda old, new: replace(new, last_name=old.last_name))


@pytest.mark.parametrize(
    ("lives", "expects", "twist", "grades"),
    [
        (None, None, None, []),
        (PREFIXES, None, None, [Grade.DIFFERS]),
        (PREFIXES, PREFIXES, None, []),
        (None, None, losing_last_names, [Grade.BROKEN]),
        (PREFIXES, None, losing_last_names, [Grade.BROKEN]),
        (PREFIXES, PREFIXES, losing_last_names, [Grade.BROKEN]),
    ],
    ids=["sound", "differs", "expected", "flawed", "flawed-differs", "flawed-expected"],
)
def test_what_a_read_shows_is_explained_by_the_update_before_it(
    lives: Answer | None, expects: Answer | None, twist: Twist | None, grades: list[Grade]
) -> None:
    bench = a_bench(lives=lives, expects=expects, twist=twist)

    findings = findings_of(run(bench, [PhaseOf(name="golden", checks=(SAMPLE,))]))

    assert [finding.grade for finding in findings] == grades
