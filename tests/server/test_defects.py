"""Laws of failure: a defect of ours is a 500 in the envelope and one logged line; work in flight is finished."""

import logging
import socket
import threading

import pytest

from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from mockserver.values import replace
from tests.server.client import Client


def test_a_defect_is_500_in_the_envelope_and_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with ServerThread(ServeOptions(port=0)) as server, caplog.at_level(logging.ERROR, logger="mockserver"):
        world = server.worlds.default
        whole = world.setting
        answers = {name: answer for name, answer in whole.dialect.answers.items() if name != "empty-text"}
        world.setting = replace(whole, dialect=replace(whole.dialect, answers=answers))
        client = Client(server.url)

        broken = client.update(171891944, {"profiles": [{"firstName": ""}]})
        world.setting = whole
        mended = client.update(171891944, {})

    assert (broken.status, broken.code, mended.status) == (500, 500, 200)
    assert "Traceback" not in broken.body.decode()
    (line,) = [record.getMessage() for record in caplog.records]
    assert broken.headers["x-mock-exchange"] in line
    assert "\n" not in line


def test_a_request_that_is_in_flight_when_the_server_stops_is_answered() -> None:
    body = b'{"profiles": [{"firstName": "Tom"}]}'
    head = (
        b"PUT /v2/customers/171891944?source=INSTORE HTTP/1.1\r\nHost: a\r\nAuthorization: Basic dGVzdA==\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(body)
    )
    server = ServerThread(ServeOptions(port=0))
    server.__enter__()
    client = Client(server.url)
    with socket.create_connection((client.host, client.port), timeout=10) as connection:
        connection.sendall(head)
        assert connection.recv(1024).startswith(b"HTTP/1.1 100 ")  # the server has begun to serve this request
        stopping = threading.Thread(target=server.__exit__, args=(None, None, None))
        stopping.start()
        connection.sendall(body)
        answer = connection.recv(65536)
        stopping.join(timeout=20)

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert not stopping.is_alive()
