"""Seconds that pass, whatever a test does to the time.

freezegun replaces `time.monotonic` and `time.perf_counter` in every module, and time-machine moves what the operating
system says of the date. What waits or measures has to go on: the loop of a server in a thread, faults that end,
throttles, worlds that nobody asks. Neither of them touches the clock that is read here.
"""

import time
from collections.abc import Callable
from functools import partial

monotonic: Callable[[], float] = (
    partial(time.clock_gettime, time.CLOCK_MONOTONIC) if hasattr(time, "clock_gettime") else partial(time.monotonic)
)
