"""Read a JSON body strictly: what two readers could understand in two ways is refused.

The law: a body is accepted only if it is UTF-8 without a byte order mark, one RFC 8259 value without duplicate
keys, NaN, Infinity, lone surrogates or numbers that overflow, nested at most `MAX_DEPTH` deep; and
then nothing of it is lost, integers of any length and fractions of any precision included (`lossless_json`).

orjson is fast but keeps the last of duplicate keys, turns long integers into floats and rounds fractions, all silently.
So the fast reading is believed only where this can be excluded cheaply: in a body without an escaped colon, without 19
digits in a row and without a fraction of 16 digits or an exponent, writing the value out again gives as many colons as
came in exactly if no member was lost. Everything else is read, or refused with its reason, by the standard library's
exact reader.
"""

import json
import re
from decimal import Decimal
from typing import Any

import jsonschema_rs
import orjson

from mockserver.contract.violation import Violation, glimpse
from mockserver.lossless_json import read_number
from mockserver.values import Value

MAX_DEPTH = 64

RULE = "#"  # strictness comes with the notation, no node of the contract says it

_DIGITS_AS_ZERO = bytes.maketrans(b"123456789", b"000000000")
# -9999999999999999999 has 19 digits and is already beyond 64 bits.
_LONG_INTEGER = b"0" * 19
_FRACTION = b"0.0"
_LONG_FRACTION = re.compile(rb"[0.]{17}")  # a double keeps 15 digits of any number
_ESCAPED_COLON = b"\\u003"  # \u003a or \u003A: the only way to write a colon that is none on the wire
_BRACKET_OUTSIDE_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


class Parsed(Value, frozen=True, kw_only=True):
    """A JSON value that was read without loss."""

    value: Any  # any JSON value: judged by the contract before anybody relies on its shape


class _NotStrictError(ValueError):
    """Carries the problem out of the callbacks of the standard library's reader."""


def read_json(body: bytes) -> Parsed | Violation:
    """Read a body, or say why it cannot be read."""
    try:
        value = orjson.loads(body)
    except ValueError:
        return _read_exactly(body)
    if not (_has_few_brackets(body) or _SHALLOW.is_valid(value)):
        return _read_exactly(body)
    is_whole = _ESCAPED_COLON not in body and orjson.dumps(value).count(b":") == body.count(b":")
    if is_whole and not _may_lose(body.translate(_DIGITS_AS_ZERO)):
        return Parsed(value=value)
    return _read_exactly(body, is_shallow=is_whole)


def _may_lose(digits: bytes) -> bool:
    """Tell whether a body, each digit a 0, may hold a number that the fast reading changes; texts count as well."""
    if _LONG_INTEGER in digits or b"0e" in digits or b"0E" in digits:
        return True
    return _FRACTION in digits and _LONG_FRACTION.search(digits) is not None


def _has_few_brackets(body: bytes) -> bool:
    """Tell whether there are too few brackets to be too deep."""
    return body.count(b"[") + body.count(b"{") <= MAX_DEPTH


def _nesting(levels: int) -> dict[str, Any]:
    """Return the schema of values nested so deep at most; the validator walks through them at its own speed."""
    kinds: dict[str, Any] = {"0": {"type": ["string", "number", "boolean", "null"]}}
    for level in range(levels):
        inner = {"$ref": f"#/$defs/{level}"}
        kinds[str(level + 1)] = {"items": inner, "additionalProperties": inner}
    return {"$ref": f"#/$defs/{levels}", "$defs": kinds}


def _read_exactly(body: bytes, *, is_shallow: bool = False) -> Parsed | Violation:
    """Read a body by the standard library; one that is known to be shallow is not looked through for that."""
    try:
        text = _decoded(body)
        if not is_shallow:
            _refuse_depth(text)
        value = _EXACT.decode(text)
        if b"\\u" in body:  # UTF-8 has no surrogates, so each is written as an escape
            _refuse_lone_surrogates(value)
    except _NotStrictError as reason:
        return _unreadable(str(reason))
    except json.JSONDecodeError as error:
        return _unreadable(f"is not JSON: {error.msg} (line {error.lineno} column {error.colno})")
    return Parsed(value=value)


def _decoded(body: bytes) -> str:
    if body.startswith(b"\xef\xbb\xbf"):
        raise _NotStrictError("begins with a byte order mark")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _NotStrictError(f"is not UTF-8 at byte {error.start}") from None


def _refuse_depth(text: str) -> None:
    """Look at the brackets only, before a recursive reader does."""
    level = 0
    for found in _BRACKET_OUTSIDE_TEXT.finditer(text):
        bracket = found[0]
        level += (bracket in "[{") - (bracket in "]}")
        if level > MAX_DEPTH:
            raise _NotStrictError(f"is nested more than {MAX_DEPTH} deep (character {found.start()})")


def _refuse_lone_surrogates(value: Any) -> None:  # Any: any JSON value
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError as error:
        code_point = ord(error.object[error.start])
        raise _NotStrictError(f"contains the lone surrogate \\u{code_point:04x}") from None


def _object_of(members: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(members)
    if len(read) != len(members):
        seen: set[str] = set()
        twice = next(name for name, _ in members if name in seen or seen.add(name))  # type: ignore[func-returns-value]  # add is wanted for its effect
        raise _NotStrictError(f"has the key {glimpse(twice)} twice in one object")
    return read


def _finite(text: str) -> int | float | Decimal:
    number = read_number(text)
    if number is None:
        raise _NotStrictError(f"has a number that is too {'small' if float(text) == 0 else 'large'}: {text[:40]}")
    return number


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # Python reads 4,300 digits at most
        raise _NotStrictError(f"has a number that is too long: {len(text)} digits") from None


def _refuse_constant(name: str) -> None:
    raise _NotStrictError(f"is not JSON: {name} is no number")


_SHALLOW = jsonschema_rs.Draft202012Validator(_nesting(MAX_DEPTH))
_EXACT = json.JSONDecoder(
    object_pairs_hook=_object_of, parse_float=_finite, parse_int=_whole, parse_constant=_refuse_constant
)


def _unreadable(problem: str) -> Violation:
    repair = "send one strict JSON value in UTF-8, with every key once per object"
    return Violation(place="body", problem=problem, rule=RULE, refusal=None, repair=repair)
