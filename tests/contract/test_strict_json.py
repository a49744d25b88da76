"""Laws of the strict reading of JSON."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.contract import MAX_DEPTH, Parsed, Violation, read_json

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
)
SNIPPETS = [
    '"a"',
    '"b:"',
    '"a":',
    '"\\u0061":',
    '"\\u003a"',
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "1",
    "1e999",
    "-0",
    "NaN",
    "null",
    " ",
    '"',
    "\\",
]
NEARLY_JSON = st.lists(st.sampled_from([*SNIPPETS, '"\\ud800"', "\ufeff", "9" * 20]), max_size=14).map("".join)


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, dict | list) + max(map(depth, inner), default=0)


class TwiceError(ValueError):
    pass


def once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(members)) != len(members):
        raise TwiceError
    return dict(members)


def standard_reading(body: bytes) -> Any:
    """The plain, slow truth: the standard library, with each strictness asked for by itself."""
    text = body.decode("utf-8")

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    value = json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    written = json.dumps(value, allow_nan=False, ensure_ascii=False)
    written.encode("utf-8")
    if depth(value) > MAX_DEPTH:
        raise ValueError
    return value


def outcome_of_standard_reading(body: bytes) -> tuple[str, str]:
    try:
        return "read", repr(standard_reading(body))
    except ValueError:
        return "refused", ""


def outcome(body: bytes) -> tuple[str, str]:
    read = read_json(body)
    return ("read", repr(read.value)) if isinstance(read, Parsed) else ("refused", "")


@given(VALUES, st.booleans())
def test_whatever_is_json_is_read_without_loss(value: Any, in_ascii: bool) -> None:
    body = json.dumps(value, ensure_ascii=in_ascii).encode()

    assert read_json(body) == Parsed(value=value)


@given(NEARLY_JSON.map(str.encode) | st.binary(max_size=12))
@example(b'{"a":1,"a":{"b":2}}')
@example(b'{"a:":1,"a:":2,"c":3}')
@example(b'{"a":1,"\\u0061":2}')
@example(b'{"a":1,"a":"\\u003a"}')
@example(b'{"a":1,"a":"\\u003A"}')
@example(b'["9999999999999999999", -9999999999999999999, 18446744073709551616]')
@settings(max_examples=400)
def test_it_agrees_with_the_standard_library_and_a_check_for_duplicates(body: bytes) -> None:
    assert outcome(body) == outcome_of_standard_reading(body)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"x":{"a":1,"a":2}}', 'has the key "a" twice in one object'),
        (b"[NaN]", "is not JSON: NaN is no number"),
        (b"[-Infinity]", "is not JSON: -Infinity is no number"),
        (b"[1e999]", "has a number that is too large: 1e999"),
        (b"9" * 5000, "has a number that is too long: 5000 digits"),
        (b"\xef\xbb\xbf{}", "begins with a byte order mark"),
        (b'"\xff"', "is not UTF-8 at byte 1"),
        ('{"a": 1}'.encode("utf-16"), "is not UTF-8 at byte 0"),
        (b'"\\ud800"', "contains the lone surrogate \\ud800"),
        (b"{} {}", "is not JSON: Extra data (line 1 column 4)"),
        (b"", "is not JSON: Expecting value (line 1 column 1)"),
        (b"[" * 65 + b"]" * 65, "is nested more than 64 deep (character 64)"),
        (b'{"a":' * 200000, "is nested more than 64 deep (character 320)"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "is nested more than 64 deep (character 320)"),
        (b"[" * 300 + b"]" * 300, "is nested more than 64 deep (character 64)"),
        (b'{"a":' + b"[" * 300 + b"]" * 300 + b',"a":1}', "is nested more than 64 deep (character 68)"),
        (b"[" * 65 + b"9" * 20 + b"]" * 65, "is nested more than 64 deep (character 64)"),
        (b"[[]," + b"[" * 64 + b"1" + b"]" * 65, "is nested more than 64 deep (character 67)"),
    ],
)
def test_a_refusal_names_what_is_wrong(body: bytes, problem: str) -> None:
    read = read_json(body)

    assert isinstance(read, Violation)
    assert (read.place, read.problem, read.refusal) == ("body", problem, None)


def test_as_deep_as_allowed_is_read_and_many_brackets_are_not_deep() -> None:
    assert isinstance(read_json(b"[" * 64 + b"]" * 64), Parsed)
    assert read_json(b"[" + b"[]," * 100 + b"[]]") == Parsed(value=[[]] * 101)
    assert isinstance(read_json(b'"' + b"[{" * 100 + b'"'), Parsed)
    assert isinstance(read_json(b'{"a":' * 64 + b"1" + b"}" * 64), Parsed)


def test_long_integers_stay_exact() -> None:
    assert read_json(b"[18446744073709551616]") == Parsed(value=[2**64])
