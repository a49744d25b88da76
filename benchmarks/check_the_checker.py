"""Check the checker by its command: every flaw must be caught, and nothing said of what is sound.

Run it with `make check-the-checker`, or `python -m benchmarks.check_the_checker --help`. Three deployments are checked
at a time, since a run waits more than it works. It exits 1 if a flaw was missed, too few of the harder ones are caught,
a sound deployment alarmed, or the first finding comes too late.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.command import COMMAND
from benchmarks.harder_tables import short_of_goals, verdict_of
from benchmarks.harder_trials import HarderResult, try_harder, try_harder_in_memory
from benchmarks.plain_schemathesis import PlainResult, try_plainly
from benchmarks.tables import document, first_finding, median_seconds
from benchmarks.trials import FlawResult, SoundResult, try_flaw, try_sound
from tests.flawed.flaws import FLAWS
from tests.flawed.harder import FAMILIES, HARDER
from tests.flawed.sound import SOUND

_AT_A_TIME = 3
_SOON = 5.0  # seconds, the median time to the first right finding
Result: TypeAlias = FlawResult | HarderResult | SoundResult | PlainResult
_KINDS: dict[str, type[Result]] = {
    "flaws": FlawResult,
    "harder": HarderResult,
    "sound": SoundResult,
    "plain": PlainResult,
}
_NAMES = (*FLAWS, *HARDER, *SOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One deployment to be tried, and how."""

    kind: str
    name: str
    try_it: Callable[[], Result]


@dataclass(slots=True, kw_only=True)
class _Results:
    """All results, by kind and then by name."""

    by_kind: dict[str, dict[str, Any]] = field(default_factory=lambda: {kind: {} for kind in _KINDS})

    def keep(self, result: Result) -> None:
        """Keep a result; it takes the place of an earlier one."""
        [kind] = [kind for kind, made in _KINDS.items() if isinstance(result, made)]
        self.by_kind[kind][result.name] = result

    def has(self, job: _Job) -> bool:
        """Tell whether the result of a job is there."""
        return job.name in self.by_kind[job.kind]

    def flaws(self) -> list[FlawResult]:
        """Return those of flaws, in the order of the registry."""
        return [self.by_kind["flaws"][name] for name in FLAWS if name in self.by_kind["flaws"]]

    def harder(self) -> list[HarderResult]:
        """Return those of harder flaws, in the order of the registry."""
        return [self.by_kind["harder"][name] for name in HARDER if name in self.by_kind["harder"]]

    def sound(self) -> list[SoundResult]:
        """Return those of sound deployments, in the order of the registry."""
        return [self.by_kind["sound"][name] for name in SOUND if name in self.by_kind["sound"]]

    def document(self) -> str:
        """Return the page."""
        return document(self.flaws(), self.harder(), self.sound(), self.by_kind["plain"])


def main() -> int:
    """Read the command line, run, tell, and return the exit code."""
    options = _read_options()
    results = _read_results(options.results)
    started = time.monotonic()
    jobs = [job for job in _jobs(options) if not results.has(job)]
    for number, result in enumerate(_run(jobs, options.at_a_time), start=1):
        results.keep(result)
        print(f"{number:>4}  {time.monotonic() - started:>6.0f} s  {_shortly(result)}", file=sys.stderr, flush=True)
        if options.results is not None:
            options.results.write_text(_as_json(results))
    page = results.document()
    if options.write is None:
        print(page)
    else:
        options.write.write_text(page)
    return _judge(results)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="check_the_checker", description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=1, help="seeds for each flaw (default: 1; 0: no flaws)")
    parser.add_argument("--sound-seeds", type=int, default=2, help="for each sound one, twice (default: 2; 0: none)")
    parser.add_argument("--harder", action="store_true", help="check the harder flaws alone")
    parser.add_argument("--family", action="append", choices=FAMILIES, help="of harder flaws, alone; repeatable")
    parser.add_argument("--command", default=COMMAND, help="that checks the harder flaws (default: %(default)s)")
    parser.add_argument(
        "--in-memory", action="store_true", help="a quick look at the harder flaws: no HTTP, two phases"
    )
    parser.add_argument("--schemathesis", action="store_true", help="ask plain Schemathesis too, which takes long")
    parser.add_argument("--examples", type=int, default=30, help="of plain Schemathesis (default: 30)")
    parser.add_argument("--timeout", type=float, default=900.0, help="seconds for one run (default: 900)")
    parser.add_argument(
        "--at-a-time", type=int, default=_AT_A_TIME, help="deployments at a time (default: %(default)s)"
    )
    parser.add_argument("--only", action="append", metavar="NAME", help="deployment to check alone; repeatable")
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="keep results there; those held are not done again"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the tables there instead of printing them")
    options = parser.parse_args()
    unknown = sorted({*(options.only or ())} - {*_NAMES})
    if unknown:
        parser.error(f"no deployment is named {', '.join(unknown)}; see python -m tests.flawed --list")
    return options


