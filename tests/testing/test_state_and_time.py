"""Laws of a test's world: reset, snapshots, background work, the clock, the dialect, the credentials."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mockserver import CustomerApi
from tests.server.client import Client

ASHA = 171891944
TOM = {"profiles": [{"firstName": "Tom"}]}
LOYAL = {"loyaltyInfo": {"loyaltyType": "loyalty"}}
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_reset_brings_back_what_the_world_began_with(customer_api: CustomerApi, client: Client) -> None:
    before = customer_api.customers
    client.update(ASHA, TOM)
    added = customer_api.add_customer()

    customer_api.reset()

    assert customer_api.customers == before
    assert len(customer_api.requests) == 1
    with pytest.raises(LookupError):
        customer_api.customer(added.id)


def test_a_snapshot_is_gone_back_to_as_often_as_one_likes(customer_api: CustomerApi, client: Client) -> None:
    client.update(ASHA, TOM)
    customer_api.snapshot("renamed")
    kept = customer_api.customers
    for _ in range(2):
        client.update(ASHA, {"profiles": [{"firstName": "Kim"}]})
        customer_api.restore("renamed")
        assert customer_api.customers == kept

    with pytest.raises(LookupError, match="has no snapshot 'other'; there are renamed"):
        customer_api.restore("other")


@pytest.mark.parametrize("name", ["", "x" * 65, "half \ud800", 5, None])
def test_a_snapshot_has_a_name_that_the_control_plane_can_show(customer_api: CustomerApi, name: Any) -> None:
    with pytest.raises(ValueError, match=r"^snapshot: .* is no name; give a text of 1 to 64 characters$"):
        customer_api.snapshot(name)


def test_background_work_waits_while_the_clock_stands_still(customer_api: CustomerApi, client: Client) -> None:
    customer_api.clock.freeze(NOON)
    client.update(ASHA, LOYAL, query="source=INSTORE&use_async=true")
    assert customer_api.customer(ASHA).enrolment(699).points == 0

    customer_api.settle()

    assert customer_api.customer(ASHA).enrolment(699).points == 25


@pytest.mark.parametrize("go_on", ["advance", "freeze", "follow"])
def test_background_work_is_done_when_the_clock_goes_on(customer_api: CustomerApi, client: Client, go_on: str) -> None:
    customer_api.clock.freeze("2026-01-01T12:00:00Z")
    client.update(ASHA, LOYAL, query="source=INSTORE&use_async=true")
    customer_api.clock.freeze(NOON)
    assert customer_api.customer(ASHA).enrolment(699).points == 0

    ways: dict[str, Callable[[], object]] = {
        "advance": lambda: customer_api.clock.advance("1s"),
        "freeze": lambda: customer_api.clock.freeze(NOON + timedelta(seconds=1)),
        "follow": customer_api.clock.follow,
    }
    ways[go_on]()

    assert customer_api.customer(ASHA).enrolment(699).points == 25


def test_what_an_update_dates_follows_the_clock(customer_api: CustomerApi, client: Client) -> None:
    assert customer_api.clock.freeze(NOON) == customer_api.clock.now == NOON
    client.update(ASHA, TOM)
    assert customer_api.clock.advance("2h") == NOON + timedelta(hours=2)
    assert customer_api.clock.advance(timedelta(minutes=1)) == NOON + timedelta(hours=2, minutes=1)
    client.update(ASHA, {"profiles": [{"firstName": "Kim"}]})

    assert [entry.at for entry in customer_api.customer(ASHA).audit] == ["2026-01-01T12:00:00Z", "2026-01-01T14:01:00Z"]
    assert [request.time for request in customer_api.requests] == ["2026-01-01T12:00:00Z", "2026-01-01T14:01:00Z"]
    assert abs(customer_api.clock.follow() - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_clock_can_be_frozen_where_it_is(customer_api: CustomerApi) -> None:
    frozen = customer_api.clock.freeze()

    assert customer_api.clock.now == frozen


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda clock: clock.freeze("yesterday"), "clock.freeze: 'yesterday' is no time; give RFC 3339 such as 2026"),
        (lambda clock: clock.freeze(datetime(2026, 1, 1)), "with a time zone"),
        (lambda clock: clock.advance("2 hours"), "clock.advance: '2 hours' is no duration; give a timedelta, or a n"),
        (lambda clock: clock.advance(timedelta(hours=-1)), "is no duration"),
        (lambda clock: clock.advance(timedelta(days=3_000_000)), "leads beyond the year 9999; advance by less"),
    ],
)
def test_a_time_that_is_none_is_refused(customer_api: CustomerApi, ask: Callable[[Any], object], words: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        ask(customer_api.clock)

    assert words in str(raised.value)


def test_a_question_can_be_answered_otherwise_in_one_world(
    customer_api_factory: Callable[..., CustomerApi],
) -> None:
    one, other = customer_api_factory(), customer_api_factory()
    downgrade = {"loyaltyInfo": {"loyaltyType": "non_loyalty"}}
    customer = one.add_customer(loyalty=True).id
    other.add_customer(loyalty=True)

    assert one.dialect(loyalty_downgrade="ignore")["loyalty-downgrade"] == "ignore"
    assert one.dialect()["loyalty-downgrade"] == "ignore"

    assert Client(one.url).update(customer, downgrade).status == 200
    assert Client(other.url).update(customer, downgrade).code == 8018


def test_a_world_can_begin_under_another_dialect(customer_api_factory: Callable[..., CustomerApi]) -> None:
    api = customer_api_factory("single-eligibility", dialect={"error_status": "200"})

    answer = Client(api.url).update(5, {})

    assert (answer.status, answer.code) == (200, 8015)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (
            {"loyalty_downgrad": "ignore"},
            "dialect: loyalty-downgrad: 'loyalty-downgrad' is no question; did you mean lo",
        ),
        ({"loyalty_downgrade": "ignor"}, "dialect: loyalty-downgrade: 'ignor' is no answer; did you mean ignore?"),
    ],
)
def test_an_answer_that_is_none_is_refused(customer_api: CustomerApi, answers: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        customer_api.dialect(**answers)

    assert words in str(raised.value)
