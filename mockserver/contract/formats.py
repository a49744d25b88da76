"""Judge and read `format: date-time`; this one judgement serves the fast path and openapi-core alike.

The law is RFC 3339 §5.6 (`t` and `z` may be lower case) with real calendar dates and without leap seconds, widened by
what the vendor's own page uses: one blank before the offset, an offset without its colon (question `expiry-format`).
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

# [0-9], never \d: that would also match the digits of other scripts.
_DATE_TIME = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt](?P<time>(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])"
    r"(?P<fraction>\.[0-9]{1,9})?"
    r" ?(?P<offset>[Zz]|(?P<sign>[+-])(?P<hours>[01][0-9]|2[0-3]):?(?P<minutes>[0-5][0-9]))"
)


_LONGEST = len("2024-07-11T16:36:17.123456789 +05:30")


def is_date_time(text: str) -> bool:
    """Tell whether a text is a date and time with its offset."""
    return len(text) <= _LONGEST and _is_date_time(text)


@lru_cache(maxsize=1024)
def _is_date_time(text: str) -> bool:
    found = _DATE_TIME.fullmatch(text)
    return found is not None and _is_real_date(found["date"])


@lru_cache(maxsize=1024)
def read_date_time(text: str) -> str:
    """Write an accepted text as RFC 3339, with the offset that was sent."""
    found = _matched(text)
    offset = "Z" if found["sign"] is None else f"{found['sign']}{found['hours']}:{found['minutes']}"
    return f"{found['date']}T{found['time']}{found['fraction'] or ''}{offset}"


@lru_cache(maxsize=1024)
def moment(text: str) -> datetime:
    """Give the moment that an accepted text names; beyond microseconds the fraction is cut."""
    found = _matched(text)
    microseconds = ((found["fraction"] or ".0")[1:7]).ljust(6, "0")
    naive = datetime.fromisoformat(f"{found['date']}T{found['time']}.{microseconds}")
    return naive.replace(tzinfo=_offset(found))


def _matched(text: str) -> re.Match[str]:
    found = _DATE_TIME.fullmatch(text)
    if found is None or not _is_real_date(found["date"]):
        raise ValueError(f"{text!r} is no date and time; ask is_date_time before reading")
    return found


def _offset(found: re.Match[str]) -> timezone:
    if found["sign"] is None:
        return UTC
    ahead = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    return timezone(-ahead if found["sign"] == "-" else ahead)


def _is_real_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
