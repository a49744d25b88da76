"""Updates of any kind, for a world that can be reset: enrolments, upgrades, new channels and profiles, invalid values.

They are drawn from small pools, as those in `model_updates`, so that they meet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from hypothesis import strategies as st

from mockserver.domain.organisation import Organisation, Source
from mockserver.values import replace
from mockserver.verification.model_updates import (
    ASYNC,
    CHANNELS,
    QUIRKY_TEXTS,
    TEXTS,
    Body,
    Palette,
    Update,
    merged,
    pool_of_field,
    writes,
)
from mockserver.verification.target import Place
from mockserver.verification.writing import body_of

EXPIRIES: tuple[str, ...] = ("2031-07-11T16:36:17+05:30", "2031-07-11T16:36:17 +0530", "2024-07-11T16:36:17+05:30")
_UNKNOWN = "shoe_size"
_STATUS: tuple[Body, ...] = tuple({"loyaltyInfo": {"loyaltyType": kind}} for kind in ("loyalty", "non_loyalty", "gold"))
_IDENTIFIERS: tuple[Body, ...] = tuple(
    {"profiles": [{"identifiers": [{"type": kind, "value": value}]}]}
    for kind, value in (("mobile", "919000000001"), ("email", "nova@example.com"))
)
_ODD: tuple[Body, ...] = (
    {},
    {"profiles": []},
    {"profiles": [{}]},
    {"profiles": [{"commChannels": []}]},
    {"profiles": [{"nickname": "Nova"}]},
    {"profiles": None},
    {"extendedFields": None},
    {"loyaltyProgramEnrollments": []},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anything:
    """What a world that can be reset is sent beside what can be undone; `nobody` is an id that it does not have."""

    palettes: Sequence[Palette]
    organisation: Organisation
    nobody: int

    def at(self, palettes: Sequence[Palette]) -> Self:
        """Return this for fewer places."""
        return replace(self, palettes=palettes)

    def updates(self) -> st.SearchStrategy[Update]:
        """Draw an update of any kind, to any address."""
        alone, meeting = (map(st.sampled_from, kinds) for kinds in (self._parts(), self._meeting_parts()))
        parts = st.one_of(
            *(st.lists(kind, min_size=1, max_size=1) for kind in alone),
            *(st.lists(kind, min_size=1, max_size=2) for kind in meeting),
        )
        return st.sampled_from(self.palettes).flatmap(
            lambda palette: st.builds(
                lambda drawn, own, more, address: Update(
                    place=palette.place, body=merged((*drawn, body_of(own))), more=more, **address
                ),
                parts,
                st.one_of(st.just([]), writes(palette, plain=True, most=1)),
                st.sampled_from(ASYNC),
                st.sampled_from([{}, {}, *self._right_addresses(), *self._wrong_addresses(palette.place)]),
            )
        )

    def loyalty(self) -> st.SearchStrategy[Update]:
        """Draw an update of the loyalty status and enrolments, answered when the points are there."""
        part = st.one_of(st.sampled_from(self._enrolments()), st.sampled_from(_STATUS[:2]))
        parts = st.lists(part, min_size=1, max_size=2)
        places = st.sampled_from([palette.place for palette in self.palettes])
        return st.builds(lambda place, drawn: Update(place=place, body=merged(drawn), more=ASYNC[1]), places, parts)

    def refused(self) -> st.SearchStrategy[Update]:
        """Draw an update that must be refused to some customers at least, with what it would change otherwise."""
        [(program, tiers)] = [*self._programs()][:1] or [(1, (1,))]
        wrong: list[tuple[Body, dict[str, Any]]] = [
            (_STATUS[1], {}),
            (_enrolled(programId=self._unknown_program()), {}),
            (_enrolled(programId=program, tierNumber=max(tiers) + 1000), {}),
            (_enrolled(programId=program, loyaltyPoints=-1), {}),
        ]
        return st.sampled_from(self.palettes).flatmap(
            lambda palette: st.builds(
                lambda own, bad: Update(place=palette.place, body=merged((body_of(own), bad[0])), **bad[1]),
                writes(palette, plain=True, most=2),
                st.sampled_from([*wrong, *(({}, address) for address in self._wrong_addresses(palette.place))]),
            )
        )

    def _parts(self) -> Iterator[Sequence[Body]]:
        names = [{name: text} for text in (*TEXTS, *QUIRKY_TEXTS) for name in ("firstName", "lastName")]
        custom = (*sorted(self.organisation.custom_fields)[:3], _UNKNOWN)
        yield [{"profiles": [each]} for each in names]
        yield [{"profiles": [{"fields": {name: text}}]} for text in (*TEXTS[:2], "", None) for name in custom]
        yield [{"extendedFields": each} for each in self._extended()]
        yield _STATUS
        yield _IDENTIFIERS
        yield _ODD

    def _meeting_parts(self) -> Iterator[Sequence[Body]]:
        """Give parts of which two may stand in one body: the same channel or program twice."""
        yield [{"profiles": [{"commChannels": [each]}]} for each in _channels()]
        yield self._enrolments()

    def _extended(self) -> Iterator[Body]:
        for field in self.organisation.extended_fields.values():
            pool = pool_of_field(field) or (("Norway",), ("",))
            yield from ({field.name: value} for value in (*pool[0], *pool[1], "no such value"))
        yield {_UNKNOWN: 9}

    def _enrolments(self) -> list[Body]:
        listed = [
            _enrolled(programId=program, tierNumber=tier, loyaltyPoints=points)
            for program, tiers in self._programs()
            for tier, points in zip((*tiers[:2], tiers[-1]), (10, 0, 75.0), strict=True)
        ]
        first = next(iter(self.organisation.programs), 1)
        tier = next((tiers[0] for _, tiers in self._programs()), 1)
        listed += [
            _enrolled(programId=first, tierNumber=tier, tierExpiryDate=expiry, loyaltyPoints=5) for expiry in EXPIRIES
        ]
        listed += [_enrolled(programId=first, tierNumber=tier), _enrolled(programId=first, loyaltyPoints=5)]
        return [*listed, _enrolled(programId=self._unknown_program(), tierNumber=1, loyaltyPoints=5)]

    def _programs(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        for program in list(self.organisation.programs.values())[:2]:
            numbers = tuple(tier.number for tier in program.tiers)
            yield program.id, numbers if len(numbers) > 1 else numbers * 2

    def _unknown_program(self) -> int:
        return max(self.organisation.programs, default=0) + 1

    def _right_addresses(self) -> list[dict[str, Any]]:
        """Return other sources and accounts than a place's own."""
        several = [
            {"query": f"source={source.name}&accountId={account}"}
            for source in self._sources(several=True)
            for account in sorted(source.accounts)[:1]
        ]
        return [*({"query": f"source={source.name}"} for source in self._sources(several=False)), *several]

    def _wrong_addresses(self, place: Place) -> list[dict[str, Any]]:
        single, several = ([source.name for source in self._sources(several=kind)] for kind in (False, True))
        queries = ["", "source=FAX", *(f"source={name}&accountId=1" for name in single)]
        queries += [f"source={name}" for name in several]
        queries += [f"source={name}&accountId=no-such-account" for name in several]
        nobody = [{"customer": self.nobody, "query": place.query}] if self.nobody else []
        return [*({"query": query} for query in queries), *nobody]

    def _sources(self, *, several: bool) -> list[Source]:
        """Return the first source that has several accounts, or that has one."""
        return [source for source in self.organisation.sources.values() if bool(source.accounts) is several][:1]


def _channels() -> Iterator[Body]:
    for flags in ({}, {"primary": True}, {"verified": "true", "meta": {"residence": True}}, {"primary": None}):
        yield from ({"type": kind, "value": value, **flags} for kind, value in CHANNELS)
    yield {"type": "fax", "value": "12"}
    yield {"value": "12"}


def _enrolled(**item: Any) -> Body:
    return {"loyaltyProgramEnrollments": [item]}
