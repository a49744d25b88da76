"""The phase `model`, on sound targets, on targets of another dialect, and on flawed ones."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from mockserver.domain.customer import Customer
from mockserver.exchange import Reply, Setting, refuse
from mockserver.files import World
from mockserver.messages import Request, Response
from mockserver.values import replace
from mockserver.verification.bench import Bench
from mockserver.verification.courier import Allowance, Clock
from mockserver.verification.credentials import Credentials
from mockserver.verification.events import CheckDone, Event, Found, Verdict
from mockserver.verification.findings import Finding, Grade
from mockserver.verification.model import model_phase
from mockserver.verification.opening import bench_on, places_of
from mockserver.verification.target import Leave, Target, read_place
from mockserver.verification.update_laws import MODEL_CHECKS
from tests.flawed.asking import AUTHORIZATION
from tests.flawed.deployment import Deployment, Twist, read_demo
from tests.flawed.flaws import FLAWS

NAMED = (read_place("171891944@INSTORE"), read_place("171891945@WECHAT:22232"))
REVERSIBLE = ("firstName", "lastName", "fields", "commChannels")


@dataclass(slots=True)
class Wire:
    """Carries requests to a deployment, and keeps the updates."""

    deployment: Deployment
    updates: list[Request] = field(default_factory=list)

    def carry(self, request: Request, *, fresh: bool = False) -> Response:  # noqa: ARG002  # one is like the other
        headers = {name.lower(): value for name, value in request.headers.items()}
        carried = replace(request, headers=headers)
        if request.method == "PUT":
            self.updates.append(carried)
        return self.deployment.handle(carried)


@dataclass(slots=True)
class Hands:
    """A clock that only waiting moves."""

    time: float = 0.0

    def wait(self, seconds: float) -> None:
        self.time += max(seconds, 0.0)

    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, wait=self.wait, today=lambda: "2026-01-01T00:00:00.000Z")


def a_world(setting: Setting, deployment: Deployment, seed: int = 1) -> Bench:
    """A bench on a world that can be reset, whose clock stands still."""
    places = tuple(place for place in places_of(read_demo()) if place.customer < 171891949)
    target = Target(name="a world", places=places, leave=Leave.IRREVERSIBLE, setting=setting, disposable=True)
    return _bench(target, deployment, seed, lambda: deployment.customers.update(read_demo().customers))


def a_deployment(setting: Setting, deployment: Deployment, seed: int = 1, leave: Leave = Leave.WRITES) -> Bench:
    """A bench on a deployment with two named customers."""
    return _bench(Target(name="staging", places=NAMED, leave=leave, setting=setting), deployment, seed, None)


def _bench(target: Target, deployment: Deployment, seed: int, reset: Callable[[], None] | None) -> Bench:
    credentials = Credentials(_headers={"Authorization": AUTHORIZATION})
    clock = Hands().clock()
    bench = bench_on(target, Wire(deployment), credentials, seed=seed, reset=reset, patience=0.0, clock=clock)
    for place in target.places:
        bench.reader.find(place)
    bench.courier.unknown = 850000000
    return bench


BENCHES: Mapping[str, Callable[..., Bench]] = {"a world": a_world, "a deployment": a_deployment}
everywhere = pytest.mark.parametrize("make", BENCHES.values(), ids=BENCHES)


def findings(bench: Bench, **options: Any) -> list[Finding]:
    """Run the phase, and return the findings that it leaves."""
    list(model_phase(bench, **options))
    return list(bench.findings.values())


def verdicts(events: list[Event]) -> dict[str, Verdict]:
    """Return the verdict of each check."""
    return {event.check: event.verdict for event in events if isinstance(event, CheckDone)}


@everywhere
@pytest.mark.parametrize("seed", range(3))
def test_a_sound_target_has_no_finding(setting: Setting, make: Callable[..., Bench], seed: int) -> None:
    bench = make(setting, Deployment(), seed)

    events = list(model_phase(bench))

    assert [event for event in events if isinstance(event, Found)] == []
    assert list(verdicts(events)) == _ids(events)
    assert {check.id for check in MODEL_CHECKS} == verdicts(events).keys()
    undecided = {check for check, verdict in verdicts(events).items() if verdict is not Verdict.HELD}
    assert undecided == (set() if bench.reset else {"model-points-as-told"})


def _ids(events: list[Event]) -> list[str]:
    return [event.check for event in events if isinstance(event, CheckDone)]


@pytest.mark.parametrize(
    "answer",
    [
        ("loyalty-downgrade", "ignore"),
        ("comm-channels", "replace"),
        ("custom-fields", "replace"),
        ("null-value", "clear"),
        ("already-enrolled", "reject"),
        ("name-too-long", "reject"),
    ],
    ids="=".join,
)
def test_another_answer_is_told_as_a_difference_and_named(setting: Setting, answer: tuple[str, str]) -> None:
    benches = [a_world(setting, Deployment(answers=dict([answer])), seed) for seed in range(2)]

    found = [finding for bench in benches for finding in findings(bench)]

    assert {(finding.question, finding.answer) for finding in found} == {answer}
    assert {finding.grade for finding in found} == {Grade.DIFFERS}


@pytest.mark.parametrize("answer", [("comm-channels", "replace"), ("empty-text", "clear")], ids="=".join)
def test_a_deployment_of_another_dialect_only_differs(setting: Setting, answer: tuple[str, str]) -> None:
    bench = a_deployment(setting, Deployment(answers=dict([answer])))

    found = findings(bench)

    assert [(finding.grade, finding.question, finding.answer) for finding in found] == [(Grade.DIFFERS, *answer)]


@pytest.mark.parametrize(
    "name",
    [
        "not-stored",
        "first-name-lost",
        "extended-fields-lost",
        "channels-lost",
        "channel-flags-lost",
        "channels-doubled",
        "every-source-changed",
        "others-changed",
        "async-profile-lost",
        "half-of-refused-channel",
        "created-id-of-another",
        "created",
    ],
)
@everywhere
def test_a_flaw_is_found_and_named(setting: Setting, make: Callable[..., Bench], name: str) -> None:
    found = findings(make(setting, FLAWS[name].make()))

    broken = [finding for finding in found if finding.counts]
    assert any(finding.statement in FLAWS[name].names for finding in broken)
    assert max(len(finding.steps) for finding in broken[:1]) <= 2
    assert all(finding.seed == 1 and finding.phase == "model" for finding in broken)


@pytest.mark.parametrize(
    "name",
    ["re-enrolment-changes-tier", "re-enrolment-credits", "upgrade-not-stored", "tier-unused", "identifiers-updated"],
)
def test_a_flaw_of_what_cannot_be_undone_is_found_in_a_world(setting: Setting, name: str) -> None:
    statements = {
        finding.statement
        for seed in range(2)
        for finding in findings(a_world(setting, FLAWS[name].make(), seed), examples=50)
        if finding.counts
    }

    assert statements & {*FLAWS[name].names}


def _credits_twice(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    return replace(reply, changed=tuple(_doubled(deployment.customers[each.id], each) for each in reply.changed))


def _doubled(before: Customer, after: Customer) -> Customer:
    held = {enrolment.program: enrolment.points for enrolment in before.enrolments}
    enrolments = tuple(
        replace(enrolment, points=2 * enrolment.points - held.get(enrolment.program, 0))
        for enrolment in after.enrolments
    )
    return replace(after, enrolments=enrolments)


def test_points_that_are_credited_twice_are_found(setting: Setting) -> None:
    found = findings(a_world(setting, Deployment(_credits_twice)))

    assert {"model-points-as-told", "model-as-predicted"} <= {finding.check for finding in found}
    assert {finding.statement for finding in found} == {"UPD-RSP-3", "UPD-BODY-23"}


def _now_and_then() -> Twist:
    """Every seventh update is granted and forgotten."""
    updates = count(1)

    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        is_forgotten = request.method == "PUT" and next(updates) % 7 == 0
        return replace(reply, changed=()) if is_forgotten else reply

    return twist


@everywhere
def test_a_failure_that_does_not_repeat_is_told_with_how_often_it_was_seen(
    setting: Setting, make: Callable[..., Bench]
) -> None:
    found = [finding for finding in findings(make(setting, Deployment(_now_and_then()))) if finding.counts]

    assert found
    assert any(finding.seen < finding.tries for finding in found)


@everywhere
def test_what_is_found_depends_on_the_seed_alone(setting: Setting, make: Callable[..., Bench]) -> None:
    one, other = (list(model_phase(make(setting, FLAWS["first-name-lost"].make()))) for _ in range(2))

    assert [_repeatable(event) for event in one] == [_repeatable(event) for event in other]


def _repeatable(event: Event) -> Event:
    """The deployment's request ids are new each time."""
    return replace(event, finding=replace(event.finding, request_id="")) if isinstance(event, Found) else event


