"""Laws of the journal: bounded in number and in bytes, the newest stay, secrets never enter, who listens is told."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import Reply, Setting
from mockserver.messages import Request, Response
from mockserver.server.hiding import Hiding
from mockserver.server.journal import BOUND, BYTES_EACH, Exchange, Journal
from mockserver.values import replace


def an_exchange(number: int, setting: Setting, *, size: int = 0, preflight: bool = False) -> Exchange:
    request = Request(method="PUT", path="/")
    reply = Reply(response=Response(status=200))
    return Exchange(
        id=f"x{number}",
        time="",
        world="demo",
        request=request,
        reply=reply,
        milliseconds=0.1,
        setting=setting,
        size=size,
        preflight=preflight,
    )


def ids(journal: Journal) -> list[str]:
    return [exchange.id for exchange in journal]


def test_the_newest_stay_when_the_journal_is_full(setting: Setting) -> None:
    journal = Journal(bound=3)
    for number in range(10):
        journal.add(an_exchange(number, setting))

    assert ids(journal) == ["x9", "x8", "x7"]


def test_large_exchanges_fill_the_journal_too(setting: Setting) -> None:
    journal = Journal(bytes_bound=250)
    for number in range(10):
        journal.add(an_exchange(number, setting, size=100))

    assert ids(journal) == ["x9", "x8"]


def test_forgetting_frees_the_bytes(setting: Setting) -> None:
    journal = Journal(bytes_bound=250)
    journal.add(an_exchange(1, setting, size=200))

    journal.clear()
    journal.add(an_exchange(2, setting, size=200))

    assert ids(journal) == ["x2"]
    assert journal.find("x1") is None


def test_whatever_was_answered_last_is_kept_however_large(setting: Setting) -> None:
    journal = Journal(bytes_bound=250)
    for number in range(3):
        journal.add(an_exchange(number, setting, size=10_000))

    assert ids(journal) == ["x2"]


def test_a_world_keeps_1000_exchanges_of_16_kibibytes_on_average() -> None:
    assert (BOUND, BYTES_EACH) == (1_000, 16 * 1024)
    assert Journal().bound == BOUND


STEPS = st.lists(st.sampled_from(["add", "large", "preflight", "clear", "amend"]), max_size=40)


@given(steps=STEPS)
def test_what_had_to_make_room_is_counted_and_what_was_cleared_is_not(setting: Setting, steps: list[str]) -> None:
    journal = Journal(bound=5, bytes_bound=500)
    came: list[Exchange] = []
    for number, step in enumerate(steps):
        if step == "clear":
            journal.clear()
            came = []
        elif step == "amend":
            journal.amend(f"x{number - 1}", "dropped")
        else:
            size = 300 if step == "large" else 1
            came.append(an_exchange(number, setting, size=size, preflight=step == "preflight"))
            journal.add(came[-1])

    traffic = [exchange for exchange in came if not exchange.preflight]
    assert len(journal.exchanges()) + journal.forgotten == len(traffic)
    assert ids(journal) == [exchange.id for exchange in reversed(came)][: len(journal)]
    assert [exchange.id for exchange in journal.exchanges(with_preflights=True)] == ids(journal)


def test_a_fork_of_a_journal_is_empty_and_as_large(setting: Setting) -> None:
    journal = Journal(bound=100)
    journal.add(an_exchange(1, setting))

    fork = journal.fork()

    assert (len(fork), fork.bound, fork.forgotten) == (0, 100, 0)
    assert fork.run != journal.run


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
