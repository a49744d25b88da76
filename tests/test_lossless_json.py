"""Laws of numbers without loss."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.lossless_json import as_decimal_point, is_writable, read_number, write_json

_NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,30})\.[0-9]{1,30}([eE][+-]?[0-9]{1,2})?", fullmatch=True)


@given(_NUMBERS)
def test_a_number_that_is_read_is_written_as_the_same(text: str) -> None:
    number = read_number(text)

    assert number is not None
    assert json.loads(write_json([number]), parse_float=Decimal) == [Decimal(text)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("25.0", 25.0),
        ("0.1", 0.1),
        ("1e400", None),
        ("-1e400", None),
        ("1e-400", Decimal("1e-400")),
        ("1e-99999999999999999999", None),
        ("123456789012345678901.0", 123456789012345678901),
        ("0.10000000000000000001", Decimal("0.10000000000000000001")),
    ],
)
def test_a_double_is_taken_where_it_holds_just_what_is_written(text: str, number: object) -> None:
    read = read_number(text)

    assert read == number
    assert type(read) is type(number)


@given(st.integers())
def test_a_whole_number_is_written_with_a_decimal_point_whatever_its_size(number: int) -> None:
    written = write_json(as_decimal_point(number))

    assert written.endswith(b".0")
    assert json.loads(written, parse_float=Decimal) == number


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, [{"a": ["\udc80"]}], object()])
def test_what_json_cannot_say_is_not_writable(value: Any) -> None:
    assert not is_writable(value)
