"""Laws of the fixtures, the marker and the options."""

import importlib.metadata

import pytest

from tests.plugin.running import Suite


def test_each_test_has_a_fresh_world_that_ends_with_it(suite: Suite) -> None:
    suite.write(
        "test_worlds.py",
        """
from client import *

urls = []

def test_one(customer_api):
    rename(customer_api, "Tom")
    assert name_of(customer_api) == "Tom"
    urls.append(customer_api.url)

def test_two(customer_api):
    assert name_of(customer_api) == "Asha"
    assert customer_api.requests == ()
    assert urls[0].rpartition("/_mock")[0] == customer_api.url.rpartition("/_mock")[0]
    class Gone: url, headers = urls[0], customer_api.headers
    assert send(Gone)[0] == 404
""",
    )

    ran = suite.run()

    assert ran.counts(passed=2), ran.text


def test_the_factory_makes_further_worlds_that_end_with_the_test(suite: Suite) -> None:
    suite.write("own/small.yaml", "extends: empty\norganisation: {name: small}\n")
    suite.write(
        "own/test_factory.py",
        """
from client import *

made = []

def test_several(customer_api, customer_api_factory):
    empty = customer_api_factory("empty")
    other = customer_api_factory(dialect={"error_status": "200"})
    small = customer_api_factory(world="small.yaml")
    rename(customer_api, "Tom")
    assert (empty.customers, small.customers, name_of(other)) == ((), (), "Asha")
    assert send(other, 5)[0] == 200
    made.append(other)

def test_gone(customer_api):
    assert send(made[0])[0] == 404
""",
    )

    ran = suite.run()

    assert ran.counts(passed=2), ran.text


def test_the_marker_names_a_world_beside_the_test_or_in_the_rootdir(suite: Suite) -> None:
    suite.write("deep/near.yaml", "extends: empty\n")
    suite.write("far.yaml", "extends: empty\n")
    suite.write("near.yaml", "extends: demo\n")
    suite.write(
        "deep/test_marker.py",
        """
import pytest
from client import *

pytestmark = pytest.mark.world("far.yaml")

@pytest.mark.world("near.yaml")
def test_near(customer_api):
    assert customer_api.customers == ()
    assert customer_api.add_customer().id == 500000001

def test_far(customer_api):
    assert customer_api.customers == ()

@pytest.mark.world("single-eligibility")
class TestNamed:
    def test_named(self, customer_api):
        assert name_of(customer_api) == "Asha"
""",
    )

    ran = suite.run()

    assert ran.counts(passed=3), ran.text


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        (
            'world("nowhere.yaml")',
            "nowhere.yaml: cannot be read: No such file or directory; give the path of a YAML file",
        ),
        ('world("dem")', "no world is named 'dem'; there are demo, empty, single-eligibility; did you mean demo?"),
        ("world()", 'test_it: the marker world takes one file or name: world("empty")'),
        ("world(5)", 'test_it: the marker world takes one file or name: world("empty")'),
    ],
)
def test_a_world_that_is_not_there_is_said_in_a_line(suite: Suite, marker: str, words: str) -> None:
    suite.write("test_it.py", f"import pytest\n\n@pytest.mark.{marker}\ndef test_it(customer_api): pass\n")

    ran = suite.run()

    assert ran.code == 1
    assert words in ran.text
    assert "Traceback" not in ran.text
    assert "exception" not in ran.text


def test_the_options_choose_world_and_dialect_of_every_test(suite: Suite) -> None:
    suite.write("world.yaml", "extends: empty\n")
    suite.write("dialect.yaml", "answers: {error-status: '200'}\n")
    suite.write(
        "tests/test_options.py",
        """
from client import *

def test_it(customer_api):
    assert customer_api.customers == ()
    assert send(customer_api, 5)[0] == 200
""",
    )

    ran = suite.run("--mock-world=world.yaml", "--mock-dialect=dialect.yaml")

    assert ran.counts(passed=1), ran.text


def test_the_files_of_the_options_may_stand_in_the_rootdir(suite: Suite) -> None:
    suite.write("world.yaml", "extends: empty\n")
    suite.write("dialect.yaml", "answers: {error-status: '200'}\n")
    suite.write(
        "tests/test_options.py",
        """
from client import *

def test_it(customer_api):
    assert customer_api.customers == ()
    assert send(customer_api, 5)[0] == 200
""",
    )

    ran = suite.run("--mock-world=world.yaml", "--mock-dialect=dialect.yaml", within="tests")

    assert ran.counts(passed=1), ran.text


@pytest.mark.parametrize("option", ["--mock-world=nowhere.yaml", "--mock-dialect=nowhere.yaml"])
def test_an_option_that_names_nothing_is_said_in_a_line(suite: Suite, option: str) -> None:
    suite.write("test_it.py", "def test_it(customer_api): pass\n")

    ran = suite.run(option)

    assert ran.code == 1
    assert "the mock cannot start: " in ran.text
    assert "nowhere.yaml: cannot be read" in ran.text
    assert "exception" not in ran.text


def test_synchronous_asynchronous_and_unittest_tests_have_the_fixture(suite: Suite) -> None:
    suite.write(
        "test_kinds.py",
        """
import asyncio, unittest
import aiohttp, pytest
from client import *

async def rename_later(api):
    async with aiohttp.ClientSession(headers=api.headers) as session:
        body = {"profiles": [{"firstName": "Tom"}]}
        async with session.put(f"{api.url}/v2/customers/171891944?source=INSTORE", json=body) as answer:
            assert answer.status == 200
    assert name_of(api) == "Tom"
    api.assert_requested("updateCustomer", times=1)

@pytest.mark.anyio
async def test_asynchronous(customer_api):
    await rename_later(customer_api)

@pytest.fixture
def anyio_backend():
    return "asyncio"

def test_with_a_loop_of_its_own(customer_api):
    asyncio.run(rename_later(customer_api))

class UnitTest(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _mock(self, customer_api):
        self.api = customer_api

    def test_method(self):
        rename(self.api, "Tom")
        self.assertEqual(name_of(self.api), "Tom")
""",
    )

    ran = suite.run(plugins=("anyio",))

    assert ran.counts(passed=3), ran.text


def test_the_plugin_is_found_by_pytest_and_can_be_switched_off(suite: Suite) -> None:
    suite.write("test_it.py", "def test_it(customer_api): pass\n")

    found = [entry.value for entry in importlib.metadata.entry_points(group="pytest11", name="customer_mockserver")]

    assert found == ["mockserver.customer_api_plugin"]
    assert suite.run(all_plugins=True).counts(passed=1)
    assert "fixture 'customer_api' not found" in suite.run("-pno:customer_mockserver", all_plugins=True).text


def test_a_suite_that_does_not_ask_for_the_mock_starts_no_server(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
import sys, threading

def test_it():
    assert "mockserver.testing" not in sys.modules
    assert "mockserver" not in [thread.name for thread in threading.enumerate()]
""",
    )

    assert suite.run().counts(passed=1)


def test_the_fixtures_and_the_marker_are_listed_with_what_they_are(suite: Suite) -> None:
    listed = suite.run("--fixtures").text

    assert "customer_api -- " in listed
    assert "customer_api_factory -- " in listed
    assert "_mock_host" not in listed
    assert '@pytest.mark.world("file or name"): ' in suite.run("--markers").text
