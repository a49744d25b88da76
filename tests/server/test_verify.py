"""Laws of asking what was requested: criteria, counts, near misses, order, and a message that is worth reading."""

import http.client
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.server.journal import Exchange
from mockserver.server.matching import (
    Criteria,
    Times,
    describe,
    describe_order,
    in_order,
    match,
    nearest,
    read_criteria,
    verify,
)
from mockserver.server.running import ServerThread
from tests.server.client import Client
from tests.server.exchanges import exchange_of

TOM = {"profiles": [{"firstName": "Tom"}]}
TIM = {"profiles": [{"firstName": "Tim", "lastName": "Ray"}]}


@pytest.fixture
def came(setting: Setting, demo: World) -> list[Exchange]:
    """Three exchanges, newest first as a journal has them."""
    return [
        exchange_of(setting, demo, 171891945, TIM, number=12),
        exchange_of(setting, demo, 171891944, method="GET", number=7),
        exchange_of(setting, demo, 1, {}, number=3),
    ]


# The message: its text is kept here, word for word.


def test_the_message_names_what_was_expected_what_came_and_the_smallest_difference(came: list[Exchange]) -> None:
    wanted = Criteria(operation="updateCustomer", customer=171891944, body=TOM)

    assert (
        describe(verify(wanted, came, Times.exactly(1)))
        == """\
updateCustomer of 171891944 was to be requested once, but was not requested.
3 requests came; the nearest is x12, PUT /v2/customers/171891945?source=INSTORE -> 200:
  ✓ operation  updateCustomer
  ✗ customer   171891944 was expected, 171891945 came
  ✗ body       /profiles/0/firstName: "Tom" was expected, "Tim" came"""
    )


def test_the_message_where_nothing_came() -> None:
    assert (
        describe(verify(Criteria(operation="updateCustomer"), []))
        == """\
updateCustomer was to be requested at least once, but was not requested.
No request came."""
    )


def test_the_message_where_too_much_came(came: list[Exchange]) -> None:
    assert (
        describe(verify(Criteria(operation="updateCustomer"), came, Times.exactly(1)))
        == """\
updateCustomer was to be requested once, but was requested twice:
  x3, PUT /v2/customers/1?source=INSTORE -> 400 (8015)
  x12, PUT /v2/customers/171891945?source=INSTORE -> 200"""
    )


def test_the_message_where_nothing_was_to_come(came: list[Exchange]) -> None:
    assert (
        describe(verify(Criteria(operation="getCustomer"), came, Times.exactly(0)))
        == """\
getCustomer was not to be requested, but was requested once:
  x7, GET /v2/customers/171891944?source=INSTORE -> 200"""
    )


def test_the_message_names_what_was_to_be_absent(came: list[Exchange]) -> None:
    wanted = Criteria(operation="updateCustomer", code=None, header={"Content-Type": None})

    assert (
        describe(verify(wanted, [came[0], *came], Times(least=2, most=3)))
        == """\
updateCustomer was to be requested 2 to 3 times, but was not requested.
4 requests came; the nearest is x12, PUT /v2/customers/171891945?source=INSTORE -> 200:
  ✓ operation            updateCustomer
  ✓ code                 none
  ✗ header/Content-Type  none was expected, application/json came"""
    )


def test_the_message_where_some_came_and_others_nearly(came: list[Exchange]) -> None:
    wanted = Criteria(method="PUT", status=200)

    assert (
        describe(verify(wanted, came, Times.exactly(2)))
        == """\
PUT was to be requested twice, but was requested once:
  x12, PUT /v2/customers/171891945?source=INSTORE -> 200
2 other requests came; the nearest is x7, GET /v2/customers/171891944?source=INSTORE -> 200:
  ✗ method  PUT was expected, GET came
  ✓ status  200"""
    )


def test_the_message_of_an_order_that_was_not_kept(came: list[Exchange]) -> None:
    wanted = [
        Criteria(operation="getCustomer"),
        Criteria(operation="updateCustomer", customer=171891944),
        Criteria(operation="getLoyaltyDetails"),
    ]

    assert (
        describe_order(in_order(wanted, came))
        == """\
3 requests were to come in this order:
  1 ✓ getCustomer                  x7, GET /v2/customers/171891944?source=INSTORE -> 200
  2 ✗ updateCustomer of 171891944  did not come after x7
  3   getLoyaltyDetails
1 request came after x7; the nearest is x12, PUT /v2/customers/171891945?source=INSTORE -> 200:
  ✓ operation  updateCustomer
  ✗ customer   171891944 was expected, 171891945 came"""
    )


