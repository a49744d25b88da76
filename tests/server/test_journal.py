"""Laws of the journal: bounded in number and in bytes, the newest stay, secrets never enter, who listens is told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import Reply, Setting, respond
from mockserver.files import World
from mockserver.messages import Request, Response
from mockserver.server.har import as_har
from mockserver.server.journal import BOUND, BYTES_BOUND, Exchange, Hiding, Journal
from mockserver.server.unfolding import unfold
from mockserver.values import replace


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


def test_a_world_keeps_1000_exchanges_and_16_mebibytes() -> None:
    assert (BOUND, BYTES_BOUND) == (1_000, 16 * 1024 * 1024)


def test_all_that_was_sent_and_answered_counts(setting: Setting) -> None:
    request = Request(method="PUT", path="/abc", query="d=e", headers={"fg": "hi"}, body=b"jk")
    response = Response(status=200, headers={"lm": "n"}, body=b"opq")
    exchange = replace(an_exchange(1, setting), request=request, reply=Reply(response=response, basis="rs", why="t"))

    assert exchange.size == 4 + 3 + 4 + 2 + 3 + 2 + 1


@pytest.mark.parametrize(
    "name",
    ["authorization", "proxy-authorization", "x-cap-api-oauth-token", "x-cap-api-auth-key", "x-mock-token", "cookie"],
)
def test_what_may_be_kept_of_a_request_is_all_but_its_secrets(name: str) -> None:
    request = Request(method="PUT", path="/", query="a=b", headers={name: "s3cret", "accept": "*/*"}, body=b"{}")

    kept = Hiding().hide(request)

    assert kept == replace(request, headers={name: "[hidden]", "accept": "*/*"})


def test_a_request_without_secrets_is_kept_as_it_is() -> None:
    request = Request(method="GET", path="/", headers={"accept": "*/*"})

    assert Hiding().hide(request) is request


NAMES = st.sampled_from(
    [
        "authorization",
        "proxy-authorization",
        "cookie",
        "x-cap-api-oauth-token",
        "x-mock-token",
        "x-api-key",
        "x-cap-api-auth-key",
        "x-csrf-token",
        "client-secret",
    ]
)
_SECRET_TEXT = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=._-", min_size=10, max_size=60)
SECRETS = _SECRET_TEXT.map("s3cr3t-{}".format)  # so that none is a text of ours by chance
SCHEMES = st.sampled_from(["Basic ", "bearer ", "Digest  ", "BASIC ", "gzip, Bearer "])
ANY_NAME = st.from_regex(r"x-[a-z]{1,12}\Z")


@given(
    by_name=st.dictionaries(NAMES, SECRETS, min_size=1),
    by_scheme=st.dictionaries(ANY_NAME, st.tuples(SCHEMES, SECRETS)),
)
def test_no_view_of_an_exchange_holds_a_secret(
    setting: Setting, demo: World, by_name: Mapping[str, str], by_scheme: Mapping[str, tuple[str, str]]
) -> None:
    schemes = {name: "".join(value) for name, value in by_scheme.items()}
    request = Request(method="PUT", path="/v2/customers/1", query="source=INSTORE", headers={**by_name, **schemes})
    reply = respond(setting, request, load=demo.customers.get, now="2026-01-01T00:00:00Z")
    exchange = replace(an_exchange(1, setting), request=Hiding().hide(request), reply=reply)

    views = (unfold(exchange, "http://mock", load=demo.customers.get), as_har([exchange], "http://mock"))

    for secret in (*by_name.values(), *(value for _, value in by_scheme.values())):
        assert secret not in json.dumps(views)
        assert secret not in repr(exchange.request)


@dataclass(slots=True)
class Heard:
    """A listener that remembers."""

    ids: list[str] = field(default_factory=list)
    has_ended: bool = False

    def hear(self, exchange: Exchange) -> None:
        self.ids.append(exchange.id)

    def end(self) -> None:
        self.has_ended = True


def test_who_listens_is_told_of_each_exchange_until_it_leaves(setting: Setting) -> None:
    journal, heard = Journal(), Heard()
    journal.add(an_exchange(1, setting))
    journal.listen(heard)
    journal.add(an_exchange(2, setting))
    journal.leave(heard)
    journal.add(an_exchange(3, setting))

    assert heard.ids == ["x2"]
    assert journal.listening == 0


def test_who_listens_to_a_world_that_goes_is_told(setting: Setting) -> None:
    journal, heard = Journal(), Heard()
    journal.listen(heard)

    journal.close()

    assert heard.has_ended
    assert journal.listening == 0
