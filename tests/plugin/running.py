"""Suites of users, written into a folder and run by a pytest of their own, as they would be elsewhere.

Other plugins are left out, since loading them takes longer than the suites; one test runs with all that are installed.
"""

import os
import subprocess
import sys
from pathlib import Path

# A client that a suite may import: it sends one request of the vendor's API and returns status and body.
CLIENT = """
import json, urllib.error, urllib.request

def send(api, customer=171891944, body=None, query="source=INSTORE", method="PUT"):
    asked = urllib.request.Request(
        f"{api.url}/v2/customers/{customer}?{query}",
        method=method,
        headers={**api.headers, "Content-Type": "application/json"},
        data=None if body is None else json.dumps(body).encode(),
    )
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)

def rename(api, name, customer=171891944):
    return send(api, customer, {"profiles": [{"firstName": name}]})

def name_of(api, customer=171891944):
    return api.customer(customer).profile("INSTORE").first_name
"""
_INI = "[pytest]\nfilterwarnings = error\naddopts = --strict-markers -p no:cacheprovider\npythonpath = .\n"


class Suite:
    """A folder with test files, and how to run them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("client.py", CLIENT)
        self.write("pytest.ini", _INI)

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def run(self, *arguments: str, plugins: tuple[str, ...] = (), all_plugins: bool = False, within: str = "") -> "Ran":
        """Run pytest in the folder, or in one within it, with the mock's plugin and those that are named."""
        ours = ("PYTEST_", "COV_", "CI", "BUILD_NUMBER")  # with the last two, pytest cuts no line of its summary
        environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        named = [] if all_plugins else [f"-p{plugin}" for plugin in ("mockserver.customer_api_plugin", *plugins)]
        if not all_plugins:
            environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        command = [sys.executable, "-m", "pytest", *named, *arguments]
        done = subprocess.run(
            command, cwd=self.folder / within, env=environ, capture_output=True, text=True, timeout=100, check=False
        )
        return Ran(done.returncode, done.stdout + done.stderr)


class Ran:
    """What came of a run: the exit code and all that was printed."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.text = text

    def counts(self, **expected: int) -> bool:
        """Tell whether the last line has exactly these counts: `passed=2, failed=1`."""
        last = self.text.strip().splitlines()[-1]
        words = [f"{number} {outcome}" for outcome, number in expected.items()]
        others = [name for name in ("passed", "failed", "error", "skipped") if name not in expected]
        return all(word in last for word in words) and not any(f" {name}" in last for name in others)
