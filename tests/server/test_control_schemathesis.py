"""Schemathesis finds nothing against the control plane's own document, on a server that nobody else uses."""

import subprocess
import sys
from pathlib import Path

from mockserver.files import bundled
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread

_CONFIG = Path(__file__).with_name("control-schemathesis.toml")
_ENDLESS = "followRequests"  # a stream that ends with the server; tests/server/test_events.py follows it
_COMMAND = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CONFIG), "run"]


def test_schemathesis_finds_nothing_in_the_control_plane(tmp_path: Path) -> None:
    with ServerThread(ServeOptions(port=0)) as server:
        result = subprocess.run(
            [
                *_COMMAND,
                str(bundled("openapi", "control.yaml")),
                f"--url={server.url}",
                "--seed=1",
                "--max-examples=10",
                f"--exclude-operation-id={_ENDLESS}",
                "--no-color",
            ],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=110,
            check=False,
        )

    assert result.returncode == 0, result.stdout[-8000:] + result.stderr[-2000:]
