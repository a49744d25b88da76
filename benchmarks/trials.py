"""One deployment on a port of its own, and what the command, and the campaign behind it, say of it.

The command is what is judged. Its report does not tell when a finding came, so the first one is timed in a campaign of
the same phases, over the same HTTP, that ends with it.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mockserver.checking import phases_of, read_order
from mockserver.config import CheckOptions
from mockserver.verification.findings import Finding, Grade
from mockserver.verification.opening import opened
from mockserver.verification.target import Leave
from tests.flawed.asking import PASSWORD, TILL
from tests.flawed.checking import PLACES, Sighting, first_right_finding, is_right, leave_of
from tests.flawed.flaw import Flaw, Sound
from tests.flawed.flaws import FLAWS
from tests.flawed.serving import serve
from tests.flawed.sound import SOUND

_VARIABLE = "CHECK_THE_CHECKER_AUTH"
_CUSTOMERS = tuple(str(place) for place in PLACES)
_COMMAND = str(Path(sys.executable).with_name("mockserver"))
_FIRST_WITHIN = "60s"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlawResult:
    """What came of one flaw: found with so many of the seeds, and how the first finding came, where one did."""

    name: str
    caught: int
    seeds: int
    found_by: str = ""
    grade: str = ""
    named: str = ""
    requests: int = 0
    seconds: float = 0.0
    trouble: str = ""

    @property
    def is_well(self) -> bool:
        """Tell whether it was found with every seed."""
        return self.caught == self.seeds and not self.trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundResult:
    """What came of one sound deployment: findings that count are alarms; requests and seconds are the medians."""

    name: str
    seeds: int
    alarms: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0
    trouble: str = ""

    @property
    def is_well(self) -> bool:
        """Tell whether nothing that counts was found."""
        return not self.alarms and not self.trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What one run of the command told: its findings, or why there are none."""

    findings: tuple[Finding, ...] = ()
    requests: int = 0
    seconds: float = 0.0
    trouble: str = ""


def try_flaw(name: str, seeds: int, timeout: float) -> FlawResult:
    """Check one flawed deployment, a fresh one for each seed."""
    flaw = FLAWS[name]
    told = [_told_of(flaw, leave_of(flaw), seed, timeout) for seed in range(1, seeds + 1)]
    caught = sum(any(is_right(flaw, finding) for finding in one.findings) for one in told)
    trouble = next((one.trouble for one in told if one.trouble), "")
    first = _first_sighting(flaw)
    if first is None:
        return FlawResult(name=name, caught=caught, seeds=seeds, trouble=trouble or "the timed campaign missed it")
    finding = first.finding
    return FlawResult(
        name=name,
        caught=caught,
        seeds=seeds,
        found_by=f"{finding.phase}/{finding.check}",
        grade=str(finding.grade),
        named=finding.question or finding.statement,
        requests=first.requests,
        seconds=round(first.seconds, 2),
        trouble=trouble,
    )


def try_sound(name: str, seeds: int, timeout: float) -> SoundResult:
    """Check one sound deployment, a fresh one for each seed."""
    sound = SOUND[name]
    told = [_told_of(sound, Leave.IRREVERSIBLE, seed, timeout) for seed in range(1, seeds + 1)]
    findings = [(seed, finding) for seed, one in enumerate(told, start=1) for finding in one.findings]
    return SoundResult(
        name=name,
        seeds=seeds,
        alarms=tuple(f"seed {seed}: {_shortly(finding)}" for seed, finding in findings if finding.counts),
        differs=tuple(dict.fromkeys(finding.question for _, finding in findings if not finding.counts)),
        requests=int(statistics.median(one.requests for one in told)),
        seconds=round(statistics.median(one.seconds for one in told), 1),
        trouble=next((one.trouble for one in told if one.trouble), ""),
    )


def _shortly(finding: Finding) -> str:
    return f"{finding.grade} {finding.question or finding.statement} ({finding.check}): {finding.came[:200]}"


def _told_of(named: Flaw | Sound, leave: Leave, seed: int, timeout: float) -> _Told:
    """Run the command once against a fresh deployment."""
    with serve(named.make()) as url, TemporaryDirectory() as folder:
        started, report = time.monotonic(), Path(folder) / "report.json"
        try:
            done = subprocess.run(
                _command(url, leave, seed, report),
                cwd=folder,
                env={**os.environ, _VARIABLE: f"{TILL}:{PASSWORD}"},
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return _Told(trouble=f"seed {seed}: not done after {timeout:.0f} s", seconds=time.monotonic() - started)
        text = report.read_text() if report.exists() else ""
        return _read_told(text, done, seed, time.monotonic() - started)


def _command(url: str, leave: Leave, seed: int, report: Path) -> list[str]:
    customers = [part for customer in _CUSTOMERS for part in ("--customer", customer)]
    allowed = [part for name in _allowed(leave) for part in ("--allow", name)]
    files = ["--report", f"json={report}", "--save", str(report.parent)]
    return [_COMMAND, "check", url, "--auth-env", _VARIABLE, *customers, *allowed, "--seed", str(seed), *files]


def _allowed(leave: Leave) -> tuple[str, ...]:
    return tuple(one.name.lower() for one in Leave if Leave.READS < one <= leave)


def _read_told(text: str, done: subprocess.CompletedProcess[str], seed: int, seconds: float) -> _Told:
    """Read the report; an exit code that does not say what the findings say is trouble."""
    if not text:
        lines = done.stderr.strip().splitlines()
        return _Told(trouble=f"seed {seed}: exit {done.returncode}, {lines[-1] if lines else 'and no report'}")
    told = json.loads(text)
    findings = tuple(_finding_of(item) for item in told["findings"])
    expected = 1 if any(finding.counts for finding in findings) else 0
    trouble = "" if done.returncode == expected else f"seed {seed}: exit {done.returncode} instead of {expected}"
    return _Told(findings=findings, requests=told["exchanges"], seconds=seconds, trouble=trouble)


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


def _first_sighting(flaw: Flaw) -> Sighting | None:
    """Run the phases that the command runs, in its order, and end with the first right finding."""
    os.environ[_VARIABLE] = f"{TILL}:{PASSWORD}"
    with serve(flaw.make()) as url:
        allowed = _allowed(leave_of(flaw))
        options = CheckOptions(
            url=url, auth_env=_VARIABLE, customers=_CUSTOMERS, allow=allowed, max_time=_FIRST_WITHIN, timeout="10s"
        )
        with opened(read_order(options, seed=1)) as bench:
            return first_right_finding(flaw, bench, phases_of(options))
