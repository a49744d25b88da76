"""Laws of the Python examples in the documents: they run, they fail as they say, and mypy finds nothing in them.

The blocks of one document go on from each other, so those of tests make one file. A `python fails` block is a test that
fails with the text that the next block shows; a `python script` goes on from the file, too, and runs without pytest.
"""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.docs.test_commands import DOCUMENTS, ROOT, read_blocks
from tests.plugin.running import Suite

GUIDE = ROOT / "docs" / "testing-with-the-mock.md"
FIRST_SCREEN = ROOT / "README.md"
WITH_EXAMPLES = [path for path in DOCUMENTS if any(kind.startswith("python") for kind, _ in read_blocks(path))]


def text_of(path: Path, *kinds: str) -> str:
    return "\n\n".join(text for kind, text in read_blocks(path) if kind in kinds)


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """A folder for the examples."""
    return Suite(tmp_path)


@pytest.fixture
def shown(suite: Suite, request: pytest.FixtureRequest) -> Suite:
    """The examples of a document as a suite."""
    path: Path = request.param
    suite.write("test_shown.py", text_of(path, "python"))
    suite.write("shop.yaml", text_of(path, "yaml world"))
    return suite


@pytest.mark.parametrize("shown", WITH_EXAMPLES, ids=lambda path: path.name, indirect=True)
@pytest.mark.parametrize("options", [(), ("--mock-strict",), ("-n4",)], ids=str)
def test_the_examples_of_tests_pass(shown: Suite, options: tuple[str, ...]) -> None:
    ran = shown.run(*options, plugins=("anyio", "xdist"))

    assert ran.code == 0, ran.text
    assert "skipped" not in ran.text


def test_the_example_of_a_failure_fails_as_it_says(suite: Suite) -> None:
    kinds = pairwise(read_blocks(GUIDE))
    (said,) = [text for (kind, _), (_, text) in kinds if kind == "python fails"]
    suite.write("test_shown.py", text_of(GUIDE, "python"))
    suite.write("test_fails.py", f"from test_shown import CustomerApi, rename\n\n{text_of(GUIDE, 'python fails')}")

    ran = suite.run("test_fails.py", plugins=("anyio",))

    printed = "\n".join(line.removeprefix("E").strip() for line in ran.text.splitlines())
    assert "\n".join(line.strip() for line in said.splitlines()) in printed, ran.text
    assert re.search(r"-+ mock journal -+\nx1 PUT /v2/customers/171891944\?source=INSTORE -> 200\n", ran.text)


SCRIPTS = [text for kind, text in read_blocks(GUIDE) if kind == "python script"]


@pytest.mark.parametrize("script", SCRIPTS, ids=range(len(SCRIPTS)))
def test_the_scripts_run_without_pytest(suite: Suite, script: str) -> None:
    suite.write("test_shown.py", text_of(GUIDE, "python"))
    file = suite.write("script.py", f"from test_shown import rename\n\n{script}")

    done = subprocess.run(
        [sys.executable, "-W", "error", file], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_type_checker_finds_nothing_in_the_examples(suite: Suite) -> None:
    """One run for all, since reading our modules takes most of its time."""
    suite.write("test_shown.py", text_of(GUIDE, "python", "python fails"))
    for number, script in enumerate(SCRIPTS):
        suite.write(f"script_{number}.py", f"from test_shown import rename\n\n{script}")
    suite.write(
        "typed.py",
        "from mockserver import CustomerApi, MockServer\n\n"
        "def seek(api: CustomerApi, mock: MockServer) -> None:\n"
        "    reveal_type(api.customer(1).profile('INSTORE').channel('email').verified)\n"
        "    reveal_type(mock.fork().requests[0].code)\n"
        "    api.assert_requested(custmer=1)\n"
        "    api.customer(1).id = 2\n",
    )
    cache = ROOT / ".mypy_cache" / "examples"  # apart from `make lint`, which has other settings

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", f"--cache-dir={cache}", "."],
        cwd=suite.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )

    others = ("client.py", "typed.py:6: note", "Found ")
    lines = [line for line in done.stdout.splitlines() if not line.startswith(others)]
    assert [re.sub(r" \[.*|; .*", "", line.replace('"', "")).strip() for line in lines] == [
        "typed.py:4: note: Revealed type is bool",
        "typed.py:5: note: Revealed type is int | None",
        "typed.py:6: error: Unexpected keyword argument custmer for assert_requested of WorldJournal",
        "typed.py:7: error: Property id defined in CustomerView is read-only",
    ], done.stdout + done.stderr


def test_the_first_screen_has_a_test_of_five_lines() -> None:
    (shown,) = [text for kind, text in read_blocks(FIRST_SCREEN) if kind == "python"]

    body = [line for line in shown.splitlines() if line.strip() and not line.startswith("import ")]
    assert len(body) == 5
