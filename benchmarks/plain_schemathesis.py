"""What Schemathesis says of a deployment by itself: all phases and all checks, with the settings of this repository."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.flawed.flaws import FLAWS
from tests.flawed.serving import serve
from tests.flawed.sound import SOUND

_ROOT = Path(__file__).resolve().parent.parent
_COMMAND = str(Path(sys.executable).with_name("schemathesis"))
_SEED = 1
_ENOUGH = 3  # failures, after which it may end


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainResult:
    """What it reported: the titles of its failures, none where it found nothing; `seconds` of the whole command."""

    name: str
    failures: tuple[str, ...] = ()
    trouble: str = ""
    seconds: float = 0.0


def try_plainly(name: str, examples: int, timeout: float, *, enough: int = _ENOUGH) -> PlainResult:
    """Run Schemathesis once against a deployment, until it has `enough` failures."""
    named = FLAWS.get(name) or SOUND[name]
    with serve(named.make()) as url, TemporaryDirectory() as folder:
        report, started = Path(folder) / "report.json", time.monotonic()
        try:
            done = subprocess.run(
                _command(url, report, examples, enough), cwd=folder, capture_output=True, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired:
            return PlainResult(name=name, trouble=f"not done after {timeout:.0f} s")
        seconds = round(time.monotonic() - started, 2)
        if not report.exists():
            return PlainResult(name=name, trouble=f"exit {done.returncode}, and no report")
        told = json.loads(report.read_text())
    titles = [*(failure["title"] for failure in told["failures"]), *("error" for _ in told["errors"])]
    return PlainResult(name=name, failures=tuple(dict.fromkeys(titles)), seconds=seconds)


def _command(url: str, report: Path, examples: int, enough: int) -> list[str]:
    asked = ["run", str(_ROOT / "openapi" / "customers.yaml"), "--url", url, "--checks", "all"]
    bounded = ["--max-examples", str(examples), "--max-failures", str(enough), "--request-timeout", "10"]
    told = ["--seed", str(_SEED), "--no-color", "--report", "json", "--report-json-path", str(report)]
    return [_COMMAND, "--config-file", str(_ROOT / "schemathesis.toml"), *asked, *bounded, *told]
