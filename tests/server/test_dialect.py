"""Laws of a world's dialect: shown, changed, its own, and what is wrong with a change is said with the nearest name."""

import pytest

from mockserver.server.running import ServerThread
from tests.server.client import Client

DOWNGRADE = {"loyaltyInfo": {"loyaltyType": "non_loyalty"}}
LOYAL = 171891945


def test_a_changed_answer_is_shown_and_given_and_the_others_stay(client: Client) -> None:
    before = client.send("GET", "/_mock/dialect").json
    assert client.update(LOYAL, DOWNGRADE).code == 8018

    after = client.send("PUT", "/_mock/dialect", json={"loyalty-downgrade": "ignore"}).json

    assert after == {**before, "loyalty-downgrade": "ignore"} == client.send("GET", "/_mock/dialect").json
    answer = client.update(LOYAL, DOWNGRADE)
    assert answer.status == 200
    assert "assumed loyalty-downgrade" in answer.headers["x-mock-basis"]
    assert client.send("PUT", "/_mock/dialect", json=before).json == before
    assert client.update(LOYAL, DOWNGRADE).code == 8018


def test_an_answer_may_be_written_as_a_number_or_a_boolean(client: Client) -> None:
    changed = client.send("PUT", "/_mock/dialect", json={"account-missing": 8015, "use-async-default": True}).json

    assert (changed["account-missing"], changed["use-async-default"]) == ("8015", "true")


def test_a_world_s_dialect_is_its_own_and_a_fork_begins_with_its_origin_s(client: Client, server: ServerThread) -> None:
    client.send("PUT", "/_mock/dialect", json={"loyalty-downgrade": "ignore"})
    root = Client(server.url)
    name = f"{client.path.rpartition('/')[2]}-fork"
    root.send("POST", "/_mock/worlds", json={"name": name, "from": client.path.rpartition("/")[2]})

    assert root.send("GET", "/_mock/dialect").json["loyalty-downgrade"] == "8018"
    assert Client(f"{server.url}/_mock/w/{name}").send("GET", "/_mock/dialect").json["loyalty-downgrade"] == "ignore"


def test_an_answer_that_changes_the_wire_changes_the_contract_that_is_served(client: Client) -> None:
    client.send("PUT", "/_mock/dialect", json={"created-id-type": "text", "warnings-type": "object"})

    document = client.send("GET", "/_mock/contract").json
    shown = client.update(LOYAL, {"profiles": [{"firstName": "Tom"}]}).json

    result = document["components"]["schemas"]["UpdateResult"]["properties"]
    assert (result["createdId"]["type"], result["warnings"]["type"]) == ("string", "object")
    assert document["components"]["examples"]["8057-warning"]["value"]["warnings"]["code"] == 8057
    assert (shown["createdId"], shown["warnings"]) == (str(LOYAL), {})


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (
            {"loyalty-downgrad": "ignore"},
            "body/loyalty-downgrad: 'loyalty-downgrad' is no question; did you mean loyalty-",
        ),
        ({"loyalty-downgrade": "ignroe"}, "body/loyalty-downgrade: 'ignroe' is no answer; did you mean ignore?"),
        ({"concurrent-update": "521"}, "'521' is not implemented yet; choose from serialise"),
        ({"loyalty-downgrade": None}, "None is no answer"),
        ([], "is no mapping"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(client: Client, sent: object, said: str) -> None:
    before = client.send("GET", "/_mock/dialect").json

    answer = client.send("PUT", "/_mock/dialect", json=sent)

    assert answer.status == 400
    assert said in answer.json["errors"][0]["message"]
    assert client.send("GET", "/_mock/dialect").json == before
