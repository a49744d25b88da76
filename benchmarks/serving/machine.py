"""What a result was measured on: the machine, the versions, the commit, and the day."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.serving.processes import CLIENT_CORE, CORES, SERVER_CORE

_ROOT = Path(__file__).resolve().parents[2]
_LIBRARIES = ("aiohttp", "uvloop", "orjson", "jsonschema-rs", "schemathesis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where and when something was measured; `commit` ends in `+` where the tree was changed since."""

    processor: str
    cores: str
    memory: str
    kernel: str
    python: str
    libraries: dict[str, str]
    programs: dict[str, str]
    commit: str
    day: str

    def lines(self) -> list[str]:
        """Return it as Markdown."""
        libraries = ", ".join(f"{name} {number}" for name, number in self.libraries.items())
        programs = ", ".join(f"{name} {number}" for name, number in self.programs.items())
        return [
            f"- {self.day}, commit {self.commit}",
            f"- {self.processor}; {self.cores}; {self.memory}; {self.kernel}",
            f"- Python {self.python}, {libraries}",
            f"- {programs}",
        ]


def this_machine() -> Machine:
    """Describe this machine, now."""
    return Machine(
        processor=_processor(),
        cores=_cores(),
        memory=f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 1024**3:.0f} GiB",
        kernel=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        libraries={name: version(name) for name in _LIBRARIES},
        programs={"load by": _said("wrk", "-v") or "our own client", "node": _said("node", "--version") or "none"},
        commit=_commit(),
        day=datetime.now(tz=UTC).strftime("%Y-%m-%d"),
    )


def _processor() -> str:
    names = [line.partition(":")[2] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    return names[0].strip() if names else platform.processor()


def _cores() -> str:
    if SERVER_CORE == CLIENT_CORE:
        return "one core, which server and client share"
    return f"{len(CORES)} cores, the server on core {SERVER_CORE}, the client on core {CLIENT_CORE}"


def _said(*command: str) -> str:
    """Return the first line that a program says, or nothing where it is not there."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=_ROOT)
    return (done.stdout or done.stderr).partition("\n")[0].partition(" Copyright")[0].strip()


def _commit() -> str:
    return _said("git", "rev-parse", "--short", "HEAD") + ("+" if _said("git", "status", "--porcelain") else "")
