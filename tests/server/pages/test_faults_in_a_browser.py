"""Laws of faults in a real browser: what a page's fetch sees of each, and what the browser hides by sending again."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.server.chromium import COMMAND
from tests.server.client import CREDENTIALS, Client
from tests.server.pages.browser import Page

pytestmark = pytest.mark.skipif(COMMAND is None, reason="no Chromium or Chrome is on the PATH of this machine")
TARGET = "/v2/customers/171891944?source=INSTORE"
HEADERS = {**CREDENTIALS, "Content-Type": "application/json"}
FAILED = "TypeError: Failed to fetch"
# What the fetch comes to: a status, a Content-Type, and whether the body is JSON; or what was thrown.
FETCH = """
(async () => {
  try {
    const answer = await fetch(%s, %s);
    const named = `${answer.status} ${answer.headers.get("Content-Type")}`;
    const text = await answer.text().catch(() => "broken");
    if (text === "broken") return `${named} broken`;
    try { return JSON.parse(text) && `${named} json`; } catch { return `${named} no json`; }
  } catch (problem) { return `${problem.name}: ${problem.message}`; }
})()
"""
CUTS: list[dict[str, Any]] = [{"reset": {}}, {"close": {}}, {"drop": "before"}, {"drop": "after"}]
SEEN: list[tuple[dict[str, Any], str]] = [
    ({"truncate": {"bytes": 20}}, "200 application/json broken"),
    ({"truncate": {"bytes": 0}}, "200 application/json broken"),
    ({"garble": {}}, "200 application/json no json"),
    ({"contentType": "text/html"}, "200 text/html json"),
    ({"dribble": {"bytes": 10, "milliseconds": 5}}, "200 application/json json"),
    ({"delay": {"milliseconds": 60}}, "200 application/json json"),
    ({"answer": {"code": 521}}, "400 application/json json"),
]


@pytest.fixture
def fetching(page: Page, client: Client) -> Page:
    """A page whose connection to the server is one that was used before, as a page's are."""
    page.open(f"{client.root}/_mock/docs")
    assert fetch(page, client, "GET") == "200 application/json json"
    return page


def fetch(page: Page, client: Client, method: str = "PUT") -> Any:
    sent: dict[str, Any] = {"method": method, "headers": HEADERS}
    body = {} if method == "GET" else {"body": json.dumps({"profiles": [{"firstName": "Renamed"}]})}
    return page.evaluate(FETCH % (json.dumps(client.root + TARGET), json.dumps(sent | body)))


def set_fault(client: Client, record: Mapping[str, Any]) -> None:
    assert client.send("POST", "/_mock/faults", json=record).status == 201


def show_fault(client: Client) -> Any:
    return client.send("GET", "/_mock/faults/f1").json


def first_name(client: Client) -> Any:
    return client.send("GET", "/_mock/customers/171891944").json["profiles"][0]["firstName"]


@pytest.mark.parametrize("method", ["PUT", "GET", "POST"])
@pytest.mark.parametrize("do", CUTS, ids=json.dumps)
def test_a_fault_that_cuts_once_is_hidden_by_the_browsers_resend(
    fetching: Page, client: Client, do: dict[str, Any], method: str
) -> None:
    set_fault(client, {"do": do, "times": 1})

    assert fetch(fetching, client, method) == f"{405 if method == 'POST' else 200} application/json json"

    assert show_fault(client)["applied"] == 1
    assert len(client.send("GET", "/_mock/requests").json["requests"]) == 3


@pytest.mark.parametrize("method", ["PUT", "GET", "POST"])
@pytest.mark.parametrize("do", CUTS, ids=json.dumps)
def test_a_fault_that_persists_is_seen_by_the_page(
    fetching: Page, client: Client, do: dict[str, Any], method: str
) -> None:
    set_fault(client, {"do": do, "times": 1, "persist": True})

    assert fetch(fetching, client, method) == FAILED

    fault = show_fault(client)
    assert (fault["applied"], fault["matched"], fault["spent"]) == (1, 1, True)
    assert fault["resends"] >= 1
    done = method == "PUT" and do == {"drop": "after"}
    assert (first_name(client) == "Renamed") is done


def test_another_request_of_the_page_is_not_met(fetching: Page, client: Client) -> None:
    set_fault(client, {"do": {"reset": {}}, "times": 1, "persist": True})

    assert fetch(fetching, client, "PUT") == FAILED
    assert fetch(fetching, client, "GET") == "200 application/json json"


@pytest.mark.parametrize("persist", [False, True])
@pytest.mark.parametrize(("do", "seen"), SEEN, ids=lambda value: value if isinstance(value, str) else json.dumps(value))
def test_what_comes_with_a_head_is_seen_once_and_as_it_is(
    fetching: Page, client: Client, do: dict[str, Any], seen: str, persist: bool
) -> None:
    """A browser resends only what no byte answered, so that these need no persistence."""
    set_fault(client, {"do": do, "times": 1, "persist": persist})

    assert fetch(fetching, client) == seen

    fault = show_fault(client)
    assert (fault["applied"], fault["resends"]) == (1, 0)
    assert (first_name(client) == "Renamed") is ("answer" not in do)


def test_a_delay_and_a_dribble_hold_the_page_up(fetching: Page, client: Client) -> None:
    set_fault(client, {"do": {"delay": {"milliseconds": 80}}, "times": 1})
    set_fault(client, {"do": {"dribble": {"bytes": 10, "milliseconds": 10}}, "times": 1})
    before = fetching.evaluate("performance.now()")

    assert fetch(fetching, client) == "200 application/json json"

    assert fetching.evaluate("performance.now()") - before >= 80