@everywhere
def test_the_steps_of_a_finding_show_it_again(setting: Setting, make: Callable[..., Bench]) -> None:
    [found] = [each for each in findings(make(setting, FLAWS["last-name-lost"].make())) if each.counts]
    [check] = [check for check in MODEL_CHECKS if check.id == found.check]

    again = make(setting, FLAWS["last-name-lost"].make()).judge.run(check, found.steps, "model")
    on_a_sound_one = make(setting, Deployment()).judge.run(check, found.steps, "model")

    assert again.verdict is Verdict.BROKEN
    assert on_a_sound_one.verdict is Verdict.HELD


def test_a_deployment_is_sent_nothing_that_cannot_be_undone(setting: Setting, demo: World) -> None:
    deployment = Deployment()
    bench = a_deployment(setting, deployment, leave=Leave.IRREVERSIBLE)
    wire = bench.courier.transport
    assert isinstance(wire, Wire)

    list(model_phase(bench, examples=60))

    granted = [request for request in wire.updates if deployment.ask(request).code is None]
    assert granted
    assert {request.path.rpartition("/")[2] for request in wire.updates} == {str(place.customer) for place in NAMED}
    assert all(_members(request) <= {"profiles", "extendedFields"} for request in granted)
    for place in NAMED:
        before, after = demo.customers[_id(place.customer)], deployment.customers[_id(place.customer)]
        assert _shape(before) == _shape(after)