def test_a_message_never_disturbs_a_terminal(setting: Setting, demo: World) -> None:
    hostile = exchange_of(setting, demo, "1\x1b[31m", headers={"x-own": "a\u202eb" + "c" * 500})
    told = describe(verify(Criteria(header={"x-own": "z"}), [hostile]))

    assert told.replace("\n", "").isprintable()
    assert max(map(len, told.splitlines())) < 250


def test_the_message_of_a_request_that_was_cut_off(client: Client, server: ServerThread) -> None:
    client.send("POST", "/_mock/faults", json={"do": {"drop": "before"}})
    with pytest.raises(http.client.RemoteDisconnected):
        client.update(171891944, {})
    world = server.worlds.known(client.path.rpartition("/")[2])
    assert world is not None

    assert verify(Criteria(status=None, customer=171891944), world.journal).holds
    message = describe(verify(Criteria(status=200), world.journal))
    assert message.splitlines()[1].endswith(", PUT /v2/customers/171891944?source=INSTORE -> no answer, dropped:")
    assert message.splitlines()[2] == "  ✗ status  200 was expected, none came"


# Order.


def test_an_order_may_have_others_in_between(came: list[Exchange]) -> None:
    assert in_order([Criteria(code=8015), Criteria(operation="updateCustomer", customer=171891945)], came).holds
    assert not in_order([Criteria(customer=171891945), Criteria(code=8015)], came).holds
    assert in_order([], came).holds


def test_one_exchange_does_not_count_twice_in_an_order(came: list[Exchange]) -> None:
    assert not in_order([Criteria(operation="getCustomer")] * 2, came).holds


# Criteria.

ROWS: list[tuple[Criteria, bool]] = [
    (Criteria(), True),
    (Criteria(operation="updateCustomer", customer=171891945, source="INSTORE", method="PUT", status=200), True),
    (Criteria(path="/v2/customers/171891945", forced=False, code=None, account=None), True),
    (Criteria(query={"source": "INSTORE", "accountId": None}), True),
    (Criteria(query={"source": None}), False),
    (Criteria(header={"Content-TYPE": "application/json"}), True),
    (Criteria(header={"x-other": "1"}), False),
    (Criteria(code=8015), False),
    (Criteria(account="1"), False),
    (Criteria(forced=True), False),
    (Criteria(body={}), True),
    (Criteria(body={"profiles": [{}]}), True),
    (Criteria(body={"profiles": [{"lastName": "Ray"}]}), True),
    (Criteria(body={"profiles": ({"lastName": "Ray"},)}), True),
    (Criteria(body={"profiles": []}), False),
    (Criteria(body={"profiles": [{}, {}]}), False),
    (Criteria(body=None), False),
    (Criteria(body=[]), False),
    (Criteria(body={"extendedFields": {}}), False),
]


@pytest.mark.parametrize(("criteria", "met"), ROWS)
def test_an_exchange_matches_if_every_criterion_is_met(
    setting: Setting, demo: World, criteria: Criteria, met: bool
) -> None:
    assert match(criteria, exchange_of(setting, demo, 171891945, TIM)).matches is met


@pytest.mark.parametrize(
    ("expected", "sent", "place", "words"),
    [
        ({"a": True}, {"a": 1}, "/a", "true was expected, 1 came"),
        ({"a": 1}, {"a": 2}, "/a", "1 was expected, 2 came"),
        ({"a/b": {"c~": 1}}, {"a/b": {}}, "/a~1b/c~0", "1 was expected, nothing came"),
        ({"a": [1]}, {"a": [1, 2]}, "/a", "1 item was expected, 2 came"),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": None}]}, "/a/1/b", "2 was expected, null came"),
        ({"a": {}}, {"a": []}, "/a", "an empty object was expected, an empty list came"),
        ({"a": 1}, b"", "", "a body was expected, none came"),
        ({"a": 1}, b"{", "", "JSON was expected; what came"),
    ],
)
def test_the_smallest_difference_of_bodies_is_named(
    setting: Setting, demo: World, expected: Any, sent: Any, place: str, words: str
) -> None:
    (verdict,) = match(Criteria(body=expected), exchange_of(setting, demo, 1, sent)).verdicts

    assert (verdict.met, verdict.place) == (False, place)
    assert verdict.words.startswith(words)


