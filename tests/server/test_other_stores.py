"""The server answers alike on stores that give copies, at once or a turn later: nothing rests on identity."""

import subprocess
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_ASKED = ("vendor_traffic", "clock_and_snapshots", "given_worlds", "dialect", "control")


@pytest.mark.parametrize("plugin", ["on_copies", "on_copies_at_once"])
def test_vendor_traffic_and_control_plane_are_alike_on_copies(plugin: str) -> None:
    """All of `tests/server` may be run so; here are the files that ask most of a store."""
    files = [str(_HERE / f"test_{name}.py") for name in _ASKED]
    options = ["-p", f"tests.server.{plugin}", "-p", "no:randomly", "-p", "no:cacheprovider", "-n", "0"]

    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        cwd=_HERE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-5_000:] + run.stderr[-2_000:]
