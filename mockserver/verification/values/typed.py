"""Values of extended fields at the limits of their datatypes, as the vendor's page on extended fields names them.

`TYPED` values are stored by any reading of the page; what else may be sent raises a question, or is of the wrong type.
"""

from collections.abc import Mapping
from typing import Any

from mockserver.domain.organisation import ExtendedField
from mockserver.verification.values.texts import SCRIPTS

_INT, _LONG, _EXACT = 2**31, 2**63, 2**53  # where 32 and 64 bits end, and whole numbers of a double
_TEXTS = ("Oslo", *SCRIPTS[:6], "São Paulo", "N'Djamena", "007", "x" * 255)
_NAMED = ("Norway", "NO", "नॉर्वे", "Côte d'Ivoire")
# In each pool the most telling values come first: where none can be taken back, no others are tried.
_WIDTHS = (_INT, -1, 65536, _LONG - 1, 0, _EXACT + 1, -_INT - 1, 256, 1, 10, 127, 128, 255, 32767, 32768, 65535)
_DATES = (
    "2024-02-29",
    "1990-06-30T12:00:00+05:30",
    "0001-01-01",
    "9999-12-31",
    "1990-01-31T10:20:30Z",
    "1969-12-31",
    "2038-01-20",
    "1990-01-31",
    "2000-02-29",
    "1900-01-01",
    "1970-01-01",
)
_MOMENTS = (
    "1990-01-31T00:00:00+14:00",
    "1990-01-31T23:59:59-12:00",
    "1990-06-30T12:00:00-03:30",
    "1990-06-30T12:00:00+00:00",
)
_NO_DATES = (
    "2023-02-29",
    "1990-13-01",
    "31-01-1990",
    "1990-1-31",
    "19900131",
    "0000-01-01",
    "yesterday",
    "1990-01-31 10:20:30",
    "1990-01-31T10:20:30",
    "1990-01-31T10:20:30.5Z",
    "1990-01-31T25:00:00Z",
    5,
)
TYPED: Mapping[str, tuple[Any, ...]] = {
    "STRING": _TEXTS,
    "STANDARD_STRING": _TEXTS,
    "INTEGER": (*_WIDTHS, 999_999, 1_000_000, _INT - 1, -_INT, _EXACT, 1 - _LONG, 3.0, 1e3),
    "DOUBLE": (0.1, -0.25, 1234567.891, 1e-7, 123456789.125, 1e3, _EXACT, 0, 1.5, 1.82, 99.99, 0.001, -1.0, 100),
    "DATETIME": (*_DATES, *_MOMENTS),
    "COUNTRY": _NAMED,
    "LANGUAGE": ("Norwegian", "nb-NO", "हिन्दी"),
    "CURRENCY": ("NOK", "₹", "EUR"),
    "ORG_ENTITY": _NAMED,
    "ASSOCIATE_USER": _NAMED,
}
AS_TEXT: Mapping[str, tuple[Any, ...]] = {
    "INTEGER": ("0", "12", "-7", "2147483648", "9007199254740993"),
    "DOUBLE": ("0", "180", "1.5", "-0.25", "0.1"),
}
WRONG: Mapping[str, tuple[Any, ...]] = {
    "STRING": (5, True, 1.5),
    "STANDARD_STRING": (5, True, 1.5),
    "INTEGER": (1.5, "abc", "1.5", True, "007", "1e3", " 5", "5 ", "+5", "٣", "five", _LONG, "0x1F", False),
    "DOUBLE": ("abc", True, "1,5", "1e3", " 1.5", "NaN", "Infinity", ".5"),
    "DATETIME": _NO_DATES,
    "STANDARD_ENUM": ("no such value", 5, True, " "),
    "CUSTOM_ENUM": ("no such value", 5, True, " "),
    "COUNTRY": (5, True),
    "LANGUAGE": (5, True),
    "CURRENCY": (5, True),
    "ORG_ENTITY": (5, True),
    "ASSOCIATE_USER": (5, True),
}


def typed(field: ExtendedField) -> tuple[Any, ...]:
    """Return values that the field holds as they were sent; of an enumeration all."""
    return field.values or TYPED.get(field.datatype, ())


def as_text(field: ExtendedField) -> tuple[Any, ...]:
    """Return numbers as text (question `extended-value-as-text`)."""
    return AS_TEXT.get(field.datatype, ())


def respelt(field: ExtendedField) -> tuple[Any, ...]:
    """Return the values of an enumeration in another case (question `extended-enum-case`)."""
    ways = (way for value in field.values for way in (value.upper(), value.lower(), value.swapcase()))
    return tuple(dict.fromkeys(way for way in ways if way not in field.values))


def wrong(field: ExtendedField) -> tuple[Any, ...]:
    """Return values that are not of the datatype (question `extended-field-wrong-type`)."""
    return WRONG.get("STANDARD_ENUM" if field.values else field.datatype, ())
