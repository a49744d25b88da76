"""What shows only in another form, at another moment, together with others, or now and then, is found."""

from collections.abc import Callable
from itertools import count

import pytest

from mockserver.domain.customer import Customer
from mockserver.exchange import Reply
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.campaign import PhaseOf
from mockserver.verification.events import CheckDone, Verdict
from mockserver.verification.findings import Finding
from mockserver.verification.statements import at_once, credentials, reads, steadiness
from mockserver.verification.target import Leave
from tests.flawed.asking import AUTHORIZATION, RAVI, parameter_of, with_header
from tests.flawed.checking import bench_with, findings_of, run
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.sound import SOUND
from tests.flawed.twists import is_update, with_enrolments, with_profiles

_PHASE = PhaseOf(
    name="statements",
    checks=(*credentials.CHECKS, *reads.CHECKS, *steadiness.CHECKS, *at_once.CHECKS, *reads.LAST),
)


def found(deployment: Deployment, leave: Leave = Leave.WRITES, *, parallel: bool = False) -> tuple[Finding, ...]:
    return findings_of(run(bench_with(deployment, leave=leave, parallel=parallel), [_PHASE]))


def told(findings: tuple[Finding, ...]) -> set[str]:
    """Return the checks that found something, those too that found the same."""
    return {one.check for one in findings} | {also.partition("/")[2] for one in findings for also in one.also}


class Undoing:
    """After some seconds an update is undone."""

    def __init__(self, seconds: float, undo: Callable[[Customer, Customer], Customer]) -> None:
        self._seconds = seconds
        self._undo = undo
        self._due: list[tuple[float, Customer]] = []

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        now = deployment.clock.now()
        for _, before in [each for each in self._due if each[0] <= now]:
            deployment.customers[before.id] = self._undo(before, deployment.customers[before.id])
        self._due = [each for each in self._due if each[0] > now]
        reply = deployment.ask(request)
        self._due += [(now + self._seconds, deployment.customers[after.id]) for after in reply.changed]
        return reply


def _back(before: Customer, _: Customer) -> Customer:
    return before


def _fields_back(before: Customer, held: Customer) -> Customer:
    return replace(held, extended_fields=before.extended_fields)


def _losing(every: int) -> Twist:
    """Every so many updates are answered, and not stored."""
    updates = count(1)

    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        return replace(reply, changed=()) if is_update(reply) and next(updates) % every == 0 else reply

    return twist


class Stale:
    """Every so many reads show the customers as they were before the last update."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._reads = count(1)
        self._before: dict[str, dict[int, Customer]] = {}

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        if request.method == "GET":
            is_stale = next(self._reads) % self._every == 0
            old = self._before.get("", {}) if is_stale else {}
            return deployment.ask(request, {**deployment.customers, **old})  # type: ignore[dict-item]  # ids are numbers
        self._before[""] = dict(deployment.customers)  # type: ignore[arg-type]  # see above
        return deployment.ask(request)


def _without_second_names(deployment: Deployment, request: Request) -> Reply:
    """A read of one source alone lacks last names."""
    if request.method == "PUT" or parameter_of(request, "source") == "ALL":
        return deployment.ask(request)
    unnamed = {
        key: with_profiles(held, lambda profile: replace(profile, last_name=None))
        for key, held in deployment.customers.items()
    }
    return deployment.ask(request, unnamed)


class Drifting:
    """Points go down by themselves."""

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        lost = int(deployment.clock.now())
        shown = {
            key: with_enrolments(held, lambda each: replace(each, points=each.points - lost))
            for key, held in deployment.customers.items()
        }
        return deployment.ask(request, None if request.method == "PUT" else shown)


def _not_for_one(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    return replace(reply, changed=tuple(one for one in reply.changed if one.id != RAVI))


def _taking(header: str, value: str) -> Twist:
    """Whoever says this gets in."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        is_taken = request.headers.get(header, "").startswith(value)
        return deployment.ask(with_header(request, "authorization", AUTHORIZATION) if is_taken else request)

    return twist


_FLAWED: dict[str, tuple[Callable[[], Twist], str]] = {
    "a form that lacks a member": (lambda: _without_second_names, "reads-agree"),
    "undone after two seconds": (lambda: Undoing(2.0, _back), "update-stays"),
    "one member undone after three": (lambda: Undoing(3.0, _fields_back), "update-stays"),
    "every third read is stale": (lambda: Stale(3), "update-stays"),
    "every seventh read is stale": (lambda: Stale(7), "update-stays"),
    "every sixteenth update is lost": (lambda: _losing(16), "update-after-update"),
    "one customer of five is not updated": (lambda: _not_for_one, "each-customer-is-updated"),
    "another scheme": (lambda: _taking("authorization", "Bearer"), "made-up-credentials-read-nothing"),
    "any token": (lambda: _taking("x-cap-api-oauth-token", ""), "every-read-needs-credentials"),
}


@pytest.mark.parametrize(("twist", "check"), _FLAWED.values(), ids=_FLAWED)
def test_what_one_look_does_not_show_is_found(twist: Callable[[], Twist], check: str) -> None:
    assert check in told(found(Deployment(twist())))


def test_points_that_drift_are_found_where_two_customers_lose_them() -> None:
    findings = found(Deployment(Drifting()), Leave.IRREVERSIBLE)

    assert "UPD-BODY-23" in {one.statement for one in findings}


@pytest.mark.parametrize("name", ["as-is", "later-reads", "later-work", "gateway-fails-often", "throttles"])
def test_sound_deployments_are_silent_also_where_updates_go_out_at_once(name: str) -> None:
    deployment = SOUND[name].make()

    assert [found(deployment, Leave.IRREVERSIBLE, parallel=True) for _ in range(2)] == [(), ()]


def test_updates_at_once_are_sent_only_where_that_is_allowed() -> None:
    events = list(run(bench_with(Deployment(), leave=Leave.WRITES), [_PHASE]))

    names = {check.id for check in at_once.CHECKS}
    assert {one.verdict for one in events if isinstance(one, CheckDone) and one.check in names} == {
        Verdict.NOT_OBSERVED
    }


def test_without_leave_for_what_stays_two_wrong_passwords_are_sent() -> None:
    seen: list[str] = []

    def watched(deployment: Deployment, request: Request) -> Reply:
        seen.append(request.headers.get("authorization", ""))
        return deployment.ask(request)

    assert found(Deployment(watched)) == ()
    wrong = [index for index, given in enumerate(seen) if _is_of_the_till(given) and given != AUTHORIZATION]
    assert len(wrong) == 2
    assert AUTHORIZATION in seen[wrong[0] : wrong[1]]


def _is_of_the_till(given: str) -> bool:
    """Tell whether Basic credentials name the till: its name is nine characters, which stand alone in base64."""
    return given.startswith(f"Basic {AUTHORIZATION.removeprefix('Basic ')[:12]}")
