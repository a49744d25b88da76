"""Laws of the schema phase: silent on what is sound, sharp on what is not, and harmless where harm may be done."""

import json
import re
import warnings
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import pytest

from mockserver.contract import RouteMatch, Violation, read_json
from mockserver.errors import TargetError
from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.messages import Request, Response
from mockserver.values import replace
from mockserver.verification.bench import Bench
from mockserver.verification.courier import Allowance, Clock, Courier
from mockserver.verification.credentials import read_credentials
from mockserver.verification.events import CheckDone, Event, Found, Noted, Verdict
from mockserver.verification.fiction import Fiction
from mockserver.verification.findings import Finding, Grade
from mockserver.verification.judging import Judge
from mockserver.verification.oracle import Oracle
from mockserver.verification.reader import Reader
from mockserver.verification.schema import schema_phase
from mockserver.verification.schema_checks import LAWS
from mockserver.verification.target import Leave, Place, Target
from mockserver.verification.wsgi import WsgiTransport, hold, wsgi_view

NOW = "2026-11-24T10:00:00Z"
UNKNOWN = 171999999
PLACES = (
    Place(customer=171891944),
    Place(customer=171891945, source="WECHAT", account="22232"),
    Place(customer=171891946, source="WECHAT", account="1234"),
)
DEPLOYMENTS = (Leave.READS, Leave.WRITES, Leave.IRREVERSIBLE)
Twist = Callable[[Request, Response], Response]


class Carrier:
    """Carries requests to a mock in memory, twists its answers, and remembers what it carried."""

    def __init__(self, world: World, setting: Setting, twist: Twist | None) -> None:
        self._world, self._setting, self._twist = world, setting, twist
        self.sent: list[Request] = []
        self.reset()

    def reset(self) -> None:
        self._mock = WsgiTransport(wsgi_view(hold(self._world, self._setting), now=lambda: NOW))

    def carry(self, request: Request, *, fresh: bool = False) -> Response:  # noqa: ARG002  # one is like the other
        self.sent.append(request)
        answer = self._mock.carry(request)
        return answer if self._twist is None else self._twist(request, answer)


class Bed:
    """A target in memory with all that a phase needs."""

    def __init__(
        self,
        world: World,
        setting: Setting,
        *,
        served: Setting | None = None,
        twist: Twist | None = None,
        leave: Leave = Leave.IRREVERSIBLE,
        disposable: bool = True,
        unknown: int = UNKNOWN,
        seed: int = 1,
    ) -> None:
        self.carrier = Carrier(world, served or setting, twist)
        target = Target(name="memory", places=PLACES, leave=leave, setting=setting, disposable=disposable)
        ticks = count()  # time goes by questions, so that limits of time do not depend on the machine
        clock = Clock(now=lambda: next(ticks) / 10_000, wait=lambda _: None)
        courier = Courier(target, self.carrier, read_credentials("store123:Pass123", "AUTH"), clock=clock)
        courier.unknown = unknown
        reader, oracle = Reader(courier), Oracle(setting)
        judge = Judge(courier, reader, oracle, patience=0.1, seed=seed)
        reset = self.carrier.reset if disposable else None
        self.bench = Bench(
            target=target,
            courier=courier,
            reader=reader,
            oracle=oracle,
            judge=judge,
            fiction=Fiction(seed),
            seed=seed,
            reset=reset,
        )

    def run(self, *, examples: int = 10) -> list[Event]:
        return list(schema_phase(self.bench, examples=examples))


@pytest.fixture
def bed(demo: World, setting: Setting) -> Callable[..., Bed]:
    """Return what makes a bed with the demo world."""
    return lambda **options: Bed(demo, setting, **options)


def findings(events: list[Event]) -> list[Finding]:
    """Return the findings, each as it was told last."""
    return list({event.finding.key: event.finding for event in events if isinstance(event, Found)}.values())


def verdicts(events: list[Event]) -> Mapping[str, CheckDone]:
    """Return what came of each check."""
    return {event.check: event for event in events if isinstance(event, CheckDone)}


