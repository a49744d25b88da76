"""Laws of the witness: what goes wrong beside the checks is told, and nothing that is sound."""

import json
from collections.abc import Iterator

import pytest

from mockserver.exchange import Reply
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.bench import Bench
from mockserver.verification.campaign import PhaseOf
from mockserver.verification.events import Verdict
from mockserver.verification.findings import Finding, Step
from mockserver.verification.model import model_phase
from mockserver.verification.model_stage import Stage
from mockserver.verification.model_updates import Update
from mockserver.verification.target import Leave
from tests.flawed.asking import profile
from tests.flawed.checking import PLACES, bench_with, findings_of, run, statements_phase
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.flaws import FLAWS
from tests.flawed.twists import is_customer, saving_profiles, with_body

[RENAMES] = [check for check in statements_phase().checks if check.id == "first-name-is-updated"]


class _WrongAfterUpdates:
    """The first read after an update, which no check makes itself, has a loyalty type that no page knows."""

    def __init__(self) -> None:
        self._is_due = False

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        reply, is_due = deployment.ask(request), self._is_due
        self._is_due = request.method == "PUT"
        if not (is_due and is_customer(reply)):
            return reply
        body = json.loads(reply.response.body)
        return with_body(reply, {**body, "loyaltyInfo": {"loyaltyType": "gold"}})


def _found_by_one_check(twist: Twist | None) -> tuple[Finding, ...]:
    bench = bench_with(Deployment(twist), leave=Leave.WRITES)
    return findings_of(run(bench, [PhaseOf(name="statements", checks=(RENAMES,))]))


def test_a_read_that_looks_at_an_update_is_judged_though_no_check_is_about_it() -> None:
    told = _found_by_one_check(_WrongAfterUpdates())
    all_told: list[Finding] = [*told, *(one for finding in told for one in finding.explains)]

    seen = [one for one in all_told if one.check == "answers-keep-their-form"]
    assert [(one.statement, one.seen) for one in seen] == [("UPD-BODY-15", 2)]


def test_nothing_is_told_in_passing_of_what_is_sound() -> None:
    assert _found_by_one_check(None) == ()


def _stage_on(twist: Twist) -> Stage:
    bench: Bench = bench_with(Deployment(twist), leave=Leave.WRITES)
    for place in PLACES:
        bench.reader.find(place)
    return Stage(bench=bench, origin={PLACES[0]: bench.judge.state(PLACES[0])}, with_programs=False)


def _witnessed(stage: Stage) -> Iterator[Finding]:
    return stage.bench.judge.witness.findings


def test_what_goes_wrong_on_the_way_to_a_law_is_told() -> None:
    losing = saving_profiles(lambda old, new: replace(new, first_name=old.first_name))
    stage, done = _stage_on(losing), list[Step]()

    verdict = stage.prepare(Update(place=PLACES[0], body=profile(firstName="Nova", lastName="Nova")), done)

    [finding] = _witnessed(stage)
    assert verdict is Verdict.BROKEN
    assert (finding.statement, list(finding.steps)) == ("UPD-BODY-2", done)


def test_what_goes_wrong_while_the_state_is_written_back_is_told() -> None:
    stage = _stage_on(_Forgets())

    stage.prepare(Update(place=PLACES[0], body=profile(lastName="Nova")), [])
    assert list(_witnessed(stage)) == []
    stage.rewind()

    [finding] = _witnessed(stage)
    assert finding.wrong[0].place == "state/profiles/INSTORE/lastName"


class _Forgets:
    """Stores the first update, and no other."""

    def __init__(self) -> None:
        self._updates = 0

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        self._updates += request.method == "PUT"
        return reply if self._updates < 2 else replace(reply, changed=())


@pytest.mark.parametrize("name", ["first-name-lost", "custom-field-lost"])
def test_what_a_law_begins_with_is_told_under_one_cause_with_what_the_law_finds(name: str) -> None:

    bench = bench_with(FLAWS[name].make(), leave=Leave.WRITES)

    [finding] = findings_of(run(bench, [PhaseOf(name="model", run=model_phase)]))

    assert finding.statement in FLAWS[name].names
