"""The rules of custom fields, which a profile has, and of extended fields, which the customer has."""

import pytest

from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.values import replace
from tests.exchange.mock import a_mock
from tests.exchange.rows import Row, extended, profile, verify

TOM = 171891944

_DATES = ("1990-01-31", "1990-01-31T10:20:30Z", "1990-01-31T10:20:30+05:30")
_NO_DATES = ("1990/01/31", "31-01-1990", "2023-02-30", "1990-01-31T10:20:30", "1990-01-31\n", 19900131, True)


def _kept(law: str, name: str, sent: object, kept: object, *asks: str) -> Row:
    return Row(law=law, body=extended(**{name: sent}), asks=asks, changes={f"extended/{name.lower()}": kept})


def _skipped(law: str, name: str, sent: object, question: str = "extended-field-wrong-type") -> Row:
    return Row(
        law=law,
        body=extended(**{"city": "Pune", name: sent}),
        asks=(question,),
        why=f"body/extendedFields/{name}: ",
        warnings=(91015,),
        changes={"extended/city": "Pune"},
    )


ROWS = (
    Row(
        law="custom fields are merged",
        body=profile(fields={"favourite_color": "blue"}),
        asks=("custom-fields",),
        says=("UPD-BODY-4",),
        changes={"INSTORE/fields/favourite_color": "blue"},
    ),
    Row(
        law="a custom field is replaced",
        body=profile(fields={"gender": "Male", "city": "Kochi"}),
        never_asks=("custom-fields",),
        changes={"INSTORE/fields/gender": "Male"},
    ),
    Row(law="null keeps a custom field", body=profile(fields={"city": None}), asks=("null-value",)),
    Row(law="null keeps all custom fields", body=profile(fields=None), asks=("null-value",)),
    Row(
        law="an empty custom field is stored",
        body=profile(fields={"city": ""}),
        asks=("empty-text",),
        changes={"INSTORE/fields/city": ""},
    ),
    Row(
        law="an unknown custom field is warned of and skipped",
        body=profile(fields={"shoe_size": "9", "city": "Pune"}),
        asks=("custom-field-unknown",),
        why="body/profiles/0/fields/shoe_size: ",
        warnings=(1017,),
        changes={"INSTORE/fields/city": "Pune"},
    ),
    Row(
        law="each unknown custom field is warned of",
        body=profile(fields={"a": "1", "b": "2"}),
        asks=("custom-field-unknown",),
        warnings=(1017, 1017),
    ),
    Row(law="a number is no custom field", body=profile(fields={"city": 5}), code=400, why="fields/city: "),
    Row(
        law="extended fields are merged",
        body=extended(kids=2),
        asks=("extended-fields",),
        says=("UPD-BODY-16",),
        changes={"extended/kids": 2},
    ),
    Row(
        law="extended fields that are all sent leave nothing to merge",
        body=extended(gender="Male", city="Kochi"),
        never_asks=("extended-fields",),
        changes={"extended/gender": "Male"},
    ),
    Row(law="null keeps an extended field", body=extended(city=None), asks=("null-value",)),
    Row(law="null keeps all extended fields", body={"extendedFields": None}, asks=("null-value",)),
    Row(law="a list is no value", body=extended(city=["Pune"]), code=400, why="body/extendedFields/city: "),
    Row(law="extended fields are no list", body={"extendedFields": []}, code=400, why="body/extendedFields: "),
    _kept("an empty text field is stored", "city", "", "", "empty-text"),
    _kept("the case of a field's name is ignored", "City", "Pune", "Pune", "extended-name-case"),
    _kept("an enum is kept in the organisation's spelling", "gender", "MALE", "Male", "extended-enum-case"),
    _kept("an enum spelt exactly raises no question", "gender", "Male", "Male"),
    _kept("an integer", "kids", 3, 3),
    _kept("an integer written with a point", "kids", 3.0, 3),
    _kept("an integer as text", "kids", "3", 3, "extended-value-as-text"),
    _kept("a double", "height", 1.82, 1.82),
    _kept("a double as text", "height", "1.82", 1.82, "extended-value-as-text"),
    _kept("a country", "nationality", "India", "India"),
    _kept("a language", "preferred_language", "en", "en"),
    *(_kept(f"{date} is a date", "dob", date, date) for date in _DATES),
    *(_skipped(f"{date!r} is no date", "dob", date) for date in _NO_DATES),
    _skipped("a word that is not in the enum", "gender", "Robot"),
    _skipped("a fraction is no integer", "kids", 2.5),
    _skipped("a word is no integer", "kids", "two"),
    _skipped("a boolean is no integer", "kids", True),
    _skipped("an integer of 20 digits is none", "kids", 10**19),
    _skipped("a word is no double", "height", "tall"),
    _skipped("a number is no text", "nationality", 91),
    _skipped("an unknown extended field", "shoe_size", 9, "extended-field-unknown"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_rule_of_fields(row: Row, setting: Setting, demo: World) -> None:
    verify(row, setting, demo)


def test_a_number_is_kept_as_it_was_written_last(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)
    mock.put(TOM, {**profile(firstName="Tom"), "extendedFields": {"height": 180}})
    mock.put(TOM, {**profile(firstName="Huck"), "extendedFields": {"height": 180.0}})

    assert str(mock.customer(TOM).extended_fields["height"]) == "180.0"


def test_where_fields_are_replaced_null_is_as_good_as_leaving_out(setting: Setting, demo: World) -> None:
    answers = {**setting.dialect.answers, "custom-fields": "replace", "extended-fields": "replace"}
    mock = a_mock(replace(setting, dialect=replace(setting.dialect, answers=answers)), demo)
    told = {"gender": None, "city": "Pune"}

    mock.put(171891944, {"profiles": [{"fields": told}], "extendedFields": told})

    customer = mock.customer(171891944)
    assert customer.profiles[0].fields == customer.extended_fields == {"city": "Pune"}
