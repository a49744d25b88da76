"""Laws of reading parameters and judging bodies."""

from typing import Any

import pytest

from mockserver.contract import Endpoint, Parameters, Violation, compile_contract
from tests.contract.documents import a_document

UPDATE: Endpoint = compile_contract(a_document()).operations["updateCustomer"]


def read(query: str, *, user_id: str = "17", **headers: str) -> Parameters | Violation:
    return UPDATE.read_parameters({"userId": user_id}, query, headers)


def problem_of(query: str, **more: str) -> tuple[str, str | None]:
    violation = read(query, **more)
    assert isinstance(violation, Violation)
    return str(violation), violation.refusal


def test_valid_parameters_are_read_by_the_contracts_names_and_types() -> None:
    sent = UPDATE.read_parameters(
        {"userId": "17"},
        "source=INSTORE&accountId=&use_async=true&limit=7&Source=x&n=1",
        {"user-context-entity-type": "TILL"},
    )

    assert isinstance(sent, Parameters)
    assert sent.values == {
        "userId": "17",
        "source": "INSTORE",
        "accountId": "",
        "use_async": True,
        "limit": 7,
        "USER-CONTEXT-ENTITY-TYPE": "TILL",
    }
    assert sent.unknown_query == ("Source", "n")


def test_defaults_are_not_filled_in_and_the_wire_is_decoded_once() -> None:
    sent = read("sourc%65=ALL&&accountId=a+b%2B%2525&%ff=1")

    assert isinstance(sent, Parameters)
    assert sent.values == {"userId": "17", "source": "ALL", "accountId": "a b+%25"}
    assert sent.unknown_query == ("%ff",)


@pytest.mark.parametrize(
    ("query", "problem", "refusal"),
    [
        ("", "query/source: is missing", "8003"),
        ("source=", "query/source: is empty", "8003"),
        ("source", "query/source: is empty", "8003"),
        ("source=instore", 'query/source: "instore" is none of INSTORE, WECHAT, ALL', "8003"),
        ("source=%FF", "query/source: is not percent-encoded UTF-8", "8003"),
        ("source=%4", "query/source: is not percent-encoded UTF-8", "8003"),
        ("source=ALL&sourc%65=ALL", "query/source: is sent 2 times", None),
        ("source=ALL&use_async=TRUE", 'query/use_async: "TRUE" is neither true nor false', None),
        ("source=ALL&use_async=1", 'query/use_async: "1" is neither true nor false', None),
        ("source=ALL&use_async=", "query/use_async: is empty", None),
        ("source=ALL&limit=07", 'query/limit: "07" is not a whole number in decimal digits', None),
        ("source=ALL&limit=%D9%A1", 'query/limit: "١" is not a whole number in decimal digits', None),
        ("source=ALL&limit=-1", "query/limit: -1 is less than 1", None),
        ("limit=51&use_async=x", "query/source: is missing", "8003"),
        ("limit=51&use_async=x&source=ALL", 'query/use_async: "x" is neither true nor false', None),
    ],
)
def test_the_first_violation_in_the_contracts_order_is_the_answer(
    query: str, problem: str, refusal: str | None
) -> None:
    assert problem_of(query) == (problem, refusal)


@pytest.mark.parametrize("user_id", ["017", "-1", "1\n", "1" * 20, "abc", "١", "%zz", "1/2"])
def test_the_path_comes_first_and_its_refusal_is_the_vendors(user_id: str) -> None:
    problem, refusal = problem_of("source=x", user_id=user_id)

    assert problem.startswith("path/userId: ")
    assert refusal == "8015"


def test_a_python_true_gets_a_hint() -> None:
    violation = read("source=ALL&use_async=True")

    assert isinstance(violation, Violation)
    assert "Python sends True" in violation.problem