def _members(request: Request) -> set[str]:
    return set(json.loads(request.body))


def _id(number: int) -> Any:
    return number


def _shape(customer: Customer) -> Any:
    """What an update could not take back: which profiles and channels there are, identifiers and loyalty."""
    profiles = [
        (each.source, each.account, each.identifiers, {(held.type, held.value, *held.meta) for held in each.channels})
        for each in customer.profiles
    ]
    fields = [{*each.fields} for each in customer.profiles]
    return profiles, fields, {*customer.extended_fields}, customer.loyalty_type, customer.enrolments


def test_without_leave_to_write_nothing_is_sent(setting: Setting) -> None:
    bench = a_deployment(setting, Deployment(), leave=Leave.READS)
    sent = bench.courier.sent

    events = list(model_phase(bench))

    assert bench.courier.sent == sent
    assert set(verdicts(events).values()) == {Verdict.NOT_OBSERVED}
    assert all("--allow writes" in event.reason for event in events if isinstance(event, CheckDone))


def test_a_budget_ends_the_phase_and_is_shared_by_the_laws(setting: Setting) -> None:
    bench = a_deployment(setting, Deployment())
    bench.courier.allowance = Allowance(requests=60)
    sent = bench.courier.sent

    events = list(model_phase(bench))

    assert bench.courier.sent - sent <= 60
    assert Verdict.HELD in verdicts(events).values()
    untried = [event for event in events if isinstance(event, CheckDone) and event.verdict is Verdict.NOT_OBSERVED]
    assert all(event.reason for event in untried)


def test_with_hardly_any_budget_nothing_is_observed(setting: Setting) -> None:
    bench = a_deployment(setting, Deployment())
    bench.courier.allowance = Allowance(requests=1)

    events = list(model_phase(bench))

    assert set(verdicts(events).values()) == {Verdict.NOT_OBSERVED}
    assert all(event.reason for event in events if isinstance(event, CheckDone))


def test_a_target_that_goes_away_is_told_to_the_campaign(setting: Setting) -> None:
    from mockserver.errors import TargetError

    def gone_after_a_while(deployment: Deployment, request: Request, seen: Any = count()) -> Reply:  # noqa: B008
        if next(seen) > 40:
            raise TargetError("it is gone")
        return deployment.ask(request)

    with pytest.raises(TargetError, match="it is gone"):
        list(model_phase(a_world(setting, Deployment(gone_after_a_while))))


def test_a_customer_who_cannot_be_read_any_more_is_a_finding(setting: Setting) -> None:
    updated: set[str] = set()

    def lost(deployment: Deployment, request: Request) -> Reply:
        if request.method == "PUT":
            updated.add(request.path)
        is_lost = request.method == "GET" and request.path in updated
        return refuse(deployment.setting, "8015", "flawed") if is_lost else deployment.ask(request)

    found = findings(a_deployment(setting, Deployment(lost)))

    assert found
    assert {finding.grade for finding in found} == {Grade.BROKEN}
