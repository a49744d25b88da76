"""Values of extended fields by datatype, those that the demo world has no field of too."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.datatypes import DATATYPES, Reading, read_value
from mockserver.domain.organisation import ExtendedField

_NAMED = ("COUNTRY", "LANGUAGE", "CURRENCY", "ORG_ENTITY", "ASSOCIATE_USER")


def a_field(datatype: str, *values: str) -> ExtendedField:
    """Build a field of a datatype."""
    return ExtendedField(name="field", datatype=datatype, values=values)


def test_all_published_datatypes_are_there() -> None:
    published = (
        "STRING INTEGER DOUBLE DATETIME STANDARD_ENUM CUSTOM_ENUM COUNTRY LANGUAGE CURRENCY ORG_ENTITY ASSOCIATE_USER"
    )

    assert set(published.split()) <= DATATYPES


@pytest.mark.parametrize("datatype", _NAMED)
def test_what_names_something_is_never_empty_and_a_text(datatype: str) -> None:
    assert read_value(a_field(datatype), "x") == Reading(value="x")
    assert read_value(a_field(datatype), "").value is None
    assert read_value(a_field(datatype), 5).value is None


@pytest.mark.parametrize("datatype", ["STANDARD_ENUM", "CUSTOM_ENUM", "CURRENCY", "STRING"])
def test_a_field_with_values_takes_those_in_any_case(datatype: str) -> None:
    field = a_field(datatype, "Inr", "Usd")

    assert read_value(field, "USD") == Reading(value="Usd", respelt=True)
    assert read_value(field, "Usd") == Reading(value="Usd")
    assert read_value(field, "EUR") == Reading()


@pytest.mark.parametrize(("sent", "kept"), [("-0", 0), ("0", 0), ("-17", -17), ("9" * 18, int("9" * 18))])
def test_an_integer_may_come_as_text(sent: str, kept: int) -> None:
    assert read_value(a_field("INTEGER"), sent) == Reading(value=kept, from_text=True)


@pytest.mark.parametrize(
    "sent", ["", " 1", "1\n", "1_0", "01", "+1", "1e3", "0x1", "९", "1.0", None, True, [], {}, 2**63, 1.5]
)
def test_what_is_no_integer(sent: Any) -> None:
    assert read_value(a_field("INTEGER"), sent).value is None


@pytest.mark.parametrize("sent", ["", "1.", ".5", "1e3", "nan", "inf", "1_0.0", "1.5\n", None, False, []])
def test_what_is_no_double(sent: Any) -> None:
    assert read_value(a_field("DOUBLE"), sent).value is None


@given(
    datatype=st.sampled_from(sorted(DATATYPES)),
    sent=st.none() | st.text() | st.integers() | st.floats() | st.booleans(),
)
def test_any_value_of_any_datatype_is_read_or_not_and_reading_it_again_gives_the_same(
    datatype: str, sent: object
) -> None:
    field = a_field(datatype, *(("Male", "Female") if datatype.endswith("ENUM") else ()))

    reading = read_value(field, sent)

    assert reading.value is None or read_value(field, reading.value) == Reading(value=reading.value)


@pytest.mark.parametrize("sent", ["2024-07-11", "2024-07-11T16:36:17+05:30", "2024-07-11t16:36:17z"])
def test_a_datetime_is_kept_as_it_was_sent(sent: str) -> None:
    assert read_value(a_field("DATETIME"), sent) == Reading(value=sent)


@pytest.mark.parametrize("sent", ["2024-13-11", "2024-07-11t25:00:00z", "2024-07-11 16:36:17", "2024-07-11T16:36:17"])
def test_what_is_no_published_form_of_a_datetime_is_refused(sent: str) -> None:
    assert read_value(a_field("DATETIME"), sent).value is None
