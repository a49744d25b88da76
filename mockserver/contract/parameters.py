"""Read parameters from the wire exactly: one spelling of each value, none guessed, none taken twice.

The law: text is decoded once and strictly (percent-encoding, UTF-8), booleans are `true` and `false`, integers
canonical decimals; the first violation in the order path, then as the contract lists them, is the answer.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from mockserver.contract.schemas import Schema
from mockserver.contract.violation import Violation, glimpse
from mockserver.contract.wording import missing
from mockserver.values import Value, replace

# What the document says, at its top, of parameters that are sent several times, and of those it does not name.
REPEATED = "#/x-repeated-parameter"
UNKNOWN = "#/x-unknown-query-parameter"

_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,4000}")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Parameters(Value, frozen=True, kw_only=True):
    """The parameters that were sent, by the contract's names; defaults are not filled in."""

    values: Mapping[str, Any]  # Any: text, bool or int as the contract types them
    unknown_query: tuple[str, ...] = ()
    repeated: bool = False  # one was sent several times, and the contract takes the first or the last


class Parameter(Value, frozen=True, kw_only=True):
    """One declared parameter."""

    name: str
    where: str
    kind: str
    required: bool
    allow_empty: bool
    refusals: Mapping[str, str]
    rule: str
    schema: Schema
    members: frozenset[str]  # all values there are, empty when the schema must be asked
    repeated: str = "reject"  # what of one that is sent several times: `reject`, or `first` or `last` counts

    @property
    def place(self) -> str:
        """Name where it stands in a message."""
        return f"{self.where}/{self.name}"

    def read(self, sent: Sequence[str | None]) -> Any | Violation:  # Any: text, bool or int; None if not sent
        """Read what was sent under this name; None among it is what could not be decoded."""
        if not sent:
            return self._missing() if self.required else None
        if len(sent) > 1 and self.repeated == "reject":
            problem, repair = f"is sent {len(sent)} times", f"send {self.place} once"
            return Violation(place=self.place, problem=problem, rule=REPEATED, refusal=None, repair=repair)
        text = sent[-1 if self.repeated == "last" else 0]
        if text is None:
            problem = "is not percent-encoded UTF-8"
            return self._violation(problem, f"encode {self.place} as UTF-8 and then percent", reason="invalid")
        if not text and self.where == "query":
            return self._read_empty()
        return self._read_text(text)

    def _missing(self) -> Violation:
        return replace(self._violation(*missing(self.place), reason="missing"), is_of_name=True)

    def _read_empty(self) -> str | Violation:
        if self.allow_empty:
            return ""
        return self._violation("is empty", f"send a value at {self.place}", reason="invalid")

    def _read_text(self, text: str) -> Any | Violation:
        if text in self.members:
            return text
        if self.kind == "boolean":
            return self._read_boolean(text)
        if self.kind == "integer":
            return self._read_integer(text)
        return self._judged(text)

    def _read_boolean(self, text: str) -> bool | Violation:
        if text in ("true", "false"):
            return text == "true"
        hint = "; Python sends True: write it in small letters" if text in ("True", "False") else ""
        problem = f"{glimpse(text)} is neither true nor false{hint}"
        return self._violation(problem, f"send true or false at {self.place}", reason="invalid")

    def _read_integer(self, text: str) -> int | Violation:
        if not _WHOLE_NUMBER.fullmatch(text):
            problem = f"{glimpse(text)} is not a whole number in decimal digits"
            return self._violation(problem, f"send digits alone at {self.place}", reason="invalid")
        return self._judged(int(text))

    def _judged(self, value: Any) -> Any | Violation:
        found = None if self.schema.is_valid(value) else self.schema.first_violation(value, self.place)
        if found is None:
            return value
        refusal = found.refusal or self.refusals.get("invalid")
        return replace(found, refusal=refusal, holder=self.rule)

    def _violation(self, problem: str, repair: str, *, reason: str = "") -> Violation:
        refusal = self.refusals.get(reason)
        return Violation(place=self.place, problem=problem, rule=self.rule, refusal=refusal, repair=repair)


def read_query(query: str) -> dict[str, list[str | None]]:
    """Take a query string apart; None stands for a value that is not percent-encoded UTF-8.

    Names that cannot be decoded can be no declared ones and are kept as they came.
    """
    sent: dict[str, list[str | None]] = {}
    for part in query.split("&") if query else ():
        if part:
            name, _, value = part.partition("=")
            decoded = decode(name.replace("+", " "))
            sent.setdefault(name if decoded is None else decoded, []).append(decode(value.replace("+", " ")))
    return sent


def decode(text: str) -> str | None:
    """Undo percent-encoding, or give None where it is broken or not UTF-8."""
    if "%" not in text and text.isascii():
        return text
    if _BAD_ESCAPE.search(text):
        return None
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeError:  # lone surrogates too: aiohttp puts undecodable bytes so
        return None
