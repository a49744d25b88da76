"""Laws of our own contract: its examples obey it, openapi-core accepts it, and both judges agree about it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import mockserver.contract
from mockserver.contract import Contract, Parsed, compile_contract, is_date_time, read_json
from mockserver.contract.authority import Authority
from mockserver.domain.dialect import Dialect
from mockserver.exchange.dialects import Dialects
from mockserver.messages import Request

ROOT = Path(__file__).parents[2]
DOCUMENT: Mapping[str, Any] = yaml.safe_load((ROOT / "openapi" / "customers.yaml").read_text(encoding="utf-8"))
CONTRACT: Contract = compile_contract(DOCUMENT)
AUTHORITY = Authority(DOCUMENT)
UPDATE = CONTRACT.operations["updateCustomer"]

VALID: Mapping[str, Any] = {
    "profiles": [
        {
            "firstName": "Tom",
            "fields": {"gender": "Male"},
            "commChannels": [
                {"type": "email", "value": "t@example.com", "primary": "true", "meta": {"residence": True}}
            ],
        }
    ],
    "loyaltyInfo": {"loyaltyType": "loyalty"},
    "extendedFields": {"city": "Bangalore"},
    "loyaltyProgramEnrollments": [
        {"programId": 699, "tierNumber": 1, "loyaltyPoints": 0, "tierExpiryDate": "2024-07-11T16:36:17+05:30"}
    ],
}
ODDITIES: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        "true",
        "GOLD",
        "",
        0,
        -1,
        75.0,
        0.5,
        2**63,
        2**64,
        2.0**63,
        1e300,
        [],
        {},
        [None],
        {"": 1},
        "2024-07-11",
        "2024-07-11t16:36:17z",
        "2024-07-11T16:36:17.5 +0530",
        False,
        "False",
        "é\n",
    ]
)


def members_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the place of every member and item of a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for step, item in items for place in [(*path, step), *members_of(item, (*path, step))]]


def spoilt(changes: list[tuple[tuple[Any, ...], Any]]) -> Any:
    """Put other values at places of a valid body, as far as these still exist."""
    body = json.loads(json.dumps(VALID))
    for path, value in changes:
        parent = body
        for step in path[:-1]:
            parent = parent[step] if isinstance(parent, dict | list) and has(parent, step) else None
        if isinstance(parent, dict | list) and has(parent, path[-1]):
            parent[path[-1]] = value
    return body


def has(container: Any, step: Any) -> bool:
    return step in container if isinstance(container, dict) else isinstance(step, int) and step < len(container)


def every_example() -> list[tuple[str, str]]:
    return [(operation, name) for operation, named in CONTRACT.catalogue.examples.items() for name in named]


@pytest.mark.parametrize(("operation", "name"), every_example())
def test_every_example_obeys_the_contract(operation: str, name: str) -> None:
    status, value = CONTRACT.catalogue.examples[operation][name]

    assert CONTRACT.operations[operation].judge_response(status, value) == ()


def test_every_refusal_that_the_contract_names_is_in_the_catalogue() -> None:
    named = {code for parameter in UPDATE.parameters for code in parameter.refusals.values()} | {"8106", "8010"}

    assert {CONTRACT.catalogue.refusal(code).code for code in named} == {int(code) for code in named}


def test_a_plain_update_is_valid() -> None:
    assert UPDATE.explain_body(VALID) == ()


@given(st.lists(st.tuples(st.sampled_from(members_of(VALID)), ODDITIES), min_size=1, max_size=3))
@settings(max_examples=120)
def test_both_judges_agree_on_spoilt_bodies(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    raw = json.dumps(spoilt(changes)).encode()
    read = read_json(raw)
    assert isinstance(read, Parsed)
    request = Request(
        method="PUT",
        path="/v2/customers/171891944",
        query="source=INSTORE",
        headers={"content-type": "application/json"},
        body=raw,
    )

    verdict = AUTHORITY.judge_request(request)

    assert (UPDATE.judge_body(read.value) is None) == (verdict == ())
    explained = UPDATE.explain_body(read.value)
    assert bool(explained) == bool(verdict)
    assert UPDATE.judge_body(read.value) == (explained[0] if explained else None)


def moments() -> st.SearchStrategy[str]:
    """Texts that are times, or nearly."""
    parts = (
        st.sampled_from(["2024-02-29", "2023-02-29", "2024-7-1"]),
        st.sampled_from(["T", "t", " ", "_"]),
        st.sampled_from(["16:36:17", "24:00:00", "16:36"]),
        st.sampled_from(["", ".5", "."]),
        st.sampled_from(["Z", "z", " z", "+05:30", " -0530", "", "ZZ"]),
    )
    return st.tuples(*parts).map("".join)


@given(moments())
def test_both_judges_agree_on_times_and_take_small_letters_like_capitals(text: str) -> None:
    body = {"loyaltyProgramEnrollments": [{"programId": 699, "tierExpiryDate": text}]}
    request = Request(
        method="PUT",
        path="/v2/customers/171891944",
        query="source=INSTORE",
        headers={"content-type": "application/json"},
        body=json.dumps(body).encode(),
    )

    verdict = AUTHORITY.judge_request(request)

    assert (UPDATE.judge_body(body) is None) == (verdict == ()) == is_date_time(text) == is_date_time(text.upper())


def enums_of(node: Any) -> list[list[Any]]:
    """List the enums of a document, wherever they stand."""
    if isinstance(node, Mapping):
        own = [node["enum"]] if isinstance(node.get("enum"), list) else []
        return own + [enum for part in node.values() for enum in enums_of(part)]
    return [enum for part in node for enum in enums_of(part)] if isinstance(node, list) else []


def test_no_enum_of_any_dialect_mixes_types_which_generators_of_clients_cannot_read(dialects: Dialects) -> None:
    choices = [(question.id, answer) for question in dialects.questions.values() for answer in question.implemented]
    documents = [DOCUMENT, *(dialects.contract_of(dialect_with(dialects, *choice)).document for choice in choices)]

    mixed = [enum for document in documents for enum in enums_of(document) if len({type(one) for one in enum}) > 1]

    assert mixed == []


def dialect_with(dialects: Dialects, question: str, answer: str) -> Dialect:
    chosen = dialects.choose({question: answer}, name="other")
    assert isinstance(chosen, Dialect)
    return chosen


def test_the_package_lists_its_public_names() -> None:
    for name in mockserver.contract.__all__:
        assert hasattr(mockserver.contract, name)
    assert sorted(mockserver.contract.__all__) == sorted(
        name
        for name, value in vars(mockserver.contract).items()
        if not name.startswith("_")
        and (name.isupper() or getattr(value, "__module__", "").startswith("mockserver.contract"))
    )
