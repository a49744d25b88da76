"""Holds what came against what was expected: the answer, and what reads show to be different afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.values import replace
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import (
    ABSENT,
    Expectation,
    Kind,
    Mismatch,
    Pattern,
    matches,
    mismatches,
    told,
)
from mockserver.verification.outcomes import RULE_WARNINGS
from mockserver.verification.wording import Wording, own

_SUCCESS = range(200, 300)
_UNTOUCHED = own("it stays as it was")
_UNCHANGED = own("it stayed as it was")
_GRANTED = own("the request was granted")


def mismatches_of(expect: Expectation, exchange: Exchange) -> list[Mismatch]:
    """Hold an answer against status, code, warnings and body, in this order."""
    found = [*_of_acceptance(expect, exchange), *_of_warnings(expect, exchange)]
    if expect.body is not None:
        found += mismatches(expect.body, exchange.body, "body")
    return found


def _of_acceptance(expect: Expectation, exchange: Exchange) -> Iterator[Mismatch]:
    """Give what is wrong with status and code; a status that tells alone what went wrong has its kind."""
    status, code = exchange.response.status, exchange.code
    must_be_granted = not expect.codes and any(one in _SUCCESS for one in expect.statuses)
    is_granted = exchange.granted and not any(one in _SUCCESS for one in expect.statuses)
    if expect.statuses and status not in expect.statuses:
        promised = _any_of(expect.statuses)
        kind = Kind.GRANTED if is_granted else Kind.STATUS
        yield Mismatch(place="status", promised=promised, came=own(str(status)), kind=kind, code=code)
    if expect.codes and exchange.granted:
        promised = _any_of(expect.codes)
        yield Mismatch(place="code", promised=promised, came=_GRANTED, kind=Kind.GRANTED)
    elif expect.codes and code not in expect.codes:
        promised = _any_of(expect.codes)
        yield Mismatch(place="code", promised=promised, came=own(f"code {code}"), kind=Kind.CODE, code=code)
    if must_be_granted and not exchange.granted:
        promised, came = own("the request is granted"), own(f"code {code}")
        yield Mismatch(place="code", promised=promised, came=came, kind=Kind.REFUSED, code=code)


def _any_of(codes: Sequence[int]) -> Wording:
    return own(" or ".join(str(one) for one in codes))


def _of_warnings(expect: Expectation, exchange: Exchange) -> Iterator[Mismatch]:
    came = own(f"warnings {list(exchange.warnings)}")
    for code in expect.warnings:
        if code not in exchange.warnings:
            promised = own(f"the warning {code}")
            yield Mismatch(place="warnings", promised=promised, came=came, kind=Kind.UNWARNED, code=code)
    is_open = bool(expect.codes) or (isinstance(expect.body, Mapping) and "warnings" in expect.body)
    for code in [] if is_open else sorted({*exchange.warnings} & RULE_WARNINGS - {*expect.warnings}):
        yield Mismatch(
            place="warnings", promised=own("no such warning"), came=own(str(code)), kind=Kind.WARNED, code=code
        )


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
            kept = Mismatch(place=f"state/{path}", promised=told(pattern), came=_UNCHANGED, kind=Kind.KEPT)
            found.append(kept)
        else:
            stored = mismatches(wanted, came[path], f"state/{path}")
            found += [replace(one, kind=Kind.OTHERWISE, value=came[path]) for one in stored]
    for path, value in came.items():
        if path not in expected and not path.startswith(is_open or ("/",)):
            touched = Mismatch(place=f"state/{path}", promised=_UNTOUCHED, came=told(value), kind=Kind.TOUCHED)
            found.append(replace(touched, value=None if value is ABSENT else value))
    return found


def is_foregone(expected: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Tell whether all that must be different afterwards was so before, so that nothing can be seen to come."""
    told = {path: pattern for path, pattern in expected.items() if not path.endswith("/*")}
    return bool(told) and all(matches(_wanted(pattern), before.get(path, ABSENT)) for path, pattern in told.items())


def _wanted(pattern: Pattern) -> Pattern:
    return {"$absent": True} if pattern is None or pattern is ABSENT else pattern
