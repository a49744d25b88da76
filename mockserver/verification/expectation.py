"""What must come of one request, as a value: it can be written into a file, read again, and judged without the check.

    status, code     the HTTP status; the code of the one error
    warnings         codes that must be among the warnings; others may be there too
    body             a pattern of the body (below)
    changes          what reads show to be different afterwards, by path: exactly this, `{}` for nothing at all;
                     `null` for what is gone, and a path that ends with `/*` for what may be anything below it
    agrees           a read shows what other reads show of the customer, in whatever form it was asked for
    valid            the answer obeys the contract for its status

A pattern is JSON. A mapping matches an object that has its members, whatever else is there; a list matches item by
item; a scalar matches itself. A mapping of one member whose name begins with `$` is a matcher:

    {$any: true}           anything, if it is there          {$absent: true}         the member is not there
    {$type: number}        a JSON type                       {$one_of: [a, b]}       any of these patterns
    {$contains: [a]}       a list with such items            {$without: [a]}         a list, or nothing, without them
    {$like: "^[0-9]+$"}    text that a pattern is found in   {$at_least: 25}         a number not below
    {$id: 171891944}       an id, as number or as text       {$instant: 2024-…}      the same moment, however written

Nothing here sends anything.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from mockserver.contract import is_date_time, moment, read_date_time
from mockserver.verification.wording import Held, Wording, own, worded

Pattern: TypeAlias = Any  # JSON, with matchers among it


class _Absent:
    """Stands for a member that is not there."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT = _Absent()
_NOTHING: Mapping[str, Pattern] = MappingProxyType({})
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must come of one request; None at `status`, `code`, `body` and `changes` leaves that open."""

    status: int | tuple[int, ...] | None = None
    code: int | tuple[int, ...] | None = None
    warnings: tuple[int, ...] = ()
    body: Pattern = None
    changes: Mapping[str, Pattern] | None = None
    agrees: bool = False
    valid: bool = True

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses that are as promised, none where any is."""
        return _several(self.status)

    @property
    def codes(self) -> tuple[int, ...]:
        """The codes that are as promised, none where none is asked for."""
        return _several(self.code)

    @property
    def is_refusal(self) -> bool:
        """Tell whether the request must be refused: by a code, or by statuses that all are of refusals."""
        return bool(self.codes) or min(self.statuses, default=0) >= 400


def _several(given: int | tuple[int, ...] | None) -> tuple[int, ...]:
    return (given,) if isinstance(given, int) else given or ()


