"""Content-Type, Accept and Prefer, as RFC 9110 and RFC 7240 read them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import Setting
from mockserver.exchange.negotiation import accepts_json, choose_type, is_json, read_preferences, weight_of
from mockserver.files import World
from mockserver.messages import Request
from tests.exchange.mock import PAGE_CREDENTIALS, a_mock


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/json ;charset=x"],
)
def test_json_is_json_whatever_its_parameters(content_type: str) -> None:
    assert is_json(content_type)


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/jsonp", "application/problem+json", "json", ";application/json"],
)
def test_anything_else_is_not(content_type: str | None) -> None:
    assert not is_json(content_type)


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "*/*",
        "application/*",
        "application/json;q=0.1",
        "text/html, application/json",
        "text/html,*/*;q=0.8",
        "application/json, */*;q=0",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "*/*;q=x",
        "application/json;q=nan",
        "application/json;q=-1",
        "application/json;q=2",
        "application/json;q=0.0001",
        "application/json;q=.2",
        'application/json;q="0"',
        "application/json;v=1",
        "application/json;v=1;q=0, */*",
        "application/json;q=0, application/json",
        "text/html, image/gif, *; q=.2, */*; q=.2",
        'text/html;title="a,b;q=0", application/json',
        ",",
        ";",
        "*",
        "json",
        "q=nan",
        "json;q=0, text",
    ],
)
def test_an_accept_that_admits_json(accept: str | None) -> None:
    assert accepts_json(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "text/*",
        "application/xml",
        "application/json;q=0",
        "application/json;q=0.000, */*",
        "application/*;q=0, */*",
        "*/*;q=0",
        "*/*;Q=0.",
        "application/json;v=1;q=0",
        "application/json;q=0;v=1, application/xml",
        'text/html;title="application/json, application/json',
        "json, text/html",
    ],
)
def test_an_accept_that_excludes_json(accept: str) -> None:
    assert not accepts_json(accept)


NAMES = st.sampled_from(["application/json", "application/yaml", "application/*", "text/*", "*/*", "text/yaml", "json"])
WEIGHTS = st.sampled_from(
    [None, "0", "0.", "0.000", "0.001", "0.5", "1", "1.000", "nan", "inf", "1.001", "2", "-0", ""]
)
SPACES = st.sampled_from(["", " ", "\t"])


def written(name: str, weight: str | None, space: str, letter: str) -> str:
    """Write a range of an Accept header."""
    return f"{space}{name}" if weight is None else f"{space}{name}{space};{space}{letter}={weight}"


def plain_weight(ranges: list[tuple[str, str | None]], media_type: str) -> Fraction:
    """RFC 9110 §12.5.1 once more: look for the type itself, then for its kind, then for anything."""
    none, whole = Fraction(0), Fraction(1)
    valid = {"0": none, "0.": none, "0.000": none, "0.001": Fraction(1, 1000), "0.5": Fraction(1, 2)}
    if not any("/" in name for name, _ in ranges):
        return whole
    for wanted in (media_type, media_type.split("/")[0] + "/*", "*/*"):
        weights = [valid.get(weight or "1", whole) for name, weight in ranges if name == wanted]
        if weights:
            return max(weights)
    return none


@given(st.lists(st.tuples(NAMES, WEIGHTS, SPACES, st.sampled_from("qQ")), min_size=1, max_size=5))
def test_the_most_specific_range_decides_whatever_the_order(ranges: list[tuple[str, str | None, str, str]]) -> None:
    header = ",".join(written(*item) for item in ranges)
    plain = [(name, weight) for name, weight, _, _ in ranges]
    types = ("application/json", "application/yaml", "text/yaml")

    weights = {media_type: plain_weight(plain, media_type) for media_type in types}

    assert {media_type: weight_of(header, media_type) for media_type in types} == {
        media_type: float(weight) for media_type, weight in weights.items()
    }
    assert accepts_json(header) == accepts_json(header.upper()) == (weights["application/json"] > 0)
    assert weights[choose_type(header, types)] == max(weights.values())


def test_a_preference_in_quotes_may_hold_separators() -> None:
    assert read_preferences('note="a, code=1;x", code="8018"') == {"note": "a, code=1;x", "code": "8018"}


@given(header=st.text())
def test_any_header_is_read_without_failing(header: str) -> None:
    is_json(header)
    accepts_json(header)
    read_preferences(header)


def test_the_first_of_repeated_preferences_counts() -> None:
    assert read_preferences('respond-async, Code="8018"; x=1 , code=8015, example = 400') == {
        "respond-async": "",
        "code": "8018",
        "example": "400",
    }


def test_no_body_needs_no_content_type(setting: Setting, demo: World) -> None:
    request = Request(
        method="PUT",
        path="/v2/customers/171891944",
        query="source=INSTORE",
        headers={"authorization": PAGE_CREDENTIALS, "content-type": "text/plain"},
    )

    assert a_mock(setting, demo).receive(request).response.status == 200
