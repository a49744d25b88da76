"""JSON numbers without loss: what is read from a text, and how it is written again.

A number is an int of any size, a float where a double holds just what was written (`0.1`), else a Decimal
(`0.1000000000000000055`, `1e-400`). RFC 8259 §6 leaves the range to the reader; the mock keeps what a client sent, so
that no reading changes a value without a word. What is beyond the largest double is no number here.
"""

import math
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import orjson

_EXACT = msgspec.json.Encoder(decimal_format="number")
_MOST_EXACT = 2**53  # up to which a double holds every whole number


def read_number(text: str) -> int | float | Decimal | None:
    """Return the number that a JSON text with a fraction or an exponent says, None where it is out of range."""
    number = float(text)
    try:
        written = Decimal(text)
    except InvalidOperation:  # an exponent of more than 18 digits
        return None
    if not math.isfinite(number):
        return None
    if written == Decimal(repr(number)):
        return number
    return int(written) if written == written.to_integral_value() else written


def as_decimal_point(number: int) -> float | Decimal:
    """Return a whole number as one that is written with a decimal point, `25.0`, whatever its size."""
    return float(number) if -_MOST_EXACT <= number <= _MOST_EXACT else Decimal(f"{number}.0")


def write_json(value: Any) -> bytes:  # Any: JSON, with numbers of any size
    """Return a value as JSON, every number as it is."""
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits, or a Decimal
        return _EXACT.encode(value)


def is_writable(value: Any) -> bool:  # Any: what a caller in Python gave
    """Tell whether a value can be written as JSON; half of a surrogate pair cannot, nor a number that is none."""
    try:
        return bool(write_json(value))
    except (TypeError, ValueError, RecursionError):
        return False
