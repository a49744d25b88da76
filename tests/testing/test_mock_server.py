"""Laws of the mock without pytest: it answers within its block, to clients of either kind, and ends with it."""

import asyncio
import re
import subprocess
import sys
import threading
from pathlib import Path

import aiohttp
import pytest
import requests

from mockserver import MockServer, testing
from mockserver.errors import MockServerError, WorldError
from mockserver.exchange import Auth
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.client import Client

ASHA = 171891944
TOM = {"profiles": [{"firstName": "Tom"}]}


def test_a_mock_answers_within_its_block_to_a_blocking_client() -> None:
    with MockServer() as mock:
        answer = requests.put(
            f"{mock.url}/v2/customers/{ASHA}", params={"source": "INSTORE"}, headers=mock.headers, json=TOM, timeout=10
        )
        assert answer.status_code == 200
        assert mock.customer(ASHA).profile("INSTORE").first_name == "Tom"
        mock.assert_requested("updateCustomer", customer=ASHA, times=1)
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/_mock/w/demo", mock.url)


def test_a_mock_answers_within_its_block_to_an_asynchronous_client() -> None:
    async def rename() -> None:
        async with MockServer() as mock, aiohttp.ClientSession(headers=mock.headers) as session:
            async with session.put(f"{mock.url}/v2/customers/{ASHA}?source=INSTORE", json=TOM) as answer:
                assert answer.status == 200
            assert mock.customer(ASHA).profile("INSTORE").first_name == "Tom"

    asyncio.run(rename())


def test_several_mocks_run_at_once_and_share_nothing() -> None:
    with MockServer() as one, MockServer(world="empty") as other:
        Client(one.url).update(ASHA, TOM)

        assert one.customer(ASHA).profile("INSTORE").first_name == "Tom"
        assert (other.customers, other.requests) == ((), ())


def test_a_fork_begins_as_its_origin_is_and_goes_its_own_way() -> None:
    with MockServer() as mock:
        Client(mock.url).update(ASHA, TOM)
        fork, empty = mock.fork(), mock.fork(world="empty", dialect={"error_status": "200"})
        Client(fork.url).update(ASHA, {"profiles": [{"firstName": "Kim"}]})

        assert mock.customer(ASHA).profile("INSTORE").first_name == "Tom"
        assert fork.customer(ASHA).profile("INSTORE").first_name == "Kim"
        assert len(fork.requests) == 1
        assert Client(empty.url).update(ASHA, {}).status == 200
        assert len({mock.url, fork.url, empty.url}) == 3
        fork.delete()
        assert Client(fork.url).update(ASHA, {}).status == 404


@pytest.mark.parametrize("auth", ["any", "world"])
@pytest.mark.parametrize("world", ["demo", "single-eligibility"])
def test_the_headers_are_credentials_of_the_world(auth: Auth, world: str) -> None:
    with MockServer(auth=auth, world=world) as mock:
        answer = requests.get(f"{mock.url}/v2/customers/{ASHA}?source=INSTORE", headers=mock.headers, timeout=10)

        assert answer.status_code == 200


def test_the_options_are_those_of_serve(tmp_path: Path) -> None:
    (tmp_path / "own world.yaml").write_text("extends: empty\norganisation: {credentials: {tokens: [t-1]}}\n")
    (tmp_path / "own.yaml").write_text("answers: {error-status: '200'}\n")

    with MockServer(
        world=tmp_path / "own world.yaml", dialect=tmp_path / "own.yaml", auth="world", cors=["https://app.example"]
    ) as mock:
        answer = requests.put(
            f"{mock.url}/v2/customers/5?source=INSTORE",
            headers={**mock.headers, "Origin": "https://app.example"},
            json=TOM,
            timeout=10,
        )

        assert mock.headers == {"X-CAP-API-OAUTH-TOKEN": "t-1"}
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (200, 8015)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert mock.url.endswith("/_mock/w/own%20world")


