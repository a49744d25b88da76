"""Laws of a target that fails: a read is tried again, up to three times, an update never; all of it is noted."""

import pytest

from mockserver.errors import TargetError
from mockserver.messages import Request, Response
from mockserver.verification.courier import Courier
from mockserver.verification.failures import CutError, Failure, Patience, TargetFailedError, told
from mockserver.verification.target import Leave
from tests.verification.test_courier import NAMED, Time, a_courier, read_of

_FINE = Response(status=200, body=b"{}")
UPDATE = Request(method="PUT", path=f"/v2/customers/{NAMED}", query="source=INSTORE", body=b"{}")


class Scripted:
    """Answers what it is told to, then with 200."""

    def __init__(self, *answers: Response | TargetError) -> None:
        self.answers = list(answers)
        self.carried: list[Request] = []

    def carry(self, request: Request, *, fresh: bool = False) -> Response:  # noqa: ARG002  # one is like the other
        self.carried.append(request)
        answer = self.answers.pop(0) if self.answers else _FINE
        if isinstance(answer, TargetError):
            raise answer
        return answer


def courier_of(transport: Scripted, time: Time | None = None) -> Courier:
    return a_courier(transport, leave=Leave.WRITES, time=time)


def _status(status: int, **headers: str) -> Response:
    return Response(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


FAILURES = [_status(502), _status(503), _status(504), CutError("it is cut", what="connection cut")]


@pytest.mark.parametrize("failure", FAILURES, ids=["502", "503", "504", "cut"])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_read_is_tried_again_up_to_three_times(failure: Response | TargetError, times: int) -> None:
    transport = Scripted(*[failure] * times)
    courier = courier_of(transport)

    exchange = courier.send(read_of())

    assert exchange.response.status == 200
    assert (len(transport.carried), len(courier.failures)) == (times + 1, times)


@pytest.mark.parametrize("failure", FAILURES, ids=["502", "503", "504", "cut"])
def test_a_read_that_fails_four_times_was_failed_by_the_target(failure: Response | TargetError) -> None:
    transport = Scripted(*[failure] * 9)

    with pytest.raises(TargetFailedError) as failed:
        courier_of(transport).send(read_of())

    assert failed.value.is_read
    assert len(transport.carried) == 4


@pytest.mark.parametrize("failure", FAILURES, ids=["502", "503", "504", "cut"])
def test_an_update_is_never_sent_twice(failure: Response | TargetError) -> None:
    transport = Scripted(failure)

    with pytest.raises(TargetFailedError) as failed:
        courier_of(transport).send(UPDATE)

    assert not failed.value.is_read
    assert [request.method for request in transport.carried] == ["PUT"]


def test_retry_after_is_kept() -> None:
    time = Time()

    courier_of(Scripted(_status(503, Retry_After="7")), time).send(read_of())

    assert time.waits == [7.0]


def test_a_target_that_was_never_reached_is_not_asked_again() -> None:
    transport = Scripted(TargetError("nothing listens there"))

    with pytest.raises(TargetError, match="nothing listens there"):
        courier_of(transport).send(read_of())

    assert len(transport.carried) == 1


def test_a_target_that_is_away_for_a_moment_after_it_was_reached_is_waited_for() -> None:
    transport = Scripted(_FINE, TargetError("nothing listens there"))
    courier = courier_of(transport)

    courier.send(read_of())
    courier.send(read_of())

    assert [failure.what for failure in courier.failures] == ["not reached"]


@pytest.mark.parametrize("status", [500, 501, 505, 400, 429])
def test_what_the_deployment_itself_answers_is_no_failure_of_a_gateway(status: int) -> None:
    courier = courier_of(Scripted(_status(status)))

    courier.send(read_of())

    assert courier.failures == []


def _failure(what: str, at: str, method: str = "GET") -> Failure:
    return Failure(what=what, at=at, method=method, path="/v2/customers/1")


def test_failures_are_told_in_one_line_with_their_number_and_times() -> None:
    failures = [_failure("502", "T1"), _failure("time-out", "T2"), _failure("502", "T3")]

    assert told(failures) == "target failed 3 times: 502 at T1, T3; time-out at T2"
    assert told(failures[:1]) == "target failed 1 time: 502 at T1"
    assert told([]) == ""


def test_of_many_failures_the_first_and_the_last_times_are_told() -> None:
    line = told(_failure("502", f"T{number}") for number in range(1, 101))

    assert line == "target failed 100 times: 502 at T1, T2, T3, T4, T5, … and 95 more until T100"


def test_after_three_reads_in_a_row_that_fail_the_target_is_lost() -> None:
    patience = Patience()
    read, update = TargetFailedError(_failure("502", "T1")), TargetFailedError(_failure("502", "T1", "PUT"))

    assert [patience.note(each) is not None for each in (read, update, update, read, update)] == [False] * 5
    assert patience.note(read) is not None
    patience.note_answer()
    assert patience.note(read) is None
