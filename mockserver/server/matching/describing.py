"""Why an assertion about requests failed, in words that can be read in a test's report."""

from collections.abc import Iterable, Iterator, Sequence

from mockserver.server.journal import Exchange
from mockserver.server.matching.counting import in_times
from mockserver.server.matching.criteria import Criteria
from mockserver.server.matching.judging import Match, Order, Verified
from mockserver.server.matching.verdicts import Verdict

_MOST_LISTED = 10
_LONGEST = 120  # characters of one value


def describe_unknown(asked: Verified | Order) -> str:
    """Say what nobody can tell any more, since the journal has forgotten too much."""
    if isinstance(asked, Order):
        said = f"{_counted(len(asked.wanted), '')} were to come in this order, but not all of them are kept"
    else:
        wanted = f"was to be requested {asked.times}" if asked.times.most != 0 else "was not to be requested"
        said = f"{asked.criteria} {wanted}, and {len(asked.found)} of it are kept"
    exchanges = "1 exchange" if asked.forgotten == 1 else f"{asked.forgotten} exchanges"
    return f"{said}; whether that is so cannot be known, since the journal has forgotten {exchanges}"


def describe(verified: Verified) -> str:
    """Say what was expected, what came, the nearest exchange with each criterion ✓ or ✗, and where they differ."""
    return "\n".join(_describe(verified))


def describe_order(order: Order) -> str:
    """Say which requests came in their order, and what came instead of the first that did not."""
    return "\n".join(_describe_order(order))


def line_of(exchange: Exchange) -> str:
    """Return an exchange in one line: `x12, PUT /v2/customers/171891945?source=INSTORE -> 200`."""
    request = exchange.request
    target = f"{request.path}?{request.query}" if request.query else request.path
    came = ", ".join((_answer(exchange), *exchange.seen))
    return f"{exchange.id}, {_shown(request.method)} {_shown(target)} -> {came}"


def _answer(exchange: Exchange) -> str:
    """Return the status, with codes of their own."""
    status, *codes = exchange.result
    return f"{status} ({', '.join(codes)})" if codes else status


def _describe(verified: Verified) -> Iterator[str]:
    found = verified.found
    came = f"was requested {in_times(len(found))}:" if found else "was not requested."
    wanted = f"was to be requested {verified.times}" if verified.times.most != 0 else "was not to be requested"
    joint = "and" if verified.holds else "but"
    yield f"{verified.criteria} {wanted}, {joint} {came}"
    yield from _list(found)
    if not verified.holds and len(found) < verified.times.least:
        yield from _show_nearest(verified.others, verified.near, "other " if found else "", "")


def _describe_order(order: Order) -> Iterator[str]:
    said = "came in this order" if order.holds else "were to come in this order"
    yield f"{_counted(len(order.wanted), '')} {said}:"
    width = max((len(str(criteria)) for criteria in order.wanted), default=0)
    for index, criteria in enumerate(order.wanted):
        yield f"  {index + 1} {_place_in_order(order, index, criteria, width)}".rstrip()
    if not order.holds:
        yield from _show_nearest(order.after, order.near, "", _after(order.found))


def _place_in_order(order: Order, index: int, criteria: Criteria, width: int) -> str:
    if index < len(order.found):
        return f"✓ {criteria!s:{width}}  {line_of(order.found[index])}"
    if index == len(order.found):
        return f"✗ {criteria!s:{width}}  did not come{_after(order.found)}"
    return f"  {criteria}"


def _after(found: Sequence[Exchange]) -> str:
    return f" after {found[-1].id}" if found else ""


def _show_nearest(others: int, near: Sequence[Match], other: str, after: str) -> Iterator[str]:
    if not near:
        yield f"No {other}request came{after}."
        return
    yield f"{_counted(others, other)} came{after}; the nearest is {line_of(near[0].exchange)}:"
    width = max(len(verdict.criterion) for verdict in near[0].verdicts)
    for verdict in near[0].verdicts:
        yield f"  {'✓' if verdict.met else '✗'} {verdict.criterion:{width}}  {_say(verdict)}"


def _say(verdict: Verdict) -> str:
    if verdict.criterion == "body":
        return _say_body(verdict)
    if verdict.met:
        return _shown(verdict.expected)
    more = f"; {verdict.words}" if verdict.words else ""
    return f"{_shown(verdict.expected)} was expected, {_shown(verdict.came)} came{more}"


def _say_body(verdict: Verdict) -> str:
    if verdict.met:
        return "as expected"
    more = f" (and {verdict.more} more)" if verdict.more else ""
    return f"{verdict.place}: {verdict.words}{more}" if verdict.place else f"{verdict.words}{more}"


def _list(exchanges: Iterable[Exchange]) -> Iterator[str]:
    lines = [f"  {line_of(exchange)}" for exchange in exchanges]
    yield from lines[:_MOST_LISTED]
    if len(lines) > _MOST_LISTED:
        yield f"  and {len(lines) - _MOST_LISTED} more"


def _counted(number: int, other: str) -> str:
    return f"{number} {other}request{'' if number == 1 else 's'}"


def _shown(value: object) -> str:
    """Show a value in one line: nothing that disturbs a terminal, and not too long."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
