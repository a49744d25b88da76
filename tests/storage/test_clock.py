"""Laws of a world's clock: it follows the machine, goes on by what it is told, or stands still."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mockserver.storage import Clock, read_duration

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
_CLOSE = timedelta(seconds=5)  # between two looks at the machine's clock


def test_a_clock_shows_the_machine_s_time_unless_it_is_told_otherwise() -> None:
    assert abs(Clock().now() - datetime.now(UTC)) < _CLOSE


def test_a_frozen_clock_stands_still_and_goes_on_only_when_it_is_advanced() -> None:
    clock = Clock().frozen_at(NEW_YEAR)
    assert clock.text() == clock.text() == "2026-01-01T00:00:00Z"

    later = clock.advanced(timedelta(hours=2))

    assert later.is_frozen
    assert (clock.text(), later.text()) == ("2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z")


def test_a_clock_is_frozen_at_a_moment_whatever_its_offset() -> None:
    clock = Clock().frozen_at(datetime(2026, 1, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))))
    assert clock.now() == NEW_YEAR


def test_a_clock_that_was_advanced_goes_on_from_there() -> None:
    clock = Clock().advanced(timedelta(days=30)).advanced(timedelta(days=1))
    assert abs(clock.now() - datetime.now(UTC) - timedelta(days=31)) < _CLOSE


def test_a_frozen_clock_does_not_go_beyond_the_last_year() -> None:
    last_day = datetime(9999, 12, 31, tzinfo=UTC)
    clock = Clock(frozen=last_day)

    with pytest.raises(OverflowError):
        clock.advanced(timedelta(days=2))

    assert clock.now() == last_day


def test_a_running_clock_stays_where_later_times_can_be_shown() -> None:
    clock = Clock(offset=timedelta(days=365 * 7850))

    with pytest.raises(OverflowError):
        clock.advanced(timedelta(days=36_500))

    assert clock.now().year < 9999


@pytest.mark.parametrize(
    ("text", "seconds"), [("250ms", 0.25), ("30s", 30), ("5m", 300), ("2h", 7200), ("1d", 86_400), ("0s", 0)]
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert read_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", ["", "2", "h", "2 h", "-2h", "1.5h", "2H", "٢h", "2h\n", "36501d", "9999999999s", 2, None]
)
def test_what_is_no_duration_is_none(value: object) -> None:
    assert read_duration(value) is None
