"""Checking by the command, as a user does: piped, and against a real server."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from mockserver.messages import Request, Response
from tests.flawed.deployment import Deployment

PASSWORD = "Pass123"
ENVIRONMENT = {**os.environ, "STAGING_AUTH": f"store123:{PASSWORD}", "WRONG_AUTH": "store123:wrong"}
AUTH = ("--auth-env", "STAGING_AUTH")
ASHA, RAVI = 171891944, 171891945
NAMED = (*AUTH, "--customer", f"{ASHA}@INSTORE", "--customer", f"{RAVI}@WECHAT:22232")
STATEMENTS = ("--phase", "statements", "--seed", "1")


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command, piped, and return how it ended; a deployment here needs no more patience than it asks for."""
    usual = () if "--rate" in arguments or arguments[0] not in ("check", "replay") else ("--rate", "1000/s")
    command = [sys.executable, "-m", "mockserver", *arguments, *usual]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, cwd=cwd, env=ENVIRONMENT)


def check(url: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return run("check", url, *arguments, cwd=cwd)


def report_of(url: str, folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Check, and return the exit code and the JSON report."""
    path = folder / "report.json"
    result = check(url, *arguments, "--report", f"json={path}", cwd=folder)
    assert path.is_file(), result.stderr
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result.returncode, report


def refusal_of(result: subprocess.CompletedProcess[str]) -> str:
    """Return the one line with which a command could not check."""
    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: ")
    return line


class Watched(Deployment):
    """A sound deployment that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Request] = []

    def handle(self, request: Request) -> Response:
        self.asked.append(request)
        return super().handle(request)

    @property
    def written(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.asked if one.method not in ("GET", "HEAD", "OPTIONS")]


def sum_of(result: subprocess.CompletedProcess[str]) -> str:
    """Return the line that sums a run up; what was learnt comes after it."""
    [line] = [line for line in result.stdout.splitlines() if line.startswith("findings: ")]
    return line


def is_quiet(result: subprocess.CompletedProcess[str]) -> bool:
    """Tell whether nothing was told while the command ran, but a line for each phase."""
    return all(": checks: " in line for line in result.stderr.splitlines())


def basic_pair() -> str:
    """Return what a Basic credential holds: the till, and the MD5 of its password."""
    return f"store123:{hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest()}"
