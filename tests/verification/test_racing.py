"""Laws of updates at the same time: one of their orders holds, whole."""

from typing import Any

from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.expectation import Expectation
from mockserver.verification.findings import Step
from mockserver.verification.racing import changes_of_any, grouped, mismatches_of_race

_BEFORE = {"firstName": "Asha", "lastName": "Menon"}


def update(**changes: Any) -> Step:
    return Step(request=Request(method="PUT", path="/v2/customers/7"), expect=Expectation(changes=changes))


def test_steps_that_go_together_are_one_group() -> None:
    one, other = update(a=1), update(b=2)
    together = replace(other, together=True)

    assert list(grouped((one, other, one, together))) == [(one,), (other,), (one, together)]


def test_updates_of_two_members_leave_both() -> None:
    steps = (update(firstName="A"), update(lastName="B"))

    assert mismatches_of_race(steps, {"firstName": "A", "lastName": "B"}, _BEFORE) == []
    assert [wrong.place for wrong in mismatches_of_race(steps, {"firstName": "A"}, _BEFORE)] == ["state/lastName"]


def test_updates_of_the_same_members_leave_one_of_them_whole() -> None:
    steps = (update(firstName="A", lastName="A"), update(firstName="B", lastName="B"))

    for last in ("A", "B"):
        assert mismatches_of_race(steps, {"firstName": last, "lastName": last}, _BEFORE) == []
    assert mismatches_of_race(steps, {"firstName": "A", "lastName": "B"}, _BEFORE) != []


def test_a_look_may_find_what_any_of_them_changes() -> None:
    steps = (update(firstName="A"), update(firstName="B"), update(lastName="C"))

    assert changes_of_any(steps) == {"firstName": {"$one_of": ["A", "B"]}, "lastName": "C"}
