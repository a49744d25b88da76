"""The law that holds openapi-core and the fast path to the same verdict."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.contract import Parameters, Parsed, RouteMatch, compile_contract, read_json
from mockserver.contract.authority import Authority
from mockserver.errors import ContractError
from mockserver.messages import Request, Response
from tests.contract.documents import a_document

CONTRACT = compile_contract(a_document())
AUTHORITY = Authority(a_document())
JSON = {"content-type": "application/json; charset=utf-8"}

ODDITIES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 1, 0, -1, 75.0, 0.5, 2**63, 2.0**63, "", "x" * 21, "true", "email", "é\n", [], {}]
)
MOMENTS = st.sampled_from(["2024-07-11T16:36:17 +0530", "2023-02-29T00:00:00Z", "2024-07-11T16:36:60Z", "x"])
CHANNELS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["email", "mobile", "fax", None]) | ODDITIES,
        "value": ODDITIES,
        "primary": ODDITIES,
    },
)
PROFILES = st.fixed_dictionaries(
    {},
    optional={
        "firstName": ODDITIES,
        "fields": st.dictionaries(st.text(max_size=2), ODDITIES, max_size=2) | ODDITIES,
        "commChannels": st.lists(CHANNELS | ODDITIES, max_size=2) | ODDITIES,
    },
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "profiles": st.lists(PROFILES, max_size=2) | ODDITIES,
        "points": ODDITIES,
        "expiry": MOMENTS | ODDITIES,
        "loyaltyType": st.sampled_from(["loyalty", "GOLD"]) | ODDITIES,
        "extra": ODDITIES | st.sampled_from([{"a": "x"}, {"z": 1}]),
    },
)
NAMES = st.sampled_from(["source", "Source", "accountId", "use_async", "limit", "%ff", "other"])
SPELLINGS = st.sampled_from(
    ["ALL", "INSTORE", "instore", "true", "True", "yes", "1", "7", "07", "1_0", "+7", "51", "", "%FF", "%C3%A9", "nan"]
)
QUERIES = st.lists(st.tuples(NAMES, SPELLINGS).map("=".join), max_size=4).map("&".join)


def fast_verdict(request: Request) -> bool:
    match = CONTRACT.route(request.method, request.path)
    assert isinstance(match, RouteMatch)
    parameters = match.operation.read_parameters(match.path_values, request.query, request.headers)
    read = read_json(request.body or b"{}")
    return (
        isinstance(parameters, Parameters)
        and isinstance(read, Parsed)
        and match.operation.judge_body(read.value) is None
    )


def a_request(
    *, body: bytes = b"{}", query: str = "source=ALL", user_id: str = "1", entity_type: str = "TILL"
) -> Request:
    headers = JSON | {"user-context-entity-type": entity_type}
    return Request(method="PUT", path=f"/v2/customers/{user_id}", query=query, body=body, headers=headers)


@given(BODIES)
@settings(max_examples=150)
def test_both_give_the_same_verdict_on_bodies(body: Any) -> None:
    request = a_request(body=json.dumps(body).encode())

    assert fast_verdict(request) == (AUTHORITY.judge_request(request) == ())
    explained = CONTRACT.operations["updateCustomer"].explain_body(body)
    assert CONTRACT.operations["updateCustomer"].judge_body(body) == (explained[0] if explained else None)


@given(QUERIES)
@example("source=ALL&source=ALL")
@example("source=ALL&use_async=yes")
@settings(max_examples=150)
def test_both_give_the_same_verdict_on_queries(query: str) -> None:
    request = a_request(query=query)

    assert fast_verdict(request) == (AUTHORITY.judge_request(request) == ())


@given(st.text(min_size=1, max_size=20) | st.integers().map(str))
@settings(max_examples=60)
def test_both_give_the_same_verdict_on_path_values(user_id: str) -> None:
    request = a_request(user_id=quote(user_id, safe=""))

    assert fast_verdict(request) == (AUTHORITY.judge_request(request) == ())


@pytest.mark.parametrize(
    "body", [b'{"a":1,"a":2}', b"\xff", b"[NaN]", b"[" * 100_000, b'{"a":"\\ud800"}', b"\xef\xbb\xbf{}"]
)
def test_both_refuse_what_strict_json_refuses(body: bytes) -> None:
    request = a_request(body=body)

    assert not fast_verdict(request)
    assert AUTHORITY.judge_request(request)[0].startswith("body: ")


def test_both_judge_headers() -> None:
    for value in ("TILL", "x", ""):
        request = a_request(entity_type=value)
        assert fast_verdict(request) == (AUTHORITY.judge_request(request) == ())


def test_no_body_is_valid_where_none_is_required_and_unknown_paths_are_not() -> None:
    assert AUTHORITY.judge_request(a_request(body=b"")) == ()
    assert AUTHORITY.judge_request(Request(method="GET", path="/nowhere")) != ()


def test_both_judge_responses() -> None:
    operation = CONTRACT.operations["updateCustomer"]
    for status, body in (
        (200, {"createdId": 5}),
        (200, {"createdId": "5"}),
        (200, {}),
        (299, {}),
        (401, {"errors": []}),
    ):
        response = Response(status=status, headers={"Content-Type": "application/json"}, body=json.dumps(body).encode())
        verdict = AUTHORITY.judge_response(a_request(), response)
        assert (verdict == ()) == (operation.judge_response(status, body) == ())


def test_a_document_that_openapi_core_refuses_is_a_contract_error() -> None:
    document = a_document()
    del document["info"]["title"]

    with pytest.raises(ContractError, match="openapi-core refuses"):
        Authority(document)
