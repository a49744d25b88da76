"""What one request costs, counted instead of timed: the same on every machine, so that a regression is seen in review.

    python -m benchmarks.counted_work             # compare with the baseline; exit 1 where more than 2 % was added
    python -m benchmarks.counted_work --accept    # make what is counted now the baseline

Each case is answered in process by `exchange_with`, with a journal that is full, and counted:

- calls: of Python functions, and of functions written in C
- steps: bytecode instructions
- peak: bytes that were allocated at once, on top of what was there before
- kept: bytes that are still allocated afterwards, which is what a journal that is full must make up for

All depend on the minor version of Python, which the baseline (`counted_work.json`) names; with another one nothing is
compared. Patch versions may change what a function of the standard library does, which the 2 % are for.
"""

import argparse
import asyncio
import gc
import json
import os
import platform
import statistics
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any, TypeAlias

from benchmarks.serving.asking import filling
from benchmarks.serving.cases import CASES, Case
from benchmarks.serving.forking import world_with
from benchmarks.serving.table import table
from mockserver.messages import Request
from mockserver.server.exchanging import exchange_with
from mockserver.server.served import ServedWorld
from mockserver.storage.clock import Clock
from mockserver.values import replace

BASELINE = Path(__file__).with_name("counted_work.json")
TOLERANCE = 0.02
_CUSTOMERS = 2_000
_WARM_UP = 1_100  # requests, more than the journal holds
_TIMES = 9  # an odd number, so that the median is a count
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one request costs."""

    calls: int
    steps: int
    peak: int
    kept: int


Counted: TypeAlias = Mapping[str, Work]  # by case


def count(case: Case) -> Work:
    """Count the work of one case, each measure by itself, since they would disturb each other."""
    return asyncio.run(_count(case))


async def _count(case: Case) -> Work:
    world = world_with(_CUSTOMERS)
    world.state.amend(lambda settings: replace(settings, clock=Clock(frozen=_NOW)))
    asked = _asking(world, case)
    for _ in range(_WARM_UP):
        asked()
    world.settle()  # the work that is due after an answer is done now
    gc.collect()
    gc.disable()
    try:
        return Work(
            calls=_median(lambda: calls_of(asked)),
            steps=_median(lambda: steps_of(asked)),
            peak=_median(lambda: memory_of(asked)[0]),
            kept=_median(lambda: memory_of(asked)[1]),
        )
    finally:
        gc.enable()


def _asking(world: ServedWorld, case: Case) -> Callable[[], object]:
    """Return what puts the next request of a case to a world, and gives the exchange."""
    for name in case.before:
        exchange_with(world, request_of(CASES[name], 0), "x0")
    numbers = iter(range(1, 1_000_000))

    def ask() -> object:
        number = next(numbers)
        return exchange_with(world, request_of(case, number), f"x{number}")

    return ask


def request_of(case: Case, number: int, *, customers: int = _CUSTOMERS) -> Request:
    """Return a request of a case as the server hands it to the core."""
    whole = filling(case.request(8080).encode(), customers)(number)
    head, _, body = whole.partition(b"\r\n\r\n")
    first, fields = head.decode().split("\r\n", 1)
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    return Request(method=method, path=path, query=query, headers=_read_headers(fields), body=body)


@lru_cache(maxsize=64)  # as the server does: who sends the same headers again gets the same mapping
def _read_headers(fields: str) -> Mapping[str, str]:
    return {name.lower(): value for name, value in (line.split(": ", 1) for line in fields.split("\r\n"))}


def _median(measure: Callable[[], int]) -> int:
    return int(statistics.median(measure() for _ in range(_TIMES)))


def calls_of(asked: Callable[[], object]) -> int:
    """Count the functions that are called, of Python and of C."""
    counter = _Counter(frozenset({"call", "c_call"}))
    sys.setprofile(counter.profile)
    try:
        asked()
    finally:
        sys.setprofile(None)
    return counter.seen


def steps_of(asked: Callable[[], object]) -> int:
    """Count the bytecode instructions."""
    counter = _Counter(frozenset({"opcode"}))
    before = sys.gettrace()
    sys.settrace(counter.trace)
    try:
        asked()
    finally:
        sys.settrace(before)
    return counter.seen


class _Counter:
    """Counts events that the interpreter tells of."""

    def __init__(self, counted: frozenset[str]) -> None:
        self._counted = counted
        self.seen = 0

    def profile(self, _: FrameType, event: str, __: Any) -> None:  # Any: what the interpreter passes
        if event in self._counted:
            self.seen += 1

    def trace(self, frame: FrameType, event: str, _: Any) -> Any:  # a trace function returns the one to go on with
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event in self._counted:
            self.seen += 1
        return self.trace


def memory_of(asked: Callable[[], object]) -> tuple[int, int]:
    """Return the peak and what is kept, in bytes; what the journal forgets meanwhile was not seen to be allocated."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        asked()
        after, peak = tracemalloc.get_traced_memory()
        return peak - before, after - before
    finally:
        tracemalloc.stop()


