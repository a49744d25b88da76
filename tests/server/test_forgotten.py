"""The law of what is forgotten: nothing is said of what was requested that the whole history would contradict."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.server.journal import Exchange, Journal
from mockserver.server.matching import Criteria, Times, describe_unknown, in_order, verify
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from mockserver.values import replace
from tests.server.client import Client
from tests.server.exchanges import exchange_of

UPDATE, READ, PREFLIGHT, CLEAR = "PUT", "GET", "OPTIONS", "clear"
BOUNDS = st.tuples(st.integers(0, 6), st.none() | st.integers(0, 6)).filter(
    lambda both: both[1] is None or both[0] <= both[1]
)


@pytest.fixture(scope="module")
def kinds(setting: Setting, demo: World) -> dict[str, Exchange]:
    """An exchange of each kind."""
    return {
        UPDATE: exchange_of(setting, demo, 171891944, {}),
        READ: exchange_of(setting, demo, 171891944, method="GET"),
        PREFLIGHT: replace(exchange_of(setting, demo, 171891944, {}), preflight=True),
    }


def played(kinds: dict[str, Exchange], steps: list[str]) -> tuple[Journal, list[Exchange]]:
    """Return a journal of three, and the whole history since it was last cleared, newest first."""
    journal = Journal(bound=3)
    history: list[Exchange] = []
    for number, step in enumerate(steps):
        if step == CLEAR:
            journal.clear()
            history = []
            continue
        exchange = replace(kinds[step], id=f"x{number}")
        journal.add(exchange)
        history = [exchange, *history] if step != PREFLIGHT else history
    return journal, history


STEPS = st.lists(st.sampled_from([UPDATE, UPDATE, READ, READ, PREFLIGHT, CLEAR]), max_size=14)


@given(steps=STEPS, bounds=BOUNDS)
def test_what_is_verified_is_so_in_the_whole_history(
    kinds: dict[str, Exchange], steps: list[str], bounds: tuple[int, int | None]
) -> None:
    journal, history = played(kinds, steps)
    times, criteria = Times(least=bounds[0], most=bounds[1]), Criteria(method="PUT")

    said = verify(criteria, journal.exchanges(), times, forgotten=journal.forgotten).holds

    assert said in (None, verify(criteria, history, times).holds)
    assert journal.forgotten or said is not None


@given(steps=STEPS, wanted=st.lists(st.sampled_from([UPDATE, READ]), min_size=1, max_size=4))
def test_an_order_that_is_told_is_so_in_the_whole_history(
    kinds: dict[str, Exchange], steps: list[str], wanted: list[str]
) -> None:
    journal, history = played(kinds, steps)
    criteria = [Criteria(method=method) for method in wanted]

    said = in_order(criteria, journal.exchanges(), forgotten=journal.forgotten).holds

    assert said in (None, in_order(criteria, history).holds)
    assert journal.forgotten or said is not None


@pytest.mark.parametrize(
    ("found", "forgotten", "times", "said"),
    [
        (0, 1, Times.exactly(0), None),
        (1, 1, Times.exactly(0), False),
        (0, 1, Times(least=1), None),
        (1, 1, Times(least=1), True),
        (1, 1, Times.exactly(1), None),
        (2, 9, Times.exactly(1), False),
        (0, 1, Times.exactly(3), False),
        (0, 3, Times(least=0, most=3), True),
        (0, 4, Times(least=0, most=3), None),
        (0, 0, Times(least=1), False),
    ],
)
def test_a_count_is_known_where_what_is_forgotten_cannot_change_it(
    found: int, forgotten: int, times: Times, said: bool | None
) -> None:
    assert times.decide(found, forgotten) is said


def test_the_message_names_what_was_asked_and_how_much_is_forgotten(kinds: dict[str, Exchange]) -> None:
    verified = verify(Criteria(operation="updateCustomer"), [kinds[READ]], Times.exactly(0), forgotten=2)

    assert describe_unknown(verified) == (
        "updateCustomer was not to be requested, and 0 of it are kept; whether that is so cannot be known, "
        "since the journal has forgotten 2 exchanges"
    )


@pytest.fixture(scope="module")
def full() -> Any:
    """A server whose journal keeps 100, of 101 exchanges: an update first, then reads."""
    with ServerThread(ServeOptions(port=0, journal=100)) as server:
        client = Client(server.url)
        client.update(171891944, {})
        for _ in range(100):
            client.send("GET", "/v2/customers/171891945?source=INSTORE")
        yield client


@pytest.mark.parametrize(
    "counts", [{"times": 0}, {"atMost": 0}, {"times": 1}, {"atLeast": 1}, {"atLeast": 0, "atMost": 0}, {}]
)
def test_a_count_that_depends_on_what_is_forgotten_is_refused_with_the_cure(full: Client, counts: Any) -> None:
    answer = full.send("POST", "/_mock/requests/verify", json={"customer": 171891944, **counts})

    assert answer.status == 409
    message = answer.json.pop("message")
    assert answer.json | {"message": message} == {"verified": None, "forgotten": 1, "message": message}
    assert "forgotten 1 exchange; keep more with serve --journal N" in message
    assert "DELETE /_mock/requests" in message


def test_a_count_that_is_known_is_answered_all_the_same(full: Client) -> None:
    def verified(**record: Any) -> Any:
        return full.send("POST", "/_mock/requests/verify", json=record).json["verified"]

    assert verified(customer=171891945, atLeast=100) is True
    assert verified(customer=171891945, times=99) is False
    assert verified(customer=171891944, times=2) is False
    assert verified(customer=171891944, atMost=1) is True


def test_the_list_says_how_much_is_forgotten_and_a_fork_is_as_large(full: Client) -> None:
    listed = full.send("GET", "/_mock/requests?limit=2").json
    assert (len(listed["requests"]), listed["total"], listed["forgotten"]) == (2, 100, 1)

    full.send("POST", "/_mock/worlds", json={"name": "fork"})
    fork = Client(f"{full.root}/_mock/w/fork")
    for _ in range(102):
        fork.send("GET", "/v2/customers/171891945?source=INSTORE")

    listed = fork.send("GET", "/_mock/requests?limit=0").json
    assert listed == {"requests": [], "total": 100, "forgotten": 2}
    fork.send("DELETE", "/_mock/requests")
    assert fork.send("GET", "/_mock/requests").json == {"requests": [], "total": 0, "forgotten": 0}
    assert fork.send("POST", "/_mock/requests/verify", json={"times": 0}).json["verified"] is True
