"""Laws of what can be copied from the atlas: pasted as it stands, it does earn the code from a server that runs."""

import ast
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver.atlas import LANGUAGES, AtlasEntry, as_copied
from mockserver.files import read_dialect
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.atlas.earning import ATLAS, name_of, the_dialects
from tests.server.client import Client

NODE, CURL = shutil.which("node"), shutil.which("curl")
needs_curl = pytest.mark.skipif(CURL is None, reason="there is no curl on this machine")
needs_node = pytest.mark.skipif(NODE is None, reason="there is no Node on this machine")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server of the demo world, as `mockserver serve` starts it but for the port."""
    with ServerThread(ServeOptions(port=0)) as running:
        yield running.url


def run(*command: str, text: str) -> str:
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": "*"}
    ran = subprocess.run(command, input=text, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, "Error" in ran.stderr) == (0, False), ran.stderr
    return ran.stdout


def said(status: int, body: str) -> tuple[int, bool, list[int]]:
    """Return the status of an answer, whether it warns, and the codes."""
    answer: Mapping[str, Any] = json.loads(body)
    items = answer.get("errors") or answer["warnings"]
    return status, "errors" not in answer, [item["code"] for item in items]


def expected(entry: AtlasEntry) -> tuple[int, bool, list[int]]:
    return entry.status, entry.is_warning, [entry.code]


@needs_curl
def test_the_curl_commands_earn_all_codes_in_turn_and_leave_nothing(url: str) -> None:
    text = as_copied(ATLAS, "curl", url)

    printed = run("sh", "-s", text=text).replace("\r", "")

    answers = re.findall(r"HTTP/1\.1 (?!100)(\d+) [^\n]*\n(?:[^\n]+\n)+\n(\{.*?\})(?=HTTP/|\Z)", printed, re.DOTALL)
    assert [said(int(status), body) for status, body in answers] == [expected(entry) for entry in ATLAS]
    assert_untouched(url)


@needs_node
def test_fetch_earns_all_codes_in_turn_and_leaves_nothing(url: str) -> None:
    text = as_copied(ATLAS, "fetch", url)

    lines = run(str(NODE), "--input-type=module", "-", text=text).splitlines()

    answers = [line.partition(" ") for line in lines]
    assert [said(int(status), body) for status, _, body in answers] == [expected(entry) for entry in ATLAS]
    assert_untouched(url)


def assert_untouched(url: str) -> None:
    """The dialect is ours again, and so are the customers."""
    client = Client(url)
    dialect = read_dialect(the_dialects())
    customers = client.send("GET", "/_mock/customers").json
    assert client.send("GET", "/_mock/dialect").json == dict(dialect.answers)
    client.send("POST", "/_mock/reset")
    assert client.send("GET", "/_mock/customers").json == customers


class Api:
    """What a test that was copied asks of the fixture `customer_api`: a world of its own on a server."""

    def __init__(self, url: str, name: str) -> None:
        self.url = f"{url}/_mock/w/{name}"
        self.headers = {"Authorization": "Basic dGVzdA=="}

    def dialect(self, **answers: str) -> None:
        """Set answers; underscores stand for hyphens."""
        named = {question.replace("_", "-"): answer for question, answer in answers.items()}
        assert Client(self.url).send("PUT", "/_mock/dialect", json=named).status == 200


@contextmanager
def an_api(url: str, name: str) -> Iterator[Api]:
    assert Client(url).send("POST", "/_mock/worlds", json={"name": name}).status == 201
    yield Api(url, name)
    assert Client(url).send("DELETE", f"/_mock/worlds/{name}").status == 204


@pytest.fixture(scope="module")
def tests_to_copy() -> Mapping[str, Callable[[Api], None]]:
    """All tests of the atlas, as they stand in one file."""
    text = as_copied(ATLAS, "pytest", "")
    names: dict[str, Any] = {}
    exec(compile(text, "test_errors.py", "exec"), names)
    defined = [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    assert len(defined) == len(ATLAS)
    return {name: names[name] for name in defined}


@pytest.mark.parametrize("entry", ATLAS, ids=name_of)
def test_a_test_that_was_copied_earns_its_code(
    url: str, tests_to_copy: Mapping[str, Callable[[Api], None]], entry: AtlasEntry
) -> None:
    with an_api(url, f"copied-{entry.name}") as api:
        tests_to_copy[f"test_code_{entry.name.replace('-', '_')}"](api)


def test_a_test_that_was_copied_fails_where_another_code_comes(
    url: str, tests_to_copy: Mapping[str, Callable[[Api], None]]
) -> None:
    with an_api(url, "copied-otherwise") as api:
        api.dialect(loyalty_downgrade="ignore")

        with pytest.raises(AssertionError):
            tests_to_copy["test_code_8018"](api)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_forced_says_so_and_why(language: str) -> None:
    [entry] = [entry for entry in ATLAS if entry.name == "429"]

    text = as_copied([entry], language, "http://127.0.0.1:8080")

    assert "429 is not earned, so it is forced. The mock counts no requests" in text
    assert "code=429" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_copied_names_the_address_that_was_asked_for(language: str) -> None:
    text = as_copied(ATLAS, language, "http://mock.example:1/base")

    found = {urlsplit(one).netloc for one in re.findall(r"https?://[^\s'\"]+", text)}
    assert found == (set() if language == "pytest" else {"mock.example:1"})
