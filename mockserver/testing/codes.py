"""Which codes of the catalogue a suite has met: earned by its requests, or asked for by force."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

from mockserver.contract import Catalogue, CatalogueEntry
from mockserver.server.journal import Exchange

__tracebackhide__ = True  # a failure is shown at the line of the test

_WIDTH = 100


@dataclass(slots=True)
class CodesMet:
    """Names of catalogue entries such as `8015` and `8057-warning`, and whether anything was requested at all."""

    earned: set[str] = field(default_factory=set)
    forced: set[str] = field(default_factory=set)
    is_used: bool = False

    def note(self, exchange: Exchange) -> None:
        """Note the codes of one answer; a preflight is a browser's question, not a test's request."""
        if exchange.preflight:
            return
        self.is_used = True
        met = self.forced if exchange.reply.forced else self.earned
        met.update(entry.name for entry in _entries_of(exchange))

    def merge(self, record: Mapping[str, Any]) -> None:
        """Add what another process has met."""
        self.earned.update(record["earned"])
        self.forced.update(record["forced"])
        self.is_used = self.is_used or record["used"]

    def record(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"earned": sorted(self.earned), "forced": sorted(self.forced), "used": self.is_used}

    def tell(self, catalogue: Catalogue) -> Iterator[str]:
        """Yield lines on what was never met, and what only by force."""
        if not self.is_used:
            yield "no test of this run asked the mock"
            return
        unmet = [entry for entry in catalogue.entries if entry.name not in self.earned | self.forced]
        by_force = [entry for entry in catalogue.entries if entry.name in self.forced - self.earned]
        yield from _listed("never met", (entry for entry in unmet if not entry.unearned))
        yield from _listed("never met, and to be met by force only", (entry for entry in unmet if entry.unearned))
        yield from _listed("met by force only", by_force)
        if not unmet and not by_force:
            yield "every code of the catalogue was met"


def _entries_of(exchange: Exchange) -> Iterator[CatalogueEntry]:
    catalogue, code = exchange.setting.contract.catalogue, exchange.reply.code
    entries = {(entry.code, entry.is_warning): entry for entry in catalogue.entries}
    codes = [(code, False)] if code is not None else [(warned, True) for warned in exchange.reply.warnings]
    return (entries[key] for key in codes if key in entries)


def _listed(title: str, entries: Iterable[CatalogueEntry]) -> Iterator[str]:
    found = sorted(entries, key=lambda entry: (entry.code, entry.name))
    if found:
        names = ", ".join(entry.name for entry in found)
        yield from wrap(f"{title} ({len(found)}): {names}", _WIDTH, subsequent_indent="  ", break_on_hyphens=False)