class Kind(StrEnum):
    """In what way something else came than was promised.

    Of acceptance: `REFUSED` what should have been granted, `GRANTED` what should have been refused, `CODE` refused for
    another reason, `STATUS` another status alone, `FAILURE` the server failed. Of an answer: `FORM` it breaks the
    contract, `ANSWER` it says something else, `UNWARNED` a warning is missing, `WARNED` there is one too many. Of the
    state: `KEPT` what was sent is not stored, `OTHERWISE` it is stored otherwise, `TOUCHED` something changed that was
    not sent, `OTHERS` another customer changed, `LOST` the customer cannot be read any more, `UNRESTORED` nor be given
    the state back. Of time: `UNSTEADY` reads disagree, change by themselves, or only now and then show what was stored.
    """

    REFUSED = "refused"
    GRANTED = "granted"
    CODE = "code"
    STATUS = "status"
    FAILURE = "failure"
    FORM = "form"
    ANSWER = "answer"
    UNWARNED = "unwarned"
    WARNED = "warned"
    KEPT = "kept"
    OTHERWISE = "otherwise"
    TOUCHED = "touched"
    OTHERS = "others"
    LOST = "lost"
    UNRESTORED = "unrestored"
    UNSTEADY = "unsteady"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One place at which something else came: `place` is a pointer such as `body/warnings` or `state/firstName`.

    `code` is that of the refusal that came, or of the warning that it is about; `value` is what stands in a state now.
    """

    place: str
    promised: str
    came: str
    kind: Kind = Kind.ANSWER
    code: int | None = None
    value: Any = None  # JSON

    def __str__(self) -> str:
        return f"{self.place}: promised {self.promised}, came {self.came}"


def mismatches(pattern: Pattern, value: Any, place: str) -> Iterator[Mismatch]:
    """Give the places at which a value does not match a pattern; `ABSENT` stands for no value."""
    matcher = _matcher_of(pattern)
    if matcher is not None:
        name, given = matcher
        if not MATCHERS[name](given, value):
            words = own(_WORDS[name])
            wanted = words if name in _ALONE else worded("{} {}", words, held(given))
            yield Mismatch(place=place, promised=wanted, came=told(value))
    elif isinstance(pattern, Mapping) and isinstance(value, Mapping):
        for name, inner in pattern.items():
            yield from mismatches(inner, value.get(name, ABSENT), f"{place}/{name}")
    elif isinstance(pattern, list) and isinstance(value, list) and len(pattern) == len(value):
        for index, inner in enumerate(pattern):
            yield from mismatches(inner, value[index], f"{place}/{index}")
    elif not _is_same(pattern, value):
        yield Mismatch(place=place, promised=told(pattern), came=told(value))


def matches(pattern: Pattern, value: Any) -> bool:
    """Tell whether a value matches a pattern."""
    return next(mismatches(pattern, value, ""), None) is None


def _matcher_of(pattern: Pattern) -> tuple[str, Any] | None:
    if not isinstance(pattern, Mapping) or len(pattern) != 1:
        return None
    [(name, given)] = pattern.items()
    return (name, given) if isinstance(name, str) and name.startswith("$") else None


def _is_same(pattern: Pattern, value: Any) -> bool:
    """True is not 1, but 25 is 25.0."""
    if isinstance(pattern, bool) or isinstance(value, bool):
        return pattern is value
    return bool(pattern == value)


def shown(value: Any) -> str:
    """Show a value in a message: JSON, cut after 200 characters."""
    if value is ABSENT:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 200 else f"{text[:197]}..."


def held(value: Any) -> Held:
    """Return a value as part of a sentence."""
    return Held(value, shown)


def told(value: Any) -> Wording:
    """Return a value as all that a sentence says."""
    return own("nothing") if value is ABSENT else worded("{}", held(value))


def _is_type(name: Any, value: Any) -> bool:
    is_flag = isinstance(value, bool)
    return isinstance(value, _TYPES[str(name)]) and is_flag == (name == "boolean")


def _contains(patterns: Any, value: Any) -> bool:
    return isinstance(value, list) and all(any(matches(one, item) for item in value) for one in patterns)


def _without(patterns: Any, value: Any) -> bool:
    return not isinstance(value, list) or not any(matches(one, item) for one in patterns for item in value)


def _is_at_least(least: Any, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= least


def _is_instant(given: Any, value: Any) -> bool:
    """Two texts that mean one moment, an offset being part of what is written."""
    if not (isinstance(value, str) and is_date_time(value)):
        return False
    return bool(moment(read_date_time(value)) == moment(read_date_time(given)))


MATCHERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "$any": lambda _, value: value is not ABSENT,
    "$absent": lambda _, value: value is ABSENT,
    "$type": _is_type,
    "$one_of": lambda patterns, value: any(matches(one, value) for one in patterns),
    "$contains": _contains,
    "$without": _without,
    "$like": lambda pattern, value: isinstance(value, str) and re.search(pattern, value) is not None,
    "$at_least": _is_at_least,
    "$id": lambda given, value: value is not ABSENT and str(value) == str(given) and not isinstance(value, bool),
    "$instant": _is_instant,
}
_ALONE = frozenset({"$any", "$absent"})  # matchers whose value says nothing
_WORDS: Mapping[str, str] = {
    "$any": "anything",
    "$absent": "nothing",
    "$type": "a value of type",
    "$one_of": "one of",
    "$contains": "a list with",
    "$without": "a list without",
    "$like": "text like",
    "$at_least": "at least",
    "$id": "the id",
    "$instant": "the moment",
}
