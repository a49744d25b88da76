"""Laws of the reports: a failed test shows the journal of its worlds, and a failure starts at the test's own line."""

import importlib
import re
from pkgutil import iter_modules

import pytest

from mockserver import testing
from tests.plugin.running import Suite


def test_a_failed_test_shows_the_journal_of_its_world(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
from client import *

def test_fails(customer_api):
    rename(customer_api, "Tom")
    send(customer_api, 5)
    assert name_of(customer_api) == "Tim"

def test_passes(customer_api):
    rename(customer_api, "Kim")
""",
    )

    ran = suite.run("-rA")

    section = re.search(r"-+ mock journal -+\n(.*?)\n[=-]+ ", ran.text, re.DOTALL)
    assert section is not None, ran.text
    assert re.sub(r"x[0-9]+ ", "x ", section[1]) == (
        "x PUT /v2/customers/171891944?source=INSTORE -> 200\n"
        "x PUT /v2/customers/5?source=INSTORE -> 400 8015 (path/userId: there is no customer 5)"
    )
    assert ran.text.count("mock journal") == 1


def test_each_world_of_a_failed_test_has_a_section_and_a_long_journal_is_cut(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
from client import *

def test_fails(customer_api, customer_api_factory):
    other = customer_api_factory("empty")
    for number in range(25):
        send(other, number)
    assert False
""",
    )

    ran = suite.run("-n1", plugins=("xdist",))

    assert re.search(r"-+ mock journal of world test-1 -+\nnothing was requested\n", ran.text), ran.text
    cut = re.search(r"-+ mock journal of world test-2 -+\n5 more before:\n(.*?)\n=", ran.text, re.DOTALL)
    assert cut is not None, ran.text
    assert len(cut[1].splitlines()) == 20
    assert "/v2/customers/24?" in cut[1].splitlines()[-1]


def test_a_failed_setup_shows_the_journal_too(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
import pytest
from client import *

@pytest.fixture
def renamed(customer_api):
    rename(customer_api, "Tom")
    assert name_of(customer_api) == "Tim"

def test_it(renamed): pass
""",
    )

    ran = suite.run()

    assert ran.counts(error=1)
    assert re.search(r"-+ mock journal -+\nx[0-9]+ PUT ", ran.text), ran.text


def test_a_failed_teardown_shows_the_journal_too(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
import pytest
from client import *

@pytest.fixture
def renamed(customer_api):
    yield
    rename(customer_api, "Tom")
    assert name_of(customer_api) == "Tim"

def test_it(renamed): pass
""",
    )

    ran = suite.run()

    assert ran.counts(passed=1, error=1), ran.text
    assert re.search(r"-+ mock journal -+\nx[0-9]+ PUT ", ran.text), ran.text


def test_a_test_that_is_run_again_shows_the_journal_of_its_last_run_only(suite: Suite) -> None:
    suite.write(
        "conftest.py",
        """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):  # as plugins do that run failed tests again
    runtestprotocol(item, nextitem=nextitem, log=False)
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in runtestprotocol(item, nextitem=nextitem, log=False):
        item.ihook.pytest_runtest_logreport(report=report)
    return True
""",
    )
    suite.write(
        "test_it.py",
        """
from client import *

def test_it(customer_api):
    rename(customer_api, "Tom")
    assert False

def test_last(): pass
""",
    )

    ran = suite.run()

    assert ran.counts(failed=1, passed=1), ran.text
    assert re.search(r"-+ mock journal -+\nx2 PUT [^\n]*\n=", ran.text), ran.text


