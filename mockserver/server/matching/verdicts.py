"""One exchange held against criteria, criterion by criterion."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

from mockserver.contract import Violation, read_json
from mockserver.exchange import Reply
from mockserver.exchange.plain import plain
from mockserver.server.journal import Exchange
from mockserver.server.matching.comparing import Difference, count_leaves, differences
from mockserver.server.matching.criteria import OUT, Criteria

_LONGEST_KEPT = 512  # characters of a query that is read once for all criteria and terms
_ELSEWHERE = 0.5  # of a criterion is met, where a code came as a warning or the other way round


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one criterion is met, with what was expected and what came.

    `criterion` is its name, such as `customer`, `query/source` or `body`. Of a body that differs, `place` (a JSON
    Pointer), `expected` and `came` are those of the first of the smallest differences, and `more` counts the others.
    `words` say the difference of a body, and of a code that came otherwise. `share` says how much of either is met, at
    least 0 and less than 1.
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


def meets(criteria: Criteria, exchange: Exchange) -> bool:
    """Tell whether an exchange meets every criterion; quicker than `match`, which also says which it misses."""
    return all(verdict.met for verdict in verdicts(criteria, exchange))


def verdicts(criteria: Criteria, exchange: Exchange) -> Iterator[Verdict]:
    """Yield a verdict on each criterion that is given."""
    for name, read in _PLAIN.items():
        expected = getattr(criteria, name)
        if expected is not OUT:
            yield _plain_verdict(name, expected, read(exchange))
    if criteria.code is not OUT:
        yield _code_verdict(criteria.code, exchange.reply)
    if criteria.warning is not OUT:
        yield _warning_verdict(criteria.warning, exchange.reply)
    for name, wanted in criteria.header.items():
        yield _plain_verdict(f"header/{name}", wanted, exchange.request.headers.get(name.lower()))
    for name, wanted in criteria.query.items():
        yield _plain_verdict(f"query/{name}", wanted, parameter(exchange, name))
    if criteria.body is not OUT:
        yield _body_verdict(criteria.body, exchange.request.body)


def parameter(exchange: Exchange, name: str) -> str | None:
    """Return a parameter of an exchange's query, None where it was not sent."""
    query = exchange.request.query
    read = _query if len(query) <= _LONGEST_KEPT else _query.__wrapped__
    return _joined(read(query).get(name))


@lru_cache(maxsize=256)
def _query(query: str) -> Mapping[str, list[str]]:
    return parse_qs(query, keep_blank_values=True)


# What an exchange has for each of the plain criteria.
_PLAIN: Mapping[str, Callable[[Exchange], Any]] = {
    "operation": lambda exchange: exchange.reply.operation,
    "customer": lambda exchange: exchange.reply.customer,
    "source": lambda exchange: parameter(exchange, "source"),
    "account": lambda exchange: parameter(exchange, "accountId"),
    "method": lambda exchange: exchange.request.method,
    "path": lambda exchange: exchange.request.path,
    "status": lambda exchange: exchange.reply.response.status or None,  # none where a fault cut the connection
    "outcome": lambda exchange: exchange.outcome,
    "forced": lambda exchange: exchange.reply.forced,
}


def _code_verdict(expected: int | None, reply: Reply) -> Verdict:
    """Hold the code of a refusal against one that was expected; say so where it came as a warning."""
    if expected == reply.code or expected not in reply.warnings:
        return _plain_verdict("code", expected, reply.code)
    words = f"{expected} came as a warning; assert warning={expected}"
    return Verdict(criterion="code", expected=expected, came=reply.code, met=False, words=words, share=_ELSEWHERE)


def _warning_verdict(expected: int | None, reply: Reply) -> Verdict:
    """Hold an answer's warnings against one that was expected, or against none at all."""
    came = list(reply.warnings)
    met = expected in came if expected is not None else not came
    if met or expected is None or expected != reply.code:
        return Verdict(criterion="warning", expected=expected, came=came or None, met=met)
    words = f"{expected} came as an error; assert code={expected}"
    return Verdict(criterion="warning", expected=expected, came=None, met=False, words=words, share=_ELSEWHERE)


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
