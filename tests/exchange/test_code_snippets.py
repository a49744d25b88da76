"""Laws of code to copy: what Python and JavaScript send is the request, and no credential is printed."""

import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mockserver.exchange.code_snippets import PYTEST_IMPORTS, as_fetch, as_pytest, can_fetch
from mockserver.messages import Request
from tests.exchange.test_snippets import BODIES, UPDATE, Wire, assert_same, wire

__all__ = ["wire"]  # the fixture: a server that keeps what came last
FILLER = Request(method="PUT", path="/v2/customers/1", headers={"x-a": "b"}, body=b"a" * 200_000)
ODD = Request(
    method="PUT",
    path="/v2/a'b",
    query="x=%22&y=*",
    headers={"x-odd": 'it\'s \\ "quoted" ${x} {y}'},
    body="'\"\\ \u2028 </script> ${x} {y} \u202e".encode(),
)
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)


@dataclass(slots=True)
class Api:
    """Stands where the fixture `customer_api` will be: an address, credentials, and a dialect that is set."""

    url: str
    headers: dict[str, str]
    chosen: dict[str, str]

    def dialect(self, **answers: str) -> None:
        self.chosen |= answers


def run_test(text: str, url: str) -> Api:
    """Run a test as it stands; the recorder answers 200, so that the test ends at the status which it expects."""
    api = Api(url, {"Authorization": "Basic dGVzdA=="}, {})
    names: dict[str, Any] = {}
    exec(compile(PYTEST_IMPORTS + text, "copied.py", "exec"), names)
    with pytest.raises(AssertionError):
        names["test_it"](api)
    return api


def a_test(request: Request, **more: Any) -> str:
    return as_pytest(request, "test_it", doc="A law", status=400, code=8018, **more)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES, body=BODIES)
@example(value="a", body=b"")
def test_a_test_sends_what_was_shown(wire: Wire, value: str, body: bytes) -> None:
    sent = Request(method="PUT", path="/v2/customers/1", query="a=b", headers={"x-odd": value}, body=body)

    run_test(a_test(sent), wire.url)

    assert_same(sent, wire.seen)
    assert wire.seen.headers["authorization"] == "Basic dGVzdA=="


@pytest.mark.parametrize("sent", [UPDATE, ODD, FILLER], ids=["usual", "odd", "long"])
def test_a_test_is_short_and_plain(wire: Wire, sent: Request) -> None:
    text = a_test(sent, answers={"account-missing": "8054"})

    api = run_test(text, wire.url)

    assert_same(sent, wire.seen)
    assert api.chosen == {"account_missing": "8054"}
    assert len(text) < 900
    assert text.isascii()


def test_an_anonymous_test_sends_no_credentials(wire: Wire) -> None:
    run_test(a_test(UPDATE, anonymous=True), wire.url)

    assert "authorization" not in wire.seen.headers


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node on this machine to run JavaScript")
@pytest.mark.parametrize("sent", [UPDATE, ODD, FILLER], ids=["usual", "odd", "long"])
def test_fetch_sends_what_was_shown(wire: Wire, sent: Request) -> None:
    text = as_fetch(sent, wire.url, credentials="Basic dGVzdA==")

    printed = run_node(text)

    assert printed.strip() == "200"
    assert_same(sent, wire.seen)
    assert wire.seen.headers["authorization"] == "Basic dGVzdA=="
    assert text.isascii()


def run_node(text: str) -> str:
    command = ["node", "--input-type=module", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=30, check=True).stdout


def test_bytes_that_are_no_text_are_sent_as_numbers() -> None:
    assert "body: new Uint8Array([255, 0])" in as_fetch(Request(method="PUT", path="/", body=b"\xff\x00"), "http://x")


def test_what_a_page_may_not_set_is_known() -> None:
    assert can_fetch(UPDATE)
    assert not can_fetch(Request(method="PUT", path="/", headers={"Expect": "x"}))


@pytest.mark.parametrize("name", ["authorization", "X-CAP-API-OAUTH-TOKEN", "cookie"])
def test_no_credential_is_ever_printed(name: str) -> None:
    sent = Request(method="GET", path="/", headers={name: "s3cret"})

    assert "s3cret" not in as_fetch(sent, "http://127.0.0.1") + a_test(sent)
    assert as_fetch(UPDATE, "http://127.0.0.1").count("AUTHORIZATION") == 1


def test_a_usual_update_reads_well() -> None:
    sent = Request(
        method="PUT",
        path="/v2/customers/1",
        query="source=JD",
        headers={"content-type": "application/json"},
        body=b'{"loyaltyInfo": {}}',
    )

    assert as_fetch(sent, "http://127.0.0.1:8080/", credentials="Basic dGVzdA==").splitlines() == [
        'await fetch("http://127.0.0.1:8080/v2/customers/1?source=JD", {',
        '  method: "PUT",',
        '  headers: {"Authorization": "Basic dGVzdA==", "content-type": "application/json"},',
        "  body: '{\"loyaltyInfo\": {}}',",
        "}).then(async (answer) => console.log(answer.status, await answer.text()));",
    ]
    assert a_test(sent).splitlines() == [
        "def test_it(customer_api: CustomerApi) -> None:",
        '    """A law."""',
        "    answer = requests.put(",
        '        customer_api.url + "/v2/customers/1?source=JD",',
        '        headers={**customer_api.headers, "content-type": "application/json"},',
        "        data=b'{\"loyaltyInfo\": {}}',",
        "        timeout=10,",
        "    )",
        "",
        "    assert answer.status_code == 400",
        '    assert [item["code"] for item in answer.json()["errors"]] == [8018]',
    ]
