"""Five ways to get an error, one rule: however it comes, it is the same to the byte, says that it was forced, and goes.

`WAYS` is the table: each way gets a client of a world of its own and an entry of the atlas, and gives the answer, or
None where that way does not lead to the entry. Another way is another row.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pytest

from mockserver.atlas import AtlasEntry, read_atlas
from mockserver.messages import Request
from tests.server.client import Answer, Client

ATLAS = read_atlas()
ENTRIES = {entry.name: entry for entry in ATLAS}
Way: TypeAlias = Callable[[Client, AtlasEntry], Answer | None]
# Headers without which a status never goes out, and what every answer of ours has.
REQUIRED = ("content-type", "allow", "www-authenticate", "retry-after")
CUSTOMER = 171891944
NAMES_SOMETHING = {"8067"}  # errors whose text names something


def carry(client: Client, request: Request) -> Answer:
    """Send a request as it is; the client adds its credentials only where the request has some."""
    query = f"?{request.query}" if request.query else ""
    return client.send_bare(request.method, request.path + query, body=request.body, headers=request.headers)


def earn(client: Client, entry: AtlasEntry) -> Answer | None:
    """Way 1: do what earns it."""
    return None if entry.earned is None else carry(client, entry.earned.request)


def prefer_code(client: Client, entry: AtlasEntry) -> Answer | None:
    """Way 2: ask for it by its code."""
    return carry(client, entry.forced.request) if entry.forced.prefer.startswith("code=") else None


def prefer_name(client: Client, entry: AtlasEntry) -> Answer:
    """Way 2 too: ask for it by its name."""
    request = entry.forced.request
    headers = {**request.headers, "prefer": f"example={entry.name}"}
    return client.send_bare(request.method, request.path, headers=headers)


def reserved_id(client: Client, entry: AtlasEntry) -> Answer | None:
    """Way 3: use the customer who stands for it."""
    if entry.forced.customer is None:
        return None
    request = entry.forced.request
    path = request.path.replace(str(CUSTOMER), str(entry.forced.customer))
    return client.send_bare(request.method, path, headers={"authorization": request.headers["authorization"]})


PRESETS: Mapping[str, Any] = {
    "401": {"preset": "expired-credentials", "times": 1},
    "503": {"preset": "maintenance", "times": 1},
    "429": {"preset": "throttled", "perMinute": 1},
}


def fault_rule(client: Client, entry: AtlasEntry) -> Answer:
    """Way 4: have a rule answer it."""
    assert (
        client.send("POST", "/_mock/faults", json={"do": {"answer": {"example": entry.name}}, "times": 1}).status == 201
    )
    return plain(client, entry)


def preset(client: Client, entry: AtlasEntry) -> Answer | None:
    """Way 5: switch on the preset that leads to it; a throttle lets the first request pass."""
    if entry.name not in PRESETS:
        return None
    fault = client.send("POST", "/_mock/faults", json=PRESETS[entry.name]).json["id"]
    if entry.name == "429":
        assert plain(client, entry).status == 200
    answer = plain(client, entry)
    client.send("DELETE", f"/_mock/faults/{fault}")
    return answer


def plain(client: Client, entry: AtlasEntry) -> Answer:
    """Send the request that forces an entry, without what forces it."""
    request = entry.forced.request
    headers = {name: value for name, value in request.headers.items() if name != "prefer"}
    query = "" if request.path.endswith("loyaltyDetails") else "?source=INSTORE"
    return client.send_bare(request.method, request.path + query, headers=headers)


WAYS: Mapping[str, Way] = {
    "earned": earn,
    "Prefer: code": prefer_code,
    "Prefer: example": prefer_name,
    "reserved id": reserved_id,
    "fault rule": fault_rule,
    "preset": preset,
}
FORCED = {name: way for name, way in WAYS.items() if way is not earn}


def answers_of(entry: AtlasEntry) -> Mapping[str, str]:
    """Return the answers to questions that an entry needs, to be earned or to be there at all."""
    return {**entry.forced.answers, **(entry.earned.answers if entry.earned else {})}


def set_dialect(client: Client, entry: AtlasEntry) -> None:
    if answers_of(entry):
        assert client.send("PUT", "/_mock/dialect", json=dict(answers_of(entry))).status == 200


def come(client: Client, entry: AtlasEntry, ways: Mapping[str, Way] = WAYS) -> dict[str, Answer]:
    """Return what comes by each way that leads to an entry."""
    set_dialect(client, entry)
    found = {name: way(client, entry) for name, way in ways.items()}
    return {name: answer for name, answer in found.items() if answer is not None}


def seen(answer: Answer) -> tuple[int, bytes, dict[str, str]]:
    """Return what must be the same whichever way it came: all but how many seconds a throttle has left."""
    headers = {name: answer.headers[name] for name in REQUIRED if name in answer.headers}
    if "retry-after" in headers:
        headers["retry-after"] = re.sub("^[1-9][0-9]?$", "seconds", headers["retry-after"])
    return answer.status, answer.body, headers


def state_of(client: Client) -> Any:
    return client.send("GET", "/_mock/customers").json


errors = pytest.mark.parametrize("entry", [one for one in ATLAS if not one.is_warning], ids=lambda entry: entry.name)
warnings = pytest.mark.parametrize("entry", [one for one in ATLAS if one.is_warning], ids=lambda entry: entry.name)
every = pytest.mark.parametrize("entry", ATLAS, ids=lambda entry: entry.name)


@errors
def test_an_error_is_the_same_to_the_byte_whichever_way_it_comes(client: Client, entry: AtlasEntry) -> None:
    answers = come(client, entry)

    assert "Prefer: example" in answers
    assert all((answer.status, answer.code) == (entry.status, entry.code) for answer in answers.values())
    if entry.name not in NAMES_SOMETHING:
        assert [name for name, answer in answers.items() if seen(answer) != seen(answers["Prefer: example"])] == []


def test_an_error_that_names_something_differs_in_that_only(client: Client) -> None:
    answers = come(client, ENTRIES["8067"])

    texts = {re.sub(rb"[0-9]{9}", b"#", answer.body) for answer in answers.values()}
    assert texts == {re.sub(rb"[0-9]{9}", b"#", answers["earned"].body)}


@warnings
def test_a_warning_is_the_200_of_that_customer_whichever_way_it_comes(client: Client, entry: AtlasEntry) -> None:
    answers = come(client, entry)

    for name, answer in answers.items():
        body = answer.json
        customer = body.pop("createdId")
        assert customer == (entry.forced.customer if name == "reserved id" else asked(name, entry))
        assert (answer.status, body) == (200, {name: entry.value[name] for name in ("warnings", "sideEffects")})


def asked(way: str, entry: AtlasEntry) -> int | None:
    return entry.earned.customer if way == "earned" and entry.earned else CUSTOMER


@pytest.mark.parametrize("way", [name for name in FORCED if name != "preset"])  # no preset warns
def test_a_forced_warning_has_the_customer_in_the_form_of_the_dialect(client: Client, way: str) -> None:
    client.send("PUT", "/_mock/dialect", json={"created-id-type": "text", "warnings-type": "object"})

    body = come(client, ENTRIES["1017"], {way: FORCED[way]})[way].json

    assert body["createdId"] in ("171891944", "900001017")
    assert body["warnings"] == ENTRIES["1017"].value["warnings"][0]


@every
def test_what_is_forced_says_so_changes_nothing_and_is_gone_with_its_request(client: Client, entry: AtlasEntry) -> None:
    set_dialect(client, entry)
    before, usual = state_of(client), client.update(CUSTOMER, {})

    answers = come(client, entry, FORCED)

    assert {answer.headers["x-mock-basis"] for answer in answers.values()} == {f"forced {entry.name}"}
    assert all(answer.headers["x-mock-why"].startswith("forced: ") for answer in answers.values())
    assert state_of(client) == before
    after = client.update(CUSTOMER, {})
    assert (seen(after), after.headers["x-mock-basis"]) == (seen(usual), usual.headers["x-mock-basis"])


@every
def test_what_is_earned_does_not_say_that_it_was_forced(client: Client, entry: AtlasEntry) -> None:
    set_dialect(client, entry)

    answer = earn(client, entry)

    assert answer is None or "forced" not in answer.headers["x-mock-basis"]


@every
def test_every_operation_that_has_a_code_can_be_asked_for_it(client: Client, entry: AtlasEntry) -> None:
    set_dialect(client, entry)
    requests = {
        "updateCustomer": ("PUT", f"/v2/customers/{CUSTOMER}"),
        "getCustomer": ("GET", f"/v2/customers/{CUSTOMER}"),
        "getLoyaltyDetails": ("GET", f"/v2/customers/{CUSTOMER}/loyaltyDetails"),
    }

    for operation, (method, path) in requests.items():
        answer = client.send(method, path, headers={"Prefer": f"example={entry.name}"})
        is_there = operation in entry.operations
        assert (answer.headers["x-mock-basis"] == f"forced {entry.name}") == is_there


@pytest.mark.parametrize(
    ("prefer", "near"),
    [
        ("code=8017", "8018"),
        ("code=52", "521-error"),
        ("example=8057-warnign", "8057-warning"),
        ("example=8057", "8057-"),
    ],
)
def test_a_code_or_name_that_is_not_there_is_refused_with_the_nearest(client: Client, prefer: str, near: str) -> None:
    answer = client.send("PUT", f"/v2/customers/{CUSTOMER}", headers={"Prefer": prefer})

    assert (answer.status, answer.code) == (400, 400)
    assert answer.headers["x-mock-why"].startswith("header/Prefer: ")
    assert near in answer.headers["x-mock-why"]


def test_an_id_that_stands_for_no_code_is_a_customer_like_any_other(client: Client) -> None:
    answer = client.update(900008017, {})

    assert (answer.code, "forced" in answer.headers["x-mock-basis"]) == (8015, False)


def test_all_that_a_world_lists_can_be_forced_in_it_as_it_stands(client: Client) -> None:
    listed = client.send("GET", "/_mock/errors").json["errors"]

    assert {one["name"] for one in listed} == {entry.name for entry in ATLAS if not entry.forced.answers}
    for one in listed:
        assert one["forced"]["answers"] == {}
        answer = carry(client, ENTRIES[one["name"]].forced.request)
        assert answer.headers["x-mock-basis"] == f"forced {one['name']}"


@pytest.mark.parametrize("entry", [one for one in ATLAS if one.forced.answers], ids=lambda entry: entry.name)
def test_what_another_answer_brings_is_refused_with_that_answer_until_it_stands(
    client: Client, entry: AtlasEntry
) -> None:
    [(question, needed)] = entry.forced.answers.items()

    refused = prefer_name(client, entry)
    set_dialect(client, entry)

    assert refused.status == 400
    assert f'example="{entry.name}" is an answer where {question} is {needed}' in refused.headers["x-mock-why"]
    assert prefer_name(client, entry).status == entry.status
    listed = client.send("GET", "/_mock/errors").json["errors"]
    assert entry.name in [one["name"] for one in listed]
