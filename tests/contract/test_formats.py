"""Laws of date-time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract import is_date_time, moment, read_date_time


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2024-07-11T16:36:17+05:30", "2024-07-11T16:36:17+05:30"),
        ("2024-07-11T16:36:17 +0530", "2024-07-11T16:36:17+05:30"),
        ("2024-07-11T16:36:17Z", "2024-07-11T16:36:17Z"),
        ("2024-07-11t16:36:17z", "2024-07-11T16:36:17Z"),
        ("2024-07-11t16:36:17.5 z", "2024-07-11T16:36:17.5Z"),
        ("2024-02-29T00:00:00.123456789-00:00", "2024-02-29T00:00:00.123456789-00:00"),
    ],
)
def test_what_the_page_writes_is_read_as_rfc_3339_with_its_offset(sent: str, read: str) -> None:
    assert is_date_time(sent)
    assert read_date_time(sent) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-07-11",
        "2024-07-11T16:36:17",
        "2023-02-29T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2024-07-11T24:00:00Z",
        "2024-07-11T16:60:00Z",
        "2024-07-11T16:36:60Z",
        "2024-07-11 16:36:17Z",
        "2024-07-11T16:36:17  +0530",
        "2024-07-11T16:36:17+24:00",
        "2024-07-11T16:36:17+05:60",
        "2024-07-11T16:36:17+05",
        "2024-07-11T16:36:17.Z",
        "2024-07-11T16:36:17.1234567890Z",
        "2024-07-11T16:36:17Z\n",
        "٢٠٢٤-07-11T16:36:17Z",
        "2024-W28-4T16:36:17Z",
    ],
)
def test_everything_else_is_no_date_time(text: str) -> None:
    assert not is_date_time(text)
    with pytest.raises(ValueError, match="is no date and time"):
        moment(text)


@given(st.datetimes(), st.integers(-1439, 1439))
def test_a_written_moment_is_read_back(naive: datetime, minutes: int) -> None:
    sign, ahead = ("-" if minutes < 0 else "+"), abs(minutes)
    text = f"{naive.isoformat()}{sign}{ahead // 60:02}:{ahead % 60:02}"

    assert is_date_time(text)
    assert moment(text).replace(tzinfo=None) == naive
    assert moment(text).utcoffset() == timedelta(minutes=minutes)
    assert moment(read_date_time(text)) == moment(text)


def test_z_is_utc() -> None:
    assert moment("2024-07-11T16:36:17.5Z") == datetime(2024, 7, 11, 16, 36, 17, 500000, tzinfo=UTC)
