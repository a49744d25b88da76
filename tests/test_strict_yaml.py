"""Laws of strict YAML: what stands there is what is read, by JSON, YAML 1.1 and 1.2 alike, or it is refused."""

import json
import math
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.strict_yaml import StrictDumper, TextLoader, parse_yaml

NUMBERLIKE = st.text(st.sampled_from("0123456789-+_.:eExXoObBaAfFinN"), min_size=1, max_size=8)
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def read(written: str) -> Any:
    """Read a plain scalar on the second line."""
    value = parse_yaml(f"first: 1\nsecond: {written}\n")
    assert isinstance(value, dict)
    return value["second"]


@pytest.mark.parametrize(
    "written",
    [
        "07001",
        "0100",
        "00",
        "-07",
        "1:56:41",
        "0606060606",
        "12:30.5",
        "1_000",
        "0x1F",
        "0o17",
        "0b1",
        "0899",
        "1e3",
        "1.5e3",
        "1E-3",
        "+5",
        "+919999000001",
        ".5",
        "5.",
        "1_0.5",
        ".inf",
        "-.INF",
        ".nan",
        ".NaN",
        "1.0e+999",
        "y",
        "N",
        "yes",
        "No",
        "ON",
        "off",
        "OFF",
    ],
)
def test_what_readers_of_yaml_do_not_agree_on_is_refused_with_line_text_and_cure(written: str) -> None:
    with pytest.raises(ValueError, match=r"^:2: ") as caught:
        read(written)

    assert str(caught.value).startswith(f":2: {written} is ")
    assert str(caught.value).endswith(f'or put it in quotes: "{written}"')
    assert read(f'"{written}"') == read(f"'{written}'") == written


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", 0),
        ("-5", -5),
        ("171891944", 171891944),
        ("1.50", 1.5),
        ("1.5e+3", 1500.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2024-07-11", "2024-07-11"),
        ("2024-07-11T16:36:17+05:30", "2024-07-11T16:36:17+05:30"),
        ("1.2.3", "1.2.3"),
        ("+91 99", "+91 99"),
        ("nobody", "nobody"),
        ("=", "="),
        ("!!str 07", "07"),
    ],
)
def test_what_means_the_same_to_all_is_taken(written: str, value: object) -> None:
    assert read(written) == value


@given(NUMBERLIKE)
@example("-0")
@example("0.0")
@example("1.0e+5")
def test_a_number_is_the_one_that_json_and_yaml_1_1_read_and_a_text_is_no_number_to_either(written: str) -> None:
    try:
        value = parse_yaml(f"[{written}]")
    except ValueError:
        return
    assert isinstance(value, list)
    by_yaml = yaml.safe_load(f"[{written}]")
    if isinstance(value[0], int | float):
        assert value == by_yaml == json.loads(f"[{written}]")
    elif isinstance(value[0], str):
        assert value[0] == written
        assert not isinstance(by_yaml[0], int | float)
        assert not is_json(written)


def is_json(text: str) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return not isinstance(value, float) or math.isfinite(value)  # Python reads NaN and Infinity, which JSON has not


@given(JSON_VALUES)
def test_what_is_dumped_is_read_back(value: object) -> None:
    assert parse_yaml(yaml.dump([value], Dumper=StrictDumper, allow_unicode=False)) == [value]


@given(st.sampled_from(["1e3", "0899", "0o17", "yes", "07", "2024-07-11", "~", ".5", "1:30", "true"]) | NUMBERLIKE)
def test_a_text_that_looks_like_something_else_is_dumped_in_quotes(text: str) -> None:
    dumped = yaml.dump([text], Dumper=StrictDumper)

    assert parse_yaml(dumped) == [text] == yaml.safe_load(dumped)


@pytest.mark.parametrize("written", ["07001", "yes", "1:56:41", "8045", "true", "1e3", ".inf"])
def test_names_of_answers_are_read_as_they_are_written(written: str) -> None:
    assert parse_yaml(f"answer: {written}", loader=TextLoader) == {"answer": written}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('!!int "010"', "010 is not the same number"),
        ('!!bool "yes"', "write true or false"),
        ("!!null x", "!!null makes something else of x than stands there; leave !!null out"),
        ("!!float 1", "!!float makes something else of 1 than stands there"),
        ("!!set {a}", "!!set makes what JSON has no value for"),
        ("!!binary aGk=", "!!binary makes"),
        ("!!python/name:os.system", "!!python/name:os.system makes"),
        ("!mine 1", "!mine makes"),
        ("&a [*a]", "recursive"),
        ("9" * 5000, "99… is not the same number"),
    ],
)
def test_what_json_has_no_value_for_is_refused_with_its_line(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^:2: ") as caught:
        read(written)

    assert said in str(caught.value)
