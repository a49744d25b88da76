"""Laws of the journal: bounded in number and in bytes, the newest stay, secrets never enter."""

from dataclasses import replace

import pytest

from mockserver.exchange import Reply, Setting
from mockserver.messages import Request, Response
from mockserver.server.journal import Exchange, Journal, hide_secrets


def an_exchange(number: int, setting: Setting, *, body: bytes = b"") -> Exchange:
    request = Request(method="PUT", path="/", body=body)
    reply = Reply(response=Response(status=200))
    return Exchange(
        id=f"x{number}", time="", world="demo", request=request, reply=reply, milliseconds=0.1, setting=setting
    )


def ids(journal: Journal) -> list[str]:
    return [exchange.id for exchange in journal]


def test_the_newest_stay_when_the_journal_is_full(setting: Setting) -> None:
    journal = Journal(bound=3)
    for number in range(10):
        journal.add(an_exchange(number, setting))

    assert ids(journal) == ["x9", "x8", "x7"]


def test_large_bodies_fill_the_journal_too(setting: Setting) -> None:
    journal = Journal(bytes_bound=250)
    for number in range(10):
        journal.add(an_exchange(number, setting, body=b"." * 100))

    assert ids(journal) == ["x9", "x8"]


def test_forgetting_frees_the_bytes(setting: Setting) -> None:
    journal = Journal(bytes_bound=250)
    journal.add(an_exchange(1, setting, body=b"." * 200))

    journal.clear()
    journal.add(an_exchange(2, setting, body=b"." * 200))

    assert ids(journal) == ["x2"]
    assert journal.find("x1") is None


@pytest.mark.parametrize(
    "name", ["authorization", "proxy-authorization", "x-cap-api-oauth-token", "x-mock-token", "cookie"]
)
def test_what_may_be_kept_of_a_request_is_all_but_its_secrets(name: str) -> None:
    request = Request(method="PUT", path="/", query="a=b", headers={name: "s3cret", "accept": "*/*"}, body=b"{}")

    kept = hide_secrets(request)

    assert kept == replace(request, headers={name: "[hidden]", "accept": "*/*"})


def test_a_request_without_secrets_is_kept_as_it_is() -> None:
    request = Request(method="GET", path="/", headers={"accept": "*/*"})

    assert hide_secrets(request) is request
