"""Criteria and exchanges: which match, which come nearest, and whether they came in an order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from mockserver.contract import Violation, read_json
from mockserver.exchange.plain import plain
from mockserver.server.journal import Exchange
from mockserver.server.matching.comparing import Difference, count_leaves, differences
from mockserver.server.matching.counting import Times
from mockserver.server.matching.criteria import OUT, Criteria

MOST_NEAR = 3
_ANYTHING = Times()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one criterion is met, with what was expected and what came.

    `criterion` is its name, such as `customer`, `query/source` or `body`. Of a body that differs, `place` (a JSON
    Pointer), `expected` and `came` are those of the first of the smallest differences, `words` say it, and `more`
    counts the others. `share` says how much of the body is met, at least 0 and less than 1.
    """

    criterion: str
    expected: Any  # Any: JSON
    came: Any
    met: bool
    place: str | None = None
    words: str = ""
    more: int = 0
    share: float = 0.0

    def record(self) -> dict[str, Any]:
        """Return the verdict as JSON."""
        expected, came = plain(self.expected), plain(self.came)
        shown = {"criterion": self.criterion, "expected": expected, "came": came, "met": self.met}
        if self.place is not None:
            shown["place"] = plain(self.place)
        if self.words:
            shown["difference"] = plain(self.words)
        return shown


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
    them, best first.
    """

    criteria: Criteria
    times: Times
    found: tuple[Exchange, ...]
    others: int
    near: tuple[Match, ...] = ()

    @property
    def holds(self) -> bool:
        """Tell whether it was requested as often as it was to be."""
        return self.times.allows(len(self.found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What came of asking whether requests came in an order.

    `found` are the exchanges that match, one for each criterion until one did not come. `near` are the nearest of those
    that came after the last one found, best first, and `after` counts them.
    """

    wanted: tuple[Criteria, ...]
    found: tuple[Exchange, ...]
    after: int = 0
    near: tuple[Match, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Tell whether all came, in this order."""
        return len(self.found) == len(self.wanted)


def match(criteria: Criteria, exchange: Exchange) -> Match:
    """Hold one exchange against criteria."""
    return Match(exchange=exchange, verdicts=tuple(_verdicts(criteria, exchange)))


def nearest(criteria: Criteria, exchanges: Iterable[Exchange], *, most: int = MOST_NEAR) -> tuple[Match, ...]:
    """Return the exchanges, newest first, that come nearest without a match, best first; among equals the newest."""
    return _nearest([match(criteria, exchange) for exchange in exchanges], most)


def verify(criteria: Criteria, exchanges: Iterable[Exchange], times: Times = _ANYTHING) -> Verified:
    """Ask whether something was requested as often as it was to be; the exchanges come newest first, as a journal's."""
    judged = [match(criteria, exchange) for exchange in exchanges]
    found = tuple(item.exchange for item in reversed(judged) if item.matches)
    wants_more = len(found) < times.least
    return Verified(
        criteria=criteria,
        times=times,
        found=found,
        others=len(judged) - len(found),
        near=_nearest(judged, MOST_NEAR) if wants_more else (),
    )


def in_order(wanted: Sequence[Criteria], exchanges: Iterable[Exchange]) -> Order:
    """Ask whether requests came one after the other, others in between or not; the exchanges come newest first."""
    remaining = list(reversed(list(exchanges)))
    found: list[Exchange] = []
    for criteria in wanted:
        index = next((index for index, item in enumerate(remaining) if match(criteria, item).matches), None)
        if index is None:
            near = nearest(criteria, reversed(remaining))
            return Order(wanted=tuple(wanted), found=tuple(found), after=len(remaining), near=near)
        found.append(remaining[index])
        remaining = remaining[index + 1 :]
    return Order(wanted=tuple(wanted), found=tuple(found), after=len(remaining))


def _nearest(judged: Iterable[Match], most: int) -> tuple[Match, ...]:
    missed = [item for item in judged if not item.matches]
    return tuple(sorted(missed, key=lambda item: item.nearness, reverse=True)[:most])


def _verdicts(criteria: Criteria, exchange: Exchange) -> Iterator[Verdict]:
    query = parse_qs(exchange.request.query, keep_blank_values=True)
    came = _come(exchange, query)
    for name, value in came.items():
        expected = getattr(criteria, name)
        if expected is not OUT:
            yield _plain_verdict(name, expected, value)
    for name, wanted in criteria.header.items():
        yield _plain_verdict(f"header/{name}", wanted, exchange.request.headers.get(name.lower()))
    for name, wanted in criteria.query.items():
        yield _plain_verdict(f"query/{name}", wanted, _joined(query.get(name)))
    if criteria.body is not OUT:
        yield _body_verdict(criteria.body, exchange.request.body)


def _come(exchange: Exchange, query: dict[str, list[str]]) -> dict[str, Any]:
    """Return what an exchange has for each of the plain criteria."""
    return {
        "operation": exchange.reply.operation,
        "customer": exchange.reply.customer,
        "source": _joined(query.get("source")),
        "account": _joined(query.get("accountId")),
        "method": exchange.request.method,
        "path": exchange.request.path,
        "status": exchange.reply.response.status or None,  # none where a fault cut the connection
        "code": exchange.reply.code,
        "forced": exchange.reply.forced,
    }


def _joined(values: list[str] | None) -> str | None:
    """Return a parameter's value; one that came several times is joined as a header is."""
    return None if values is None else ", ".join(values)


def _plain_verdict(name: str, expected: Any, came: Any) -> Verdict:
    return Verdict(criterion=name, expected=expected, came=came, met=expected == came)


def _body_verdict(expected: Any, body: bytes) -> Verdict:
    parsed = read_json(body) if body else None
    if parsed is None or isinstance(parsed, Violation):
        words = "a body was expected, none came" if parsed is None else f"JSON was expected; what came {parsed.problem}"
        return Verdict(criterion="body", expected=expected, came=None, met=False, place="", words=words)
    found = tuple(differences(expected, parsed.value))
    if not found:
        return Verdict(criterion="body", expected=expected, came=parsed.value, met=True, place="")
    return _differing_body(expected, found)


def _differing_body(expected: Any, found: Sequence[Difference]) -> Verdict:
    leaves = count_leaves(expected)
    missed = sum(item.missed for item in found)
    first = found[0]
    return Verdict(
        criterion="body",
        expected=first.expected,
        came=first.came,
        met=False,
        place=first.place,
        words=first.words,
        more=len(found) - 1,
        share=max(0.0, leaves - missed) / (leaves + 1),
    )
