"""Criteria and exchanges: which match, which come nearest, and whether they came in an order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.server.journal import Exchange
from mockserver.server.matching.counting import Times
from mockserver.server.matching.criteria import Criteria
from mockserver.server.matching.verdicts import Verdict, meets, verdicts

MOST_NEAR = 3
_ANYTHING = Times()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One exchange held against criteria."""

    exchange: Exchange
    verdicts: tuple[Verdict, ...]

    @property
    def matches(self) -> bool:
        """Tell whether every criterion is met."""
        return all(verdict.met for verdict in self.verdicts)

    @property
    def nearness(self) -> float:
        """How many criteria are met; of a body, the part that is."""
        return sum(1.0 if verdict.met else verdict.share for verdict in self.verdicts)

    def record(self) -> dict[str, Any]:
        """Return the match as JSON: the exchange's line of the list, and each criterion."""
        return {**self.exchange.summary(), "criteria": [verdict.record() for verdict in self.verdicts]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What came of asking whether something was requested.

    `found` are the exchanges that match, oldest first; `others` counts those that do not, `near` are the nearest of
    them, best first. `forgotten` counts those that the journal keeps no more.
    """

    criteria: Criteria
    times: Times
    found: tuple[Exchange, ...]
    others: int
    near: tuple[Match, ...] = ()
    forgotten: int = 0

    @property
    def holds(self) -> bool | None:
        """Tell whether it was requested as often as it was to be; None where that depends on what is forgotten."""
        return self.times.decide(len(self.found), self.forgotten)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What came of asking whether requests came in an order.

    `found` are the exchanges that match, one for each criterion until one did not come. `near` are the nearest of those
    that came after the last one found, best first, and `after` counts them. `forgotten` counts the exchanges that the
    journal keeps no more.
    """

    wanted: tuple[Criteria, ...]
    found: tuple[Exchange, ...]
    after: int = 0
    near: tuple[Match, ...] = field(default=())
    forgotten: int = 0

    @property
    def holds(self) -> bool | None:
        """Tell whether all came, in this order; None where that depends on what is forgotten."""
        if len(self.found) == len(self.wanted):
            return True
        return None if self.forgotten else False


def match(criteria: Criteria, exchange: Exchange) -> Match:
    """Hold one exchange against criteria."""
    return Match(exchange=exchange, verdicts=tuple(verdicts(criteria, exchange)))


def nearest(criteria: Criteria, exchanges: Iterable[Exchange], *, most: int = MOST_NEAR) -> tuple[Match, ...]:
    """Return the exchanges, newest first, that come nearest without a match, best first; among equals the newest."""
    return _nearest([match(criteria, exchange) for exchange in exchanges], most)


def verify(
    criteria: Criteria, exchanges: Iterable[Exchange], times: Times = _ANYTHING, *, forgotten: int = 0
) -> Verified:
    """Ask whether something was requested as often as it was to be; the exchanges come newest first, as a journal's.

    `forgotten` counts older ones that are not among them.
    """
    judged = [match(criteria, exchange) for exchange in exchanges]
    found = tuple(item.exchange for item in reversed(judged) if item.matches)
    wants_more = len(found) < times.least
    return Verified(
        criteria=criteria,
        times=times,
        found=found,
        others=len(judged) - len(found),
        near=_nearest(judged, MOST_NEAR) if wants_more else (),
        forgotten=forgotten,
    )


def in_order(wanted: Sequence[Criteria], exchanges: Iterable[Exchange], *, forgotten: int = 0) -> Order:
    """Ask whether requests came one after the other, others in between or not; the exchanges come newest first."""
    remaining = list(reversed(list(exchanges)))
    found: list[Exchange] = []
    for criteria in wanted:
        index = next((index for index, item in enumerate(remaining) if meets(criteria, item)), None)
        if index is None:
            near = nearest(criteria, reversed(remaining))
            return Order(wanted=tuple(wanted), found=tuple(found), after=len(remaining), near=near, forgotten=forgotten)
        found.append(remaining[index])
        remaining = remaining[index + 1 :]
    return Order(wanted=tuple(wanted), found=tuple(found), after=len(remaining))


def _nearest(judged: Iterable[Match], most: int) -> tuple[Match, ...]:
    missed = [item for item in judged if not item.matches]
    return tuple(sorted(missed, key=lambda item: item.nearness, reverse=True)[:most])
