"""Foretold updates: one that differs leaves the others to be tried, and what is broken is told by its smallest part."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.domain.customer import CustomerId
from mockserver.exchange import Reply
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.campaign import PhaseOf
from mockserver.verification.checks import Check, Foretelling, Foretold, Situation
from mockserver.verification.events import CheckDone, Event, Found, Verdict
from mockserver.verification.findings import Finding
from mockserver.verification.statements.asking import profile, put
from mockserver.verification.target import Leave
from mockserver.verification.values.packing import pack
from mockserver.verification.writing import Member
from tests.flawed.asking import ASHA
from tests.flawed.checking import bench_with, run
from tests.flawed.deployment import Deployment

_NAMES: tuple[Member, ...] = (("firstName",), ("lastName",))


def _check(plan: Callable[[Situation], Foretelling]) -> Check:
    return Check(id="foretold", law="It is as foretold", statements=("UPD-USE-2",), plan=plan, leave=Leave.WRITES)


def _decided(deployment: Deployment, plan: Callable[[Situation], Foretelling]) -> tuple[Verdict, list[Finding]]:
    bench = bench_with(deployment, leave=Leave.WRITES)
    events: list[Event] = list(run(bench, [PhaseOf(name="statements", checks=(_check(plan),))]))
    [done] = [event for event in events if isinstance(event, CheckDone)]
    return done.verdict, [
        event.finding for event in events if isinstance(event, Found) and event.finding.check == done.check
    ]


def _named(situation: Situation, *names: str) -> Foretelling:
    return Foretelling(tuple(Foretold(request=put(situation.place, profile(firstName=name))) for name in names))


def _packed(situation: Situation) -> Foretelling:
    writes = [(member, f"{situation.word} {member[-1]}") for member in (*_NAMES, ("fields", "city"))]
    return Foretelling((pack(situation.place, writes),))


def _body(finding: Finding) -> Any:  # Any: JSON
    return json.loads(finding.steps[-1].request.body)


def _without(changes: Callable[[dict[str, Any]], None]) -> Callable[[Deployment, Request], Reply]:
    """Make an update as if its profile had been sent with these changes."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        sent: Mapping[str, Any] = json.loads(request.body) if request.method == "PUT" else {}
        if not sent.get("profiles"):
            return deployment.ask(request)
        changed = dict(sent["profiles"][0])
        changes(changed)
        return deployment.ask(replace(request, body=json.dumps({**sent, "profiles": [changed]}).encode()))

    return twist


def test_what_is_as_foretold_is_held() -> None:
    verdict, findings = _decided(Deployment(), _packed)

    assert (verdict, findings) == (Verdict.HELD, [])


def test_one_that_differs_leaves_the_others_to_be_tried() -> None:
    deployment = Deployment(answers={"name-whitespace": "trim"})

    verdict, [finding] = _decided(deployment, lambda situation: _named(situation, " Ann ", "Bo", " Cy"))

    assert verdict is Verdict.DIFFERS
    assert finding.question == "name-whitespace"
    assert deployment.customers[CustomerId(ASHA)].profiles[0].first_name == "Asha"  # written back at the end


def test_two_answers_that_meet_in_one_update_are_no_broken_promise() -> None:
    deployment = Deployment(answers={"name-whitespace": "trim", "empty-text": "keep"})
    writes = [(("firstName",), " Ann "), (("lastName",), "")]

    verdict, findings = _decided(deployment, lambda situation: Foretelling((pack(situation.place, writes),)))

    assert verdict is Verdict.DIFFERS
    assert not any(finding.counts for finding in findings)


def test_of_an_update_that_is_refused_for_one_value_that_value_is_told() -> None:
    def refusing(deployment: Deployment, request: Request) -> Reply:
        is_refused = b'"lastName"' in request.body and b'lastName"' in request.body.replace(b'"lastName":', b"")
        return deployment.ask(replace(request, body=b"[]") if is_refused else request)

    verdict, [finding] = _decided(Deployment(refusing), _packed)

    assert verdict is Verdict.BROKEN
    assert list(_body(finding)["profiles"][0]) == ["lastName"]


def test_of_what_only_several_break_together_the_others_are_left_out() -> None:
    def losing(sent: dict[str, Any]) -> None:
        if "fields" in sent and "firstName" in sent:
            del sent["firstName"]

    verdict, [finding] = _decided(Deployment(_without(losing)), _packed)

    assert verdict is Verdict.BROKEN
    assert set(_body(finding)["profiles"][0]) == {"firstName", "fields"}


def test_an_update_that_would_be_granted_is_not_sent_where_it_must_be_refused() -> None:
    seen: list[str] = []

    def watched(deployment: Deployment, request: Request) -> Reply:
        seen.append(request.method)
        return deployment.ask(request)

    def plan(situation: Situation) -> Foretelling:
        request = put(situation.place, profile(firstName=situation.word))
        return Foretelling((Foretold(request=request, must_be_refused=True),))

    verdict, _ = _decided(Deployment(watched), plan)

    assert verdict is Verdict.NOT_OBSERVED
    assert "PUT" not in seen
