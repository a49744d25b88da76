"""The catalogue: every error and warning that the contract publishes, read from its named examples.

Its law: an entry is called by its code (`8015`), or by `8057-error` and `8057-warning` where a code is
published both ways; the mock answers with no code that does not stand here. Nothing here judges a request.
"""

import difflib
import re
from collections.abc import Mapping
from typing import Any, Self, TypeAlias

from mockserver.values import Value

MOST_NEAREST = 5

# Operation id → name of an example → the status it belongs to and its value.
Examples: TypeAlias = Mapping[str, Mapping[str, tuple[int, Any]]]  # Any: a response body as published

_CODE = re.compile(r"[0-9]{1,9}")


class CatalogueEntry(Value, frozen=True, kw_only=True):
    """One published error or warning, and what its answer rests on.

    `unearned` says why the mock never answers so of itself, empty where it does.
    """

    name: str
    code: int
    status: int
    is_warning: bool
    message: str
    template: str | None
    basis: tuple[str, str]
    summary: str
    description: str
    operations: frozenset[str]
    preferred: bool
    value: Mapping[str, Any]  # Any: a response body as published
    unearned: str = ""

    def filled(self, *words: str) -> str:
        """Give the message with these words in its template, else as it is published."""
        if self.template is None or not words:
            return self.message
        return self.template.format(*words)


class Catalogue(Value, frozen=True, kw_only=True):
    """All entries in the order of the contract, and every named example of every operation."""

    entries: tuple[CatalogueEntry, ...]
    examples: Examples
    _refusals: Mapping[int, CatalogueEntry]
    _warnings: Mapping[int, CatalogueEntry]

    @classmethod
    def of(cls, entries: tuple[CatalogueEntry, ...], examples: Examples) -> Self:
        """Make a catalogue of these entries and examples."""
        return cls(
            entries=entries,
            examples=examples,
            _refusals={entry.code: entry for entry in entries if not entry.is_warning},
            _warnings={entry.code: entry for entry in entries if entry.is_warning},
        )

    def refusal(self, code: str | int) -> CatalogueEntry:
        """Give the error of a code; a code without one is a bug of the caller."""
        return self._refusals[int(code)]

    def warning(self, code: str | int) -> CatalogueEntry:
        """Give the warning of a code; a code without one is a bug of the caller."""
        return self._warnings[int(code)]

    def asked_code(self, code: str, operation: str) -> CatalogueEntry | None:
        """Give the entry that a client asks for by code, if this operation publishes it."""
        if not _CODE.fullmatch(code) or (code[0] == "0" and code != "0"):
            return None
        number = int(code)
        published = [entry for entry in self.entries if entry.code == number and operation in entry.operations]
        return next((entry for entry in published if entry.preferred), published[0] if published else None)

    def asked_example(self, name: str, operation: str) -> tuple[int, Any] | None:  # Any: a response body
        """Give status and body of the example that a client asks for by name."""
        return self.examples.get(operation, {}).get(name)

    def nearest(self, text: str, operation: str) -> tuple[str, ...]:
        """Name what the client may have meant, nearest first."""
        names = list(self.examples.get(operation, {}))
        if _CODE.fullmatch(text):
            numbered = [name for name in names if _CODE.match(name)]
            return tuple(sorted(numbered, key=lambda name: _distance(name, text))[:MOST_NEAREST])
        alike = difflib.get_close_matches(text, names, n=MOST_NEAREST, cutoff=0.5)
        return tuple(alike or names[:MOST_NEAREST])


def is_entry_name(name: str) -> bool:
    """Tell catalogue entries from other examples, which have names in words."""
    return re.fullmatch(r"[0-9]{1,9}(-error|-warning)?", name) is not None


def _distance(name: str, code: str) -> tuple[float, int]:
    """Rank names for a mistyped code: alike in its digits first, then near as a number."""
    digits = name.partition("-")[0]
    unlikeness = -difflib.SequenceMatcher(a=digits, b=code).ratio()
    return unlikeness, abs(int(digits) - int(code))