def compare(old: Counted, new: Counted) -> list[str]:
    """Say what costs more than before, by more than the tolerance."""
    return [
        f"{name}: {measure} went from {before} to {now}, {now / before - 1:+.1%}"
        for name, work in new.items()
        if name in old
        for measure, now in asdict(work).items()
        for before in [getattr(old[name], measure)]
        if now > before * (1 + TOLERANCE)
    ]


def rows(old: Counted, new: Counted) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table: what was, and what is."""
    for name, work in new.items():
        before = old.get(name)
        yield name, *(_cell(getattr(before, measure, None), now) for measure, now in asdict(work).items())


def _cell(before: int | None, now: int) -> str:
    if before is None or before == now:
        return f"{now:,}"
    return f"{before:,} → {now:,} ({now / before - 1:+.1%})" if before else f"{before:,} → {now:,}"


def read_baseline(path: Path) -> tuple[str, Counted]:
    """Return the minor version of Python that a baseline is for, and its counts; nothing where there is none."""
    if not path.exists():
        return "", {}
    told = json.loads(path.read_text(encoding="utf-8"))
    return told["python"], {name: Work(**work) for name, work in told["cases"].items()}


def write_baseline(path: Path, counted: Counted) -> None:
    """Write a baseline for this version of Python."""
    told = {"python": minor_version(), "cases": {name: asdict(work) for name, work in counted.items()}}
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def minor_version() -> str:
    """Return the version of Python that counts depend on."""
    return ".".join(platform.python_version_tuple()[:2])


def main() -> int:
    """Count, compare, tell, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true", help="write the baseline anew")
    parser.add_argument("--case", action="append", choices=list(CASES), help="one case alone; repeatable")
    options = parser.parse_args()
    _settle_hashes()
    python, old = read_baseline(BASELINE)
    new = {name: count(CASES[name]) for name in options.case or CASES}
    comparable = old if python == minor_version() else {}
    print("\n".join(table(("case", "calls", "steps", "peak bytes", "kept bytes"), rows(comparable, new), numbers=4)))
    if options.accept:
        write_baseline(BASELINE, {**comparable, **new})
        return 0
    return _judge(python, comparable, new)


def _judge(python: str, old: Counted, new: Counted) -> int:
    if not old:
        print(f"not compared: the baseline is for Python {python or '-'}, and this is {minor_version()}")
        return 0
    more = compare(old, new)
    for line in more:
        print(line, file=sys.stderr)
    if more:
        print("mend it, or accept it: python -m benchmarks.counted_work --accept", file=sys.stderr)
    return 1 if more else 0


def _settle_hashes() -> None:
    """Start again with hashes of texts that are the same in every process: the order of sets depends on them."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        again = [sys.executable, "-m", "benchmarks.counted_work", *sys.argv[1:]]
        os.execve(sys.executable, again, {**os.environ, "PYTHONHASHSEED": "0"})


if __name__ == "__main__":
    sys.exit(main())