def body_of(request: Request) -> Any:
    return json.loads(request.body) if request.body.startswith((b"{", b"[")) else None


def refused(code: int) -> Response:
    body = {"errors": [{"status": False, "code": code, "message": "no"}]}
    return Response(status=400, headers={"Content-Type": "application/json"}, body=json.dumps(body).encode())


def granted(request: Request) -> Response:
    number = request.path.rpartition("/")[2]
    body = {"createdId": int(number) if number.isdigit() else 1, "warnings": []}
    return Response(status=200, headers={"Content-Type": "application/json"}, body=json.dumps(body).encode())


def with_body(response: Response, change: Callable[[dict[str, Any]], Any]) -> Response:
    return replace(response, body=json.dumps(change(json.loads(response.body))).encode())


# Sound targets


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_on_a_sound_mock(bed: Callable[..., Bed], seed: int) -> None:
    ready = bed(seed=seed)

    events = ready.run(examples=30)

    assert findings(events) == []
    assert {done.verdict for done in verdicts(events).values()} == {Verdict.HELD}
    assert 150 <= ready.bench.courier.sent <= 250


@pytest.mark.parametrize("leave", DEPLOYMENTS)
@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_found_on_a_sound_deployment(bed: Callable[..., Bed], leave: Leave, seed: int) -> None:
    assert findings(bed(seed=seed, leave=leave, disposable=False).run()) == []


@pytest.mark.parametrize(
    "answer",
    [
        ("created-id-type", "text"),
        ("error-status", "200"),
        ("error-status", "404-for-8015"),
        ("null-value", "reject"),
        ("empty-body", "reject"),
        ("unknown-body-member", "reject"),
        ("unknown-query-parameter", "reject"),
        ("repeated-parameter", "last"),
        ("identifiers-in-body", "reject"),
    ],
)
def test_another_listed_answer_is_a_difference_and_never_a_broken_promise(
    bed: Callable[..., Bed], setting: Setting, answer: tuple[str, str]
) -> None:
    assert setting.dialects is not None
    served = setting.under(setting.dialects.with_answers(setting.dialect, answer))

    found = findings(bed(served=served).run())

    assert {finding.grade for finding in found} <= {Grade.DIFFERS}
    assert {(finding.question, finding.answer) for finding in found} <= {answer}


@pytest.mark.parametrize("status", [429, 503])
def test_being_asked_for_patience_is_no_finding(bed: Callable[..., Bed], status: int) -> None:
    patience, asked = Response(status=status, headers={"Retry-After": "0"}), count(1)
    ready = bed(twist=lambda _, answer: answer if next(asked) % 20 else patience)

    assert findings(ready.run(examples=3)) == []


def test_a_target_that_asks_for_nothing_but_patience_is_lost(bed: Callable[..., Bed]) -> None:
    ready = bed(twist=lambda *_: Response(status=429, headers={"Retry-After": "0"}))

    with pytest.raises(TargetError, match="3 reads in a row"):
        ready.run(examples=3)


# Flawed targets


def crashes_on_empty_names(request: Request, answer: Response) -> Response:
    return replace(answer, status=500) if b'"firstName": ""' in request.body else answer


def leaves_out_created_id(request: Request, answer: Response) -> Response:
    if request.method != "PUT" or answer.status != 200:
        return answer
    return with_body(answer, lambda body: {name: value for name, value in body.items() if name != "createdId"})


def reads_numbers_as_text(request: Request, answer: Response) -> Response:
    if request.method != "GET" or answer.status != 200:
        return answer
    return with_body(answer, lambda body: {**body, "id": str(body["id"])} if "id" in body else body)


def refuses_in_html(request: Request, answer: Response) -> Response:
    is_refusal = answer.status == 400
    return Response(status=400, headers={"Content-Type": "text/html"}, body=b"<h1>No</h1>") if is_refusal else answer


