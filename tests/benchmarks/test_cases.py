"""Laws of the cases: what each expects is what the mock answers, and what is stored is read back."""

import pytest

from benchmarks.counted_work import request_of
from benchmarks.serving.asking import Figures, filling
from benchmarks.serving.cases import CASES, PAGE, Case
from benchmarks.serving.customers import records
from benchmarks.serving.forking import fork_microseconds, worlds_with
from benchmarks.serving.growth import padded
from benchmarks.serving.servers import SERVERS, is_stored
from mockserver.messages import Response
from mockserver.server.exchanging import exchange_with
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from mockserver.server.served import ServedWorld, ServedWorlds
from mockserver.storage import at_once, eager

CUSTOMERS = 3


@pytest.fixture(scope="module")
def served() -> ServedWorlds:
    return worlds_with(CUSTOMERS)


@pytest.fixture
def world(served: ServedWorlds) -> ServedWorld:
    forked = at_once(eager(served.fork(served.default, None)))
    assert isinstance(forked, ServedWorld)
    return forked


def answer(world: ServedWorld, case: Case, number: int) -> Response:
    return at_once(exchange_with(world, request_of(case, number, customers=CUSTOMERS), "x1"))[1]


def told(*, late: tuple[int, ...]) -> Figures:
    return Figures(requests=9, seconds=1, per_second=9, p50=1, p99=1, most=1, late=late)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_mock_answers_a_case_as_it_says(case: Case, world: ServedWorld) -> None:
    for name in case.before:
        answer(world, CASES[name], 0)

    answers = [answer(world, case, number) for number in range(5)]

    expected = filling(case.answer.encode(), CUSTOMERS)
    for number, came in enumerate(answers):
        assert came.status == case.status
        assert came.body == (expected(number) or (came if case.varies else answers[0]).body)
        assert all(part.encode() in came.body for part in case.has)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_request_says_the_length_of_its_body(case: Case) -> None:
    request = filling(case.request(8080).encode(), 1_000)(12)
    head, _, body = request.partition(b"\r\n\r\n")

    assert (f"Content-Length: {len(body)}".encode() in head) == (case.method == "PUT")


@pytest.mark.parametrize("size", [1, 16, 1_024])
def test_a_padded_body_has_the_size_and_the_same_answer(size: int, world: ServedWorld) -> None:
    large = padded(PAGE, size * 1024)
    answer(world, PAGE, 0)

    assert size * 1024 - 64 <= len(large.body.encode()) < size * 1024
    assert answer(world, large, 1).body.decode() == PAGE.answer


def test_the_requests_of_a_case_that_changes_are_all_different() -> None:
    changing = [case for case in CASES.values() if {"changing", "fresh", "varied", "turn"} & {*case.name.split("-")}]

    assert len(changing) == 6
    assert all(request_of(case, 1) != request_of(case, 2) for case in changing)


def test_bare_aiohttp_is_expected_to_say_the_same_to_all() -> None:
    loads = [SERVERS["bare-application"].load(case, 1, connections=1, seconds=1) for case in CASES.values()]

    assert {(load.status, load.answer) for load in loads} == {
        (200, '{"createdId":171891944,"warnings":[],"sideEffects":[]}')
    }


def test_a_name_that_was_stored_last_is_read_back_and_another_one_is_told() -> None:
    with ServerThread(ServeOptions(port=0)) as server:
        port = int(server.url.rpartition(":")[2])
        world = server.worlds.default
        server.call(answer, world, CASES["put-changing"], 990)

        assert is_stored(port, told(late=(990, 991))) == ""
        assert is_stored(port, told(late=())) == ""
        assert "T00000990" in is_stored(port, told(late=(1_990, 1_991)))


def test_made_customers_differ_and_are_as_many_as_asked_for(served: ServedWorlds) -> None:
    ids = [record["id"] for record in records(CUSTOMERS)]

    assert len(set(ids)) == len(ids) == at_once(served.default.state.count()) == CUSTOMERS + 2


def test_a_fork_is_timed(served: ServedWorlds) -> None:
    assert 0 < fork_microseconds(served) < 1_000_000
