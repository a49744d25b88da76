"""Laws of the journal's interface: what was requested, in words worth reading where it was not."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver import CustomerApi
from tests.server.client import Client

ASHA, RAVI = 171891944, 171891945
TOM = {"profiles": [{"firstName": "Tom", "lastName": "Sawyer"}]}


def failure_of(assertion: Callable[[], object], names: dict[str, str] | None = None) -> str:
    """Return what an assertion says; exchange ids depend on what else the server answered, so they are renamed."""
    with pytest.raises(AssertionError) as raised:
        assertion()
    text = str(raised.value)
    for name, other in (names or {}).items():
        text = text.replace(name, other)
    return text


def renamed(customer_api: CustomerApi) -> dict[str, str]:
    return {request.id: f"<{number}>" for number, request in enumerate(customer_api.requests, 1)}


def test_requests_come_oldest_first_with_all_that_was_sent_and_answered(
    customer_api: CustomerApi, client: Client
) -> None:
    client.update(ASHA, TOM)
    client.send("GET", f"/v2/customers/{RAVI}?source=NOWHERE", headers={"X-Trace": "7"})

    first, last = customer_api.requests

    assert (first.method, first.path, first.query) == ("PUT", f"/v2/customers/{ASHA}", {"source": "INSTORE"})
    assert (first.operation, first.customer, first.status, first.code) == ("updateCustomer", ASHA, 200, None)
    assert (first.json, first.body) == (TOM, json.dumps(TOM).encode())
    assert (first.answer["createdId"], first.forced) == (ASHA, False)
    assert first.headers["authorization"] == "[hidden]"
    assert (last.operation, last.status, last.code, last.json) == ("getCustomer", 400, 8012, None)
    assert last.headers["x-trace"] == "7"
    assert "query/source" in last.why
    assert last.basis
    assert repr(first) == f"<{first.id} PUT /v2/customers/{ASHA}?source=INSTORE -> 200>"


def test_a_request_tells_what_it_likely_meant(customer_api: CustomerApi, client: Client) -> None:
    client.update(ASHA, {"profils": [], "foo": 1})

    assert customer_api.requests[-1].misspelt == {"body/profils": "profiles"}


def test_what_was_requested_is_returned(customer_api: CustomerApi, client: Client) -> None:
    client.update(ASHA, TOM)
    client.update(RAVI, TOM)

    assert [item.customer for item in customer_api.assert_requested("updateCustomer", times=2)] == [ASHA, RAVI]
    (request,) = customer_api.assert_requested(customer=RAVI, source="INSTORE", status=200, code=None, body=TOM)
    assert request.customer == RAVI
    customer_api.assert_requested("updateCustomer", at_least=2, at_most=2)
    customer_api.assert_requested("getCustomer", times=0)
    customer_api.assert_not_requested("getCustomer")
    customer_api.assert_not_requested("updateCustomer", body={"profiles": []})


def test_a_request_that_did_not_come_is_told_with_the_nearest(customer_api: CustomerApi, client: Client) -> None:
    client.update(ASHA, TOM)
    client.update(RAVI, TOM, query="source=WECHAT&accountId=22232")

    told = failure_of(
        lambda: customer_api.assert_requested(
            "updateCustomer",
            customer=RAVI,
            source="INSTORE",
            code=None,
            body={"profiles": [{"firstName": "Tom", "lastName": "Finn"}]},
        ),
        renamed(customer_api),
    )

    assert told == (
        "updateCustomer of 171891945 was to be requested at least once, but was not requested.\n"
        "2 requests came; the nearest is <2>, PUT /v2/customers/171891945?source=WECHAT&accountId=22232 -> 200:\n"
        "  ✓ operation  updateCustomer\n"
        "  ✓ customer   171891945\n"
        "  ✗ source     INSTORE was expected, WECHAT came\n"
        "  ✓ code       none\n"
        '  ✗ body       /profiles/0/lastName: "Finn" was expected, "Sawyer" came'
    )


def test_requests_that_came_too_often_are_listed(customer_api: CustomerApi, client: Client) -> None:
    client.update(ASHA, TOM)
    client.update(ASHA, TOM)

    assert failure_of(lambda: customer_api.assert_requested(customer=ASHA, times=1), renamed(customer_api)) == (
        "a request of 171891944 was to be requested once, but was requested twice:\n"
        "  <1>, PUT /v2/customers/171891944?source=INSTORE -> 200\n"
        "  <2>, PUT /v2/customers/171891944?source=INSTORE -> 200"
    )
    assert failure_of(lambda: customer_api.assert_not_requested("updateCustomer"), renamed(customer_api)) == (
        "updateCustomer was not to be requested, but was requested twice:\n"
        "  <1>, PUT /v2/customers/171891944?source=INSTORE -> 200\n"
        "  <2>, PUT /v2/customers/171891944?source=INSTORE -> 200"
    )


def test_an_order_is_told_place_by_place(customer_api: CustomerApi, client: Client) -> None:
    client.update(ASHA, TOM)
    client.send("GET", f"/v2/customers/{ASHA}?source=INSTORE")
    client.update(RAVI, TOM)

    first, last = customer_api.assert_in_order(["getCustomer", {"operation": "updateCustomer", "customer": RAVI}])
    assert (first.customer, last.customer) == (ASHA, RAVI)
    told = failure_of(
        lambda: customer_api.assert_in_order(["getCustomer", {"operation": "updateCustomer", "customer": ASHA}]),
        renamed(customer_api),
    )
    assert told == (
        "2 requests were to come in this order:\n"
        "  1 ✓ getCustomer                  <2>, GET /v2/customers/171891944?source=INSTORE -> 200\n"
        "  2 ✗ updateCustomer of 171891944  did not come after <2>\n"
        "1 request came after <2>; the nearest is <3>, PUT /v2/customers/171891945?source=INSTORE -> 200:\n"
        "  ✓ operation  updateCustomer\n"
        "  ✗ customer   171891944 was expected, 171891945 came"
    )


WRONG: list[tuple[Callable[[CustomerApi], object], str]] = [
    (lambda api: api.assert_requested("updateCustomers"), "assert_requested: operation: updateCustomers is none"),
    (lambda api: api.assert_not_requested("upd"), "assert_not_requested: operation: upd is none"),
    (lambda api: api.assert_in_order("updateCustomer"), "assert_in_order: 'updateCustomer' is no list of requests"),
    (lambda api: api.assert_in_order([]), "assert_in_order: [] is no list of requests"),
    (lambda api: api.assert_in_order(["getCustomers"]), "assert_in_order: operation: getCustomers is none"),
    (lambda api: api.assert_requested(custmer=1), "custmer: is no criterion; the nearest: customer"),  # type: ignore[call-arg]
    (lambda api: api.assert_requested(customer="x"), "customer: "),  # type: ignore[arg-type]
    (lambda api: api.assert_requested(times=-1), "times: [-1] are no numbers of times"),
    (lambda api: api.assert_requested(times=1, at_least=1), "times: stands beside at_least or at_most"),
    (lambda api: api.assert_requested(at_least=2, at_most=1), "at_most: 1 is less than at_least 2"),
]


@pytest.mark.parametrize(("ask", "words"), WRONG, ids=[words for _, words in WRONG])
def test_a_criterion_that_nothing_could_meet_is_refused(
    customer_api: CustomerApi, ask: Callable[[CustomerApi], Any], words: str
) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        ask(customer_api)

    assert words in str(raised.value)


def test_forgotten_requests_are_gone(customer_api: CustomerApi, client: Client) -> None:
    client.update(ASHA, TOM)
    customer_api.forget_requests()

    assert customer_api.requests == ()
    customer_api.assert_not_requested()


def test_a_refusal_that_is_expected_must_come(customer_api: CustomerApi, client: Client) -> None:
    with customer_api.expecting_refusal(8015):
        client.update(5, TOM)
    with customer_api.expecting_refusal():
        client.update(5, TOM)

    with pytest.raises(AssertionError) as raised, customer_api.expecting_refusal(8018):
        client.update(5, TOM)
    assert "a refusal with code 8018 was expected, but none came:\n" in str(raised.value)
    assert "PUT /v2/customers/5?source=INSTORE -> 400 8015 (path/userId: " in str(raised.value)
    with pytest.raises(AssertionError, match="a refusal was expected, but none came:\n  nothing was requested"):  # noqa: SIM117
        with customer_api.expecting_refusal():
            pass


def test_what_fails_within_goes_before_a_refusal_that_did_not_come(customer_api: CustomerApi) -> None:
    with pytest.raises(ZeroDivisionError), customer_api.expecting_refusal():
        _ = 1 / 0


def test_lines_for_a_report_are_bounded_and_say_how_many_more(customer_api: CustomerApi, client: Client) -> None:
    assert customer_api.journal_lines() == ("nothing was requested",)
    for number in range(23):
        client.update(number + 1, TOM)

    lines = customer_api.journal_lines()

    assert lines[0] == "3 more before:"
    assert len(lines) == 21
    assert "/v2/customers/23?source=INSTORE -> 400 8015 (path/userId: there is no customer 23)" in lines[-1]
