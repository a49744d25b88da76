"""Laws of what `serve` says when it is up: it is true of what is served, and the request that it shows succeeds."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.server.client import Client
from tests.server.pages.sites import StrippingProxy
from tests.server.test_guard import own_address
from tests.server.test_listening import needs_ipv6

needs_curl = pytest.mark.skipif(
    shutil.which("curl") is None and "CI" not in os.environ, reason="the banner shows curl; install it to run that"
)
MULTIPLE = """
extends: demo
organisation:
  sources: {WECHAT: {accounts: ["7 & 8", "9"]}, JD: {}}
customers:
  - {id: 900008015, loyaltyType: loyalty, profiles: [{source: JD, firstName: Forced}]}
  - {id: 5, loyaltyType: loyalty, mergedInto: 6}
  - {id: 6, loyaltyType: loyalty, profiles: [{source: WECHAT, accountId: "7 & 8", firstName: Li}]}
"""
BARE = "extends: demo\ncustomers: [{id: 77, loyaltyType: non_loyalty}]\n"
TOKENS = "extends: demo\norganisation: {credentials: {basic: [], tokens: [a-token]}}\n"
LOCKED = "extends: demo\norganisation: {credentials: {basic: [], tokens: []}}\n"


@dataclass
class Served:
    """A server that was started by the command: its ready line, and what it said on stderr by then."""

    url: str = ""
    said: list[str] = field(default_factory=list)

    def line(self, start: str) -> str:
        (line,) = [one for one in self.said if one.startswith(start)]
        return line.removeprefix(start).strip()


@contextmanager
def served(*arguments: str, env: dict[str, str] | None = None) -> Iterator[Served]:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            url = process.stdout.readline().removeprefix("Serving on ").strip()
            os.set_blocking(process.stderr.fileno(), False)  # all of the banner was written before the ready line
            yield Served(url=url, said=process.stderr.read().splitlines())
        finally:
            process.terminate()
            process.wait(timeout=20)
            assert process.stdout.read() == ""


def pasted(line: str) -> tuple[int, bytes]:
    """Paste a command into a shell, and return the status and the body that came."""
    result = subprocess.run(["sh", "-c", line], capture_output=True, timeout=30, check=False)
    head, _, body = result.stdout.replace(b"\r", b"").partition(b"\n\n")
    return int(head.split()[1]), body


@pytest.fixture
def worlds(tmp_path: Path) -> Path:
    for name, text in (("multiple", MULTIPLE), ("bare", BARE), ("tokens", TOKENS), ("locked", LOCKED)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "five.yaml").write_text("answers: {get-source-values: five, error-status: '200'}\n", encoding="utf-8")
    return tmp_path


@needs_curl
@pytest.mark.parametrize("auth", ["any", "world", "off"])
@pytest.mark.parametrize("world", ["demo", "single-eligibility", "multiple.yaml", "bare.yaml", "tokens.yaml"])
def test_the_request_that_it_shows_succeeds_when_it_is_pasted(worlds: Path, world: str, auth: str) -> None:
    named = str(worlds / world) if world.endswith(".yaml") else world
    with served("--world", named, "--auth", auth) as server:
        status, body = pasted(server.line("Try: "))

        assert status == 200
        assert not json.loads(body).get("errors")


@needs_curl
@pytest.mark.parametrize(
    "arguments",
    [
        ("--host", "localhost"),
        ("--host", "0.0.0.0"),
        pytest.param(("--host", "::"), marks=needs_ipv6),
        ("--control-token", "t0ken", "--auth", "world"),
        ("--dialect", "five.yaml", "--world", "multiple.yaml", "--auth", "world"),
    ],
    ids=" ".join,
)
def test_it_succeeds_however_the_mock_is_served(worlds: Path, arguments: tuple[str, ...]) -> None:
    named = [str(worlds / one) if one.endswith(".yaml") else one for one in arguments]
    with served(*named) as server:
        status, body = pasted(server.line("Try: "))

        assert status == 200
        assert not json.loads(body).get("errors")


def test_a_world_without_customers_says_how_to_add_one() -> None:
    with served("--world", "empty") as server:
        assert "world empty (0 customers)" in server.said[0]
        assert not [line for line in server.said if line.startswith("Try:")]
        assert "PUT /_mock/customers/ID" in server.said[2]
        added = Client(server.url).send("PUT", "/_mock/customers/7", json={"loyaltyType": "loyalty"})

    assert added.status == 200


def test_a_world_that_lets_nobody_in_shows_no_request(worlds: Path) -> None:
    with served("--world", str(worlds / "locked.yaml"), "--auth", "world") as server:
        assert "World locked has no credentials to ask with" in server.said[2]


def test_it_names_the_console_and_how_many_customers_there_are() -> None:
    with served() as server:
        assert "world demo (18 customers)" in server.said[0]
        console = server.line("Console: ")
        assert console == f"{server.url}/_mock/"
        assert Client(server.url).send_bare("GET", "/_mock/").status == 200
        assert len(server.said) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "/_mock answers them only with --control-token"),
        (["--control-token", "t0ken"], "/_mock answers them with the control token"),
    ],
)
def test_bound_to_all_addresses_it_says_that_others_can_reach_it(arguments: list[str], said: str) -> None:
    with served("--host", "0.0.0.0", *arguments) as server:
        assert server.url.startswith("http://127.0.0.1:")
        assert server.said[-1].startswith("Other machines can reach the mock")
        assert said in server.said[-1]
        assert Client(server.url).update(171891944, {}).status == 200


@needs_curl
def test_bound_to_an_address_of_the_network_alone_it_says_that_there_is_no_console() -> None:
    with served("--host", own_address()) as server:
        assert server.line("Console: ").startswith("none, since /_mock answers loopback only")
        assert Client(server.url).send_bare("GET", "/_mock/").status == 403
        assert pasted(server.line("Try: "))[0] == 200


def test_behind_a_proxy_it_names_the_public_url() -> None:
    with served("--public-url", "https://mock.example/tools/") as server:
        assert server.line("Console: ") == "https://mock.example/tools/_mock/"
        assert "'https://mock.example/tools/v2/customers/" in server.line("Try: ")
        assert server.url.startswith("http://127.0.0.1:")


@needs_curl
def test_the_request_that_it_shows_goes_through_the_proxy_that_the_public_url_names() -> None:
    with StrippingProxy("/tools", 0).running() as proxy:
        public = f"http://127.0.0.1:{proxy.port}/tools"
        with served("--public-url", public, "--auth", "world") as server:
            proxy.upstream = Client(server.url).port
            shown = server.line("Try: ")
            assert f"'{public}/v2/customers/" in shown
            assert pasted(shown)[0] == 200
            assert Client(public).send_bare("GET", "/_mock/").status == 200


def test_the_token_may_come_from_a_variable_and_is_never_said() -> None:
    with served("--control-token-env", "OUR_TOKEN", env={"OUR_TOKEN": "s3cret"}) as server:
        client = Client(server.url)
        assert client.send("GET", "/_mock/customers").status == 403
        assert client.send("GET", "/_mock/customers", headers={"X-Mock-Token": "s3cret"}).status == 200
        assert "needs the control token" in server.line("Console: ")
        assert "s3cret" not in "".join(server.said)
