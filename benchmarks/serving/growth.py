"""What becomes of the speed with more customers, more connections, larger bodies, and a journal that is full.

Each series has points; at each point the servers are asked in turn, in rounds, as everywhere here.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.serving.asking import Figures
from benchmarks.serving.cases import CASES, Case, request_of
from benchmarks.serving.driving import drive
from benchmarks.serving.machine import Machine
from benchmarks.serving.processes import CLIENT_CORE, Running, StartError, exchange, free_port, pinned_to
from benchmarks.serving.rounds import Plan, Results, Tell, measure, measure_once
from benchmarks.serving.servers import BASELINE, SERVERS, Server
from benchmarks.serving.table import rounds_section, table
from mockserver.values import replace

SIZES = {"ours-1k": 1_000, "ours-100k": 100_000, "ours-1m": 1_000_000}
CONNECTIONS = (1, 4, 16, 64, 256, 1_000)
BODIES = (1, 16, 128, 1_024)  # KiB
_SIZE_CASES = ("put-changing", "put-fresh", "get-customer")
_FEWER_THAN_THE_JOURNAL = 900  # exchanges; it holds 1,000
_FILLING = 1_100
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of a series: what is asked, of whom, and what is done just before."""

    series: str
    point: str
    case: Case
    connections: int = 64
    servers: tuple[str, ...] = (BASELINE, "ours")
    most: int = 0
    before: Callable[[int], None] | None = None


@dataclass(slots=True, kw_only=True)
class Growth:
    """All that was measured: by size of the world, forks, and the runs of the other series."""

    sizes: Results = field(default_factory=Results)
    forks: list[dict[str, Any]] = field(default_factory=list)  # Any: numbers, as `forking` tells them
    runs: dict[str, dict[str, dict[str, list[Figures]]]] = field(default_factory=dict)  # series, point, server

    @property
    def troubles(self) -> list[str]:
        """Say which runs had answers that were not as expected."""
        wrong = [
            f"{series}, {point}, {server}: {one.wrong} wrong, {one.lost} lost: {one.trouble}"
            for series, points in self.runs.items()
            for point, servers in points.items()
            for server, figures in servers.items()
            for one in figures
            if not one.is_right
        ]
        return self.sizes.troubles + wrong


def measure_growth(plan: Plan, tell: Tell) -> Growth:
    """Measure all series."""
    grown = Growth()
    asked = replace(plan, servers=[SERVERS[name] for name in SIZES], cases=[CASES[name] for name in _SIZE_CASES])
    grown.sizes = measure(replace(asked, starts=1), tell)
    for customers in SIZES.values():
        grown.forks.append(_forks(customers))
        tell(f"forks: {grown.forks[-1]}")
    _measure_points(list(_points()), plan, grown, tell)
    return grown


def _forks(customers: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.serving.forking", str(customers)]
    with pinned_to(CLIENT_CORE):
        done = subprocess.run(command, capture_output=True, text=True, cwd=_ROOT, check=False)
    if done.returncode:
        return {"customers": customers, "trouble": done.stderr.strip()[-200:]}
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _points() -> Iterator[Point]:
    changing = CASES["put-changing"]
    for connections in CONNECTIONS:
        yield Point(series="connections", point=str(connections), case=changing, connections=connections)
    for size in BODIES:
        yield Point(series="body", point=f"{size} KiB", case=padded(changing, size * 1024))
    empty = Point(
        series="journal",
        point="empty",
        case=changing,
        connections=16,
        servers=("ours",),
        most=_FEWER_THAN_THE_JOURNAL,
        before=_empty_journal,
    )
    yield empty
    yield replace(empty, point="full", before=_fill_journal)


def padded(case: Case, size: int) -> Case:
    """Return a case whose body has so many bytes: a member that is not known, a list of small objects, fills it."""
    item = '{"name":"padding","value":"0123456789"}'
    room = size - 1 - len(case.body.encode()) - len(',"padding":[],"rest":""') - 1  # bare aiohttp takes less than 1 MiB
    if room < 0:
        return case
    items = room // (len(item) + 1)
    rest = "x" * (room - items * (len(item) + 1) + (1 if items else 0))
    return replace(case, body=f'{case.body[:-1]},"padding":[{",".join([item] * items)}],"rest":"{rest}"}}')


def _empty_journal(port: int) -> None:
    exchange(port, request_of("DELETE", "/_mock/requests", port=port).encode())


def _fill_journal(port: int) -> None:
    load = SERVERS["ours"].load(CASES["put-changing"], port, connections=16, seconds=30)
    drive(replace(load, most=_FILLING, warm_up=0), client="ours")


def _measure_points(points: Sequence[Point], plan: Plan, grown: Growth, tell: Tell) -> None:
    with ExitStack() as stack:
        running = {}
        for name in dict.fromkeys(name for point in points for name in point.servers):
            try:
                running[name] = SERVERS[name].start(free_port())
            except StartError as error:
                grown.sizes.left_out[name] = str(error)
                continue
            stack.callback(running[name].stop)
            running[name].hold_still()
        for _ in range(plan.rounds):
            for point in points:
                for name in (name for name in point.servers if name in running):
                    figures = _measure_point(point, SERVERS[name], running[name], plan)
                    at = grown.runs.setdefault(point.series, {}).setdefault(point.point, {})
                    at.setdefault(name, []).append(figures)
                    tell(
                        f"{point.series} {point.point}, {name}: {figures.per_second:.0f} a second, p99 {figures.p99} ms"
                    )


def _measure_point(point: Point, server: Server, running: Running, plan: Plan) -> Figures:
    if not point.most:
        return measure_once(server, running, point.case, replace(plan, connections=point.connections))
    with running.awake():
        server.make_ready(point.case, running.port)
        if point.before is not None:
            point.before(running.port)
        load = server.load(point.case, running.port, connections=point.connections, seconds=30)
        return drive(replace(load, most=point.most, warm_up=0), client="ours")


def growth_section(grown: Growth, machine: Machine) -> str:
    """Return what `--growth` writes."""
    lines = [rounds_section(grown.sizes, machine, "customers: cases by the size of the world"), ""]
    lines += ["### Memory and forks by customers", "", *_fork_table(grown)]
    for series, points in grown.runs.items():
        lines += ["", f"### By {series}", "", *_series_table(series, points)]
    return "\n".join(lines)


def _fork_table(grown: Growth) -> Iterator[str]:
    rows = (
        (
            f"{one['customers']:,}",
            f"{one['bytes_each']:,} bytes" if "bytes_each" in one else one["trouble"],
            f"{one['microseconds']} µs" if "microseconds" in one else "-",
        )
        for one in grown.forks
    )
    return table(("customers", "memory of each", "fork"), rows, numbers=2)


def _series_table(series: str, points: dict[str, dict[str, list[Figures]]]) -> Iterator[str]:
    rows = []
    for point, servers in points.items():
        bare = [one.per_second for one in servers.get(BASELINE, [])]
        for name, figures in servers.items():
            rates = [one.per_second for one in figures]
            ratios = [one / other for one, other in zip(rates, bare, strict=False) if other]
            ratio = f"{statistics.median(ratios):.2f}" if ratios else "-"
            p99 = f"{statistics.median(one.p99 for one in figures):.2f} ms"
            wrong = sum(one.wrong + one.lost for one in figures)
            rows.append((point, f"`{name}`", f"{statistics.median(rates):,.0f}", ratio, p99, str(wrong or "none")))
    return table((series, "server", "requests a second", "of bare aiohttp", "p99", "wrong or lost"), rows, numbers=4)
