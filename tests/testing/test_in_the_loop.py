"""The law: whatever a test asks of a world runs in the server's loop, and what is read and changed, in one step."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver import CustomerApi, MockServer
from mockserver.server.options import ServeOptions
from mockserver.server.served import ServedWorld
from mockserver.testing.hosting import Host
from tests.server.client import Client

TOM = 171891944


class Watched(ServedWorld, kw_only=True):
    """A world that notes who touches it from a thread other than the server's; its name never changes."""

    guard: bool = False
    strangers: list[str] = []  # noqa: RUF012  # a struct's default, which each world has of its own

    def __getattribute__(self, name: str) -> Any:
        """Return a member, and note a stranger."""
        get = super().__getattribute__
        if name == "name":
            return get("state").name
        is_ours = threading.current_thread().name == "mockserver" or name in ("guard", "strangers")
        if not is_ours and not name.startswith("__") and get("guard"):
            get("strangers").append(name)
        return get(name)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[CustomerApi]:
    """A world that is watched once it is served."""
    with Host(ServeOptions(port=0)) as host:
        monkeypatch.setattr("mockserver.server.served.ServedWorld", Watched)  # what a fork is served as
        world = host.fork(host.seed())
        assert isinstance(world, Watched)
        world.guard = True
        api = CustomerApi(host, world)
        yield api
        assert world.strangers == []
        api.delete()


ASKED: dict[str, Callable[[CustomerApi], object]] = {
    "headers": lambda api: api.headers,
    "url": lambda api: api.url,
    "repr": repr,
    "customer": lambda api: api.customer(TOM),
    "customers": lambda api: api.customers,
    "add_customer": lambda api: api.add_customer(first_name="Ada", points=5),
    "settle": lambda api: api.settle(),
    "reset": lambda api: api.reset(),
    "snapshot": lambda api: api.snapshot("s"),
    "dialect": lambda api: api.dialect(loyalty_downgrade="ignore"),
    "dialect as it is": lambda api: api.dialect(),
    "clock": lambda api: (api.clock.freeze(), api.clock.advance("2h"), api.clock.now, api.clock.follow()),
    "fail": lambda api: api.fail(code=8018).remove(),
    "delay": lambda api: api.delay(1).applied,
    "fault": lambda api: api.fault({"do": {"reset": {}}, "times": 1}),
    "requests": lambda api: api.requests,
    "journal_lines": lambda api: api.journal_lines(),
    "assert_requested": lambda api: api.assert_requested("updateCustomer", code=None, customer=TOM),
    "assert_in_order": lambda api: api.assert_in_order(["updateCustomer"]),
    "assert_not_requested": lambda api: api.assert_not_requested("getCustomer"),
    "keep_breaches": lambda api: api.keep_breaches(),
    "take_unexpected": lambda api: api.take_unexpected(),
    "forget_requests": lambda api: api.forget_requests(),
}


@pytest.mark.parametrize("asked", ASKED)
def test_what_a_test_asks_of_a_world_runs_in_the_servers_loop(api: CustomerApi, asked: str) -> None:
    Client(api.url).update(TOM, {"profiles": [{"firstName": "Tom"}]})

    ASKED[asked](api)


def test_a_missing_customer_is_told_from_the_loop_too(api: CustomerApi) -> None:
    with pytest.raises(LookupError, match="no customer 5; there are "):
        api.customer(5)


def test_a_refusal_is_expected_and_a_snapshot_restored_in_the_loop_too(api: CustomerApi) -> None:
    api.snapshot("s")
    with api.expecting_refusal(8015):
        Client(api.url).update(5, {})
    with api.expecting_misspelt():
        Client(api.url).update(TOM, {"profils": []})

    api.restore("s")


def test_no_public_member_is_forgotten() -> None:
    members = {name for name in dir(CustomerApi) if not name.startswith("_")}
    other = {
        "world",
        "restore",
        "expecting_refusal",
        "expecting_misspelt",
        "delete",
    }  # a constant; and those below, and at the end of each

    assert members - other - set(ASKED) == set()


def test_answers_that_are_given_at_once_are_all_kept() -> None:
    choices = [
        {"loyalty_downgrade": "ignore"},
        {"null_value": "clear"},
        {"empty_text": "keep"},
        {"name_too_long": "reject"},
    ]
    with MockServer() as mock:
        for _ in range(5):
            api = mock.fork()
            start = threading.Barrier(len(choices))

            def answer(choice: dict[str, str], api: CustomerApi = api, start: threading.Barrier = start) -> None:
                start.wait()
                api.dialect(**choice)

            threads = [threading.Thread(target=answer, args=(choice,)) for choice in choices]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            given = api.dialect()
            assert [given[name.replace("_", "-")] for choice in choices for name in choice] == [
                value for choice in choices for value in choice.values()
            ]
            api.delete()


def test_a_fork_under_other_answers_keeps_those_that_its_origin_has_by_then() -> None:
    with MockServer() as mock:
        mock.dialect(null_value="clear")

        fork = mock.fork(dialect={"loyalty_downgrade": "ignore"})

        answers = fork.dialect()
        assert (answers["null-value"], answers["loyalty-downgrade"]) == ("clear", "ignore")
