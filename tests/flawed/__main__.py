"""Serve one deployment: `python -m tests.flawed not-stored --port 8099`; `--list` tells which there are."""

import argparse
import signal
import sys
import threading

from tests.flawed.flaw import Flaw, Sound
from tests.flawed.flaws import FLAWS
from tests.flawed.harder import HARDER
from tests.flawed.serving import serve
from tests.flawed.sound import SOUND


def main() -> None:
    """Read the command line, then serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.flawed", description="Serve a flawed or sound deployment.")
    parser.add_argument("name", nargs="?", help="of a deployment; see --list")
    parser.add_argument("--port", type=int, default=0, help="0, the default: any that is free")
    parser.add_argument("--list", action="store_true", help="list names and what each deployment does")
    options = parser.parse_args()
    named: dict[str, Flaw | Sound] = {**SOUND, **FLAWS, **HARDER}
    if options.list:
        sys.stdout.writelines(f"{name:<32} {_kind(each)}  {each.says}\n" for name, each in named.items())
        return
    if options.name not in named:
        parser.error(f"no deployment is named {options.name!r}; see --list")
    _serve(named[options.name], options.port)


def _kind(named: Flaw | Sound) -> str:
    return "sound " if isinstance(named, Sound) else "flawed"


def _serve(named: Flaw | Sound, port: int) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with serve(named.make(), port) as url:
        print(f"Serving on {url}", flush=True)  # noqa: T201  # what whoever started it waits for
        stop.wait()


if __name__ == "__main__":
    main()