def test_a_failed_assertion_points_at_the_tests_line_and_not_into_the_mock(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
from client import *

def test_fails(customer_api):
    rename(customer_api, "Tom")
    customer_api.assert_requested("updateCustomer", customer=171891945)

def test_fails_in_order(customer_api):
    customer_api.assert_in_order(["updateCustomer"])

def test_fails_as_nothing_is_refused(customer_api):
    with customer_api.expecting_refusal(8018):
        rename(customer_api, "Tom")
""",
    )

    ran = suite.run()

    assert ran.counts(failed=3)
    assert "test_it.py:6: AssertionError" in ran.text
    assert "test_it.py:9: AssertionError" in ran.text
    assert re.search(r"test_it.py:1[23]: AssertionError", ran.text), ran.text
    assert "E         ✗ customer   171891945 was expected, 171891944 came" in ran.text
    assert "world_journal.py" not in ran.text, ran.text


def test_the_journal_of_each_world_is_as_large_as_the_run_wants(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
from client import *

def test_it(customer_api, customer_api_factory):
    for api in (customer_api, customer_api_factory("empty")):
        for number in range(121):
            send(api, number)
        assert len(api.requests) == 120
""",
    )

    assert suite.run("--mock-journal", "120").counts(passed=1)
    assert "--mock-journal: 99 is not from 100 to 100000" in suite.run("--mock-journal", "99").text


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("customer_api.fail(code=8019)", "ValueError: fail: code: "),
        ("customer_api.fail()", "ValueError: fail: "),
        ("customer_api.fail(8018, cod=5)", "ValueError: fail: cod: "),
        ("customer_api.delay(-1)", "ValueError: delay: "),
        ("customer_api.fault({'do': {'dely': 5}})", "ValueError: fault: do/dely: "),
        ("customer_api.assert_requested('updateCustmer')", "ValueError: assert_requested: operation: "),
        ("customer_api.assert_not_requested(cutomer=5)", "ValueError: assert_not_requested: cutomer: "),
        ("customer_api.assert_requested(times=-1)", "ValueError: assert_requested: times: "),
        ("customer_api.assert_in_order('updateCustomer')", "ValueError: assert_in_order: "),
        ("customer_api.assert_in_order([5])", "ValueError: assert_in_order: 5 is no request; "),
        ("customer_api.fault('reset')", "ValueError: fault: 'reset' is no rule; "),
        ("customer_api.fault(None)", "ValueError: fault: None is no rule; "),
        ("customer_api.expecting_refusal('8018')", "ValueError: expecting_refusal: '8018' is no code; "),
        ("customer_api.add_customer(tier=9)", "ValueError: "),
        ("customer_api.customer(5)", "LookupError: world "),
        ("customer_api.customer(171891944).profile('LINE')", "LookupError: customer 171891944 has no profile"),
        ("customer_api.restore('never')", "LookupError: world "),
        ("customer_api.dialect(loyalty_downgrad='x')", "ValueError: dialect: "),
        ("customer_api.clock.freeze('soon')", "ValueError: clock.freeze: "),
        ("customer_api.clock.advance('900000d')", "ValueError: clock.advance: "),
        ("customer_api_factory(dialect={'x': 'y'})", "ValueError: dialect: "),
        ("MockServer(auth='none')", "ValueError: MockServer: auth: "),
        ("MockServer(world='demmo')", "mockserver.errors.WorldError: no world is named 'demmo'"),
        ("MockServer(world='no.yaml')", "mockserver.errors.WorldError: no.yaml: cannot be read"),
        ("MockServer(dialect='no.yaml')", "mockserver.errors.DialectError: no.yaml: cannot be read"),
        ("MockServer().customer(171891944)", "mockserver.errors.MockServerError: the server does not run"),
        (
            "MockServer(port=int(customer_api.url.split(':')[2].split('/')[0])).start()",
            "ConfigurationError: cannot listen",
        ),
    ],
)
def test_a_mistaken_call_is_one_line_at_the_line_of_the_test(suite: Suite, call: str, said: str) -> None:
    suite.write(
        "test_it.py",
        f"""
from mockserver import MockServer

def test_it(customer_api, customer_api_factory):
    {call}
""",
    )

    ran = suite.run()

    errors = [line for line in ran.text.splitlines() if line.startswith("E  ")]
    assert ran.counts(failed=1), ran.text
    assert len(errors) == 1, ran.text
    assert (
        errors[0]
        .removeprefix("E")
        .strip()
        .removeprefix("mockserver.errors.")
        .startswith(said.removeprefix("mockserver.errors."))
    ), ran.text
    assert re.search(r"^test_it\.py:5: \w", ran.text, re.MULTILINE), ran.text
    assert ran.text.count(".py:") <= 2, ran.text
    assert "The above exception" not in ran.text


def test_all_that_a_test_may_call_is_hidden_from_its_reports() -> None:
    modules = [importlib.import_module(f"mockserver.testing.{name}") for _, name, _ in iter_modules(testing.__path__)]

    assert [module.__name__ for module in modules if not getattr(module, "__tracebackhide__", False)] == []
