"""A body without its secrets: JSON, forms, and text of any other kind."""

import re
from typing import Any

import jsonschema_rs

from mockserver.contract import Violation, read_json
from mockserver.exchange.hiding import hide_query
from mockserver.exchange.hiding_json import NOTHING, hide_members, hide_value, is_json
from mockserver.exchange.secrecy import HIDDEN, hide_in_text, is_secret_key, is_secret_name
from mockserver.lossless_json import write_json

# Each secret name and shape has one of these parts, or has an ASCII character that is written as an escape, or has two
# bytes. A regular expression of Rust looks a hundred times faster for them than Python's own.
_PARTS = (
    "token|secret|pass|pwd|key|cred|cookie|jwt|sig|auth|bearer|srf|sess|hmac|otp|cvv|assertion|saml|verifier"
    r"|basic|digest|negotiate|ntlm|eyj|://|^//|\\u00[0-7]|%[2-7]|\x00"
)
_UNSUSPECTED = jsonschema_rs.Draft202012Validator({"not": {"pattern": f"(?i){_PARTS}"}})
# Tells, quickly, of a text that it holds no secret for sure, so that it need not be looked through. A body is text here
# by any encoding that keeps ASCII, such as Latin-1.
is_unsuspected = _UNSUSPECTED.is_valid
# RFC 7578: a part's delimiter and headers, and its value up to the next delimiter; no line is read twice.
_PART = re.compile(r"((?:\A|(?<=\n))--[^\r\n]*+\r?\n(?:(?!--)[^\r\n]++\r?\n)++\r?\n)(.*?)(?=\r?\n--|\Z)", re.DOTALL)
_PART_NAME = re.compile(r'\bname="?([^";\r\n]+)')
_ELEMENT = re.compile(r"(<([A-Za-z_][\w.:-]*)(?:\s[^<>]*)?>)((?:<!\[CDATA\[)?+[^<]+)")  # XML
# A member in text, as YAML writes it, or before JSON begins; its value ends with the line.
_LINE = re.compile(
    r"""((?<![\w.-])(["']?)([A-Za-z_][\w.-]{0,79})\2[ \t]*:[ \t]*)"""
    r"""("(?:[^"\\]|\\.)*+"?|'[^']*+'?|[^\s"'{}\[\],;][^\r\n,;}]*)"""
)


def hide_body(body: bytes, *, besides: frozenset[str] = NOTHING) -> bytes:
    """Return a body without secrets, the same value where it holds none.

    `besides` are names, in small letters, of fields that hold secrets in this very body.
    """
    if not body or (not besides and is_unsuspected(body.decode("latin-1"))):
        return body
    if b"\0" in body:  # another encoding of Unicode; such a body is refused, whatever it says
        return body if is_unsuspected(body.replace(b"\0", b"").decode("latin-1")) else HIDDEN.encode()
    text = body.decode("utf-8", "surrogateescape")
    hidden = hide_members(text, besides=besides) if is_json(text) else _hide_text(text)
    return body if hidden == text else hidden.encode("utf-8", "surrogateescape")


def hide_json(value: Any) -> Any:  # Any: JSON
    """Return a JSON value without secrets, the same where it holds none."""
    written = write_json(value)
    hidden = hide_body(written)
    if hidden is written:
        return value
    parsed = read_json(hidden)
    return HIDDEN if isinstance(parsed, Violation) else parsed.value


def _hide_text(text: str) -> str:
    """Hide in what is no JSON: a form, a form of several parts, XML, or any text."""
    if "form-data" in text:
        text = _PART.sub(_hidden_part, text)
    elif "=" in text and not any(sign in text for sign in "<\n"):
        return hide_query(text)
    text = hide_in_text(_LINE.sub(_hidden_line, _ELEMENT.sub(_hidden_element, text)))
    start = text.find("{")
    return text if start < 0 else text[:start] + hide_members(text[start:])


def _hidden_part(found: re.Match[str]) -> str:
    named = _PART_NAME.search(found[1])
    is_secret = named is not None and is_secret_key(named[1])
    return f"{found[1]}{HIDDEN if is_secret else hide_value(found[2])}"


def _hidden_line(found: re.Match[str]) -> str:
    return f"{found[1]}{HIDDEN}" if is_secret_name(found[3]) else found[0]


def _hidden_element(found: re.Match[str]) -> str:
    is_secret = is_secret_name(found[2]) and not found[3].isspace()
    return f"{found[1]}{HIDDEN if is_secret else found[3]}"