def test_numbers_are_compared_by_value(setting: Setting, demo: World) -> None:
    assert match(Criteria(body={"a": 75}), exchange_of(setting, demo, 1, b'{"a": 75.0}')).matches


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab/~", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(body=JSON)
def test_every_body_matches_itself(setting: Setting, demo: World, body: Any) -> None:
    assert match(Criteria(body=body), exchange_of(setting, demo, 1, json.dumps(body).encode())).matches


@given(body=st.dictionaries(st.text("abc", max_size=2), JSON, min_size=1), more=st.dictionaries(st.just("zz"), JSON))
def test_more_members_do_no_harm_and_fewer_do(setting: Setting, demo: World, body: Any, more: Any) -> None:
    assert match(Criteria(body=body), exchange_of(setting, demo, 1, {**body, **more})).matches
    fewer = dict(list(body.items())[1:])
    assert not match(Criteria(body=body), exchange_of(setting, demo, 1, fewer)).matches


def test_the_nearest_come_first_and_a_body_counts_by_its_parts(setting: Setting, demo: World) -> None:
    wanted = Criteria(operation="updateCustomer", body={"profiles": [{"firstName": "Tom", "lastName": "Ray"}]})
    sent = [{}, {"profiles": [{"firstName": "Tim"}]}, TIM, {"profiles": "Tom"}, TOM]
    exchanges = [exchange_of(setting, demo, 171891944, body, number=number) for number, body in enumerate(sent)]

    assert [item.exchange.id for item in nearest(wanted, exchanges)] == ["x2", "x4", "x1"]


def test_among_equals_the_newest_is_nearest(setting: Setting, demo: World) -> None:
    exchanges = [exchange_of(setting, demo, 1, {}, number=number) for number in (9, 8, 7, 6)]

    assert [item.exchange.id for item in nearest(Criteria(code=None), exchanges)] == ["x9", "x8", "x7"]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"custommer": 1}, "custommer: is no criterion; the nearest: customer"),
        ({"path": "/v2/customers/5?source=INSTORE"}, 'path: "/v2/customers/5?source=INSTORE" has a query; put its'),
        ({"query": {"key": "x"}}, "query/key: the journal keeps no credentials to compare with; leave it out"),
        ({"zzz": 1}, "zzz: is no criterion; there are operation, customer, source"),
        (
            {"operation": "updateCustmer"},
            "operation: updateCustmer is none of the contract; the nearest: updateCustomer",
        ),
        ({"customer": "17"}, 'customer: "17" is not a whole number or null'),
        ({"customer": True}, "customer: true is not a whole number or null"),
        ({"method": None}, "method: null is not a text"),
        ({"forced": 1}, "forced: 1 is not true or false"),
        ({"header": []}, "header: an empty list is no object"),
        ({"query": {"a": 1}}, "query/a: 1 is neither a text nor null"),
        ({"header": {"Authorization": "Basic x"}}, "header/Authorization: the journal keeps no credentials"),
    ],
)
def test_criteria_that_cannot_be_meant_are_refused(record: Mapping[str, Any], said: str) -> None:
    problem = read_criteria(record, ("updateCustomer", "getCustomer"))

    assert isinstance(problem, str)
    assert problem.startswith(said)


def test_that_no_credentials_were_sent_can_be_asked(setting: Setting, demo: World) -> None:
    criteria = read_criteria({"header": {"authorization": None}})

    assert isinstance(criteria, Criteria)
    assert not match(criteria, exchange_of(setting, demo, 1)).matches


# Over HTTP.


def ask(client: Client, **record: Any) -> Any:
    return client.send("POST", "/_mock/requests/verify", json=record).json


def test_what_was_requested_is_verified(client: Client) -> None:
    first = client.update(171891944, TOM).headers["x-mock-exchange"]
    client.update(171891945, TIM)

    assert ask(client, operation="updateCustomer", customer=171891944, times=1, body=TOM) == {
        "verified": True,
        "expected": 1,
        "found": 1,
        "matched": [first],
        "near": [],
    }


