"""Laws of errors and faults on demand: they meet the requests that are meant, as often as they are to, and then end."""

import http.client
import time
from collections.abc import Callable
from typing import Any

import pytest

from mockserver import CustomerApi
from tests.server.client import Client

ASHA, RAVI = 171891944, 171891945


def test_the_next_request_fails_and_the_one_after_does_not(customer_api: CustomerApi, client: Client) -> None:
    before = customer_api.customer(ASHA)
    fault = customer_api.fail(8018)

    assert client.update(ASHA, {"profiles": [{"firstName": "Tom"}]}).code == 8018
    assert customer_api.customer(ASHA) == before
    assert fault.applied == 1
    assert customer_api.requests[-1].forced
    assert client.update(ASHA, {}).status == 200


def test_a_warning_is_asked_for_by_its_example(customer_api: CustomerApi, client: Client) -> None:
    customer_api.fail(example="8057-warning")

    answer = client.update(ASHA, {})

    assert (answer.status, [item["code"] for item in answer.json["warnings"]]) == (200, [8057])


def test_only_the_requests_that_are_meant_fail(customer_api: CustomerApi, client: Client) -> None:
    customer_api.fail(521, operation="updateCustomer", customer=RAVI, times=None)

    assert client.update(ASHA, {}).status == 200
    assert client.send("GET", f"/v2/customers/{RAVI}?source=INSTORE").status == 200
    assert [client.update(RAVI, {}).code for _ in range(2)] == [521, 521]


def test_a_fault_ends_with_its_block_or_when_it_is_removed(customer_api: CustomerApi, client: Client) -> None:
    with customer_api.fail(503, times=None) as fault:
        assert client.update(ASHA, {}).status == 503
    assert client.update(ASHA, {}).status == 200
    assert fault.applied == 1

    lasting = customer_api.fail(503, times=None)
    lasting.remove()
    assert client.update(ASHA, {}).status == 200


def test_an_answer_can_be_delayed(customer_api: CustomerApi, client: Client) -> None:
    fault = customer_api.delay(60, times=1)
    started = time.monotonic()

    assert client.update(ASHA, {}).status == 200

    assert time.monotonic() - started >= 0.06
    assert fault.applied == 1
    assert customer_api.requests[-1].delayed == 60
    assert customer_api.journal_lines()[-1].endswith("?source=INSTORE -> 200, delayed 60 ms")


def test_the_nearest_request_of_a_failed_assertion_says_what_its_client_saw(
    customer_api: CustomerApi, client: Client
) -> None:
    customer_api.fault({"do": {"drop": "after"}})
    customer_api.delay(5)
    with pytest.raises(http.client.RemoteDisconnected):
        client.update(ASHA, {})

    with pytest.raises(AssertionError, match=r"the nearest is .* -> 200, dropped, delayed 5 ms:\n"):
        customer_api.assert_requested("updateCustomer", customer=RAVI)


def test_any_rule_can_be_set(customer_api: CustomerApi, client: Client) -> None:
    fault = customer_api.fault({"match": {"nth": 2}, "do": {"close": {}}, "times": 1})

    assert client.update(ASHA, {}).status == 200
    with pytest.raises(http.client.RemoteDisconnected):
        client.update(ASHA, {})
    assert fault.applied == 1
    assert customer_api.requests[-1].status is None
    assert (customer_api.requests[-1].outcome, customer_api.requests[0].outcome) == ("closed", "answered")
    assert " -> no answer, closed (forced: the connection was closed by fault f1 " in customer_api.journal_lines()[-1]
    assert repr(fault) == f"<fault {fault.id}: {{'match': {{'nth': 2}}, 'do': {{'close': {{}}}}, 'times': 1}}>"


def test_a_fault_of_one_world_meets_no_other(customer_api_factory: Callable[[], CustomerApi]) -> None:
    one, other = customer_api_factory(), customer_api_factory()
    one.fail(503, times=None)

    assert Client(one.url).update(ASHA, {}).status == 503
    assert Client(other.url).update(ASHA, {}).status == 200


WRONG: list[tuple[Callable[[CustomerApi], Any], str]] = [
    (lambda api: api.fail(8081), "fail: code: 8081 is no answer of any operation; the nearest are 80"),
    (lambda api: api.fail(), "fail: answer: has 0 members; send exactly one of code, example"),
    (lambda api: api.fail(8018, example="8018"), "fail: answer: has 2 members; "),
    (lambda api: api.fail(8018, operation="update"), "fail: operation: update is no operation; did you mean updateC"),
    (lambda api: api.fail(8018, operation="getCustomer"), "fail: code: 8018 is no answer of getCustomer; "),
    (lambda api: api.fail(8018, times=0), "fail: times: 0 is out of range; "),
    (lambda api: api.fail(8018, custmer=1), "fail: custmer: is no argument; did you mean customer?"),  # type: ignore[call-arg]
    (lambda api: api.fail(8018, match={}), "fail: match: is no argument; there are customer, enabled, header, "),  # type: ignore[call-arg]
    (lambda api: api.delay(5, do={}), "delay: do: is no argument; there are customer, enabled, header, name, nth, "),  # type: ignore[call-arg]
    (
        lambda api: api.fail(example="1101-warning"),
        "1101-warning is an answer where program-unknown is warn; the nearest",
    ),
    (lambda api: api.delay(-1), "delay: milliseconds: -1 is out of range; "),
    (lambda api: api.fault({"do": {"explode": {}}}), "fault: do/explode: 'explode' is no member here; "),
]


@pytest.mark.parametrize(("ask", "words"), WRONG, ids=[words for _, words in WRONG])
def test_a_rule_that_cannot_be_is_refused_with_the_cure(
    customer_api: CustomerApi, ask: Callable[[CustomerApi], Any], words: str
) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        ask(customer_api)

    assert words in str(raised.value)
