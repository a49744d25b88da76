"""Measure how fast each server answers: `python -m benchmarks.serving --help`, or `make bench`.

Servers are asked in turn, in rounds, over so many connections that each have one request in flight. Every answer's
status is checked, and the body of one in 97. It exits 1 if an answer was not as expected. Without a choice it takes
bare aiohttp, ours in its usual settings and all cases; --peers adds what npm has.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.serving.cases import CASES
from benchmarks.serving.checker import checker_section, measure_checker
from benchmarks.serving.growth import growth_section, measure_growth
from benchmarks.serving.machine import this_machine
from benchmarks.serving.peers import PEERS
from benchmarks.serving.rounds import Plan, measure
from benchmarks.serving.servers import SERVERS, USUAL
from benchmarks.serving.table import rounds_section, write_section


def main() -> int:
    """Read the command line, measure, tell, and return the exit code."""
    options = read_options(sys.argv[1:])
    started = time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - started:>6.0f} s  {line}", file=sys.stderr, flush=True)

    name, results, text, troubles = _measure(options, tell)
    for trouble in troubles:
        tell(f"not as expected: {trouble}")
    if options.json is not None:
        told = {"machine": asdict(this_machine()), name: results}
        options.json.write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
    if options.write is None:
        print(text)
    else:
        write_section(options.write, name, text)
    return 1 if troubles else 0


def _measure(options: argparse.Namespace, tell: Any) -> tuple[str, Any, str, list[str]]:
    """Return the section's name, the results as JSON has them, its text, and what was not as expected."""
    plan = plan_of(options)
    if options.growth:
        grown = measure_growth(plan, tell)
        return "growth", asdict(grown), growth_section(grown, this_machine()), grown.troubles
    if options.checker:
        checked = measure_checker(tell)
        return "checker", asdict(checked), checker_section(checked, this_machine()), checked.troubles
    results = measure(plan, tell)
    asked = (
        f"{plan.rounds} rounds of {plan.seconds:g} s for each server and case, {plan.connections} connections, "
        f"{plan.starts} cold starts; medians"
    )
    return "rounds", asdict(results), rounds_section(results, this_machine(), asked), results.troubles


def plan_of(options: argparse.Namespace) -> Plan:
    """Return what the options ask for."""
    known = {**SERVERS, **PEERS}
    names = list(dict.fromkeys(options.server or [*USUAL, *(PEERS if options.peers else ())]))
    return Plan(
        servers=[known[name] for name in names],
        cases=[CASES[name] for name in options.case or CASES],
        rounds=options.rounds,
        seconds=options.seconds,
        connections=options.connections,
        starts=options.starts,
        client=options.client,
    )


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a name that is not known is refused."""
    first, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=f"{first} {rest}")
    parser.add_argument("--rounds", type=int, default=5, help="how often each server is asked each case (default: 5)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of one run (default: 3)")
    parser.add_argument("--connections", type=int, default=64, help="at once (default: 64)")
    parser.add_argument("--starts", type=int, default=5, help="cold starts of each server (default: 5)")
    parser.add_argument("--case", action="append", metavar="NAME", help=f"repeatable; one of {', '.join(CASES)}")
    named = ", ".join([*SERVERS, *PEERS])
    parser.add_argument("--server", action="append", metavar="NAME", help=f"repeatable; one of {named}")
    parser.add_argument("--peers", action="store_true", help="also other mock servers; npm installs them into a cache")
    parser.add_argument("--client", choices=["wrk", "ours"], default="", help="(default: wrk where it is installed)")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--growth", action="store_true", help="measure more customers, connections, and larger bodies")
    mode.add_argument("--checker", action="store_true", help="measure `mockserver check` instead of servers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results there")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the tables into their section of a document")
    options = parser.parse_args(arguments)
    unknown = sorted({*(options.server or ())} - {*SERVERS, *PEERS} | {*(options.case or ())} - {*CASES})
    if unknown:
        parser.error(f"nothing is named {', '.join(unknown)}; the names stand in --help")
    return options


if __name__ == "__main__":
    sys.exit(main())
