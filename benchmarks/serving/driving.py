"""A load sent by a client in a process of its own, on the client's core: wrk where it is installed, or else ours."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.serving.asking import Figures, Load
from benchmarks.serving.processes import CLIENT_CORE, pinned_to
from benchmarks.serving.wrk import ask_by_wrk, find_wrk

_ROOT = Path(__file__).resolve().parents[2]
_MORE_SECONDS = 60.0  # beyond what the load itself takes


def drive(load: Load, *, client: str = "") -> Figures:
    """Send a load by `wrk` or by `ours`; where neither is said, by wrk if it is there. Only ours counts to `most`."""
    chosen = client or ("wrk" if find_wrk() else "ours")
    with pinned_to(CLIENT_CORE):
        return ask_by_wrk(load) if chosen == "wrk" and not load.most else _ask(load)


def _ask(load: Load) -> Figures:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.serving.load"],
        input=load.as_json(),
        capture_output=True,
        text=True,
        cwd=_ROOT,
        timeout=load.warm_up + load.seconds + _MORE_SECONDS,
        check=False,
    )
    if done.returncode:
        return Figures(requests=0, seconds=0, per_second=0, p50=0, p99=0, most=0, trouble=done.stderr[-300:])
    told = json.loads(done.stdout)
    return Figures(**{**told, "late": tuple(told["late"])})
