"""Laws of the names that aiohttp does not promise: one module has them, and a start says which version is known."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mockserver.server import aiohttp_web

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "mockserver"
START = "from mockserver.cli import main; main(['serve', '--port', '0'])"
MISSING = {
    "the private attribute": "import aiohttp.base_protocol as b; del b.BaseProtocol._parser",
    "a name of a submodule": "import aiohttp.web_server as w; del w.Server",
    "a method of the parser": "import aiohttp.http as h; h.HttpRequestParser = int",
    "a submodule": "import sys; sys.modules['aiohttp.helpers'] = None",
}


@pytest.mark.parametrize("broken", MISSING.values(), ids=MISSING)
def test_a_start_with_an_aiohttp_that_lacks_a_name_says_in_one_line_what_to_install(broken: str) -> None:
    command = [sys.executable, "-c", f"{broken}\n{START}"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert f"known to work with {aiohttp_web.KNOWN}" in ended.stderr


def test_the_range_that_is_told_is_the_one_that_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert aiohttp_web.KNOWN in project["dependencies"]


def test_no_other_module_of_the_package_imports_aiohttp() -> None:
    files = [file for file in SERVER.rglob("*.py") if file.name != "aiohttp_web.py"]

    assert [str(file) for file in files if "aiohttp" in set(imported(file))] == []


def imported(file: Path) -> list[str]:
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    members = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return [name.partition(".")[0] for name in (*plain, *members)]
