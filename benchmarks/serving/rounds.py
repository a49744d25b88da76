"""Rounds: every server is asked every case in turn, again and again, so that what disturbs the machine meets all alike.

All servers run at once, but only the one that is asked is awake. Each round begins with another server.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks.serving.asking import Figures
from benchmarks.serving.cases import Case
from benchmarks.serving.driving import drive
from benchmarks.serving.processes import Running, StartError, free_port
from benchmarks.serving.servers import BASELINE, Server, is_stored
from mockserver.values import replace

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run: which server, which case, in which round."""

    server: str
    case: str
    round: int
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a server takes: seconds to the first answer of each cold start; MiB then, and after all loads."""

    server: str
    says: str
    starts: tuple[float, ...]
    fresh: float = 0.0
    loaded: float = 0.0


@dataclass(slots=True, kw_only=True)
class Results:
    """What was measured, and what was left out with its reason, by server."""

    measured: list[Measured] = field(default_factory=list)
    standings: dict[str, Standing] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def troubles(self) -> list[str]:
        """Say which runs had answers that were not as expected."""
        wrong = [one for one in self.measured if not one.figures.is_right]
        return [f"{one.server}, {one.case}: {_what(one.figures)}" for one in wrong]

    def medians(self, server: str, case: str) -> "Medians | None":
        """Return the medians over the rounds, or None where there are none."""
        runs = [one for one in self.measured if (one.server, one.case) == (server, case)]
        if not runs:
            return None
        bare = {
            one.round: one.figures.per_second for one in self.measured if (one.server, one.case) == (BASELINE, case)
        }
        ratios = [one.figures.per_second / bare[one.round] for one in runs if bare.get(one.round)]
        return Medians(
            per_second=statistics.median(one.figures.per_second for one in runs),
            ratio=statistics.median(ratios) if ratios else None,
            p50=statistics.median(one.figures.p50 for one in runs),
            p99=statistics.median(one.figures.p99 for one in runs),
            most=max(one.figures.most for one in runs),
            wrong=sum(one.figures.wrong + one.figures.lost for one in runs),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Medians:
    """Of one server and case; `ratio` is the median of the ratios to bare aiohttp in the same round."""

    per_second: float
    ratio: float | None
    p50: float
    p99: float
    most: float
    wrong: int


def _what(figures: Figures) -> str:
    counted = f"{figures.wrong} wrong, {figures.lost} lost of {figures.requests}"
    return f"{counted}: {' '.join(figures.trouble.split())[:160]}" if figures.trouble else counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to measure, and how long."""

    servers: Sequence[Server]
    cases: Sequence[Case]
    rounds: int = 5
    seconds: float = 3.0
    connections: int = 64
    starts: int = 5
    client: str = ""


def measure(plan: Plan, tell: Tell) -> Results:
    """Measure all of it; `tell` hears how it goes, line by line."""
    results = Results()
    with ExitStack() as stack:
        running = dict(_started(plan, results, stack, tell))
        for number in range(plan.rounds):
            _go_round(plan, number, running, results, tell)
        for name, one in running.items():
            results.standings[name] = replace(results.standings[name], loaded=one.mebibytes())
    return results


def _started(plan: Plan, results: Results, stack: ExitStack, tell: Tell) -> Iterator[tuple[str, Running]]:
    """Start each server several times, and keep the last of it, held still."""
    for server in plan.servers:
        try:
            if server.prepare is not None:
                server.prepare()
            starts = [_start_once(server) for _ in range(plan.starts - 1)]
            one = server.start(free_port())
        except StartError as error:
            results.left_out[server.name] = str(error)
            tell(f"{server.name} is left out: {error}")
            continue
        stack.callback(one.stop)
        standing = Standing(server=server.name, says=server.says, starts=(*starts, one.seconds), fresh=one.mebibytes())
        results.standings[server.name] = standing
        tell(f"{server.name}: first answer after {statistics.median(standing.starts):.3f} s, {standing.fresh} MiB")
        one.hold_still()
        yield server.name, one


def _start_once(server: Server) -> float:
    running = server.start(free_port())
    running.stop()
    return running.seconds


def _go_round(plan: Plan, number: int, running: dict[str, Running], results: Results, tell: Tell) -> None:
    servers = [server for server in plan.servers if server.name in running]
    first = number % max(1, len(servers))
    for case in plan.cases:
        for server in (*servers[first:], *servers[:first]):
            if server.why_not(case):
                continue
            figures = measure_once(server, running[server.name], case, plan)
            results.measured.append(Measured(server=server.name, case=case.name, round=number, figures=figures))
            told = f"round {number + 1}  {case.name:<14} {server.name:<18} {figures.per_second:>9.0f} a second"
            tell(f"{told}, p99 {figures.p99:.2f} ms" + ("" if figures.is_right else f"  {_what(figures)}"))


def measure_once(server: Server, running: Running, case: Case, plan: Plan) -> Figures:
    """Put one case to one server; what it answered is checked, and what it stored."""
    with running.awake():
        server.make_ready(case, running.port)
        load = server.load(case, running.port, connections=plan.connections, seconds=plan.seconds)
        figures = drive(load, client=plan.client)
        if server.kind != "ours" or not case.is_stored or not figures.is_right:
            return figures
        trouble = is_stored(running.port, figures)
    return replace(figures, wrong=1, trouble=trouble) if trouble else figures
