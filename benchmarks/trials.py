"""One deployment on a port of its own, and what the command, and the campaign behind it, say of it.

The command is what is judged. Its report does not tell when a finding came, so the first one is timed in a campaign of
the same phases, over the same HTTP, that ends with it.
"""

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.command import ALL_PHASES, AUTH_VARIABLE, CREDENTIALS, CUSTOMERS, RATE, WITHIN, Run, Told, allowed
from mockserver.checking import phases_of, read_order
from mockserver.config import CheckOptions
from mockserver.verification.findings import Finding
from mockserver.verification.opening import opened
from mockserver.verification.target import Leave
from tests.flawed.checking import Sighting, first_right_finding, is_right, leave_of
from tests.flawed.flaw import Flaw, Sound
from tests.flawed.flaws import FLAWS
from tests.flawed.flaws_of_dialect import FLAWS_OF_DIALECT
from tests.flawed.serving import serve
from tests.flawed.sound import SOUND

_FIRST_WITHIN = "60s"
_LATE = 1.0  # seconds after which an update shows
_SEEDS_AGAIN = (1, 1, 2)  # of runs on a deployment that is kept up


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


def try_flaw(name: str, seeds: int, timeout: float) -> FlawResult:
    """Check one flawed deployment, a fresh one for each seed; one that differs is kept up and checked again."""
    flaw = FLAWS[name]
    numbers = _SEEDS_AGAIN if flaw in FLAWS_OF_DIALECT else _SEEDS_AGAIN[:1]
    initial, *again = _told_by_runs(flaw, leave_of(flaw), numbers, timeout)
    told = [initial, *(_told_of(flaw, leave_of(flaw), seed, timeout) for seed in range(2, seeds + 1))]
    caught = sum(any(is_right(flaw, finding) for finding in one.findings) for one in told)
    trouble = next((one.trouble for one in told if one.trouble), "") or _changed_mind(initial, again)
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


def _changed_mind(initial: Told, again: Sequence[Told]) -> str:
    """Say what more runs on a deployment that differs, and is kept up, say otherwise than the first."""
    known = {finding.question for finding in initial.findings}
    more = [finding for one in again for finding in one.findings if finding.counts or finding.question not in known]
    return next((f"said when it was run again: {_shortly(finding)}" for finding in more), "")


def try_sound(name: str, seeds: int, timeout: float) -> SoundResult:
    """Check one sound deployment that is kept up: each seed twice, one run after the other."""
    sound = SOUND[name]
    numbers = [seed for seed in range(1, seeds + 1) for _ in range(2)]
    told = _told_by_runs(sound, Leave.IRREVERSIBLE, numbers, timeout)
    findings = [(run, finding) for run, one in enumerate(told, start=1) for finding in one.findings]
    return SoundResult(
        name=name,
        seeds=seeds,
        alarms=tuple(
            f"run {run}, seed {numbers[run - 1]}: {_shortly(finding)}" for run, finding in findings if finding.counts
        ),
        differs=tuple(dict.fromkeys(finding.question for _, finding in findings if not finding.counts)),
        requests=int(statistics.median(one.requests for one in told)),
        seconds=round(statistics.median(one.seconds for one in told), 1),
        trouble=next((one.trouble for one in told if one.trouble), ""),
    )


def _shortly(finding: Finding) -> str:
    return f"{finding.grade} {finding.question or finding.statement} ({finding.check}): {finding.came[:200]}"


def _told_of(named: Flaw | Sound, leave: Leave, seed: int, timeout: float) -> Told:
    """Run the command once against a fresh deployment."""
    [told] = _told_by_runs(named, leave, (seed,), timeout)
    return told


def _told_by_runs(named: Flaw | Sound, leave: Leave, seeds: Sequence[int], timeout: float) -> list[Told]:
    """Run the command again and again against one deployment, which keeps its state; a flaw has a minute each time."""
    phases, more = _phases_of(named), WITHIN if isinstance(named, Flaw) else ()
    with serve(named.make()) as url:
        runs = [Run(url=url, leave=leave, seed=seed, timeout=timeout, phases=phases, more=more) for seed in seeds]
        return [run.told() for run in runs]


def _phases_of(named: Flaw | Sound) -> str:
    """Where each update takes seconds to show, the statements alone are checked: the rest would take an hour."""
    is_late = isinstance(named, Sound) and named.settles_in >= _LATE
    return "statements" if is_late else ALL_PHASES


def _first_sighting(flaw: Flaw) -> Sighting | None:
    """Run the phases that the command runs, in its order, and end with the first right finding."""
    os.environ[AUTH_VARIABLE] = CREDENTIALS
    with serve(flaw.make()) as url:
        allow = allowed(leave_of(flaw))
        options = CheckOptions(
            url=url,
            auth_env=AUTH_VARIABLE,
            customers=CUSTOMERS,
            allow=allow,
            rate=RATE[1],
            max_time=_FIRST_WITHIN,
            timeout="10s",
        )
        with opened(read_order(options, seed=1)) as bench:
            return first_right_finding(flaw, bench, phases_of(options, is_mock=True))
