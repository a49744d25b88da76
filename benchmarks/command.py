"""One run of the command against a deployment on a port of this machine, and what its report told."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mockserver.verification.findings import Finding, Grade
from mockserver.verification.target import Leave
from tests.flawed.asking import PASSWORD, TILL
from tests.flawed.checking import PLACES

AUTH_VARIABLE = "CHECK_THE_CHECKER_AUTH"
CREDENTIALS = f"{TILL}:{PASSWORD}"
CUSTOMERS = tuple(str(place) for place in PLACES)
COMMAND = str(Path(sys.executable).with_name("mockserver"))
WITHIN = ("--max-time", "60s")
RATE = ("--rate", "500/s")  # a deployment gets 45 requests a minute otherwise
ALL_PHASES = "golden,statements,schema,model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one run of the command told: its findings as listed, or why there are none."""

    findings: tuple[Finding, ...] = ()
    requests: int = 0
    seconds: float = 0.0
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How the command is called; `more` are options besides those that every run has."""

    url: str
    leave: Leave
    seed: int
    timeout: float
    phases: str = ALL_PHASES
    more: tuple[str, ...] = ()
    command: str = field(default=COMMAND)

    def told(self) -> Told:
        """Run the command once; one that is not done after `timeout` seconds is trouble."""
        with TemporaryDirectory() as folder:
            started, report = time.monotonic(), Path(folder) / "report.json"
            try:
                done = subprocess.run(
                    [*self._line(), "--report", f"json={report}", "--save", folder],
                    cwd=folder,
                    env={**os.environ, AUTH_VARIABLE: CREDENTIALS},
                    capture_output=True,
                    text=True,
                    timeout=self.timeout,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                late = f"seed {self.seed}: not done after {self.timeout:.0f} s"
                return Told(trouble=late, seconds=time.monotonic() - started)
            text = report.read_text() if report.exists() else ""
            return _read_told(text, done, self.seed, time.monotonic() - started)

    def _line(self) -> list[str]:
        customers = [part for customer in CUSTOMERS for part in ("--customer", customer)]
        allow = [part for name in allowed(self.leave) for part in ("--allow", name)]
        asked = ["--phase", self.phases, "--seed", str(self.seed), *self.more]
        return [self.command, "check", self.url, "--auth-env", AUTH_VARIABLE, *RATE, *customers, *allow, *asked]


def allowed(leave: Leave) -> tuple[str, ...]:
    """Return the names that `--allow` takes, up to this leave."""
    return tuple(one.name.lower() for one in Leave if Leave.READS < one <= leave)


@cache
def has_option(command: str, option: str) -> bool:
    """Tell whether a version of the command has an option."""
    shown = subprocess.run([command, "check", "--help"], capture_output=True, text=True, check=True)
    return f"{option} " in shown.stdout


def _read_told(text: str, done: subprocess.CompletedProcess[str], seed: int, seconds: float) -> Told:
    """Read the report; an exit code that does not say what the findings say is trouble."""
    if not text:
        lines = done.stderr.strip().splitlines()
        last = lines[-1] if lines else "and no report"
        return Told(trouble=f"seed {seed}: exit {done.returncode}, {last}", seconds=seconds)
    told = json.loads(text)
    findings = tuple(_finding_of(item) for item in told["findings"])
    expected = 1 if any(finding.counts for finding in findings) else 0
    trouble = "" if done.returncode == expected else f"seed {seed}: exit {done.returncode} instead of {expected}"
    return Told(findings=findings, requests=told["exchanges"], seconds=seconds, trouble=trouble)


def _finding_of(item: dict[str, Any]) -> Finding:  # Any: JSON
    return Finding(
        grade=Grade(item["grade"]),
        check=item["check"],
        phase="",
        promised=item["promised"],
        came=item["came"],
        statement=item["statement"],
        question=item["question"],
    )