def _jobs(options: argparse.Namespace) -> list[_Job]:
    """Return what is to be done."""
    jobs = _harder_jobs(options)
    return jobs if options.harder or options.family or options.in_memory else [*_other_jobs(options), *jobs]


def _harder_jobs(options: argparse.Namespace) -> list[_Job]:
    families = options.family or FAMILIES
    names = [flaw.name for family in families for flaw in FAMILIES[family]]
    try_it = try_harder_in_memory if options.in_memory else try_harder
    tried = {name: partial(try_it, name, options.timeout, options.command) for name in _chosen(names, options)}
    return [_Job(kind="harder", name=name, try_it=call) for name, call in tried.items()]


def _other_jobs(options: argparse.Namespace) -> list[_Job]:
    tries: list[tuple[str, Callable[..., Result], Iterable[str], int]] = [
        ("sound", try_sound, SOUND, options.sound_seeds),  # first, because a slow one takes long
        ("flaws", try_flaw, FLAWS, options.seeds),
        ("plain", try_plainly, (*FLAWS, *SOUND), options.examples if options.schemathesis else 0),
    ]
    return [
        _Job(kind=kind, name=name, try_it=partial(try_it, name, number, options.timeout))
        for kind, try_it, names, number in tries
        if number
        for name in _chosen(names, options)
    ]


def _chosen(names: Iterable[str], options: argparse.Namespace) -> list[str]:
    return [name for name in names if not options.only or name in options.only]


def _run(jobs: Sequence[_Job], at_a_time: int) -> Iterator[Result]:
    """Do the jobs in processes of their own, and give each result as it comes; a job that fails is one, too."""
    with ProcessPoolExecutor(at_a_time, mp_context=get_context("spawn")) as pool:
        futures: dict[Future[Result], _Job] = {pool.submit(job.try_it): job for job in jobs}
        for future in as_completed(futures):
            failure = future.exception()
            yield future.result() if failure is None else _failed(futures[future], failure)


def _failed(job: _Job, failure: BaseException) -> Result:
    trouble = f"{type(failure).__name__}: {failure}"[:300]
    match job.kind:
        case "flaws":
            return FlawResult(name=job.name, caught=0, seeds=1, trouble=trouble)
        case "harder":
            return HarderResult(name=job.name, trouble=trouble)
        case "sound":
            return SoundResult(name=job.name, seeds=1, trouble=trouble)
        case _:
            return PlainResult(name=job.name, trouble=trouble)


def _shortly(result: Result) -> str:
    match result:
        case FlawResult():
            verdict = f"{result.caught} of {result.seeds}, {result.found_by or 'nothing'}, {result.seconds} s"
        case HarderResult():
            verdict = f"{verdict_of(result)}, {len(result.findings)} findings, {result.seconds} s"
        case SoundResult():
            verdict = "; ".join(result.alarms) or "silent"
        case PlainResult():
            verdict = f"plain Schemathesis: {', '.join(result.failures) or 'nothing'}"
    return f"{result.name}: {verdict} {result.trouble}".rstrip()


def _as_json(results: _Results) -> str:
    kinds = {kind: [asdict(result) for result in held.values()] for kind, held in results.by_kind.items()}
    return json.dumps(kinds, indent=1, ensure_ascii=False)


def _read_results(path: Path | None) -> _Results:
    results = _Results()
    if path is None or not path.exists():
        return results
    for kind, items in json.loads(path.read_text()).items():
        for item in items:
            lists = {name: tuple(value) for name, value in item.items() if isinstance(value, list)}
            results.keep(_KINDS[kind](**{**item, **lists}))
    return results


def _judge(results: _Results) -> int:
    """Say what is not as it must be, and return the exit code."""
    flaws, harder, sound = results.flaws(), results.harder(), results.sound()
    wrong = [f"{one.name} was missed" for one in flaws if not one.is_well]
    wrong += [f"{one.name} is sound, and was alarmed" for one in sound if not one.is_well]
    wrong += short_of_goals(harder)
    if median_seconds(flaws) >= _SOON:
        wrong.append(f"the first finding comes late: {first_finding(flaws)}")
    for line in wrong:
        print(line, file=sys.stderr)
    told = f"{len(flaws)} flaws, {len(harder)} harder ones, {len(sound)} sound deployments"
    print(f"{told}; first finding: {first_finding(flaws)}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
