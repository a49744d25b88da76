"""A world's clock: the machine's, the machine's and some more, or one that stands still.

Audit times, expiry dates and background work follow it; bounds on time such as an idle world's do not.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from time import time as machine_time

from mockserver.values import Value

_DURATION = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)\Z")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=36_500)


def read_duration(text: object) -> timedelta | None:
    """Read a duration such as `250ms`, `30s`, `5m`, `2h` or `1d`, of at most 36,500 days; None where it is none."""
    found = _DURATION.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    duration = timedelta(**{_UNITS[found[2]]: int(found[1])})
    return duration if duration <= LONGEST else None


class Clock(Value, frozen=True, kw_only=True):
    """How to tell what time it is in a world: `frozen` is where it stands still, else it is `offset` ahead."""

    frozen: datetime | None = None
    offset: timedelta = timedelta()

    @property
    def is_frozen(self) -> bool:
        """Tell whether the clock stands still."""
        return self.frozen is not None

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return self.frozen if self.frozen is not None else datetime.now(UTC) + self.offset

    def text(self) -> str:
        """Return the time as the vendor writes it: RFC 3339, whole seconds, `Z`."""
        if self.frozen is not None:
            return _written(self.frozen)
        return _second_written(int(machine_time() + self.offset.total_seconds()))

    def frozen_at(self, moment: datetime) -> "Clock":
        """Return a clock that stands still at a moment; OverflowError for one that is no time in UTC."""
        return Clock(frozen=moment.astimezone(UTC))

    def advanced(self, by: timedelta) -> "Clock":
        """Return a clock that is ahead of this one; OverflowError beyond the year 9999."""
        if self.frozen is not None:
            return Clock(frozen=self.frozen + by)
        offset = self.offset + by
        _ = datetime.now(UTC) + offset + LONGEST  # leaves room, so that no later `now` fails
        return Clock(offset=offset)


@lru_cache(maxsize=64)  # of clocks that stand still, too; so exchanges share the text
def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


@lru_cache(maxsize=64)  # thousands of requests come in one second
def _second_written(second: int) -> str:
    return _written(datetime.fromtimestamp(second, UTC))
