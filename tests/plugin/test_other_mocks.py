"""Laws of mocks that no fixture of ours starts: a failed test shows what came to them while it ran, and no more."""

import re

from tests.plugin.running import Ran, Suite

_SECTION = re.compile(r"-+ (mock journal[^\n]*?) -+\n(.*?)(?=\n[=_-]{5,}|\Z)", re.DOTALL)


def sections_of(ran: Ran) -> list[tuple[str, list[str]]]:
    """Return the titles of a report's journals, without ports, and the paths or remarks of their lines."""
    found = []
    for title, lines in _SECTION.findall(ran.text):
        paths = [re.sub(r"x[0-9]+ PUT /v2/customers/([0-9]+)\?.*", r"\1", line) for line in lines.splitlines()]
        found.append((re.sub(r":[0-9]+", "", title), paths))
    return found


_TITLE = "mock journal of MockServer at http://127.0.0.1"


def test_a_mock_of_any_scope_shows_what_came_in_the_test_that_failed(suite: Suite) -> None:
    for scope in ("session", "package", "module", "class", "function"):
        suite.write(
            f"test_{scope}.py",
            f"""
import pytest
from client import *
from mockserver import MockServer

@pytest.fixture(scope={scope!r})
def mock():
    with MockServer() as mock:
        yield mock

class TestIt:
    def test_before(self, mock):
        send(mock, 1)

    def test_fails(self, mock):
        send(mock, 2)
        send(mock, 3)
        assert False

    def test_fails_again(self, mock):
        assert False
""",
        )

    ran = suite.run()

    assert ran.counts(failed=10, passed=5), ran.text
    assert [paths for _, paths in sections_of(ran) if paths != ["nothing was requested"]] == [["2", "3"]] * 5
    assert {title for title, _ in sections_of(ran)} == {_TITLE}


def test_a_mock_of_a_unittest_class_may_be_started_and_stopped(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
import unittest
from client import *
from mockserver import MockServer

class TestIt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mock = MockServer().start()
        cls.addClassCleanup(cls.mock.stop)
        send(cls.mock, 1)

    def test_a(self):
        send(self.mock, 2)
        self.fail()

    def test_b(self):
        send(self.mock, 3)
        self.fail()
""",
    )

    ran = suite.run("-pno:randomly")

    assert sections_of(ran) == [(_TITLE, ["1", "2"]), (_TITLE, ["3"])], ran.text


def test_a_mock_that_ended_before_the_test_failed_shows_its_journal_too(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
from client import *
from mockserver import MockServer

def ask(number):
    with MockServer() as mock:
        send(mock, number)

def test_passes():
    ask(1)

def test_fails():
    ask(2)
    assert False

def test_fails_without_a_mock():
    assert False
""",
    )

    ran = suite.run()

    assert ran.counts(failed=2, passed=1), ran.text
    assert sections_of(ran) == [(_TITLE, ["2"])], ran.text


def test_each_of_several_mocks_and_worlds_has_a_section(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
from client import *
from mockserver import MockServer

def test_fails(customer_api):
    with MockServer() as one, MockServer() as other:
        fork, silent = other.fork(), other.fork()
        send(customer_api, 1)
        send(one, 2)
        send(fork, 3)
        assert False
""",
    )

    ran = suite.run()

    assert sections_of(ran) == [
        ("mock journal", ["1"]),
        (_TITLE, ["2"]),
        (_TITLE, ["nothing was requested"]),
        (f"{_TITLE}, world test-1", ["3"]),
    ], ran.text


def test_a_journal_that_was_emptied_shows_what_is_left(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
import pytest
from client import *
from mockserver import MockServer

@pytest.fixture(scope="module")
def mock():
    with MockServer() as mock:
        yield mock

def test_before(mock):
    send(mock, 1)

def test_fails(mock):
    mock.forget_requests()
    send(mock, 2)
    assert False
""",
    )

    assert sections_of(suite.run("-pno:randomly")) == [(_TITLE, ["2"])]
