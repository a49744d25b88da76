"""Laws of worlds that are given in a body: they are what a file would be, under answers of their own, or refused."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings

from mockserver.server.running import ServerThread
from tests.server.client import Answer, Client
from tests.server.test_accepted_can_be_read import NUMBERS, exact

ADA = {"id": 1, "loyaltyType": "loyalty", "profiles": [{"source": "INSTORE", "firstName": "Ada"}]}


def make(server: ServerThread, **members: Any) -> tuple[Answer, Client]:
    name = f"g{uuid4().hex[:12]}"
    answer = Client(server.url).send("POST", "/_mock/worlds", json={"name": name, **members})
    return answer, Client(f"{server.url}/_mock/w/{name}")


def test_a_given_world_has_its_own_customers_and_seed(server: ServerThread) -> None:
    answer, client = make(server, world={"extends": "demo", "customers": [ADA]})

    assert (answer.status, answer.json["from"]) == (201, None)
    assert client.send("GET", "/_mock/customers").json["total"] == 1
    assert client.update(1, {"profiles": [{"firstName": "Grace"}]}).status == 200
    assert client.send("POST", "/_mock/reset").status == 204
    assert client.send("GET", "/_mock/customers/1").json["profiles"][0]["firstName"] == "Ada"
    assert client.send("GET", "/_mock/clock").json["frozen"] is False


def test_a_given_world_has_its_own_organisation(server: ServerThread) -> None:
    organisation = {"sources": {"INSTORE": {}}, "till": "shop9", "customFields": ["size"]}
    attribution = dict.fromkeys(("createDate", "modifiedDate"), "2024-01-01T00:00:00Z")
    attribution |= dict.fromkeys(("createdBy", "modifiedBy"), "shop9")
    answer, client = make(
        server, world={"organisation": organisation, "attribution": attribution, "customers": [ADA]}, ttl="10m"
    )

    assert answer.status == 201, answer.body
    assert client.update(1, {"profiles": [{"fields": {"size": "L"}}]}).json["warnings"] == []
    assert client.send("GET", "/_mock/customers/1").json["attribution"]["createdBy"] == "shop9"
    assert client.send("GET", "/v2/customers/1?source=WECHAT&accountId=22232").status == 400


@given(height=NUMBERS)
@settings(max_examples=20)
def test_a_given_number_is_the_one_that_is_read(server: ServerThread, height: str) -> None:
    name = f"g{uuid4().hex[:12]}"
    customer = f'{{"id":1,"loyaltyType":"loyalty","extendedFields":{{"height":{height}}}}}'
    body = f'{{"name":"{name}","world":{{"extends":"demo","customers":[{customer}]}}}}'
    answer = Client(server.url).send("POST", "/_mock/worlds", body=body.encode())

    if answer.status == 201:
        shown = Client(f"{server.url}/_mock/w/{name}").send("GET", "/_mock/customers/1")
        assert exact(shown.body)["extendedFields"] == {"height": exact(height)}
        assert Client(server.url).send("DELETE", f"/_mock/worlds/{name}").status == 204
    else:
        assert answer.status == 400
        assert answer.json["errors"][0]["message"].startswith("body")


def test_a_world_is_given_or_copied_under_answers_of_its_own(server: ServerThread) -> None:
    _, given = make(server, world={"extends": "demo"}, dialect={"loyalty-downgrade": "ignore"})
    _, copied = make(server, dialect={"loyalty-downgrade": "ignore"})

    for client in (given, copied):
        assert client.send("GET", "/_mock/dialect").json["loyalty-downgrade"] == "ignore"
        assert client.update(171891945, {"loyaltyInfo": {"loyaltyType": "non_loyalty"}}).status == 200
    assert Client(server.url).send("GET", "/_mock/dialect").json["loyalty-downgrade"] == "8018"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"world": []}, 'body/world: is no object; send what a world file says, {"extends": "demo"}'),
        ({"world": {"extends": "dmeo"}}, "body/world/extends: 'dmeo' is no bundled world; did you mean demo?"),
        (
            {"world": {"extends": "/etc/passwd"}},
            "body/world/extends: '/etc/passwd' is no bundled world; extend one of ",
        ),
        ({"world": {"extends": 5}}, "body/world/extends: is not text; write text, or leave extends out"),
        ({"world": {"customer": []}}, "body/world/customer: 'customer' is no member; did you mean customers?"),
        ({"world": {}}, "body/world/organisation: sources is missing; add sources"),
        (
            {"world": {"extends": "demo", "organisation": {"till": 5}}},
            "body/world/organisation/till: 5 is not of type string; put it in quotes",
        ),
        (
            {"world": {"extends": "demo", "attribution": {}}},
            "body/world/attribution: createDate is missing; add createDate",
        ),
        (
            {"world": {"extends": "demo", "customers": [ADA, {**ADA, "id": 2, "loyaltyType": "gold"}]}},
            "body/world/customers/1/loyaltyType: 'gold' is not allowed; ",
        ),
        (
            {"world": {"extends": "demo", "customers": [ADA, ADA]}},
            "body/world/customers/1/id: 1 stands twice; give each customer its own id",
        ),
        ({"world": {"extends": "demo"}, "from": "demo"}, "body/from: stands beside world; send one of them"),
        (
            {"dialect": {"loyalty-downgrad": "ignore"}},
            "body/dialect/loyalty-downgrad: 'loyalty-downgrad' is no question; did you mean loyalty-downgrade?",
        ),
        ({"dialect": 5}, "body/dialect: is no mapping; "),
    ],
)
def test_a_world_that_cannot_be_is_refused_with_its_place_and_cure(
    server: ServerThread, members: dict[str, Any], said: str
) -> None:
    answer, client = make(server, **members)

    assert answer.status == 400
    assert answer.json["errors"][0]["message"].startswith(said)
    assert client.send("GET", "/_mock/customers").status == 404