def takes_any_name(request: Request, answer: Response) -> Response:
    profiles = (body_of(request) or {}).get("profiles") if isinstance(body_of(request), dict) else None
    held = [item for item in profiles if isinstance(item, dict)] if isinstance(profiles, list) else []
    is_wrong = any(not isinstance(item.get("firstName"), str | None) for item in held)
    return granted(request) if is_wrong and answer.status == 400 else answer


def takes_any_source(request: Request, answer: Response) -> Response:
    is_refused = b'"code":8003' in answer.body.replace(b" ", b"")
    return granted(request) if is_refused and request.method == "PUT" else answer


def refuses_text_flags(request: Request, answer: Response) -> Response:
    return refused(400) if re.search(rb'"primary": "(true|false)"', request.body) and answer.status == 200 else answer


def asks_for_no_credentials(request: Request, answer: Response) -> Response:
    return granted(request) if answer.status == 401 else answer


def forgets_allow(request: Request, answer: Response) -> Response:
    return replace(answer, headers={name: value for name, value in answer.headers.items() if name != "Allow"})


def answers_with_418(request: Request, answer: Response) -> Response:
    return replace(answer, status=418) if answer.status == 400 else answer


FLAWS: Mapping[str, tuple[Twist, str, str, Grade]] = {
    "crash": (crashes_on_empty_names, "schema-not-a-server-error", "UPD-BODY-2", Grade.BROKEN),
    "no id": (leaves_out_created_id, "schema-response-conforms", "UPD-RSP-1", Grade.BROKEN),
    "id as text": (reads_numbers_as_text, "schema-response-conforms", "", Grade.BROKEN),
    "html": (refuses_in_html, "schema-content-type", "", Grade.UNLIKE),
    "any name": (takes_any_name, "schema-invalid-is-refused", "UPD-BODY-2", Grade.BROKEN),
    "any source": (takes_any_source, "schema-invalid-is-refused", "UPD-QRY-1", Grade.BROKEN),
    "text flags": (refuses_text_flags, "schema-valid-is-taken", "", Grade.BROKEN),
    "no credentials": (asks_for_no_credentials, "schema-auth-is-needed", "", Grade.BROKEN),
    "no Allow": (forgets_allow, "schema-other-methods-are-refused", "", Grade.UNLIKE),
    "odd status": (answers_with_418, "schema-status-is-declared", "", Grade.BROKEN),
}


@pytest.mark.parametrize("name", FLAWS)
def test_a_flaw_is_found_and_named(bed: Callable[..., Bed], name: str) -> None:
    twist, check, statement, grade = FLAWS[name]

    events = bed(twist=twist).run()

    [finding] = findings(events)
    assert (finding.check, finding.statement, finding.grade) == (check, statement, grade)
    assert verdicts(events)[check].verdict is Verdict.BROKEN
    assert [done.verdict for key, done in verdicts(events).items() if key != check] == [Verdict.HELD] * (len(LAWS) - 1)


def test_the_example_of_a_finding_is_small_and_replays(bed: Callable[..., Bed]) -> None:
    ready = bed(twist=crashes_on_empty_names)

    [finding] = findings(ready.run())
    [step] = finding.steps

    assert body_of(step.request) == {"profiles": [{"firstName": ""}]}
    assert ready.carrier.carry(step.request).status == 500
    assert finding.seen > 1


def test_what_must_be_refused_holds_its_flaw_alone(bed: Callable[..., Bed]) -> None:
    [finding] = findings(bed(twist=takes_any_name).run())

    [[(name, value)]] = [profile.items() for profile in body_of(finding.steps[0].request)["profiles"]]
    assert name == "firstName"
    assert not isinstance(value, str)


# Harm, limits, determinism


def test_no_write_leaves_under_reads(bed: Callable[..., Bed]) -> None:
    ready = bed(leave=Leave.READS, disposable=False)

    done = verdicts(ready.run())

    assert {request.method for request in ready.carrier.sent} == {"GET"}
    assert done["schema-valid-is-taken"].verdict is Verdict.NOT_OBSERVED
    assert "--allow writes" in done["schema-valid-is-taken"].reason


