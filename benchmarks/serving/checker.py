"""The checker's speed: exchanges a second in memory and on a port, and the time to the first finding.

Beside it stands plain Schemathesis on the same deployments, until its first failure.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.plain_schemathesis import try_plainly
from benchmarks.serving.machine import Machine
from benchmarks.serving.processes import free_port
from benchmarks.serving.rounds import Tell
from benchmarks.serving.servers import SERVERS
from benchmarks.serving.table import table
from benchmarks.trials import try_flaw

_MOCKSERVER = str(Path(sys.executable).with_name("mockserver"))
_SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
_EXAMPLES = 30
_TIMEOUT = 300.0
_TIMES = 3
PHASES = ("golden", "statements", "schema", "model")
# Of every kind: four that plain Schemathesis finds too, and four that it does not.
FLAWS = (
    "reads-without-credentials", "refusals-as-html", "created-id-left-out", "empty-body-crashes",
    "not-stored", "downgrade-takes-effect", "channels-doubled", "points-twice",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One run of `mockserver check`: where, which phases, and how many exchanges in how many seconds."""

    where: str
    phase: str
    exchanges: int
    seconds: float  # of the whole command, its start included


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstFinding:
    """How soon a flaw was found: seconds without and with the start of the command; 0 where it was not."""

    flaw: str
    ours: float
    requests: int
    plain: float
    plain_said: str


@dataclass(slots=True, kw_only=True)
class Checked:
    """All that was measured of the checker; `starting` is what each command takes to do nothing."""

    campaigns: list[Campaign] = field(default_factory=list)
    findings: list[FirstFinding] = field(default_factory=list)
    starting: dict[str, float] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)


def measure_checker(tell: Tell, flaws: Sequence[str] = FLAWS) -> Checked:
    """Measure all of it."""
    checked = Checked()
    with TemporaryDirectory() as folder:
        checked.starting["mockserver check --dry-run"] = _seconds_of([_MOCKSERVER, "check", "--dry-run"], folder)
        checked.starting["schemathesis --version"] = _seconds_of([_SCHEMATHESIS, "--version"], folder)
        for phase in PHASES:
            _check(checked, "in memory", phase, (), folder, tell)
        running = SERVERS["ours-auth-world"].start(free_port())
        try:
            for phase in PHASES:
                _check(checked, "on a port", phase, (f"http://127.0.0.1:{running.port}",), folder, tell)
        finally:
            running.stop()
    for name in flaws:
        checked.findings.append(_first_finding(name))
        tell(f"{checked.findings[-1]}")
    return checked


def _seconds_of(command: Sequence[str], folder: str) -> float:
    """Return the median time of a command."""
    times = []
    for _ in range(_TIMES):
        started = time.perf_counter()
        subprocess.run(command, cwd=folder, capture_output=True, check=True)
        times.append(time.perf_counter() - started)
    return round(statistics.median(times), 2)


def _check(checked: Checked, where: str, phase: str, url: Sequence[str], folder: str, tell: Tell) -> None:
    """Run one phase by the command; what it finds in a mock that is sound is trouble."""
    report = Path(folder) / "report.json"
    asked = [_MOCKSERVER, "check", *url, "--phase", phase, "--seed", "1", "--report", f"json={report}"]
    started = time.perf_counter()
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT, check=False)
    seconds = round(time.perf_counter() - started, 2)
    if done.returncode:
        checked.troubles.append(f"{where}, {phase}: exit {done.returncode}: {(done.stdout + done.stderr)[-200:]}")
        return
    exchanges = json.loads(report.read_text(encoding="utf-8"))["exchanges"]
    checked.campaigns.append(Campaign(where=where, phase=phase, exchanges=exchanges, seconds=seconds))
    tell(f"{where}, {phase}: {exchanges} exchanges in {seconds} s")


def _first_finding(name: str) -> FirstFinding:
    ours, plain = try_flaw(name, 0, _TIMEOUT), try_plainly(name, _EXAMPLES, _TIMEOUT, enough=1)
    return FirstFinding(
        flaw=name,
        ours=ours.seconds if ours.found_by else 0.0,
        requests=ours.requests,
        plain=plain.seconds if plain.failures else 0.0,
        plain_said=", ".join(plain.failures) or plain.trouble or f"nothing, after {plain.seconds:.1f} s",
    )


def checker_section(checked: Checked, machine: Machine) -> str:
    """Return what `--checker` writes."""
    starting = "; ".join(f"`{command}` {seconds} s" for command, seconds in checked.starting.items())
    lines = [*machine.lines(), f"- To start and do nothing: {starting}", ""]
    lines += ["### Exchanges of `mockserver check`", "", *_campaigns(checked), ""]
    lines += ["### Time to the first finding", "", *_findings(checked)]
    if checked.troubles:
        lines += ["", "### Not as expected", "", *(f"- {one}" for one in checked.troubles)]
    return "\n".join(lines)


def _campaigns(checked: Checked) -> Iterator[str]:
    rows = (
        (one.where, one.phase, f"{one.exchanges:,}", f"{one.seconds:.2f} s", f"{one.exchanges / one.seconds:,.0f}")
        for one in checked.campaigns
    )
    return table(("target", "phase", "exchanges", "whole command", "exchanges a second"), rows, numbers=3)


def _findings(checked: Checked) -> Iterator[str]:
    rows = (
        (
            f"`{one.flaw}`",
            f"{one.requests}" if one.ours else "-",
            f"{one.ours:.2f} s" if one.ours else "not found",
            f"{one.plain:.2f} s" if one.plain else "not found",
            one.plain_said,
        )
        for one in checked.findings
    )
    head = ("flaw", "requests", "first right finding", "plain Schemathesis, its start included", "which said")
    return table(head, rows, numbers=0)
