"""Laws of the journal as HAR 1.2: it has the form, it is the traffic, Chromium's network panel opens it."""

import asyncio
import http.client
import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.server.har import as_har
from mockserver.server.running import ServerThread
from tests.server import chromium
from tests.server.client import Client
from tests.server.exchanges import exchange_of
from tests.server.har_schema import HAR

SCHEMA = jsonschema_rs.Draft202012Validator(HAR)
TOM = {"profiles": [{"firstName": "Töm"}]}


def some_traffic(client: Client) -> None:
    client.update(171891944, TOM, "source=INSTORE&x=a%20b&flag")
    client.send("GET", "/v2/customers/171891944?source=INSTORE")
    client.update(1, {})
    client.send("OPTIONS", "/v2/customers/1")
    client.send("PUT", "/v2/customers/1?source=INSTORE", body=b"\xff\x00{")


def test_traffic_of_all_kinds_has_the_form_of_har(client: Client) -> None:
    some_traffic(client)

    answer = client.send("GET", "/_mock/requests.har")

    assert answer.headers["content-type"] == "application/json"
    SCHEMA.validate(answer.json)
    assert len(answer.json["log"]["entries"]) == 5


def test_an_empty_journal_is_har_too(client: Client) -> None:
    har = client.send("GET", "/_mock/requests.har").json

    SCHEMA.validate(har)
    assert har["log"]["entries"] == []
    assert har["log"]["creator"]["name"] == "customer-mockserver"


def test_the_oldest_comes_first_with_all_that_was_sent_and_answered(client: Client) -> None:
    some_traffic(client)

    entry, *_ = client.send("GET", "/_mock/requests.har").json["log"]["entries"]

    request, response = entry["request"], entry["response"]
    assert request["url"] == f"{client.root}/v2/customers/171891944?source=INSTORE&x=a%20b&flag"
    assert request["queryString"] == [
        {"name": "source", "value": "INSTORE"},
        {"name": "x", "value": "a b"},
        {"name": "flag", "value": ""},
    ]
    assert json.loads(request["postData"]["text"]) == TOM
    assert request["bodySize"] == len(json.dumps(TOM))
    assert (response["status"], response["statusText"]) == (200, "OK")
    assert response["content"]["size"] == response["bodySize"] == len(response["content"]["text"])
    assert {"name": "authorization", "value": "[hidden]"} in request["headers"]


def test_the_address_of_an_entry_leads_to_its_world(client: Client, server: ServerThread) -> None:
    client.update(171891944, {})
    (entry,) = client.send("GET", "/_mock/requests.har").json["log"]["entries"]

    path = entry["request"]["url"].removeprefix(server.url)
    Client(server.url).send("PUT", path, json={})

    assert len(client.send("GET", "/_mock/requests").json["requests"]) == 2


def test_a_request_whose_body_was_not_kept_has_no_size(client: Client) -> None:
    client.send("PUT", "/v2/customers/1?source=INSTORE", body=b" " * 1_100_000)

    (entry,) = client.send("GET", "/_mock/requests.har").json["log"]["entries"]

    assert entry["request"]["bodySize"] == -1
    assert "postData" not in entry["request"]


@given(
    path=st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=8),
    query=st.text(st.characters(codec="utf-8"), max_size=8),
    body=st.binary(max_size=8),
    header=st.text(max_size=8),
)
def test_any_exchange_has_the_form(
    setting: Setting, demo: World, path: str, query: str, body: bytes, header: str
) -> None:
    exchange = exchange_of(setting, demo, path, body, query=query, headers={"x-own": header})
    har: Any = as_har([exchange], "http://mock")

    SCHEMA.validate(har)


@pytest.mark.skipif(chromium.COMMAND is None, reason="there is no Chromium here")
def test_the_network_panel_of_chromium_imports_it(client: Client) -> None:
    some_traffic(client)
    har = client.send("GET", "/_mock/requests.har")

    shown = asyncio.run(chromium.import_har(har.body.decode()))

    listed = client.send("GET", "/_mock/requests").json["requests"][::-1]
    assert [(line["method"], line["status"]) for line in shown] == [(line["method"], line["status"]) for line in listed]
    assert all(line["finished"] for line in shown)
    assert json.loads(shown[0]["sent"]) == TOM
    assert shown[0]["url"] == f"{client.root}/v2/customers/171891944?source=INSTORE&x=a%20b&flag"
    assert json.loads(shown[2]["came"])["errors"][0]["code"] == 8015


def test_a_delay_by_a_fault_is_time_that_the_client_waited(client: Client) -> None:
    client.send("POST", "/_mock/faults", json={"do": {"delay": {"milliseconds": 20}}})
    client.update(171891944, {})

    (entry,) = client.send("GET", "/_mock/requests.har").json["log"]["entries"]

    assert entry["time"] == entry["timings"]["wait"] >= 20


def test_a_request_that_got_no_answer_has_status_0(client: Client) -> None:
    client.send("POST", "/_mock/faults", json={"do": {"drop": "before"}})
    with pytest.raises(http.client.RemoteDisconnected):
        client.update(171891944, {})

    har = client.send("GET", "/_mock/requests.har").json

    SCHEMA.validate(har)
    assert har["log"]["entries"][0]["response"]["status"] == 0
