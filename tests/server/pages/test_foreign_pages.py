"""What pages of other origins see of the mock, in a real browser: the answer, or the block; and what the journal tells.

The mock answers under 127.0.0.1; the pages are served under other names that lead to this machine.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.server.journal import Exchange
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.chromium import COMMAND
from tests.server.client import CREDENTIALS
from tests.server.pages.browser import Page
from tests.server.pages.sites import blank_page

pytestmark = pytest.mark.skipif(COMMAND is None, reason="no Chromium or Chrome is on the PATH of this machine")
TARGET = "/v2/customers/171891944?source=INSTORE"
UNUSUAL = {
    "X-Requested-With": "XMLHttpRequest",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "Cache-Control": "no-cache",
    "Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324",
    "sentry-trace": "d4cda95b652f4a1592b449d5929fda1b-6e0c63257de34c92-1",
}
ALLOWED = ["app.example", "a.preview.example", "app.localhost", "localhost"]
_FETCH = """
fetch(%s, %s).then(
  async (answer) => ({ status: answer.status, why: answer.headers.get("X-Mock-Why"), body: await answer.json() }),
  (problem) => ({ blocked: problem.message }),
)
"""


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    """The port under which every name that leads to this machine has a blank page."""
    with blank_page() as port:
        yield port


@pytest.fixture
def log() -> list[Exchange]:
    """What the server's log was told of."""
    return []


@pytest.fixture
def mock(site: int, log: list[Exchange]) -> Iterator[ServerThread]:
    """A mock that is open to some names."""
    cors = (f"http://APP.example:{site}/", f"http://*.preview.example:{site}")
    with ServerThread(ServeOptions(port=0, cors=cors), watch=log.append) as server:
        yield server


def fetched(page: Page, address: str, **options: Any) -> Any:
    """Fetch from the page that is open, and return status, X-Mock-Why and JSON, or that it was blocked."""
    return page.evaluate(_FETCH % (json.dumps(address), json.dumps(options)))


@pytest.mark.parametrize("host", ALLOWED)
def test_an_allowed_page_sees_the_answer_to_credentials_and_unusual_headers(
    page: Page, site: int, mock: ServerThread, log: list[Exchange], host: str
) -> None:
    page.open(f"http://{host}:{site}/")
    headers = {**CREDENTIALS, **UNUSUAL, "Content-Type": "application/json"}
    body = json.dumps({"profiles": [{"firstName": "Tom"}]})

    seen = fetched(page, mock.url + TARGET, method="PUT", headers=headers, body=body, credentials="include")

    assert seen["status"] == 200
    assert seen["body"]["createdId"] == 171891944
    asked, sent = log
    assert (asked.preflight, asked.reply.response.status, sent.preflight) == (True, 204, False)
    assert {name.lower() for name in UNUSUAL} <= set(sent.request.headers)


@pytest.mark.parametrize("name", UNUSUAL)
@pytest.mark.parametrize("credentials", ["omit", "include"])
def test_each_unusual_header_alone_gets_through(
    page: Page, site: int, mock: ServerThread, name: str, credentials: str
) -> None:
    page.open(f"http://app.example:{site}/")

    seen = fetched(page, mock.url + TARGET, headers={**CREDENTIALS, name: UNUSUAL[name]}, credentials=credentials)

    assert seen["status"] == 200


def test_an_allowed_page_sees_refusals_and_faults_and_why(page: Page, site: int, mock: ServerThread) -> None:
    page.open(f"http://app.example:{site}/")

    for prefer, status in (("code=8018", 400), ("code=401", 401), ("code=503", 503), ("code=nonsense", 400)):
        headers = {**CREDENTIALS, "Prefer": prefer}
        seen = fetched(page, mock.url + TARGET, method="PUT", headers=headers, body="{}")
        assert seen["status"] == status
        assert seen["body"]["errors"]
    assert seen["why"]


@pytest.mark.parametrize("host", ["evil.example", "app.example.evil.example", "preview.example"])
@pytest.mark.parametrize("credentials", ["omit", "include"])
def test_another_page_is_blocked_and_the_log_says_why_and_what_cures_it(
    page: Page, site: int, mock: ServerThread, log: list[Exchange], host: str, credentials: str
) -> None:
    page.open(f"http://{host}:{site}/")

    seen = fetched(page, mock.url + TARGET, method="PUT", headers=UNUSUAL, body="{}", credentials=credentials)

    assert "blocked" in seen
    (asked,) = log
    assert asked.preflight
    assert asked.reply.response.status == 403
    assert f"--cors http://{host}:{site}" in asked.reply.why
    (kept,) = mock.call(lambda: [one for one in mock.worlds.default.journal if one.preflight])
    assert (kept.id, kept.reply.why) == (asked.id, asked.reply.why)


def test_no_page_but_one_of_this_machine_reaches_the_control_plane(
    page: Page, site: int, mock: ServerThread, log: list[Exchange]
) -> None:
    page.open(f"http://app.example:{site}/")
    assert "blocked" in fetched(page, f"{mock.url}/_mock/customers")
    assert "blocked" in fetched(page, f"{mock.url}/_mock/health")

    page.open(f"http://app.localhost:{site}/")
    assert fetched(page, f"{mock.url}/_mock/clock")["status"] == 200
    assert log == []
