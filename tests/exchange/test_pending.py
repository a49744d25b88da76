"""A request that is read before anything is loaded comes to the same as one that finds every customer at hand."""

from collections.abc import Callable, Mapping

import pytest

from benchmarks.sample_requests import sample_requests
from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import NO_KEYS, IdentifierKey, Keys, Needs
from mockserver.exchange import Reply, Setting, read, respond
from mockserver.exchange.respond import IN_DOUBT
from mockserver.files import World
from mockserver.messages import Obstacle, Request
from mockserver.values import Value, replace
from tests.exchange.mock import NOW, PAGE_CREDENTIALS

LATER = "2031-01-01T00:00:00Z"
TOM, NOBODY = CustomerId(171891944), CustomerId(171999999)
_HEADERS = {"authorization": PAGE_CREDENTIALS, "content-type": "application/json"}


class Given(Value):
    """What a store has loaded so far."""

    customers: dict[CustomerId, Customer | None]
    holders: Mapping[IdentifierKey, tuple[CustomerId, ...]] = {}
    new: tuple[CustomerId, ...] = ()


def a_put(body: bytes = b"{}", *, to: int = TOM, query: str = "source=INSTORE") -> Request:
    return Request(method="PUT", path=f"/v2/customers/{to}", query=query, headers=_HEADERS, body=body)


def loaded(world: World, keys: Keys) -> Given:
    """Load what keys name, and nothing else."""
    return Given({key: world.customers.get(key) for key in keys.customers})


def decided(setting: Setting, world: World, request: Request) -> Reply:
    """Read a request, and decide on it as a store does, in three rounds at most."""
    pending, given = read(setting, request, NOW), Given({})
    keys = pending.keys
    for _ in range(3):
        given.customers |= loaded(world, keys).customers
        made = pending.decide(setting, given, NOW)
        if isinstance(made, Reply):
            return made
        keys = made.keys
    raise AssertionError(f"asks for more without an end: {keys}")


def test_generated_requests_are_answered_as_if_all_customers_were_at_hand(setting: Setting, demo: World) -> None:
    doubtful = 0
    for asked in sample_requests(400, 3):
        path, _, query = asked.target.partition("?")
        headers = {name.lower(): value for name, value in asked.headers.items()}
        request = Request(method=asked.method, path=path, query=query, headers=headers, body=asked.body)

        assert decided(setting, demo, request) == respond(setting, request, load=demo.customers.get, now=NOW)

        doubtful += read(setting, request, NOW).answered is IN_DOUBT
    assert doubtful, "some refusals by the contract depend on customers"


@pytest.mark.parametrize("key", [TOM, NOBODY])
def test_the_keys_of_a_command_are_known_before_anything_is_loaded(setting: Setting, key: CustomerId) -> None:
    assert read(setting, a_put(to=key), NOW).keys == Keys(customers=(key,))


@pytest.mark.parametrize(
    "request_",
    [
        Request(method="GET", path="/elsewhere"),
        Request(method="OPTIONS", path=f"/v2/customers/{TOM}"),
        replace(a_put(), headers={}),
        replace(a_put(), headers={**_HEADERS, "prefer": "code=8015"}),
        replace(a_put(), obstacle=Obstacle(code="408", place="request", why="is too slow")),
        a_put(query="source=NONE"),
    ],
    ids=["unknown-path", "options", "unauthorized", "forced", "not-received", "no-source"],
)
def test_what_is_answered_before_the_rules_needs_no_customer(setting: Setting, request_: Request) -> None:
    pending = read(setting, request_, NOW)

    assert pending.keys is NO_KEYS
    assert pending.decide(setting, Given({}), NOW) == pending.answered


def test_a_request_is_read_once_where_setting_and_time_stayed(
    setting: Setting, demo: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = read(setting, a_put(), NOW)
    monkeypatch.setattr("mockserver.exchange.pending.answer_early", _unasked)

    assert isinstance(pending.decide(setting, loaded(demo, pending.keys), NOW), Reply)


def _unasked(*_: object) -> None:
    raise AssertionError("it was read again")


def _at_another_time(setting: Setting) -> tuple[Setting, str]:
    return setting, LATER


def _without_credentials(setting: Setting) -> tuple[Setting, str]:
    return replace(setting, auth="world"), NOW


@pytest.mark.parametrize("changed", [_at_another_time, _without_credentials])
def test_a_request_is_decided_under_what_the_store_has_at_last(
    setting: Setting, demo: World, changed: Callable[[Setting], tuple[Setting, str]]
) -> None:
    request = a_put(b'{"profiles": [{"firstName": "Nova"}]}')
    pending = read(setting, request, NOW)
    present, now = changed(setting)

    made = pending.decide(present, loaded(demo, pending.keys), now)

    assert made == respond(present, request, load=demo.customers.get, now=now)
    assert made != respond(setting, request, load=demo.customers.get, now=NOW)


def test_what_is_read_anew_asks_for_customers_that_were_not_needed_before(setting: Setting, demo: World) -> None:
    pending = read(replace(setting, auth="world"), a_put(), NOW)
    assert pending.keys is NO_KEYS

    assert pending.decide(setting, Given({}), NOW) == Needs(Keys(customers=(TOM,)))

    assert isinstance(pending.decide(setting, loaded(demo, Keys(customers=(TOM,))), NOW), Reply)
