"""Laws of a world's time and of its snapshots, as they are set over HTTP."""

from typing import Any

import pytest

from tests.server.client import Client

RENAME = {"profiles": [{"firstName": "Tom"}]}
ENROL = {"loyaltyProgramEnrollments": [{"programId": 699, "tierNumber": 1, "loyaltyPoints": 40}]}
NEW_YEAR = "2026-01-01T00:00:00Z"


def set_clock(client: Client, **asked: Any) -> Any:
    answer = client.send("PUT", "/_mock/clock", json=asked)
    assert answer.status == 200, answer.body
    return answer.json


def points(client: Client) -> float:
    (program,) = client.send("GET", "/v2/customers/171891944/loyaltyDetails").json["data"]
    return float(program["loyaltyPoints"])


def test_the_audit_follows_the_clock(client: Client) -> None:
    set_clock(client, frozen=NEW_YEAR)
    client.update(171891944, RENAME)
    set_clock(client, advance="2h")
    client.update(171891944, {"profiles": [{"lastName": "Sawyer"}]})

    audit = client.send("GET", "/_mock/customers/171891944").json["audit"]

    assert [entry["at"] for entry in audit] == [NEW_YEAR, "2026-01-01T02:00:00Z"]


def test_the_journal_follows_the_clock(client: Client) -> None:
    set_clock(client, frozen=NEW_YEAR)
    client.update(171891944, RENAME)

    assert client.send("GET", "/_mock/requests").json["requests"][0]["time"] == NEW_YEAR


def test_whether_an_expiry_is_past_follows_the_clock(client: Client) -> None:
    client.send("PUT", "/_mock/dialect", json={"expiry-past": "reject"})
    body = {"loyaltyProgramEnrollments": [{"programId": 699, "loyaltyPoints": 5, "pointsExpiryDate": NEW_YEAR}]}

    set_clock(client, frozen="2025-06-01T00:00:00Z")
    before = client.update(171891944, body)
    client.send("POST", "/_mock/reset")
    set_clock(client, frozen="2026-06-01t00:00:00z")
    after = client.update(171891944, body)

    assert before.status == 200
    assert after.code == 10002


def test_background_work_waits_while_the_clock_stands_still(client: Client) -> None:
    set_clock(client, frozen=NEW_YEAR)
    client.update(171891944, ENROL, query="source=INSTORE&use_async=true")
    assert points(client) == 0

    set_clock(client, advance="1s")

    assert points(client) == 40


def test_background_work_that_waits_is_done_when_it_is_settled(client: Client) -> None:
    set_clock(client, frozen=NEW_YEAR)
    client.update(171891944, ENROL, query="source=INSTORE&use_async=true")

    client.send("POST", "/_mock/settle")

    assert points(client) == 40


def test_a_clock_that_follows_the_machine_again_is_as_it_was(client: Client) -> None:
    set_clock(client, frozen=NEW_YEAR)

    assert set_clock(client, real=True)["frozen"] is False
    assert set_clock(client, real=True)["now"] > NEW_YEAR


@pytest.mark.parametrize(
    ("asked", "place", "cure"),
    [
        ({"frozen": "yesterday"}, "body/frozen", "RFC 3339"),
        ({"frozen": 5}, "body/frozen", "RFC 3339"),
        ({"frozen": "0001-01-01T00:00:00+05:00"}, "body/frozen", "between the years 1 and 9999"),
        ({"frozen": "9999-12-31T23:59:59-05:00"}, "body/frozen", "between the years 1 and 9999"),
        ({"advance": "soon"}, "body/advance", "2h"),
        ({"advance": "-1h"}, "body/advance", "2h"),
        ({"real": False}, "body/real", "true"),
        ({}, "body", '{"real": true}'),
        ({"frozen": NEW_YEAR, "advance": "1h"}, "body", '{"real": true}'),
        ({"freeze": NEW_YEAR}, "body/freeze", "frozen"),
        ([], "body", '{"real": true}'),
    ],
)
def test_what_is_no_time_is_refused_with_the_place_and_the_cure(
    client: Client, asked: Any, place: str, cure: str
) -> None:
    answer = client.send("PUT", "/_mock/clock", json=asked)

    assert answer.status == 400
    message = answer.json["errors"][0]["message"]
    assert message.startswith(f"{place}: ")
    assert cure in message


def test_a_clock_at_the_end_of_time_says_so(client: Client) -> None:
    set_clock(client, frozen="9999-12-31T00:00:00Z")

    answer = client.send("PUT", "/_mock/clock", json={"advance": "30d"})

    assert answer.status == 400
    assert "9999" in answer.json["errors"][0]["message"]


def test_a_snapshot_brings_back_the_state_as_often_as_it_is_asked_for(client: Client) -> None:
    client.update(171891944, RENAME)
    kept = client.send("GET", "/_mock/customers").body
    assert client.send("POST", "/_mock/snapshots", json={"name": "before"}).status == 201

    for name in ("Huck", "Becky"):
        client.update(171891944, {"profiles": [{"firstName": name}]})
        assert client.send("GET", "/_mock/customers").body != kept
        assert client.send("POST", "/_mock/snapshots/before/restore").status == 204
        assert client.send("GET", "/_mock/customers").body == kept


def test_a_reset_leaves_the_snapshots_and_a_restore_leaves_the_seed(client: Client) -> None:
    seed = client.send("GET", "/_mock/customers").body
    client.update(171891944, RENAME)
    client.send("POST", "/_mock/snapshots", json={"name": "renamed"})
    client.send("POST", "/_mock/reset")

    client.send("POST", "/_mock/snapshots/renamed/restore")
    assert client.send("GET", "/_mock/customers").body != seed
    client.send("POST", "/_mock/reset")

    assert client.send("GET", "/_mock/customers").body == seed


def test_snapshots_are_listed_and_deleted_and_a_name_is_chosen_where_none_is_given(client: Client) -> None:
    names = [client.send("POST", "/_mock/snapshots").json["name"] for _ in range(2)]
    listed = client.send("GET", "/_mock/snapshots").json["snapshots"]
    assert [item["name"] for item in listed] == names

    assert client.send("DELETE", f"/_mock/snapshots/{names[0]}").status == 204

    listed = client.send("GET", "/_mock/snapshots").json["snapshots"]
    assert [item["name"] for item in listed] == names[1:]
    assert client.send("POST", f"/_mock/snapshots/{names[0]}/restore").status == 404


def test_snapshots_are_bounded_and_one_of_a_known_name_is_replaced(client: Client) -> None:
    for _ in range(100):
        assert client.send("POST", "/_mock/snapshots").status == 201

    assert client.send("POST", "/_mock/snapshots", json={"name": "more"}).status == 409
    assert client.send("POST", "/_mock/snapshots", json={"name": "s1"}).status == 201


def test_a_fork_has_no_snapshots_of_its_origin(client: Client) -> None:
    client.send("POST", "/_mock/snapshots", json={"name": "before"})
    name = client.path.rpartition("/")[2]
    root = Client(client.root.partition("/_mock")[0])
    root.send("POST", "/_mock/worlds", json={"name": f"{name}-f", "from": name})

    assert Client(f"{client.root}-f").send("GET", "/_mock/snapshots").json == {"snapshots": []}