@pytest.mark.parametrize(
    ("body", "problem", "refusal"),
    [
        ([], "body: an empty list is not an object", None),
        (None, "body: null is not an object", None),
        ({"profiles": [{"firstName": 5}]}, "body/profiles/0/firstName: 5 is not text", None),
        (
            {"profiles": [{"firstName": "x" * 70}]},
            f'body/profiles/0/firstName: "{"x" * 59}…" is longer than 20 characters',
            None,
        ),
        ({"profiles": [{"fields": {"a/b~": 5}}]}, "body/profiles/0/fields/a~1b~0: 5 is not text", None),
        ({"profiles": [None]}, "body/profiles/0: null is not an object", None),
        ({"points": True}, "body/points: true is not a whole number", None),
        ({"points": 75.5}, "body/points: 75.5 is not a whole number", None),
        ({"points": 2**63}, "body/points: 9223372036854775808 is more than 9223372036854775807", None),
        (
            {"expiry": "2023-02-29T00:00:00Z"},
            'body/expiry: "2023-02-29T00:00:00Z" is no date and time with an offset',
            None,
        ),
        ({"loyaltyType": "GOLD"}, 'body/loyaltyType: "GOLD" is not "loyalty" or "non_loyalty"', None),
        ({"extra": {"z": 1}}, "body/extra/z: is not in the contract", None),
    ],
)
def test_a_violation_names_value_and_place(body: Any, problem: str, refusal: str | None) -> None:
    violation = UPDATE.judge_body(body)

    assert violation is not None
    assert (str(violation), violation.refusal) == (problem, refusal)


def a_channel(channel: Any) -> dict[str, Any]:
    return {"profiles": [{"commChannels": [channel]}]}


def test_a_missing_member_and_a_null_in_its_place_have_the_refusal_for_missing() -> None:
    place = "body/profiles/0/commChannels/0/type"
    for channel, problem in (
        ({"value": "x"}, "is missing"),
        ({"value": "x", "type": None}, "is null, which counts as missing"),
    ):
        violation = UPDATE.judge_body(a_channel(channel))
        assert violation is not None
        assert (violation.place, violation.problem, violation.refusal) == (place, problem, "8106")


def test_an_unknown_value_has_the_refusal_for_invalid_and_the_rule_is_named() -> None:
    violation = UPDATE.judge_body(a_channel({"type": "fax", "value": "x"}))

    assert violation is not None
    assert violation.refusal == "8010"
    assert violation.rule == "#/components/schemas/ChannelType/enum"
    assert violation.repair == "send one of mobile or email at body/profiles/0/commChannels/0/type"


def test_one_is_not_true_and_75_point_0_is_an_integer() -> None:
    assert UPDATE.judge_body(a_channel({"type": "email", "value": "x", "primary": True})) is None
    assert UPDATE.judge_body(a_channel({"type": "email", "value": "x", "primary": 1})) is not None
    assert UPDATE.judge_body({"points": 75.0}) is None


def test_violations_come_in_the_order_in_which_the_body_was_written() -> None:
    points, name = {"points": -1}, {"profiles": [{"firstName": 5}]}

    assert [v.place for v in UPDATE.explain_body(points | name)] == ["body/points", "body/profiles/0/firstName"]
    assert [v.place for v in UPDATE.explain_body(name | points)] == ["body/profiles/0/firstName", "body/points"]


def test_a_missing_member_stands_at_the_start_of_its_object() -> None:
    body = {"profiles": [{"firstName": 5, "commChannels": [{"value": 5}, {"type": "fax"}]}]}

    places = [violation.place.removeprefix("body/profiles/0/") for violation in UPDATE.explain_body(body)]

    expected = [
        "firstName",
        "commChannels/0/type",
        "commChannels/0/value",
        "commChannels/1/value",
        "commChannels/1/type",
    ]
    assert places == expected


@pytest.mark.parametrize(
    "name", ["", "0", "007", "+7", "-1", "18446744073709551615", "\x00", "\x007", "%41", "~/", "é"]
)
def test_any_name_of_a_member_is_named_as_it_was_sent(name: str) -> None:
    fields = {"7": "x", name: 5, "07": "x"}

    (violation,) = UPDATE.explain_body({"profiles": [{"fields": fields}]})
    (unexpected,) = UPDATE.explain_body({"extra": {name: 5}})

    escaped = name.replace("~", "~0").replace("/", "~1")
    assert (violation.place, violation.problem) == (f"body/profiles/0/fields/{escaped}", "5 is not text")
    assert unexpected.place == f"body/extra/{escaped}"


def test_twenty_thousand_violations_are_listed_in_good_time() -> None:
    body = {"profiles": [{"fields": {str(number): number for number in range(20_000)}}], "points": -1}

    violations = UPDATE.explain_body(body)

    assert len(violations) == 20_001
    assert UPDATE.judge_body(body) == violations[0]


def test_responses_are_judged_by_their_status() -> None:
    assert UPDATE.judge_response(200, {"createdId": 5}) == ()
    assert UPDATE.judge_response(200, {}) == ("body/createdId: is missing",)
    assert UPDATE.judge_response(299, {}) == ("status: 299 is not declared for updateCustomer",)
