"""Laws of the control plane: the state is shown, set and put back; nothing foreign comes in; secrets stay out."""

import json
from typing import Any

import pytest

from mockserver.server.running import ServerThread
from tests.server.client import Client

RENAME = {"profiles": [{"firstName": "Tom"}]}


def state(client: Client) -> Any:
    return client.send("GET", "/_mock/customers").body


def test_health_says_which_product_is_ready(server: ServerThread) -> None:
    answer = Client(server.url).send("GET", "/_mock/health")

    assert answer.json["product"] == "customer-mockserver"
    assert answer.json["ready"] is True


def test_the_contract_comes_as_json_or_yaml(client: Client) -> None:
    as_json = client.send("GET", "/_mock/contract")
    as_yaml = client.send("GET", "/_mock/contract", headers={"Accept": "application/yaml"})

    assert as_json.json["openapi"].startswith("3.1")
    assert as_yaml.body.startswith(b"openapi: 3.1")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("text/html, */*;q=0.8", "application/json"),
        ("application/yaml;q=0", "application/json"),
        ("application/yaml;q=0, */*", "application/json"),
        ("application/yaml;q=0.5, application/json;q=0.4", "application/yaml"),
        ("text/*", "text/yaml"),
        ("application/x-yaml", "application/x-yaml"),
        ("application/json;q=0, */*", "application/yaml"),
    ],
)
def test_the_contract_comes_in_the_form_that_accept_weighs_most(client: Client, accept: str, media_type: str) -> None:
    assert client.send("GET", "/_mock/contract", headers={"Accept": accept}).headers["content-type"] == media_type


def test_the_first_server_of_the_contract_is_the_world_that_was_asked(client: Client, server: ServerThread) -> None:
    name = client.path.rpartition("/")[2]
    by_path = client.send("GET", "/_mock/contract").json["servers"]
    by_header = Client(server.url).send("GET", "/_mock/contract", headers={"X-Mock-World": name}).json["servers"]
    of_default = Client(server.url).send("GET", "/_mock/contract").json["servers"]

    assert [servers[0]["url"] for servers in (by_path, by_header, of_default)] == [
        f"{server.url}/_mock/w/{name}",
        f"{server.url}/_mock/w/{name}",
        server.url,
    ]
    assert all("capillarytech" in server["url"] for server in by_path[1:])


def test_reset_puts_everything_back_to_the_byte(client: Client) -> None:
    before = state(client)
    client.update(171891944, RENAME)
    client.update(171891945, {"extendedFields": {"city": "Delhi"}})
    client.send("DELETE", "/_mock/customers/171891950")
    assert state(client) != before

    assert client.send("POST", "/_mock/reset").status == 204

    assert state(client) == before


def test_a_fork_begins_with_the_present_state_and_goes_its_own_way(client: Client, server: ServerThread) -> None:
    client.update(171891944, RENAME)
    name = client.path.rpartition("/")[2]
    assert client.send("POST", "/_mock/worlds", json={"name": f"{name}-2", "from": name}).status == 201
    fork = Client(f"{server.url}/_mock/w/{name}-2")

    at_first, origin = state(fork), state(client)
    fork.update(171891944, {"profiles": [{"firstName": "Huck"}]})

    assert at_first == origin
    assert state(client) == origin
    fork.send("POST", "/_mock/reset")
    assert state(fork) == at_first


def test_an_update_leaves_a_record_of_who_changed_what(client: Client) -> None:
    headers = {"USER-CONTEXT-ENTITY-ID": "agent-7"}
    client.send("PUT", "/v2/customers/171891944?source=INSTORE", json=RENAME, headers=headers)

    (entry,) = client.send("GET", "/_mock/customers/171891944").json["audit"]

    assert entry["context"] == {"USER-CONTEXT-ENTITY-ID": "agent-7"}
    assert entry["changes"] == [{"member": "profiles/INSTORE/firstName", "previous": "Asha", "current": "Tom"}]


def test_a_customer_can_be_put_and_deleted(client: Client) -> None:
    record = {"loyaltyType": "non_loyalty", "profiles": [{"source": "INSTORE", "firstName": "New"}]}

    put = client.send("PUT", "/_mock/customers/42", json=record)

    assert (put.status, put.json["id"]) == (200, 42)
    assert client.update(42, {}).status == 200
    assert client.send("DELETE", "/_mock/customers/42").status == 204
    assert client.update(42, {}).code == 8015
    assert client.send("DELETE", "/_mock/customers/42").status == 404


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"loyaltyType": "gold"}, "loyaltyType"),
        ({"loyaltyType": "loyalty", "profiles": [{"source": "INSTOR"}]}, "INSTORE"),
        ({"loyaltyType": "loyalty", "profiles": [{"source": "WECHAT"}]}, "22232"),
        ({"loyaltyType": "loyalty", "surname": "X"}, "surname"),
        ({"id": 43, "loyaltyType": "loyalty"}, "43"),
        ([], "object"),
    ],
)
def test_a_customer_that_does_not_fit_is_refused_with_place_and_cure(client: Client, record: Any, said: str) -> None:
    answer = client.send("PUT", "/_mock/customers/42", body=json.dumps(record).encode())

    assert answer.status == 400
    assert said in answer.json["errors"][0]["message"]
    assert client.send("GET", "/_mock/customers/42").status == 404


