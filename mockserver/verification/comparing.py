"""Holds what came against what was expected: the answer, and what reads show to be different afterwards."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import ABSENT, Expectation, Mismatch, Pattern, matches, mismatches, told
from mockserver.verification.naming import UNCHANGED, UNTOUCHED
from mockserver.verification.outcomes import RULE_WARNINGS
from mockserver.verification.wording import At, own, worded

_SUCCESS = range(200, 300)


def mismatches_of(expect: Expectation, exchange: Exchange) -> list[Mismatch]:
    """Hold an answer against status, code, warnings and body, in this order."""
    found = [*_wrong_status(expect, exchange), *_wrong_code(expect, exchange), *_wrong_warnings(expect, exchange)]
    if expect.body is not None:
        found += mismatches(expect.body, exchange.body, "body")
    return found


def _wrong_status(expect: Expectation, exchange: Exchange) -> Iterator[Mismatch]:
    status = exchange.response.status
    if expect.statuses and status not in expect.statuses:
        wanted = _any_of(expect.statuses)
        yield _told("status", wanted, str(status), f"the status should be {wanted}, and is {status}")


def _wrong_code(expect: Expectation, exchange: Exchange) -> Iterator[Mismatch]:
    refusal = f"code {exchange.code}"
    if expect.codes and (exchange.granted or exchange.code not in expect.codes):
        wanted, came = _any_of(expect.codes), "the request was granted" if exchange.granted else refusal
        did = "is granted" if exchange.granted else f"is refused with {refusal}"
        yield _told("code", wanted, came, f"the request should be refused with code {wanted}, and {did}")
    if not expect.codes and any(one in _SUCCESS for one in expect.statuses) and not exchange.granted:
        said = f"the request should be granted, and is refused with {refusal}"
        yield _told("code", "the request is granted", refusal, said)


def _wrong_warnings(expect: Expectation, exchange: Exchange) -> Iterator[Mismatch]:
    came = f"warnings {list(exchange.warnings)}"
    for code in expect.warnings:
        if code not in exchange.warnings:
            said = f"the warning {code} should come, and {came if exchange.warnings else 'no warning'} came"
            yield _told("warnings", f"the warning {code}", came, said)
    is_open = bool(expect.codes) or (isinstance(expect.body, Mapping) and "warnings" in expect.body)
    for code in [] if is_open else sorted({*exchange.warnings} & RULE_WARNINGS - {*expect.warnings}):
        yield _told("warnings", "no such warning", str(code), f"no warning {code} should come, and it came")


def _told(place: str, promised: str, came: str, said: str) -> Mismatch:
    """Tell what is wrong in words of our own: codes and statuses are nobody's data."""
    return Mismatch(place=place, promised=own(promised), came=own(came), said=own(said))


def _any_of(codes: tuple[int, ...]) -> str:
    return " or ".join(str(one) for one in codes)


def mismatches_of_changes(
    expected: Mapping[str, Any], came: Mapping[str, Any], before: Mapping[str, Any]
) -> list[Mismatch]:
    """Hold what is different afterwards against what must be: all of it, and nothing else.

    A path that ends with `/*` leaves open what becomes of all below it. What was so `before` cannot come any more, and
    is no mismatch.
    """
    found: list[Mismatch] = []
    is_open = tuple(path.removesuffix("*") for path in expected if path.endswith("/*"))
    for path, pattern in expected.items():
        if path.endswith("/*"):
            continue
        wanted = _wanted(pattern)
        if path in came:
            found += mismatches(wanted, came[path], f"state/{path}")
        elif not matches(wanted, before.get(path, ABSENT)):
            found.append(_left_out(path, pattern))
    for path, value in came.items():
        if path not in expected and not path.startswith(is_open or ("/",)):
            found.append(_touched(path, value))
    return found


def _left_out(path: str, pattern: Pattern) -> Mismatch:
    said = worded("`{}` should become {}, and stayed as it was", At(path), told(pattern))
    return Mismatch(place=f"state/{path}", promised=told(pattern), came=own(UNCHANGED), said=said)


def _touched(path: str, value: Any) -> Mismatch:
    said = worded("`{}` should stay as it was, and is {}", At(path), told(value))
    return Mismatch(place=f"state/{path}", promised=own(UNTOUCHED), came=told(value), said=said)


def is_foregone(expected: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Tell whether all that must be different afterwards was so before, so that nothing can be seen to come."""
    told = {path: pattern for path, pattern in expected.items() if not path.endswith("/*")}
    return bool(told) and all(matches(_wanted(pattern), before.get(path, ABSENT)) for path, pattern in told.items())


def _wanted(pattern: Pattern) -> Pattern:
    return {"$absent": True} if pattern is None or pattern is ABSENT else pattern
