"""Laws of processes that are forked: the mock answers them by HTTP, and a call in Python never waits for ever."""

import sys

import pytest

from tests.plugin.running import Suite

pytestmark = pytest.mark.skipif(not hasattr(sys, "getdlopenflags"), reason="Windows has no fork")

_FORKING = """
import os, multiprocessing, traceback, warnings
from client import *
from mockserver.errors import MockServerError
import pytest

warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads, which is what is tested

def in_child(function):
    '''Run a function in a forked process, and return what it returned as text.'''
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = function()
        except BaseException as error:
            told = f"{type(error).__name__}: {error}"
        os.write(write, str(told).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text
"""


def test_a_forked_process_reaches_the_mock_by_http_and_is_told_so_in_python(suite: Suite) -> None:
    suite.write("forking.py", _FORKING)
    suite.write(
        "test_it.py",
        """
from forking import *

def test_http(customer_api):
    assert in_child(lambda: rename(customer_api, "Tom")[0]) == "200"
    assert name_of(customer_api) == "Tom"
    customer_api.assert_requested("updateCustomer", times=1)

@pytest.mark.parametrize("ask", [
    lambda api: api.customer(171891944),
    lambda api: api.requests,
    lambda api: api.assert_requested("updateCustomer"),
    lambda api: api.fail(8018),
    lambda api: api.clock.now,
    lambda api: api.reset(),
    lambda api: api.delete(),
])
def test_python(customer_api, ask):
    told = in_child(lambda: ask(customer_api))
    assert told.startswith(f"MockServerError: the mock runs in process {os.getpid()}, and process "), told
    assert "by HTTP at http://127.0.0.1:" in told
    assert name_of(customer_api) == "Asha"

def test_multiprocessing(customer_api):
    CHILDREN_HAVE.append(customer_api)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        status, _ = pool.apply(renames)
        assert status == 200
        with pytest.raises(MockServerError, match="was forked from it"):
            pool.apply(still_asks)

CHILDREN_HAVE = []

def renames():
    return rename(CHILDREN_HAVE[0], "Tom")

def still_asks():
    return CHILDREN_HAVE[0].customer(171891944)
""",
    )

    ran = suite.run()

    assert ran.counts(passed=9), ran.text


def test_a_mock_is_not_stopped_by_a_process_that_was_forked_from_it(suite: Suite) -> None:
    suite.write("forking.py", _FORKING)
    suite.write(
        "test_it.py",
        """
from forking import *
from mockserver import MockServer
import sys

def test_stop_and_start_anew():
    with MockServer() as mock:
        assert in_child(mock.stop) == "None"
        assert in_child(lambda: MockServer().__enter__().customer(171891944).id) == "171891944"
        assert rename(mock, "Tom")[0] == 200
        assert name_of(mock) == "Tom"

def test_the_end_of_the_child():
    with MockServer() as mock:
        child = os.fork()
        if child == 0:
            try:
                sys.exit(0)  # runs what is registered for the end of the process
            finally:
                import atexit
                atexit._run_exitfuncs()
                os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert rename(mock, "Tom")[0] == 200
""",
    )

    ran = suite.run()

    assert ran.counts(passed=2), ran.text


def test_forked_tests_have_worlds_whether_the_session_has_a_mock_already_or_not(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
import pytest
from client import *
from mockserver import MockServer

@pytest.fixture(scope="module")
def mock():
    mock = MockServer().start()
    yield mock
    mock.stop()

@pytest.mark.forked
def test_first(customer_api):
    assert rename(customer_api, "Tom")[0] == 200
    assert name_of(customer_api) == "Tom"

def test_second(customer_api, mock):
    assert name_of(customer_api) == name_of(mock) == "Asha"

@pytest.mark.forked
def test_third(customer_api, customer_api_factory, mock):
    assert rename(customer_api, "Tom")[0] == 200
    assert name_of(customer_api) == "Tom"
    assert customer_api_factory("empty").customers == ()
    assert rename(mock, "Kim")[0] == 200  # by HTTP

@pytest.mark.forked
def test_fails(customer_api, mock):
    rename(customer_api, "Tom")
    assert False

def test_fourth(customer_api, mock):
    assert (name_of(customer_api), name_of(mock)) == ("Asha", "Kim")
""",
    )

    ran = suite.run("-pno:randomly", "-Wignore", plugins=("pytest_forked",))

    assert ran.counts(passed=4, failed=1), ran.text
    assert "mock journal" in ran.text
