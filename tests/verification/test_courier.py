"""Laws of the courier: nothing goes out that is not allowed, not too much, not too fast; credentials stay hidden."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from string import ascii_letters
from threading import Barrier

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.messages import Request, Response
from mockserver.values import replace
from mockserver.verification.courier import Allowance, Clock, Courier, NotAllowedError, Spent
from mockserver.verification.credentials import Credentials, read_credentials
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import Expectation
from mockserver.verification.failures import TargetFailedError
from mockserver.verification.findings import Step
from mockserver.verification.target import Leave, Limits, Place, Target
from mockserver.verification.transport import Transport
from mockserver.verification.wrong_credentials import WRONG
from tests.flawed.deployment import Deployment

NAMED, OTHER_NAMED, UNKNOWN, STRANGER = 171891944, 171891945, 800000001, 171891946
READING = ("GET", "HEAD", "OPTIONS")
METHODS = st.one_of(
    st.sampled_from([*READING, "PUT", "POST", "PATCH", "DELETE", "TRACE", "put", "get", "PUT ", ""]),
    st.text(alphabet=ascii_letters, min_size=1, max_size=8),
)
IDS = st.sampled_from([NAMED, OTHER_NAMED, UNKNOWN, STRANGER, 0, -1])
PATHS = st.one_of(
    IDS.map("/v2/customers/{}".format),
    IDS.map("/v2/customers/{}/".format),
    IDS.map("/v2/customers/{}/loyaltyDetails".format),
    IDS.map("/v2/customers/{}\n".format),
    IDS.map("/v2/customers/0{}".format),
    IDS.map("/v2/customers/%31{}".format),
    IDS.map("//v2/customers/{}".format),
    IDS.map("/v2/customers/../customers/{}".format),
    st.sampled_from(["/v2/customers", "/v2/customers/bulk", "/v3/oauth/token/generate", "/_mock/reset", "/", ""]),
)
UPDATABLE = frozenset(f"/v2/customers/{customer}" for customer in (NAMED, OTHER_NAMED, UNKNOWN))


class Recording:
    """A transport that keeps what it carries, and answers in turn; when the answers are used up, 200."""

    def __init__(self, *answers: Response) -> None:
        self.carried: list[Request] = []
        self._answers: Iterator[Response] = iter(answers)

    def carry(self, request: Request, *, fresh: bool = False) -> Response:  # noqa: ARG002  # one is like the other
        self.carried.append(request)
        return next(self._answers, Response(status=200, body=b"{}"))


class Time:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []
        self.clock = Clock(now=lambda: self.now, wait=self._wait, today=lambda: "2026-11-24T09:00:00.000Z")

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def a_courier(
    transport: Transport,
    *,
    leave: Leave = Leave.READS,
    limits: Limits | None = None,
    disposable: bool = False,
    parallel: bool = False,
    credentials: Credentials | None = None,
    headers: Mapping[str, str] | None = None,
    time: Time | None = None,
) -> Courier:
    target = Target(
        name="https://staging.example",
        places=(Place(customer=NAMED), Place(customer=OTHER_NAMED, source="WECHAT", account="22232")),
        leave=leave,
        setting=Deployment().setting,
        limits=limits or Limits(),
        disposable=disposable,
        parallel=parallel,
    )
    clock = (time or Time()).clock
    courier = Courier(target, transport, credentials or Credentials(), headers=headers, clock=clock)
    courier.unknown = UNKNOWN
    return courier


def read_of(customer: int = NAMED) -> Request:
    return Request(method="GET", path=f"/v2/customers/{customer}", query="source=INSTORE")


def throttled(*waits: str) -> tuple[Response, ...]:
    return tuple(Response(status=429, headers={"Retry-After": wait} if wait else {}) for wait in waits)


def is_sent(courier: Courier, request: Request) -> bool:
    try:
        courier.send(request)
    except NotAllowedError:
        return False
    return True


@given(method=METHODS, path=PATHS)
def test_without_leave_nothing_but_reads_is_carried(method: str, path: str) -> None:
    transport = Recording()
    request = Request(method=method, path=path)

    sent = is_sent(a_courier(transport), request)

    assert sent == (method in READING)
    assert len(transport.carried) == sent


@given(method=METHODS, path=PATHS, leave=st.sampled_from([Leave.WRITES, Leave.IRREVERSIBLE]))
@example(method="PUT", path=f"/v2/customers/{NAMED}", leave=Leave.WRITES)
@example(method="PUT", path=f"/v2/customers/{UNKNOWN}", leave=Leave.WRITES)
@example(method="PUT", path=f"/v2/customers/{STRANGER}", leave=Leave.IRREVERSIBLE)
@example(method="DELETE", path=f"/v2/customers/{NAMED}", leave=Leave.IRREVERSIBLE)
def test_with_leave_only_updates_of_named_customers_and_of_the_unknown_one_are_carried_besides(
    method: str, path: str, leave: Leave
) -> None:
    transport = Recording()

    sent = is_sent(a_courier(transport, leave=leave), Request(method=method, path=path))

    assert sent == (method in READING or (method == "PUT" and path in UPDATABLE))
    assert len(transport.carried) == sent


def test_an_update_of_nobody_is_not_carried_before_an_unknown_id_is_found() -> None:
    transport = Recording()
    courier = a_courier(transport, leave=Leave.WRITES)
    courier.unknown = 0

    assert not is_sent(courier, Request(method="PUT", path="/v2/customers/0"))
    assert transport.carried == []


@given(method=METHODS, path=PATHS)
def test_a_disposable_target_gets_everything(method: str, path: str) -> None:
    transport = Recording()

    assert is_sent(a_courier(transport, disposable=True), Request(method=method, path=path))
    assert len(transport.carried) == 1


@given(budget=st.integers(0, 5))
def test_no_more_requests_are_carried_than_are_allowed(budget: int) -> None:
    transport = Recording()
    courier = a_courier(transport)
    courier.allowance = Allowance(requests=budget)

    for _ in range(budget):
        courier.send(read_of())
    with pytest.raises(Spent, match="--budget"):
        courier.send(read_of())

    assert len(transport.carried) == courier.sent == budget


def test_requests_that_are_throttled_count_too() -> None:
    transport = Recording(*throttled("", "", "", "", ""))
    courier = a_courier(transport)
    courier.allowance = Allowance(requests=2)

    with pytest.raises(Spent, match="--budget"):
        courier.send(read_of())

    assert len(transport.carried) == 2


def test_nothing_is_carried_after_the_time_is_over() -> None:
    transport, time = Recording(), Time()
    courier = a_courier(transport, time=time)
    courier.allowance = Allowance(until=time.now + 10)

    courier.send(read_of())
    time.now += 10
    with pytest.raises(Spent, match="--max-time"):
        courier.send(read_of())

    assert len(transport.carried) == 1


def test_a_wait_that_would_outlast_the_time_is_not_begun() -> None:
    transport, time = Recording(*throttled("30")), Time()
    courier = a_courier(transport, time=time)
    courier.allowance = Allowance(until=time.now + 10)

    with pytest.raises(Spent, match="--max-time"):
        courier.send(read_of())

    assert time.waits == []


def test_requests_are_carried_no_faster_than_the_rate() -> None:
    transport, time = Recording(), Time()
    courier = a_courier(transport, limits=Limits(rate=0.5), time=time)
    began = time.now

    for _ in range(4):
        courier.send(read_of())

    assert time.now - began == pytest.approx(6.0)


def test_a_pause_is_no_credit_for_a_burst_afterwards() -> None:
    transport, time = Recording(), Time()
    courier = a_courier(transport, limits=Limits(rate=1.0), time=time)
    courier.send(read_of())
    time.now += 100
    began = time.now

    for _ in range(3):
        courier.send(read_of())

    assert time.now - began == pytest.approx(2.0)


def test_without_a_rate_nobody_waits() -> None:
    time = Time()
    courier = a_courier(Recording(), time=time)

    for _ in range(3):
        courier.send(read_of())

    assert time.waits == []


@pytest.mark.parametrize(
    ("retry_after", "waited"),
    [
        ("3", [3.0]),
        ("0", []),
        (" 2 ", [2.0]),
        ("Wed, 21 Oct 2026 07:28:00 GMT", [1.0]),
        ("", [1.0]),
        ("999999999999", [60.0]),
        ("-5", [1.0]),
        ("1e9", [1.0]),
        ("²", [1.0]),
        ("soon", [1.0]),
    ],
)
def test_a_429_is_waited_out_as_long_as_it_says_and_no_longer_than_is_sensible(
    retry_after: str, waited: list[float]
) -> None:
    transport, time = Recording(*throttled(retry_after)), Time()
    courier = a_courier(transport, time=time)

    exchange = courier.send(read_of())

    assert exchange.response.status == 200
    assert time.waits == waited
    assert (len(transport.carried), courier.throttled) == (2, 1)


def test_a_target_that_throttles_for_ever_has_failed_in_the_end() -> None:
    transport, time = Recording(*throttled(*[""] * 100)), Time()

    with pytest.raises(TargetFailedError, match="429"):
        a_courier(transport, time=time).send(read_of())

    assert len(transport.carried) < 10


@pytest.mark.parametrize("kept", ["store123:Pass123", "token:s3cr3t-t0ken"])
def test_credentials_are_carried_and_are_in_no_exchange(kept: str) -> None:
    credentials = read_credentials(kept, "AUTH")
    transport = Recording()

    exchange = a_courier(transport, credentials=credentials).send(read_of())

    [carried] = transport.carried
    assert any(secret in text for secret in credentials.secrets for text in carried.headers.values())
    assert not any(secret in str(asdict(exchange)) for secret in credentials.secrets)
    assert exchange.request == read_of()


def test_an_anonymous_request_has_no_credentials() -> None:
    transport = Recording()
    courier = a_courier(transport, credentials=read_credentials("store123:Pass123", "AUTH"), headers={"X-Tenant": "7"})

    courier.send(read_of(), anonymous=True)

    assert transport.carried == [replace(read_of(), headers={"X-Tenant": "7"})]


def test_extra_headers_go_with_every_request_and_the_request_s_own_count_first() -> None:
    transport = Recording()
    courier = a_courier(transport, headers={"X-Tenant": "7", "x-trace": "a"})

    courier.send(replace(read_of(), headers={"x-trace": "b"}))

    assert [dict(request.headers) for request in transport.carried] == [{"X-Tenant": "7", "x-trace": "b"}]


def test_a_request_s_own_authorization_is_what_is_carried() -> None:
    transport = Recording()
    courier = a_courier(transport, credentials=read_credentials("store123:Pass123", "AUTH"))

    courier.send(replace(read_of(), headers={"Authorization": "Basic d3Jvbmc="}))

    assert transport.carried[0].headers["Authorization"] == "Basic d3Jvbmc="


def test_a_refused_request_costs_nothing() -> None:
    transport, time = Recording(), Time()
    courier = a_courier(transport, limits=Limits(rate=1.0), time=time)
    courier.allowance = Allowance(requests=1)

    assert not is_sent(courier, Request(method="PUT", path=f"/v2/customers/{NAMED}"))
    courier.send(read_of())

    assert (courier.sent, time.waits) == (1, [])


class Meeting:
    """A transport that answers only once so many requests are under way at the same time."""

    def __init__(self, most: int) -> None:
        self._barrier = Barrier(most)
        self.fresh: list[bool] = []

    def carry(self, request: Request, *, fresh: bool = False) -> Response:
        self._barrier.wait(timeout=10)
        self.fresh.append(fresh)
        return Response(status=502 if request.path.endswith("5") else 200, body=b"{}")


@pytest.mark.parametrize("most", [2, 3])
def test_requests_that_are_sent_together_are_under_way_at_the_same_time(most: int) -> None:
    transport = Meeting(most)
    courier = a_courier(transport, leave=Leave.WRITES, parallel=True)
    update = Request(method="PUT", path=f"/v2/customers/{NAMED}", body=b"{}")

    came = courier.send_together([update] * most)

    assert [one.response.status for one in came if isinstance(one, Exchange)] == [200] * most
    assert transport.fresh == [True] * most
    assert courier.sent == most


def test_what_the_target_fails_of_requests_together_is_told_for_each() -> None:
    courier = a_courier(Meeting(2), leave=Leave.WRITES, parallel=True)
    updates = [Request(method="PUT", path=f"/v2/customers/{one}", body=b"{}") for one in (NAMED, OTHER_NAMED)]

    fine, failed = courier.send_together(updates)

    assert isinstance(fine, Exchange)
    assert isinstance(failed, TargetFailedError)
    assert [failure.what for failure in courier.failures] == ["502"]


def test_requests_go_together_only_where_that_is_allowed_and_never_against_the_law() -> None:
    transport = Recording()

    for courier in (a_courier(transport, leave=Leave.WRITES), a_courier(transport, parallel=True)):
        with pytest.raises(NotAllowedError):
            courier.send_together([Request(method="PUT", path=f"/v2/customers/{NAMED}")] * 2)

    assert transport.carried == []


def test_requests_together_go_out_all_or_none() -> None:
    transport = Recording()
    courier = a_courier(transport, limits=Limits(budget=3), parallel=True)
    courier.send(read_of())

    with pytest.raises(Spent, match="--budget"):
        courier.send_together([read_of()] * 3)

    assert len(transport.carried) == 1


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("right", ["store123:Pass123", "token:s3cr3t-t0ken"])
def test_a_step_is_sent_as_it_says(kind: str, right: str) -> None:
    transport, time = Recording(), Time()
    credentials = read_credentials(right, "AUTH")
    courier = a_courier(transport, credentials=credentials, time=time)

    courier.send_step(Step(request=read_of(), expect=Expectation(), after=3.0, credentials=kind))
    courier.send(read_of())

    wrong, usual = (dict(request.headers) for request in transport.carried)
    assert time.waits == [3.0]
    assert wrong != usual
    assert len(wrong) == 1


def test_the_fifth_429_is_not_waited_out() -> None:
    transport, time = Recording(*throttled(*["2"] * 5)), Time()

    with pytest.raises(TargetFailedError):
        a_courier(transport, time=time).send(read_of())

    assert (len(transport.carried), time.waits) == (5, [2.0] * 4)


def test_a_token_that_is_fetched_is_counted() -> None:
    granted = Response(status=200, body=b'{"data":{"accessToken":"t","ttlSeconds":300}}')
    transport = Recording(granted)
    courier = a_courier(transport, credentials=read_credentials("oauth:key:secret", "AUTH"))

    courier.send(read_of())

    assert courier.sent == len(transport.carried) == 2
