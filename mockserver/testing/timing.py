"""The clock of a world, as a test sets it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from mockserver.contract import is_date_time, moment
from mockserver.server.served import ServedWorld
from mockserver.storage import Clock, WorldSettings, read_duration, soon
from mockserver.testing.hosting import Host
from mockserver.values import replace

__tracebackhide__ = True  # a failure is shown at the line of the test


class WorldClock:
    """What time it is in a world. Work that waited is done when the clock goes on."""

    def __init__(self, host: Host, world: ServedWorld) -> None:
        self._host = host
        self._world = world

    @property
    def now(self) -> datetime:
        """The time, in UTC."""
        return self._host.call(lambda: self._world.state.settings.clock.now())

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stand still at a moment, now if none is given; return it.

        While the clock stands still, work of `use_async=true` waits for `settle`, or for the clock to go on.
        """
        return self._host.run(self._freeze, None if at is None else _moment(at))

    def advance(self, by: timedelta | str) -> datetime:
        """Go forward by a time, such as `2h`, and return the time that it is then."""
        duration = read_duration(by) if isinstance(by, str) else by
        if not isinstance(duration, timedelta) or duration < timedelta():
            raise ValueError(
                f"clock.advance: {by!r} is no duration; give a timedelta, or a number and ms, s, m, h or d"
            )
        return self._host.run(self._advance, duration)

    def follow(self) -> datetime:
        """Show the machine's time again, and return it."""
        return self._host.run(self._follow)

    async def _freeze(self, at: datetime | None) -> datetime:
        before = self._world.state.settings.clock.now()
        clock = await self._set(lambda clock: clock.frozen_at(before if at is None else at))
        if clock.now() > before:
            await soon(self._world.settle())
        return clock.now()

    async def _advance(self, by: timedelta) -> datetime:
        try:
            clock = await self._set(lambda clock: clock.advanced(by))
        except OverflowError:
            raise ValueError(f"clock.advance: {by} leads beyond the year 9999; advance by less") from None
        if by:
            await soon(self._world.settle())
        return clock.now()

    async def _follow(self) -> datetime:
        clock = await self._set(lambda _: Clock())
        await soon(self._world.settle())
        return clock.now()

    async def _set(self, change: Callable[[Clock], Clock]) -> Clock:
        def set_clock(settings: WorldSettings) -> WorldSettings:
            return replace(settings, clock=change(settings.clock))

        changing = self._world.state.amend(set_clock)
        return (await soon(changing)).clock


def _moment(at: datetime | str) -> datetime:
    if isinstance(at, str) and is_date_time(at):
        at = moment(at)
    if not isinstance(at, datetime) or at.tzinfo is None:
        cure = "give RFC 3339 such as 2026-01-01T00:00:00Z, or a datetime with a time zone"
        raise ValueError(f"clock.freeze: {at!r} is no time; {cure}")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"clock.freeze: {at} is no time in UTC; give one between the years 1 and 9999") from None
