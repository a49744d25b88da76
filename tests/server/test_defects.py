"""Laws of failure: a defect of ours is a 500 in the envelope, logged whole and kept; work in flight is finished."""

import logging
import socket
import threading

import pytest

from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from mockserver.values import replace
from tests.server.client import Client

DELAYED = {"do": {"delay": {"milliseconds": 1}}}


@pytest.mark.parametrize("faults", [[], [DELAYED]], ids=["at once", "after a delay"])
def test_a_defect_is_500_in_the_envelope_logged_whole_and_kept(
    caplog: pytest.LogCaptureFixture, faults: list[dict[str, object]]
) -> None:
    with ServerThread(ServeOptions(port=0)) as server, caplog.at_level(logging.ERROR, logger="mockserver"):
        world = server.worlds.default
        whole = world.setting
        answers = {name: answer for name, answer in whole.dialect.answers.items() if name != "empty-text"}
        client = Client(server.url)
        for fault in faults:
            assert client.send("POST", "/_mock/faults", json=fault).status == 201
        world.base = replace(whole, dialect=replace(whole.dialect, answers=answers))
        world.state.amend(lambda settings: replace(settings, answers=answers))

        broken = client.update(171891944, {"profiles": [{"firstName": ""}]})
        world.base = whole
        world.state.amend(lambda settings: replace(settings, answers=whole.dialect.answers))
        sound = client.update(171891944, {})
        exchange_id = broken.headers["x-mock-exchange"]
        shown = client.send("GET", f"/_mock/requests/{exchange_id}").json

    assert (broken.status, broken.code, sound.status) == (500, 500, 200)
    assert "Traceback" not in broken.body.decode()
    assert exchange_id in broken.headers["x-mock-why"]
    [record] = caplog.records
    assert exchange_id in record.getMessage()
    assert "KeyError: 'empty-text'" in (record.exc_text or "")
    assert (record.exc_text or "").count('File "') > 3
    assert (shown["code"], shown["path"], shown["why"][-1]["stage"]) == (500, "/v2/customers/171891944", "receive")


def test_a_defect_where_answers_are_made_is_answered_logged_and_kept_too(caplog: pytest.LogCaptureFixture) -> None:
    """Headers of an answer are written by the server; one that cannot be is a defect behind the app's own answer."""
    with ServerThread(ServeOptions(port=0)) as server, caplog.at_level(logging.ERROR, logger="mockserver"):
        world = server.worlds.default
        name, fault = "X-Broken\r\nX-Evil: 1", {"do": {"contentType": "text/plain"}}
        client = Client(server.url)
        assert client.send("POST", "/_mock/faults", json=fault).status == 201
        [rule] = world.faults
        rule.rule = replace(rule.rule, effect=replace(rule.rule.effect, content_type=name))

        broken = client.send("GET", "/v2/customers/171891944?source=INSTORE")
        shown = client.send("GET", f"/_mock/requests/{broken.headers['x-mock-exchange']}").json

    assert (broken.status, broken.code, shown["code"]) == (500, 500, 500)
    [record] = caplog.records
    assert broken.headers["x-mock-exchange"] in record.getMessage()
    assert "has a line end" in (record.exc_text or "")


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
