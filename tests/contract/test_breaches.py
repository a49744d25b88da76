"""The law of breaches: what is read quickly, and kept by the way through the schemas, is what the plain way says."""

import cProfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.contract.schemas import Schema, Schemas
from mockserver.contract.violation import pointer
from mockserver.exchange.dialects import Dialects
from tests.contract.documents import BODY, a_document
from tests.contract.plain_breaches import Plain, plain_judge
from tests.contract.test_real_contract import ODDITIES, VALID, members_of, spoilt

_ODD = "#/components/schemas/Odd"
_TEXT = {"type": "string"}
# Each way to refuse, in each way to lead there.
_ODD_DOCUMENT: Mapping[str, Any] = {
    "components": {
        "schemas": {
            "Odd": {
                "type": "object",
                "required": ["b", "a"],
                "properties": {
                    "a": {"items": {"$ref": "#/components/schemas/Odd"}, "maxItems": 2},
                    "b": False,
                    "c": {"items": False},
                    "d": {"additionalProperties": False},
                    "e": {"properties": {"a": _TEXT}, "additionalProperties": False, "required": ["a"]},
                    "f": {"allOf": [{"additionalProperties": _TEXT}, {"minProperties": 1}]},
                    "g": {"anyOf": [_TEXT, {"type": "null"}], "x-refusal": {"invalid": "7"}},
                    "items": {"not": {"type": "null"}, "x-refusal": {"missing": "8"}},
                },
                "additionalProperties": {"items": _TEXT, "additionalProperties": {"items": False}},
            }
        }
    }
}
_PLAIN = "#/components/schemas/Plain"
# Plain enough to go down to the first breach, with what must stop that.
_PLAIN_DOCUMENT: Mapping[str, Any] = {
    "components": {
        "schemas": {
            "Plain": {
                "type": ["object", "string"],
                "maxProperties": 4,
                "properties": {
                    "a": {"type": ["array", "string"], "items": {"$ref": _PLAIN}, "maxItems": 2},
                    "b": {"$ref": "#/components/schemas/Leaf"},
                    "c": {"properties": {"a": _TEXT, "b": _TEXT}, "additionalProperties": False},
                    "d": {"allOf": [{"$ref": "#/components/schemas/Texts"}], "additionalProperties": {"$ref": _PLAIN}},
                    "e": {"$ref": _PLAIN, "additionalProperties": _TEXT},
                    "f": {"required": ["a"], "additionalProperties": {"$ref": _PLAIN}},
                    "g": {"not": {"maxItems": 0}, "anyOf": [{"minItems": 2}, {"type": "string"}], "items": _TEXT},
                },
                "additionalProperties": {"$ref": _PLAIN},
            },
            "Texts": {"additionalProperties": _TEXT},
            "Leaf": {"type": ["string", "null"], "x-refusal": {"missing": "7", "invalid": "8"}},
        }
    }
}
NAMES = st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "items", "properties", "", "0", "007", "+7", "\x00", "~/"])
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, 5, "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)
SPOILT = st.lists(st.tuples(st.sampled_from(members_of(VALID)), ODDITIES | ANYTHING), max_size=4).map(spoilt)


def agree(schema: Schema, plain: Callable[[Any], list[Plain]], value: Any) -> None:
    expected = [(f"body{pointer(path)}", *rest) for path, *rest in plain(value)]
    read = schema.violations(value, "body")
    first, refused = schema.first_violation(value, "body"), schema.first_refusal(value, "body")

    found = [(item.place, item.rule, item.refusal, "missing" in item.problem) for item in read]
    assert found == expected
    assert first == (read[0] if read else None)
    assert schema.first_violation(value, "body", is_large=True) == first
    assert refused == ((read[0].place, read[0].refusal) if read else None)


@given(ANYTHING)
@example({"a": [{"": 5}], "": {"a": [5]}, "007": {"": [5]}})
@example({"a": 1, "d": {"": 1}, "c": [1], "e": {"007": None, "a": None}})
@settings(max_examples=400)
def test_every_way_to_refuse_is_read_as_the_plain_way_reads_it(value: Any) -> None:
    agree(_ODD_SCHEMA, _ODD_PLAIN, value)


@given(ANYTHING)
@example({"c": {"z": 1, "a": 5}})
@example({"d": {"a": {"b": 5}, "b": 5}})
@example({"f": {"b": 5}, "a": ["x", {"b": 5}]})
@example({"a": [{"b": 5}, {"b": 5}, {}], "g": [5]})
@settings(max_examples=400)
def test_whoever_goes_down_to_the_first_breach_finds_what_the_plain_way_finds(value: Any) -> None:
    agree(_PLAIN_SCHEMA, _PLAIN_JUDGE, value)


@given(SPOILT | ANYTHING)
@settings(max_examples=150)
def test_bodies_are_read_as_the_plain_way_reads_them(value: Any) -> None:
    agree(_OUR_SCHEMA, _OUR_PLAIN, value)


@pytest.mark.parametrize("answers", [(), (("null-value", "reject"), ("unknown-body-member", "reject"))])
def test_bodies_are_read_so_under_any_dialect(dialects: Dialects, answers: tuple[tuple[str, str], ...]) -> None:
    dialect = dialects.with_answers(dialects.choose({}, name="ours"), *answers)
    document = dialects.contract_of(dialect).document
    schema, plain = Schemas(document=document).at(BODY), plain_judge(document, BODY)

    @given(SPOILT)
    @settings(max_examples=150)
    def law(value: Any) -> None:
        agree(schema, plain, value)

    law()


def test_a_null_that_is_not_in_the_contract_is_not_called_missing() -> None:
    body = {"b": {}, "a": [], "e": {"a": "x", "b": None}}

    place = {violation.place: violation.problem for violation in _ODD_SCHEMA.violations(body, "body")}

    assert place["body/e/b"] == "is not in the contract"


def test_the_first_of_many_breaches_costs_hardly_more_than_the_first_of_few() -> None:
    def steps_for(number: int) -> int:
        body = {"profiles": [{"firstName": position} for position in range(number)]}
        return count_calls(lambda: _OUR_SCHEMA.first_violation(body, "body", is_large=True))

    steps_for(10)  # what is read once is read here

    assert steps_for(10_000) < 2 * steps_for(100)


def count_calls(run: Callable[[], object]) -> int:
    profile = cProfile.Profile()
    profile.runcall(run)
    return sum(entry.callcount for entry in profile.getstats())


_ODD_SCHEMA = Schemas(document=_ODD_DOCUMENT).at(_ODD)
_ODD_PLAIN = plain_judge(_ODD_DOCUMENT, _ODD)
_PLAIN_SCHEMA = Schemas(document=_PLAIN_DOCUMENT).at(_PLAIN)
_PLAIN_JUDGE = plain_judge(_PLAIN_DOCUMENT, _PLAIN)
_OUR_SCHEMA = Schemas(document=a_document()).at(BODY)
_OUR_PLAIN = plain_judge(a_document(), BODY)