def test_the_journal_has_vendor_traffic_only_newest_first_without_secrets(client: Client) -> None:
    client.update(171891944, RENAME)
    client.update(1, {})
    client.send("GET", "/_mock/customers")

    newest, oldest = client.send("GET", "/_mock/requests").json["requests"]

    assert (newest["code"], newest["customer"], newest["operation"]) == (8015, 1, "updateCustomer")
    assert (oldest["code"], oldest["status"], oldest["forced"]) == (None, 200, False)
    whole = client.send("GET", f"/_mock/requests/{newest['id']}")
    assert whole.json["said"].startswith("path/userId: ")
    assert whole.json["repair"]["edits"][0]["place"] == "path/userId"
    assert whole.json["request"]["headers"]["authorization"] == "[hidden]"
    assert b"dGVzdA==" not in whole.body


def test_the_journal_can_be_narrowed(client: Client) -> None:
    client.update(171891944, {})
    client.update(171891945, {})
    client.update(1, {})
    ids = [item["id"] for item in client.send("GET", "/_mock/requests").json["requests"]]

    def listed(query: str) -> list[str]:
        return [item["id"] for item in client.send("GET", f"/_mock/requests?{query}").json["requests"]]

    assert listed("limit=2") == ids[:2]
    assert listed(f"before={ids[0]}") == ids[1:]
    assert listed("customer=171891945") == [ids[1]]
    assert listed("code=8015") == [ids[0]]
    assert listed("operation=getCustomer") == []
    assert client.send("GET", "/_mock/requests?limit=x").status == 400
    assert client.send("DELETE", "/_mock/requests").status == 204
    assert listed("") == []


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "https://evil.example"}, id="a foreign page"),
        pytest.param({"Host": "evil.example:8080"}, id="a foreign name, as in DNS rebinding"),
    ],
)
def test_nothing_foreign_reaches_the_control_plane(client: Client, headers: dict[str, str]) -> None:
    before = state(client)

    answer = client.send("POST", "/_mock/reset", headers=headers)

    assert (answer.status, answer.code) == (403, 403)
    assert state(client) == before


def test_worlds_are_listed_and_deleted_but_not_the_default(client: Client) -> None:
    name = client.path.rpartition("/")[2]
    listed = {world["name"]: world["default"] for world in client.send("GET", "/_mock/worlds").json["worlds"]}

    assert listed["demo"] is True
    assert listed[name] is False
    assert client.send("DELETE", "/_mock/worlds/demo").status == 409
    assert client.send("DELETE", f"/_mock/worlds/{name}").status == 204
    assert client.update(171891944, {}).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "demo"},
        {"name": "a b"},
        {"name": "."},
        {"name": ".."},
        {"name": 5},
        {},
        {"name": "x", "from": "nowhere"},
    ],
)
def test_a_world_that_cannot_be_forked_is_refused(client: Client, body: Any) -> None:
    answer = client.send("POST", "/_mock/worlds", json=body)

    assert answer.status in (400, 404, 409)
    assert answer.json["errors"][0]["message"].startswith("body")


def test_unknown_paths_and_methods_of_the_control_plane_are_named(client: Client) -> None:
    unknown, wrong = client.send("GET", "/_mock/custmers"), client.send("POST", "/_mock/health")

    assert unknown.status == 404
    assert "/_mock/customers" in unknown.json["errors"][0]["message"]
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET")


def test_a_name_of_dots_alone_is_refused_since_clients_take_it_out_of_a_path(client: Client) -> None:
    answer = client.send("POST", "/_mock/snapshots", json={"name": ".."})

    assert answer.status == 400
    assert "not dots alone" in answer.json["errors"][0]["message"]
    assert client.send("POST", "/_mock/snapshots", json={"name": "..a"}).status == 201


@pytest.mark.parametrize("path", ["/_mock/w//v2/customers/171891944?source=INSTORE", "/_mock/w//_mock/health"])
def test_an_empty_name_in_the_base_path_is_no_world(server: ServerThread, path: str) -> None:
    assert Client(server.url).send("GET", path).status == 404


def test_an_empty_header_names_no_world(server: ServerThread) -> None:
    root = Client(server.url)
    answer = root.send("GET", "/v2/customers/171891944?source=INSTORE", headers={"X-Mock-World": ""})

    assert answer.status == 404
    assert answer.headers["x-mock-why"].startswith("world: an empty name is not held; there are demo")


def test_an_operation_that_is_none_is_refused_and_finds_nothing_silently(client: Client) -> None:
    answer = client.send("GET", "/_mock/requests?operation=updateCustomr")

    assert answer.status == 400
    assert "there are getCustomer, updateCustomer" in answer.json["errors"][0]["message"]