def test_near_misses_come_with_each_criterion(client: Client) -> None:
    client.update(171891945, TIM)

    told = ask(client, operation="updateCustomer", customer=171891944, body=TOM)

    assert (told["verified"], told["expected"], told["found"], told["matched"]) == (False, 1, 0, [])
    (near,) = told["near"]
    assert (near["id"], near["path"], near["status"])[1:] == ("/v2/customers/171891945", 200)
    assert near["criteria"] == [
        {"criterion": "operation", "expected": "updateCustomer", "came": "updateCustomer", "met": True},
        {"criterion": "customer", "expected": 171891944, "came": 171891945, "met": False},
        {
            "criterion": "body",
            "expected": "Tom",
            "came": "Tim",
            "met": False,
            "place": "/profiles/0/firstName",
            "difference": '"Tom" was expected, "Tim" came',
        },
    ]


@pytest.mark.parametrize(
    ("counts", "verified", "expected"),
    [
        ({}, True, 1),
        ({"times": 2}, True, 2),
        ({"times": 3}, False, 3),
        ({"times": 0}, False, 0),
        ({"atLeast": 2}, True, 2),
        ({"atLeast": 3}, False, 3),
        ({"atMost": 2}, True, 2),
        ({"atMost": 1}, False, 1),
        ({"atLeast": 1, "atMost": 1}, False, 1),
        ({"atLeast": 3, "atMost": 4}, False, 3),
    ],
)
def test_how_often_may_be_said_in_three_ways(
    client: Client, counts: dict[str, int], verified: bool, expected: int
) -> None:
    client.update(171891944, {})
    client.update(171891944, {})

    told = ask(client, customer=171891944, **counts)

    assert (told["verified"], told["expected"], told["found"]) == (verified, expected, 2)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"tmes": 1}, "body/tmes: is no criterion; the nearest: times"),
        (
            {"operation": "getCustomers"},
            "body/operation: getCustomers is none of the contract; the nearest: getCustomer",
        ),
        ({"times": -1}, "body/times: is no whole number"),
        ({"times": True}, "body/times: is no whole number"),
        ({"times": 1, "atMost": 1}, "body/times: stands beside atLeast or atMost"),
        ({"atLeast": 2, "atMost": 1}, "body/atLeast: 2 is more than atMost, 1"),
        ([], "body: is no object"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_place_and_cure(client: Client, record: Any, said: str) -> None:
    answer = client.send("POST", "/_mock/requests/verify", json=record)

    assert answer.status == 400
    assert answer.json["errors"][0]["message"].startswith(said)


@pytest.fixture(scope="module")
def busy(server: Any) -> Client:
    """A world in which something of each kind has come."""
    root = Client(server.url)
    assert root.send("POST", "/_mock/worlds", json={"name": "busy-verify"}).status == 201
    client = Client(f"{server.url}/_mock/w/busy-verify")
    for customer in (171891944, 171891945, 1):
        client.update(customer, TOM)
        client.send("GET", f"/v2/customers/{customer}?source=INSTORE")
    client.update(900008018, {})
    client.send("GET", "/nowhere")
    return client


@given(
    filters=st.fixed_dictionaries(
        {},
        optional={
            "operation": st.sampled_from(["updateCustomer", "getCustomer", "getLoyaltyDetails"]),
            "customer": st.sampled_from([171891944, 171891945, 1, 900008018, 5]),
            "code": st.sampled_from([8015, 8018, 404, 1]),
            "status": st.sampled_from([200, 400, 404]),
            "forced": st.booleans(),
        },
    )
)
def test_as_many_are_found_as_the_list_has(busy: Client, filters: dict[str, Any]) -> None:
    query = "&".join(f"{name}={str(value).lower() if name == 'forced' else value}" for name, value in filters.items())

    listed = busy.send("GET", f"/_mock/requests?{query}").json["requests"]
    told = ask(busy, **filters)

    assert told["found"] == len(listed)
    assert told["matched"] == [line["id"] for line in reversed(listed)]


@pytest.mark.parametrize("query", ["customer=x", "customer=-1", "code=None", "status=2e2", "forced=yes", "forced="])
def test_a_filter_that_cannot_be_read_is_refused(client: Client, query: str) -> None:
    answer = client.send("GET", f"/_mock/requests?{query}")

    assert answer.status == 400
    assert answer.json["errors"][0]["message"].startswith(f"query/{query.partition('=')[0]}: ")
