"""Content-Type, Accept and Prefer, as RFC 9110 and RFC 7240 read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import Setting
from mockserver.exchange.negotiation import accepts_json, is_json, read_preferences
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
    ],
)
def test_an_accept_that_excludes_json(accept: str) -> None:
    assert not accepts_json(accept)


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
