"""Answers as HTTP: the headers that explain them, and the envelope of refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.dialect import Dialect
from mockserver.domain.outcome import Basis
from mockserver.exchange import Setting, refuse, text_header
from mockserver.exchange.rendering import ground
from mockserver.files import World
from mockserver.values import replace
from tests.exchange.mock import a_mock, body_of, codes_of


@given(text=st.text(max_size=3000))
def test_a_header_is_printable_ascii_and_not_longer_than_1_kib(text: str) -> None:
    header = text_header(text)

    assert header.isascii()
    assert header.isprintable()
    assert len(header) <= 1024


@given(text=st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=1024))
def test_printable_ascii_is_left_as_it_is(text: str) -> None:
    assert text_header(text) == text


@pytest.mark.parametrize(("text", "header"), [("Zoë\r\n", "Zo\\u00eb\\u000d\\u000a"), ("𝒳", "\\U0001d4b3")])
def test_other_characters_are_escaped(text: str, header: str) -> None:
    assert text_header(text) == header


def test_a_basis_names_the_weakest_first_and_nothing_twice(documented: Dialect) -> None:
    basis = Basis(statements=("UPD-ERR-1", "UPD-ERR-1"), questions=("source-unknown", "account-missing"))

    grounds = ground(basis, documented)
    kinds = [item.kind for item in grounds.items]

    assert grounds.text == "; ".join(f"{item.kind} {item.name}" for item in grounds.items)
    assert len(kinds) == 3
    assert kinds == sorted(kinds, key=["assumed", "published", "documented"].index)


def test_what_is_said_in_another_script_reaches_the_headers_escaped(setting: Setting, demo: World) -> None:
    reply = a_mock(setting, demo).put(171891944, {"profiles": [{"fields": {"शहर": "x" * 2000}}]})

    assert "\\u0936" in reply.response.headers["X-Mock-Why"]
    assert all(value.isascii() and len(value) <= 1024 for value in reply.response.headers.values())
    assert codes_of(reply) == (1017,)


def test_every_answer_says_what_it_rests_on(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)

    for reply in (mock.put(171891944), mock.get(171891944), mock.get(1), mock.send("GET", "/nowhere")):
        assert reply.response.headers["X-Mock-Basis"]
        assert reply.response.headers["Content-Type"] == "application/json"


def test_the_other_path_of_the_page_is_refused_with_its_statements(setting: Setting, demo: World) -> None:
    reply = a_mock(setting, demo).send("PUT", "/v2/promotion/customer", query="source=INSTORE")

    assert (reply.response.status, reply.code) == (404, 404)
    assert {"documented UPD-RES-1", "documented UPD-END-1"} <= set(reply.basis.split("; "))


def test_a_method_that_the_path_does_not_have_is_told_which_it_has(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)

    refused, asked = mock.send("DELETE", "/v2/customers/1"), mock.send("OPTIONS", "/v2/customers/1")

    assert refused.response.status == 405
    assert asked.response.status == 204
    assert refused.response.headers["Allow"] == asked.response.headers["Allow"] == "GET, HEAD, OPTIONS, PUT"


@pytest.mark.parametrize("name", ["400", "413", "417", "429", "500", "503"])
def test_the_shell_refuses_in_the_same_envelope(setting: Setting, name: str) -> None:
    reply = refuse(setting, name, "because")

    assert reply.response.status == int(name)
    assert [(error["status"], error["code"]) for error in body_of(reply)["errors"]] == [(False, int(name))]


@pytest.mark.parametrize(("answer", "status"), [("400", 400), ("200", 200), ("404-for-8015", 404)])
def test_the_status_of_a_vendor_s_code_is_the_dialect_s(
    setting: Setting, demo: World, answer: str, status: int
) -> None:
    dialect = replace(setting.dialect, answers={**setting.dialect.answers, "error-status": answer})

    reply = a_mock(replace(setting, dialect=dialect), demo).put(1)

    assert (reply.response.status, reply.code) == (status, 8015)
