"""Laws of the counted work: it is the same each time, more work counts more, and only more than 2 % is told."""

from dataclasses import replace
from pathlib import Path

from benchmarks.counted_work import (
    BASELINE,
    Work,
    calls_of,
    compare,
    count,
    memory_of,
    minor_version,
    read_baseline,
    rows,
    steps_of,
    write_baseline,
)
from benchmarks.serving.cases import CASES

WORK = Work(calls=1_000, steps=10_000, peak=5_000, kept=500)


def test_the_same_case_costs_the_same_again() -> None:
    first, second = (count(CASES["put-8018"]) for _ in range(2))

    assert (first.calls, first.steps) == (second.calls, second.steps)
    assert compare({"put-8018": first}, {"put-8018": second}) == []


def test_more_work_counts_more() -> None:
    def work(times: int) -> list[bytes]:
        return [bytes([number]) * 1_000 for number in range(times)]

    assert calls_of(lambda: [abs(-1) for _ in range(9)]) - calls_of(lambda: [abs(-1) for _ in range(4)]) == 5
    assert steps_of(lambda: work(20)) > steps_of(lambda: work(10)) > 0
    assert memory_of(lambda: work(20))[0] > 20_000 > memory_of(lambda: work(10))[0] > 10_000


def test_two_per_cent_more_is_let_pass_and_what_is_above_is_told() -> None:
    assert compare({"x": WORK}, {"x": replace(WORK, calls=1_020, steps=9_000)}) == []
    assert compare({"x": WORK}, {"x": replace(WORK, steps=10_201)}) == ["x: steps went from 10000 to 10201, +2.0%"]
    assert compare({}, {"x": WORK}) == []


def test_the_table_shows_what_changed() -> None:
    assert list(rows({"x": WORK}, {"x": replace(WORK, calls=1_100), "y": WORK})) == [
        ("x", "1,000 → 1,100 (+10.0%)", "10,000", "5,000", "500"),
        ("y", "1,000", "10,000", "5,000", "500"),
    ]


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_baseline(tmp_path / "work.json", {"x": WORK})

    assert read_baseline(tmp_path / "work.json") == (minor_version(), {"x": WORK})
    assert read_baseline(tmp_path / "none.json") == ("", {})


def test_the_committed_baseline_has_every_case() -> None:
    assert read_baseline(BASELINE)[1].keys() == CASES.keys()
