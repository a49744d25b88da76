"""JSON without its secrets.

It is not parsed but read token by token, so that whatever is no secret stays as it was sent, sign by sign, and so that
what is no JSON after all, since it was cut off or written by hand, gives nothing away either. A text becomes
`[hidden]`, a number 0, and what is true, false, null or empty stays: so what is left is judged as what was sent.
"""

import json
import re
from collections.abc import Iterator

from mockserver.exchange.secrecy import HIDDEN, hide_in_text, is_secret_name

_TOKEN = re.compile(r""""(?:[^"\\]++|\\.)*+"?|'(?:[^'\\]++|\\.)*+'?|[\[\]{},:]|[^\s"'\[\]{},:]++""", re.DOTALL)
_NAMED = re.compile(r"\s*:")
_NUMBER = re.compile(r"[+-]?[0-9][0-9.eE+-]*\Z")
_KEPT = frozenset({"true", "false", "null", "True", "False", "None"})
NOTHING: frozenset[str] = frozenset()
_MOST_NESTED = 3  # JSON as text within JSON
_HIDDEN_WORD = HIDDEN.strip("[]")  # of what stands without quotes, and so is no JSON: nor is this


def hide_value(text: str) -> str:
    """Return a value of a header or a parameter without secrets, whether it is JSON or any other text."""
    return hide_members(text) if is_json(text) else hide_in_text(text)


def is_json(text: str) -> bool:
    """Tell whether a text is meant to be an object or a list, or is within quotes."""
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[", '"')


def hide_members(text: str, *, besides: frozenset[str] = NOTHING, nested: int = 0) -> str:
    """Return JSON, or what was meant to be JSON, without secrets; `besides` are names, in small letters, of others."""
    return "".join(_Reading(text, besides=besides, nested=nested).parts())


class _Reading:
    """One reading of a text, part by part: whether the value that comes next is a secret, and all within it."""

    __slots__ = ("_besides", "_is_next_secret", "_nested", "_text", "_within")

    def __init__(self, text: str, *, besides: frozenset[str], nested: int) -> None:
        self._text = text
        self._besides = besides
        self._nested = nested
        self._within = [False]  # of each object and list that is open: whether it is a secret's
        self._is_next_secret = False

    def parts(self) -> Iterator[str]:
        """Yield the text, with secrets replaced."""
        end = 0
        for found in _TOKEN.finditer(self._text):
            yield self._text[end : found.start()]
            yield self._read(found[0], found.end())
            end = found.end()
        yield self._text[end:]

    def _read(self, part: str, end: int) -> str:
        if part in "{[":
            self._within.append(self._within[-1] or self._is_next_secret)
        elif part in "}]" and len(self._within) > 1:
            self._within.pop()
        elif part == ":":
            return part
        elif part not in ",}]":
            return self._read_name_or_value(part, end)
        self._is_next_secret = False
        return part

    def _read_name_or_value(self, part: str, end: int) -> str:
        if _NAMED.match(self._text, end):
            self._is_next_secret = self._is_secret(_meant(part))
            return self._hide_in(part)
        is_secret, self._is_next_secret = self._within[-1] or self._is_next_secret, False
        return _hidden(part) if is_secret else self._hide_in(part)

    def _is_secret(self, name: str) -> bool:
        return is_secret_name(name) or name.lower() in self._besides

    def _hide_in(self, part: str) -> str:
        """Hide what has the shape of a credential, in any value, and in JSON that is one."""
        meant = _meant(part)
        is_inner = part[0] in "\"'" and self._nested < _MOST_NESTED and is_json(meant)
        hidden = hide_members(meant, nested=self._nested + 1) if is_inner else hide_in_text(meant)
        if hidden == meant:
            return part
        return json.dumps(hidden, ensure_ascii=False) if part[0] in "\"'" else hidden


def _meant(part: str) -> str:
    """Return what a part says: a text without quotes and escapes, where they can be read."""
    if part[0] not in "\"'":
        return part
    if part[0] == '"' and "\\" in part:
        try:
            return str(json.loads(part, strict=False))
        except ValueError:
            return part[1:]
    return part[1:-1] if len(part) > 1 and part[-1] == part[0] else part[1:]


def _hidden(part: str) -> str:
    if part in _KEPT:
        return part
    if part[0] in "\"'":
        return part if part == part[0] * 2 else f"{part[0]}{HIDDEN}{part[0]}"
    return "0" if _NUMBER.match(part) else _HIDDEN_WORD
