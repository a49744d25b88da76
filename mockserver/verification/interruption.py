"""Ctrl-C and SIGTERM, as something that is looked at between two exchanges, and never breaks into one.

An exception in the middle of a library's code may be swallowed there, and one in the middle of an exchange leaves it
open what an update did. So a signal is noted, the courier looks before each exchange and in each wait, and what ends
then ends as if its time were over.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from mockserver.verification.purse import Spent

_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # the latter is how CI cancels
_LOOK = 0.1  # seconds between two looks while waiting


class Interrupted(Spent):
    """Somebody ended the run; nothing more is sent but what gives the customers their state back."""


class Interruption:
    """Whether somebody wants the run to end, and how often that was said."""

    def __init__(self) -> None:
        self._noted = 0
        self._before_closing: int | None = None  # what was noted before the restoration began

    @property
    def is_noted(self) -> bool:
        """Tell whether the run was interrupted at all."""
        return self._noted > 0

    @property
    def is_repeated(self) -> bool:
        """Tell whether it was interrupted again during the restoration."""
        return self._before_closing is not None and self._noted > self._before_closing

    def note(self, *_: object) -> None:
        """Note that somebody wants the run to end; a signal's handler."""
        self._noted += 1

    def heed(self) -> None:
        """Raise Interrupted where somebody wants the run to end, unless it is at its restoration."""
        if self.is_noted and self._before_closing is None:
            raise Interrupted("interrupted")

    def close(self) -> None:
        """Begin the restoration, which is not broken off."""
        self._before_closing = self._noted

    def sleep(self, seconds: float) -> None:
        """Sleep, until somebody wants the run to end."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self.heed()
            time.sleep(min(left, _LOOK))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note the signals that come meanwhile; only the main thread is told of any."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.note) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
