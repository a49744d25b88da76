"""Laws of the journal's interface: what was requested, in words worth reading where it was not."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver import CustomerApi, MockServer
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
    (lambda api: api.assert_requested(body=object()), "assert_requested: body: <object objec"),
    (lambda api: api.assert_requested(body={"profiles": [{"born": {1}}]}), "body/profiles/0/born: {1} is not JSON"),
    (lambda api: api.assert_requested(body=float("nan")), "body: nan is not JSON"),
    (lambda api: api.assert_requested(body={1: 2}), "body: 1 is no name in JSON; write text"),
    (lambda api: api.assert_requested(header={1: "x"}), "header: 1 is no name in JSON; write text"),  # type: ignore[dict-item]
    (lambda api: api.assert_requested(path=b"/v2"), "path: b'/v2' is not JSON"),  # type: ignore[arg-type]
    (lambda api: api.assert_in_order([{"body": b"x"}]), "assert_in_order: body: b'x' is not JSON"),
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


BAD_EMAIL = {"profiles": [{"commChannels": [{"type": "email", "value": "nobody"}]}]}


def test_warnings_count_where_codes_do(customer_api: CustomerApi, client: Client) -> None:
    client.update(ASHA, BAD_EMAIL)
    client.update(RAVI, TOM)

    (warned,) = customer_api.assert_requested("updateCustomer", warning=8057, code=None, times=1)
    assert (warned.customer, warned.warnings) == (ASHA, (8057,))
    assert repr(warned).startswith(f"<{warned.id} PUT /v2/customers/{ASHA}?source=INSTORE -> 200 warning 8057 (")
    (clean,) = customer_api.assert_requested("updateCustomer", warning=None)
    assert (clean.customer, clean.warnings) == (RAVI, ())
    customer_api.assert_not_requested(warning=8058)


def test_a_code_that_came_as_a_warning_is_told_so_and_the_other_way_round(
    customer_api: CustomerApi, client: Client
) -> None:
    client.update(ASHA, BAD_EMAIL)
    client.update(RAVI, TOM)
    client.update(5, TOM)

    told = failure_of(lambda: customer_api.assert_requested(code=8057), renamed(customer_api))
    assert "the nearest is <1>, PUT /v2/customers/171891944?source=INSTORE -> 200 (warning 8057):" in told
    assert told.endswith("✗ code  8057 was expected, none came; 8057 came as a warning; assert warning=8057")
    told = failure_of(lambda: customer_api.assert_requested(warning=8015), renamed(customer_api))
    assert told.endswith("✗ warning  8015 was expected, none came; 8015 came as an error; assert code=8015")


def test_what_the_client_saw_is_told(customer_api: CustomerApi, client: Client) -> None:
    customer_api.delay(milliseconds=20)
    client.update(ASHA, TOM)

    (request,) = customer_api.assert_requested(outcome="answered", times=1)

    assert (request.outcome, request.delayed) == ("answered", 20)
    assert repr(request).endswith(" -> 200, delayed 20 ms>")
    with pytest.raises(ValueError, match="outcome: lost is no outcome"):
        customer_api.assert_requested(outcome="lost")


SECRETS: list[tuple[Callable[[CustomerApi], object], str]] = [
    (lambda api: api.assert_requested(query={"access_token": "x"}), "query/access_token: the journal keeps no cred"),
    (lambda api: api.assert_requested(header={"X-Own": "Bearer abc123"}), "header/X-Own: the journal keeps no cred"),
    (lambda api: api.assert_not_requested(body={"a": [{"password": 5}]}), "body/a/0/password: the journal keeps no"),
    (lambda api: api.assert_not_requested(body={"a": ("eyJhbGciOi.eyJzdWIi.x",)}), "body/a/0: the journal keeps no"),
]


@pytest.mark.parametrize(("ask", "words"), SECRETS, ids=[words for _, words in SECRETS])
def test_what_is_hidden_cannot_be_asked_for(
    customer_api: CustomerApi, ask: Callable[[CustomerApi], Any], words: str
) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        ask(customer_api)

    assert words in str(raised.value)


def test_what_was_forgotten_is_not_taken_for_what_did_not_come() -> None:
    with MockServer(journal=100) as mock:
        client = Client(mock.url)
        client.update(ASHA, TOM)
        for _ in range(100):
            client.send("GET", f"/v2/customers/{RAVI}?source=INSTORE")

        for ask in (
            lambda: mock.assert_not_requested("updateCustomer"),
            lambda: mock.assert_requested("updateCustomer"),
            lambda: mock.assert_requested("updateCustomer", at_most=0),
            lambda: mock.assert_in_order(["updateCustomer", "getCustomer"]),
        ):
            told = failure_of(ask)
            assert "the journal has forgotten 1 exchange; keep more with pytest --mock-journal N" in told
            assert "MockServer(journal=N)" in told
            assert "forget_requests()" in told
        mock.assert_requested("getCustomer", at_least=100)
        mock.assert_in_order(["getCustomer", "getCustomer"])
        mock.forget_requests()
        mock.assert_not_requested("updateCustomer")


def test_an_expected_refusal_counts_however_much_comes_after_it() -> None:
    with MockServer(journal=100) as mock:
        client = Client(mock.url)
        with mock.expecting_refusal(8015):
            client.update(5, TOM)
            for _ in range(100):
                client.send("GET", f"/v2/customers/{RAVI}?source=INSTORE")

        def ask() -> None:
            with mock.expecting_refusal(8018):
                for _ in range(22):
                    client.update(5, TOM)

        assert "none came:\n  2 more before:\n  x" in failure_of(ask)


@pytest.mark.parametrize("journal", [0, 99, 100_001, "100", 1.5])
def test_a_journal_that_cannot_be_kept_is_refused(journal: Any) -> None:
    with pytest.raises(ValueError, match=r"MockServer: journal: .* is not from 100 to 100000"):
        MockServer(journal=journal)


def test_each_world_of_a_mock_keeps_as_much() -> None:
    with MockServer(journal=150) as mock:
        for api in (mock, mock.fork(), mock.fork(world="empty")):
            client = Client(api.url)
            for _ in range(151):
                client.send("GET", "/v2/customers/1?source=INSTORE")
            assert len(api.requests) == 150
