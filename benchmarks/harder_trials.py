"""One harder flaw, checked once by the command as it is best used: all phases, all leave, five customers, a minute."""

import time
from dataclasses import dataclass

from benchmarks.command import WITHIN, Run, Told, has_option
from mockserver.checking import phases_of
from mockserver.config import CheckOptions
from mockserver.verification.findings import Finding
from mockserver.verification.target import Leave
from tests.flawed.checking import bench_of, findings_of, is_right, run
from tests.flawed.flaw import Flaw
from tests.flawed.harder import HARDER
from tests.flawed.serving import serve

_SEED = 1
_OPTIONS = WITHIN
_QUICK_PHASES = ("golden", "statements")
_AT_ONCE = "--parallel"


@dataclass(frozen=True, slots=True, kw_only=True)
class HarderResult:
    """What came of one harder flaw; `findings` are those that count, as `grade id (check)`, in the report's order."""

    name: str
    is_caught: bool = False
    is_first: bool = False
    findings: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0
    trouble: str = ""


def try_harder(name: str, timeout: float, command: str) -> HarderResult:
    """Check one harder flaw."""
    flaw = HARDER[name]
    with serve(flaw.make()) as url:
        more = (*_OPTIONS, _AT_ONCE) if has_option(command, _AT_ONCE) else _OPTIONS
        told = Run(url=url, leave=Leave.IRREVERSIBLE, seed=_SEED, timeout=timeout, more=more, command=command).told()
    return _judged(flaw, told)


def try_harder_in_memory(name: str, *_: object) -> HarderResult:
    """Check one harder flaw in virtual time, without the phases that draw requests, and without connections."""
    flaw, started = HARDER[name], time.monotonic()
    bench = bench_of(flaw, leave=Leave.IRREVERSIBLE, seed=_SEED)
    findings = findings_of(run(bench, phases_of(CheckOptions(phases=_QUICK_PHASES))))
    return _judged(flaw, Told(findings=findings, requests=bench.courier.sent, seconds=time.monotonic() - started))


def _judged(flaw: Flaw, told: Told) -> HarderResult:
    counting = [finding for finding in told.findings if finding.counts]
    return HarderResult(
        name=flaw.name,
        is_caught=any(is_right(flaw, finding) for finding in counting),
        is_first=bool(counting) and is_right(flaw, counting[0]),
        findings=tuple(map(_shortly, counting)),
        requests=told.requests,
        seconds=round(told.seconds, 1),
        trouble=told.trouble,
    )


def _shortly(finding: Finding) -> str:
    return f"{finding.grade} {finding.question or finding.statement} ({finding.check})"
