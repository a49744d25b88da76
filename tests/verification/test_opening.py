"""Laws of opening a target: only what says so is a mock of ours, and all that is asked for that is counted."""

import json
import socket

import pytest

from mockserver.errors import ConfigurationError, TargetError
from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.verification.credentials import read_credentials
from mockserver.verification.opening import Order, opened
from mockserver.verification.target import Limits, Place
from tests.verification.test_transport import Echo, running

ASHA = Place(customer=171891944)
OURS = {"product": "customer-mockserver", "status": "ok"}
USUAL = 45 / 60


def ordered(setting: Setting, demo: World, url: str, **members: object) -> Order:
    usual: dict[str, object] = {"places": (ASHA,), "credentials": read_credentials("a:b", "AUTH"), "timeout": 0.5}
    return Order(url=url, world=demo, setting=setting, **{**usual, **members})  # type: ignore[arg-type]  # as each test says


def health(said: object, status: int = 200) -> Echo:
    return Echo(status, body=json.dumps(said).encode())


@pytest.mark.parametrize(
    "said",
    [{}, [], "ok", {"product": "other"}, {**OURS, "upstream": True}, {"status": "ok"}],
    ids=["empty", "list", "text", "other", "upstream", "nothing"],
)
def test_what_does_not_say_that_it_is_a_mock_is_a_deployment(setting: Setting, demo: World, said: object) -> None:
    with running(health(said)) as server, opened(ordered(setting, demo, server.url)) as bench:
        assert not bench.target.disposable
        assert bench.target.limits.rate == USUAL
        assert "is taken for a deployment" in bench.notes[0]
        assert "--rate" in bench.notes[0]
        assert bench.courier.sent == len(server.got) == 1


def test_a_mock_with_customers_is_a_deployment_without_a_default_rate(setting: Setting, demo: World) -> None:
    with running(health(OURS)) as server, opened(ordered(setting, demo, server.url)) as bench:
        assert not bench.target.disposable
        assert (bench.target.limits.rate, bench.notes) == (None, ())


def test_a_rate_that_is_said_counts_and_needs_no_note(setting: Setting, demo: World) -> None:
    with (
        running(health({})) as server,
        opened(ordered(setting, demo, server.url, limits=Limits(rate=7))) as bench,
    ):
        assert (bench.target.limits.rate, bench.notes) == (7, ())


def test_a_server_that_does_not_say_what_it_is_in_time_is_a_deployment(setting: Setting, demo: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with opened(ordered(setting, demo, url)) as bench:
            assert bench.target.limits.rate == USUAL


def test_a_server_that_is_not_there_is_said(setting: Setting, demo: World) -> None:
    with (
        pytest.raises(TargetError, match="nothing listens there"),
        opened(ordered(setting, demo, "http://127.0.0.1:1")),
    ):
        pass


def test_without_credentials_it_is_said_what_a_server_was_taken_for(setting: Setting, demo: World) -> None:
    with (
        running(health({})) as server,
        pytest.raises(ConfigurationError, match=r"is taken for a deployment.*--auth-env"),
        opened(ordered(setting, demo, server.url, credentials=None)),
    ):
        pass


@pytest.mark.parametrize("parallel", [True, False])
def test_requests_at_once_go_to_a_deployment_where_that_is_said(
    setting: Setting, demo: World, *, parallel: bool
) -> None:
    with (
        running(health({})) as server,
        opened(ordered(setting, demo, server.url, parallel=parallel)) as bench,
    ):
        assert bench.target.parallel == parallel


def test_a_mock_in_memory_takes_requests_at_once(setting: Setting, demo: World) -> None:
    with opened(Order(url=None, world=demo, setting=setting)) as bench:
        assert bench.target.parallel