def test_what_cannot_be_served_is_said_before_it_is_started() -> None:
    with pytest.raises(WorldError, match="no world is named 'dem'"):
        MockServer(world="dem")
    there = (
        r"^no world is named 'x'; there are demo, empty, single-eligibility; give one of these, or the path of a file$"
    )
    with pytest.raises(WorldError, match=there):
        MockServer(world="x")
    with pytest.raises(ValueError, match="'loyalty-downgrad' is no question; did you mean loyalty-downgrade"):
        MockServer(dialect={"loyalty_downgrad": "ignore"})
    with pytest.raises(ValueError, match="auth: 'of' is not known; give one of any, world, off"):
        MockServer(auth="of")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="port: 99999 is no port; give a whole number from 0"):
        MockServer(port=99999)
    with pytest.raises(ValueError, match="port: True is no port"):
        MockServer(port=True)
    with pytest.raises(ValueError, match=r"cors: 'https://app\.example' is no list; give a list of origins"):
        MockServer(cors="https://app.example")
    with pytest.raises(
        ValueError, match=r"MockServer: cors: 'app\.example' never matches .*; write https://app\.example"
    ):
        MockServer(cors=["https://app.example", "app.example"])


def test_a_mock_may_be_started_and_stopped_without_a_block() -> None:
    mock = MockServer().start()
    try:
        assert Client(mock.url).update(ASHA, TOM).status == 200
        assert mock.customer(ASHA).profile("INSTORE").first_name == "Tom"
        with pytest.raises(MockServerError, match="was started before; make another one"):
            mock.start()
        assert Client(mock.url).update(ASHA, TOM).status == 200
    finally:
        mock.stop()
    mock.stop()

    with pytest.raises(requests.ConnectionError):
        requests.get(mock.url, timeout=10)
    with pytest.raises(MockServerError, match="was started before; make another one"):
        mock.start()


def test_a_mock_that_never_started_may_be_stopped() -> None:
    MockServer().stop()


def test_a_mock_that_nobody_stops_ends_with_the_process_and_without_a_word() -> None:
    code = (
        "from mockserver import MockServer; import requests\n"
        "mock = MockServer().start(); mock.delay(milliseconds=5)\n"
        f"print(requests.get(mock.url + '/v2/customers/{ASHA}?source=INSTORE', headers=mock.headers).status_code)\n"
    )

    ended = subprocess.run([sys.executable, "-Wd", "-c", code], capture_output=True, text=True, timeout=30, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "200\n", "")


def test_a_mock_that_does_not_run_says_so() -> None:
    mock = MockServer()
    with pytest.raises(MockServerError, match="the server does not run; ask it between its start and its end"):
        mock.customer(ASHA)
    with pytest.raises(MockServerError, match="the server has no address before its start; ask it within `with`"):
        _ = mock.url
    with mock:
        assert mock.customer(ASHA).id == ASHA
    with pytest.raises(MockServerError, match="the server does not run"):
        mock.customer(ASHA)
    with pytest.raises(MockServerError, match="this server was started before; make another one"):
        mock.__enter__()


def test_a_call_runs_in_the_servers_loop_and_brings_back_what_came_of_it() -> None:
    def fail() -> None:
        raise LookupError("as it is")

    with ServerThread(ServeOptions(port=0)) as server:
        assert server.call(threading.current_thread).name == "mockserver"
        assert server.call(lambda: server.call(lambda: 7)) == 7
        assert server.call(int, "ff", base=16) == 255
        with pytest.raises(LookupError, match="as it is"):
            server.call(fail)


def test_no_call_is_left_waiting_while_the_server_stops() -> None:
    server = ServerThread(ServeOptions(port=0))
    asked = threading.Event()
    ends: list[str] = []

    def ask() -> None:
        try:
            while True:
                server.call(int)
                asked.set()
        except MockServerError as end:
            ends.append(str(end))

    with server:
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        assert asked.wait(10)
    for thread in threads:
        thread.join(10)

    assert len(ends) == 4


@pytest.mark.parametrize("module", ["mockserver", "mockserver.customer_api_plugin"])
def test_what_every_run_imports_is_light(module: str) -> None:
    heavy = ("aiohttp", "orjson", "yaml", "jsonschema_rs")
    code = f"import {module}, sys; print([name for name in {heavy} if name in sys.modules])"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    import mockserver

    assert mockserver.MockServer is testing.MockServer
    with pytest.raises(AttributeError, match="has no attribute 'MockServers'"):
        mockserver.MockServers  # noqa: B018
