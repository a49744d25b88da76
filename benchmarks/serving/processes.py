"""Servers as processes: started on one core and stopped, held still while others are asked, and weighed."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]
_POLL_SECONDS = 0.002  # between two tries to reach a server that starts; so exact is the time of a cold start
_GRACE_SECONDS = 10.0


class StartError(Exception):
    """A server did not start, and why."""


@contextmanager
def pinned_to(core: int) -> Iterator[None]:
    """Keep this process on one core, and all that it starts meanwhile for good."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port() -> int:
    """Return a port of this machine that is free just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that answers; `seconds` from its start to its first answer with the status that was expected."""

    process: subprocess.Popen[bytes]
    port: int
    seconds: float

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Let it run for a while; `hold_still` stops it again, so that it takes nothing from others."""
        self._signal(signal.SIGCONT)
        try:
            yield
        finally:
            self.hold_still()

    def hold_still(self) -> None:
        """Stop it and its children where they stand, without ending them."""
        self._signal(signal.SIGSTOP)

    def mebibytes(self) -> float:
        """Return its resident memory with that of all its children, MiB."""
        pages = sum(_resident_pages(one) for one in family(self.process.pid))
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 1024**2, 1)

    def stop(self) -> None:
        """End it and its children."""
        everyone = family(self.process.pid)
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            for one in everyone:
                _send(one, signal.SIGKILL)
            self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        for one in family(self.process.pid):
            _send(one, number)


def start(
    command: Sequence[str],
    *,
    port: int,
    first: bytes,
    status: int = 200,
    within: float = 60.0,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Running:
    """Start a server on the server's core and wait until it answers `first` with that status; StartError if not.

    What it prints is dropped.
    """
    with pinned_to(SERVER_CORE):
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={**os.environ, **(environ or {})},
        )
    running = _wait(process, port, first, status, started, within)
    if isinstance(running, Running):
        return running
    raise StartError(running if process.returncode is None else f"{running}: {_last_words(command, folder)}")


def _wait(
    process: subprocess.Popen[bytes], port: int, first: bytes, status: int, started: float, within: float
) -> Running | str:
    answered = 0
    while time.perf_counter() - started < within:
        answered = first_status(port, first)
        seconds = time.perf_counter() - started
        if answered == status:
            return Running(process=process, port=port, seconds=round(seconds, 4))
        if process.poll() is not None:
            return f"it ended with exit code {process.returncode}"
        time.sleep(_POLL_SECONDS)
    Running(process=process, port=port, seconds=0).stop()
    return f"no answer {status} within {within:.0f} s, the last was {answered or 'none'}"


def _last_words(command: Sequence[str], folder: Path | None) -> str:
    """Run a command that ended too early once more, and return the end of what it says."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_GRACE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "the second time it did not end"
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return " / ".join(lines[-2:])[-300:] or "it said nothing"


def first_status(port: int, request: bytes) -> int:
    """Send one request on a connection of its own and return the status of the answer, 0 where none came."""
    answer = exchange(port, request)
    return int(answer[9:12]) if answer[9:12].isdigit() else 0


def exchange(port: int, request: bytes, *, seconds: float = 20.0) -> bytes:
    """Send one request on a connection of its own and return the whole answer, empty where none came.

    The answer is read to the length that it names, or else to the end of the connection.
    """
    data = b""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=seconds) as one:
        one.sendall(request)
        while not _is_whole(data):
            part = one.recv(1 << 16)
            if not part:
                break
            data += part
    return data


def _is_whole(data: bytes) -> bool:
    head, ends, body = data.partition(b"\r\n\r\n")
    if not ends:
        return False
    _, named, after = head.lower().partition(b"\r\ncontent-length:")
    return bool(named) and len(body) >= int(after.partition(b"\r\n")[0])


def family(pid: int) -> list[int]:
    """Return the ids of a process and all that it started, as far as they still run."""
    found, to_ask = [], [pid]
    while to_ask:
        one = to_ask.pop()
        found.append(one)
        with suppress(OSError):
            for thread in Path(f"/proc/{one}/task").iterdir():
                to_ask += [int(child) for child in (thread / "children").read_text().split()]
    return found


def _resident_pages(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return 0


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
