"""How far the reading of a large world has come, on stderr: one line that changes on a terminal, else a line at times.

A file that is read within a second is not mentioned, unless a terminal shows it.
"""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from mockserver.files import Progress

_SECONDS_ON_TERMINAL = 0.5  # between two changes of the line
_SECONDS_IN_FILE = 5.0  # between two lines
_QUIET_SECONDS = 1.0  # before the first line where nobody may be looking


class ReadingShown:
    """Shows what `read_world` tells: `with ReadingShown(sys.stderr) as shown: read_world(name, shown.tell)`."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._on_terminal = stream.isatty()
        self._started = self._due = 0.0
        self._shown = 0  # how long the line is that a terminal shows and that has not ended

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the line where reading has failed, so that the error stands on one of its own."""
        self._end_line()

    def tell(self, progress: Progress) -> None:
        """Show how far it is, if it is time to."""
        now = self._clock()
        if progress.customers == 0 and not progress.done:
            self._started = now
            self._due = now + (0.0 if self._on_terminal else _QUIET_SECONDS)
        if progress.done:
            self._end(progress, now - self._started)
        elif now >= self._due:
            self._show(f"reading {progress.path.name}: {progress.customers:,} customers ({progress.part * 100:.0f} %)")
            self._due = now + (_SECONDS_ON_TERMINAL if self._on_terminal else _SECONDS_IN_FILE)

    def _end(self, progress: Progress, seconds: float) -> None:
        if not self._on_terminal and seconds < _QUIET_SECONDS:
            return
        self._show(f"read {progress.path.name}: {progress.customers:,} customers in {seconds:.1f} s")
        self._end_line()

    def _end_line(self) -> None:
        if self._shown:
            self._write("\n")
            self._shown = 0

    def _show(self, line: str) -> None:
        if not self._on_terminal:
            self._write(f"{line}\n")
            return
        self._write(f"\r{line.ljust(self._shown)}")
        self._shown = len(line)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
