"""Laws of frozen time: what waits goes on by real time under freezegun and time-machine, and faults end by it."""

import pytest

from tests.plugin.running import Suite

_FREEZERS = {
    "freezegun": "from freezegun import freeze_time",
    "time_machine": "import time_machine; freeze_time = lambda at: time_machine.travel(at, tick=False)",
}


@pytest.mark.parametrize("freezer", _FREEZERS)
def test_a_mock_answers_while_the_time_is_frozen(suite: Suite, freezer: str) -> None:
    suite.write(
        "test_it.py",
        f"""
import time
from client import *
from mockserver import MockServer
{_FREEZERS[freezer]}

CLOCK = time.CLOCK_MONOTONIC

def test_a_delay_and_a_dribble(customer_api):
    customer_api.delay(milliseconds=150, times=1)
    with freeze_time("2020-01-01"):
        started = time.clock_gettime(CLOCK)
        assert rename(customer_api, "Tom")[0] == 200
        assert time.clock_gettime(CLOCK) - started >= 0.15
    customer_api.fault({{"do": {{"dribble": {{"bytes": 16, "milliseconds": 5}}}}, "times": 1}})
    with freeze_time("2020-01-01"):
        assert send(customer_api)[0] == 200
    (first, second) = customer_api.requests
    assert first.status == second.status == 200

def test_a_fault_ends_by_real_time(customer_api):
    with freeze_time("2020-01-01"):
        fault = customer_api.fail(503, times=None, ttl="100ms")
        assert rename(customer_api, "Tom")[0] == 503
        while rename(customer_api, "Tom")[0] == 503:
            pass
        assert fault.applied >= 1

def test_a_throttle_counts_real_time_whatever_day_it_is(customer_api):
    customer_api.fault({{"do": {{"throttle": {{"perMinute": 1}}}}}})
    assert rename(customer_api, "Tom")[0] == 200
    with freeze_time("2040-01-01"):
        assert rename(customer_api, "Tom")[0] == 429
    with freeze_time("2000-01-01"):
        assert rename(customer_api, "Tom")[0] == 429

def test_an_idle_world_goes_by_real_time(customer_api):
    import json, urllib.error, urllib.request
    server = customer_api.url.partition("/_mock/")[0]
    def ask(method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(server + path, method=method, data=data)
        with urllib.request.urlopen(asked) as answer:
            return json.load(answer)
    with freeze_time("2020-01-01"):
        ask("POST", "/_mock/worlds", {{"name": "brief", "ttl": "1s"}})
        while "brief" in [world["name"] for world in ask("GET", "/_mock/worlds")["worlds"]]:
            pass

def test_a_mock_starts_and_stops(customer_api):
    with freeze_time("2020-01-01"):
        with MockServer() as mock:
            assert rename(mock, "Tom")[0] == 200
            mock.delay(milliseconds=10)
            assert rename(mock, "Kim")[0] == 200

def test_the_clock_of_the_world_shows_what_the_process_is_told(customer_api):
    with freeze_time("2020-01-01"):
        assert customer_api.clock.now.isoformat() == "2020-01-01T00:00:00+00:00"
        rename(customer_api, "Tom")
    assert customer_api.customer(171891944).audit[-1].at == "2020-01-01T00:00:00Z"
    customer_api.clock.freeze("2030-01-01T00:00:00Z")
    with freeze_time("2020-01-01"):
        assert customer_api.clock.now.isoformat() == "2030-01-01T00:00:00+00:00"
""",
    )

    ran = suite.run()

    assert ran.counts(passed=6), ran.text


@pytest.mark.parametrize("freezer", _FREEZERS)
def test_a_session_may_begin_while_the_time_is_frozen(suite: Suite, freezer: str) -> None:
    suite.write(
        "test_it.py",
        f"""
import pytest
from client import *
{_FREEZERS[freezer]}

@pytest.fixture(autouse=True, scope="session")
def frozen():
    with freeze_time("2020-01-01"):
        yield

def test_it(customer_api):
    customer_api.delay(milliseconds=20)
    assert rename(customer_api, "Tom")[0] == 200

def test_again(customer_api):
    customer_api.delay(milliseconds=20)
    assert rename(customer_api, "Tom")[0] == 200
""",
    )

    ran = suite.run()

    assert ran.counts(passed=2), ran.text
