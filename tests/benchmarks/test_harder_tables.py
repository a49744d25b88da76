"""What is said of results of the harder flaws."""

from benchmarks.harder_tables import harder_figures, harder_tables, short_of_goals
from benchmarks.harder_trials import HarderResult
from mockserver.values import replace
from tests.flawed.harder import FAMILIES

_WELL = [
    HarderResult(name=flaw.name, is_caught=True, is_first=True, findings=("broken UPD-USE-1 (a)",), seconds=9.5)
    for flaw in FAMILIES["reads"]
]


def test_nothing_is_short_of_goals_that_are_reached() -> None:
    assert short_of_goals(_WELL) == []
    assert short_of_goals([]) == []


def test_each_goal_that_is_missed_is_named() -> None:
    first, second, *_ = _WELL
    missed = replace(first, is_caught=False, is_first=False, findings=(), trouble="seed 1: not done after 900 s")
    late = replace(second, is_first=False, findings=("a", "b", "c"), seconds=61.0)

    told = "\n".join(short_of_goals([missed, late]))

    assert f"{missed.name}: seed 1: not done after 900 s" in told
    assert f"missed 1 of 2 harder flaws: {missed.name}" in told
    assert f"named rightly, but not by the first finding, 1 of 1 harder flaws: {late.name}" in told
    assert "3 findings in the median" in told
    assert "61.0 s" in told


def test_the_tables_count_by_family() -> None:
    missed = replace(_WELL[0], is_caught=False, is_first=False, findings=())

    lines = [*harder_figures([missed, *_WELL[1:]]), *harder_tables([missed, *_WELL[1:]])]

    number = len(_WELL)
    assert f"{number - 1} of {number}, {number - 1} of them named rightly by the first finding" in lines[0]
    assert f"| reads | {number - 1} of {number} | {number - 1} of {number} | 1 | 9.5 s |" in lines
    assert not any(line.startswith("| time |") for line in lines)
    assert sum(line.startswith("| `") for line in lines) == number
