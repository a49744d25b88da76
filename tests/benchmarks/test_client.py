"""Laws of the client of the benchmarks: it counts what was answered, and notices what is not as expected."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread

import pytest

from benchmarks.serving.asking import CUSTOMER, FIRST_CUSTOMER, NUMBER, Load, filling, percentile
from benchmarks.serving.driving import drive
from benchmarks.serving.load import content_length
from benchmarks.serving.wrk import read_told, script_of

ANSWER = b'{"createdId":1}'
CLIENTS = [
    "ours",
    pytest.param("wrk", marks=pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")),
]


class Answering(asyncio.Protocol):
    """Answers each request, by its number, as it was told to; None closes the connection."""

    def __init__(self, answer: Callable[[int], bytes | None], seen: list[bytes]) -> None:
        self._answer = answer
        self._seen = seen

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._seen.append(data)
        answer = self._answer(len(self._seen))
        if answer is None:
            self._transport.close()
        else:
            self._transport.write(answer)


@contextmanager
def a_server(answer: Callable[[int], bytes | None]) -> Iterator[tuple[int, list[bytes]]]:
    """Serve such answers; give the port, and the requests that came."""
    seen: list[bytes] = []
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: Answering(answer, seen), "127.0.0.1", 0))
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def response(status: int = 200, body: bytes = ANSWER, *, name: str = "Content-Length") -> bytes:
    return f"HTTP/1.1 {status} OK\r\n{name}: {len(body)}\r\n\r\n".encode() + body


def a_load(port: int, path: str = "/") -> Load:
    request = f"PUT {path} HTTP/1.1\r\nHost: x\r\n\r\n"
    return Load(port=port, request=request, connections=2, seconds=10, warm_up=0, most=200, answer=ANSWER.decode())


def test_it_counts_every_answer_and_compares_a_sample() -> None:
    with a_server(lambda _: response()) as (port, _):
        figures = drive(a_load(port), client="ours")

    assert (figures.requests, figures.wrong, figures.lost, figures.compared) == (200, 0, 0, 3)
    assert figures.is_right
    assert figures.late
    assert set(figures.late) <= {198, 199, 200}
    assert 0 < figures.p50 <= figures.p99 <= figures.most


@pytest.mark.parametrize("client", CLIENTS)
def test_every_wrong_status_is_noticed(client: str) -> None:
    with a_server(lambda number: response(400 if number == 50 else 200)) as (port, _):
        figures = drive(replace(a_load(port), most=200 if client == "ours" else 0, seconds=1), client=client)

    assert figures.wrong == 1
    assert not figures.is_right


@pytest.mark.parametrize("client", CLIENTS)
def test_a_wrong_body_is_noticed_in_the_sample(client: str) -> None:
    with a_server(lambda _: response(body=b'{"createdId":2}')) as (port, _):
        figures = drive(replace(a_load(port), most=200 if client == "ours" else 0, seconds=1), client=client)

    assert figures.wrong == figures.compared >= 3
    assert '{"createdId":2}' in figures.trouble


@pytest.mark.parametrize("client", CLIENTS)
def test_bodies_that_should_all_be_the_same_are_compared_with_the_first(client: str) -> None:
    with a_server(lambda number: response(body=b"%06d" % number)) as (port, _):
        load = replace(a_load(port), answer="", one_in=50, most=200 if client == "ours" else 0, seconds=1)
        figures = drive(load, client=client)

    assert figures.wrong == figures.compared - 1 > 0


@pytest.mark.parametrize("client", CLIENTS)
def test_bodies_that_vary_need_only_have_what_they_must(client: str) -> None:
    with a_server(lambda number: response(body=b'{"createdId":%d}' % number)) as (port, _):
        load = replace(a_load(port), answer="", varies=True, has=("createdId",))
        figures = drive(replace(load, most=200 if client == "ours" else 0, seconds=1), client=client)

    assert figures.is_right


@pytest.mark.parametrize("client", CLIENTS)
def test_a_text_that_must_be_in_the_body_is_missed(client: str) -> None:
    with a_server(lambda _: response()) as (port, _):
        load = replace(a_load(port), answer="", has=('"warnings"',), most=200 if client == "ours" else 0, seconds=1)
        figures = drive(load, client=client)

    assert figures.wrong == figures.compared > 0


def test_a_connection_that_ends_is_counted_and_made_anew() -> None:
    with a_server(lambda number: None if number == 10 else response()) as (port, _):
        figures = drive(a_load(port), client="ours")

    assert (figures.requests, figures.lost) == (200, 1)
    assert not figures.is_right


def test_a_server_that_is_not_there_is_told_and_not_waited_for() -> None:
    with a_server(lambda _: response()) as (port, _):
        pass

    figures = drive(a_load(port), client="ours")

    assert figures.requests == 0
    assert "cannot connect" in figures.trouble


def test_a_response_without_its_length_is_told() -> None:
    with a_server(lambda _: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") as (port, _):
        figures = drive(a_load(port), client="ours")

    assert "no Content-Length" in figures.trouble


@pytest.mark.parametrize("client", CLIENTS)
def test_every_request_has_a_number_and_a_customer_of_its_own(client: str) -> None:
    def echo(number: int) -> bytes:
        return response(body=b'{"createdId":%09d}' % (FIRST_CUSTOMER + (number - 1) % 3))

    path = f"/{CUSTOMER.decode()}/{NUMBER.decode()}"
    with a_server(echo) as (port, seen):
        load = replace(a_load(port, path), customers=3, connections=1, answer=f'{{"createdId":{CUSTOMER.decode()}}}')
        figures = drive(replace(load, most=200 if client == "ours" else 0, seconds=1), client=client)

    assert figures.is_right
    paths = [one.split()[1].decode() for one in seen[:4]]
    first = int(paths[0].rpartition("/")[2])  # wrk makes one request before it asks
    assert paths == [f"/{FIRST_CUSTOMER + number % 3}/{number:08d}" for number in range(first, first + 4)]


def test_a_filled_request_is_as_long_as_its_template() -> None:
    template = b"100 % of " + NUMBER + b" and " + CUSTOMER
    fill = filling(template, 1_000_000)

    assert len({len(fill(number)) for number in (0, 1, 999_999, 10**8 - 1)} | {len(template)}) == 1
    assert fill(7) == b"100 % of 00000007 and 200000007"


@pytest.mark.parametrize("name", ["Content-Length", "content-length", "CONTENT-LENGTH"])
def test_the_length_is_read_however_it_is_written(name: str) -> None:
    data = response(name=name)

    assert content_length(data, data.find(b"\r\n\r\n")) == len(ANSWER)


def test_a_percentile_is_a_value_that_came() -> None:
    assert [percentile(range(1, 101), percent) for percent in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert percentile([7.0], 50) == percentile([7.0], 99) == 7.0


def test_what_wrk_tells_at_the_end_is_read() -> None:
    text = "Running 1s test\n  1 threads\nFIGURES 5000 2000000 1500 9000 40000 1 2 51 200 {x}\n"

    figures = read_told(text)

    assert (figures.requests, figures.per_second, figures.p50, figures.p99, figures.most) == (5000, 2500, 1.5, 9, 40)
    assert (figures.lost, figures.wrong, figures.compared, figures.trouble) == (1, 2, 51, "200 {x}")


def test_where_wrk_fails_its_words_are_the_trouble() -> None:
    assert "unable to connect" in read_told("unable to connect to 127.0.0.1:1").trouble


def test_no_byte_of_a_request_is_lua() -> None:
    script = script_of(replace(a_load(1), request='PUT /" .. os.exit() .. " HTTP/1.1\r\n\r\n'))

    assert "os.exit()" not in script
