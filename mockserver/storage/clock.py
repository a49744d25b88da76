"""A world's clock: the machine's, the machine's and some more, or one that stands still.

Audit times, expiry dates and background work follow it; bounds on time such as an idle world's do not.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from time import time as machine_time
from typing import Self

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


class Clock:
    """What time it is in a world."""

    __slots__ = ("_frozen", "_offset")

    def __init__(self, *, frozen: datetime | None = None, offset: timedelta = timedelta()) -> None:
        self._frozen = frozen
        self._offset = offset

    @property
    def is_frozen(self) -> bool:
        """Tell whether the clock stands still."""
        return self._frozen is not None

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return self._frozen if self._frozen is not None else datetime.now(UTC) + self._offset

    def text(self) -> str:
        """Return the time as the vendor writes it: RFC 3339, whole seconds, `Z`."""
        if self._frozen is not None:
            return _written(self._frozen)
        return _second_written(int(machine_time() + self._offset.total_seconds()))

    def freeze(self, at: datetime) -> None:
        """Stand still at a moment."""
        self._frozen = at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Go forward; OverflowError beyond the year 9999."""
        if self._frozen is not None:
            self._frozen += by
        else:
            offset = self._offset + by
            _ = datetime.now(UTC) + offset + LONGEST  # leaves room, so that no later `now` fails
            self._offset = offset

    def follow(self) -> None:
        """Show the machine's time again."""
        self._frozen, self._offset = None, timedelta()

    def copy(self) -> Self:
        """Return a clock of its own that shows the same time."""
        return type(self)(frozen=self._frozen, offset=self._offset)


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


@lru_cache(maxsize=64)  # thousands of requests come in one second
def _second_written(second: int) -> str:
    return _written(datetime.fromtimestamp(second, UTC))