def test_no_update_of_a_named_customer_leaves_under_writes(bed: Callable[..., Bed]) -> None:
    ready = bed(leave=Leave.WRITES, disposable=False)

    ready.run()

    updates = [request for request in ready.carrier.sent if request.method != "GET"]
    assert {(request.method, request.path) for request in updates} == {("PUT", f"/v2/customers/{UNKNOWN}")}


@pytest.mark.parametrize("seed", range(3))
def test_what_a_named_customer_of_a_deployment_is_asked_breaks_the_contract(
    bed: Callable[..., Bed], setting: Setting, seed: int
) -> None:
    ready = bed(leave=Leave.IRREVERSIBLE, disposable=False, seed=seed, twist=takes_any_name)

    ready.run()

    named = [one for one in ready.carrier.sent if one.method == "PUT" and not one.path.endswith(str(UNKNOWN))]
    assert named
    for request in named:
        routed = setting.contract.route(request.method, request.path)
        assert isinstance(routed, RouteMatch)
        assert refuses(setting, routed, request)


def refuses(setting: Setting, routed: RouteMatch, request: Request) -> bool:
    read = routed.operation.read_parameters(routed.path_values, request.query, request.headers)
    parsed = read_json(request.body)
    if hasattr(read, "rule") or isinstance(parsed, Violation):
        return True
    return routed.operation.judge_body(parsed.value) is not None


@pytest.mark.parametrize("leave", DEPLOYMENTS)
def test_only_known_ids_and_the_contracts_methods_go_to_a_deployment(bed: Callable[..., Bed], leave: Leave) -> None:
    ready = bed(leave=leave, disposable=False)

    ready.run()

    known = {str(number) for number in (UNKNOWN, *(place.customer for place in PLACES))}
    assert {request.path.split("/")[3] for request in ready.carrier.sent} <= known
    assert {request.method for request in ready.carrier.sent} <= {"GET", "PUT"}


def test_without_an_unknown_id_updates_are_not_observed(bed: Callable[..., Bed]) -> None:
    done = verdicts(bed(leave=Leave.WRITES, disposable=False, unknown=0).run())

    assert done["schema-valid-is-taken"].verdict is Verdict.NOT_OBSERVED
    assert "nobody has" in done["schema-valid-is-taken"].reason


def test_requests_hold_no_credentials_of_ours_and_nothing_that_http_cannot_carry(bed: Callable[..., Bed]) -> None:
    ready = bed()

    ready.run()

    for request in ready.carrier.sent:
        assert "X-Schemathesis-TestCaseId".lower() not in {name.lower() for name in request.headers}
        assert all(value.isascii() and value.isprintable() for value in request.headers.values())
        assert not re.search(r"%[01]", request.path + request.query)


def test_a_spent_budget_ends_the_phase_and_says_so(bed: Callable[..., Bed]) -> None:
    ready = bed()
    ready.bench.courier.allowance = Allowance(requests=1)

    events = ready.run()

    done = verdicts(events)
    assert ready.bench.courier.sent == 1
    assert set(done) == set(LAWS)
    assert "--budget" in done["schema-valid-is-taken"].reason
    assert any(isinstance(event, Noted) for event in events)


def test_a_seed_gives_the_same_requests_and_findings(bed: Callable[..., Bed]) -> None:
    first, again, other = bed(twist=takes_any_name), bed(twist=takes_any_name), bed(twist=takes_any_name, seed=2)

    told = [findings(ready.run()) for ready in (first, again, other)]

    assert first.carrier.sent == again.carrier.sent
    assert first.carrier.sent != other.carrier.sent
    assert [replace(one, at="", request_id="") for one in told[0]] == [
        replace(one, at="", request_id="") for one in told[1]
    ]


def test_nothing_is_printed_or_warned_of(bed: Callable[..., Bed], capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        bed(twist=crashes_on_empty_names).run()

    assert warned == []
    assert capfd.readouterr() == ("", "")
