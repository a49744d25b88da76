"""Holds what came against what was expected: the answer, and what reads show to be different afterwards."""

from collections.abc import Mapping
from typing import Any

from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import ABSENT, Expectation, Mismatch, Pattern, matches, mismatches, shown
from mockserver.verification.naming import UNCHANGED, UNTOUCHED
from mockserver.verification.outcomes import RULE_WARNINGS

_SUCCESS = range(200, 300)


def mismatches_of(expect: Expectation, exchange: Exchange) -> list[Mismatch]:
    """Hold an answer against status, code, warnings and body, in this order."""
    found = []
    status = exchange.response.status
    if expect.statuses and status not in expect.statuses:
        promised = " or ".join(str(one) for one in expect.statuses)
        found.append(Mismatch(place="status", promised=promised, came=str(status)))
    if expect.codes and (exchange.granted or exchange.code not in expect.codes):
        promised = " or ".join(str(one) for one in expect.codes)
        came = "the request was granted" if exchange.granted else f"code {exchange.code}"
        found.append(Mismatch(place="code", promised=promised, came=came))
    if not expect.codes and any(one in _SUCCESS for one in expect.statuses) and not exchange.granted:
        found.append(Mismatch(place="code", promised="the request is granted", came=f"code {exchange.code}"))
    found += [
        Mismatch(place="warnings", promised=f"the warning {code}", came=f"warnings {shown(list(exchange.warnings))}")
        for code in expect.warnings
        if code not in exchange.warnings
    ]
    is_open = bool(expect.codes) or (isinstance(expect.body, Mapping) and "warnings" in expect.body)
    unexpected = [] if is_open else sorted({*exchange.warnings} & RULE_WARNINGS - {*expect.warnings})
    found += [Mismatch(place="warnings", promised="no such warning", came=str(code)) for code in unexpected]
    if expect.body is not None:
        found += mismatches(expect.body, exchange.body, "body")
    return found


def mismatches_of_changes(
    expected: Mapping[str, Any], came: Mapping[str, Any], before: Mapping[str, Any]
) -> list[Mismatch]:
    """Hold what is different afterwards against what must be: all of it, and nothing else.

    A path that ends with `/*` leaves open what becomes of all below it. What was so `before` cannot come any more, and
    is no mismatch.
    """
    found = []
    is_open = tuple(path.removesuffix("*") for path in expected if path.endswith("/*"))
    for path, pattern in expected.items():
        if path.endswith("/*"):
            continue
        wanted = _wanted(pattern)
        if path not in came:
            if matches(wanted, before.get(path, ABSENT)):
                continue
            found.append(Mismatch(place=f"state/{path}", promised=shown(pattern), came=UNCHANGED))
        else:
            found += mismatches(wanted, came[path], f"state/{path}")
    for path, value in came.items():
        if path not in expected and not path.startswith(is_open or ("/",)):
            found.append(Mismatch(place=f"state/{path}", promised=UNTOUCHED, came=shown(value)))
    return found


def is_foregone(expected: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Tell whether all that must be different afterwards was so before, so that nothing can be seen to come."""
    told = {path: pattern for path, pattern in expected.items() if not path.endswith("/*")}
    return bool(told) and all(matches(_wanted(pattern), before.get(path, ABSENT)) for path, pattern in told.items())


def _wanted(pattern: Pattern) -> Pattern:
    return {"$absent": True} if pattern is None or pattern is ABSENT else pattern
