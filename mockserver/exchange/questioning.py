"""Which question a refusal by the contract answers: the one of which another answer would have let it pass.

The contract states the documented dialect. Where another dialect has another contract, a violation of ours may
be none of its own; then the question is part of what the refusal rests on.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mockserver.contract import Violation
from mockserver.domain.outcome import Basis

_ELSEWHERE = frozenset({"whatsapp", "viber", "postmail"})
_CHANNEL_TYPES = frozenset({"mobile", "email", "wechat", "ios", "android", "line", "mobilepush"})
_Predicate: TypeAlias = Callable[[Any], bool]


def question_basis(violation: Violation, value: Any, *, reading: bool) -> Basis:
    """Return the question behind a violation, if any.

    `value` is what stands at its place: None if nothing, a tuple for a parameter that was sent several times.
    Reads have questions of their own about the source.
    """
    for place, question, matters in _QUESTIONS:
        if place.fullmatch(violation.place) and matters(value):
            return Basis(questions=(_READ_QUESTIONS.get(question, question) if reading else question,))
    return Basis()


def value_at(body: Any, place: str) -> Any:
    """Return what a `body/…` place points at, None where nothing stands."""
    for segment in place.split("/")[1:]:
        body = _member(body, segment.replace("~1", "/").replace("~0", "~"))
    return body


def _member(container: Any, name: str) -> Any:
    if isinstance(container, Mapping):
        return container.get(name)
    if isinstance(container, list) and name.isdigit() and int(name) < len(container):
        return container[int(name)]
    return None


def _is_missing(value: Any) -> bool:
    return value is None


def _is_there(value: Any) -> bool:
    return value is not None


def _reads_as_number(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.strip().isdigit()


def _is_cased(known: frozenset[str]) -> _Predicate:
    return lambda value: isinstance(value, str) and value.lower() in known


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_repeated(value: Any) -> bool:
    return isinstance(value, tuple)


def _is_negative(value: Any) -> bool:
    return isinstance(value, (int, float)) and value < 0


def _is_fraction(value: Any) -> bool:
    return isinstance(value, float) and not value.is_integer()


def _row(place: str, question: str, matters: _Predicate) -> tuple[re.Pattern[str], str, _Predicate]:
    return re.compile(place), question, matters


_CHANNEL_TYPE = r"body/profiles/[0-9]+/commChannels/[0-9]+/type"
_POINTS = r"body/loyaltyProgramEnrollments/[0-9]+/loyaltyPoints"
_QUESTIONS = (
    _row(r"query/.*", "repeated-parameter", _is_repeated),
    _row(r"path/userId", "user-id-form", _reads_as_number),
    _row(r"query/source", "source-missing", _is_missing),
    _row(r"query/source", "source-unknown", _is_there),
    _row(r"query/use_async", "use-async-spelling", _is_cased(frozenset({"true", "false"}))),
    _row(r"body/profiles", "profiles-as-object", _is_object),
    _row(r"body/loyaltyInfo/loyaltyType", "loyalty-type-case", _is_cased(frozenset({"loyalty", "non_loyalty"}))),
    _row(_CHANNEL_TYPE, "channel-type-case", _is_cased(_CHANNEL_TYPES)),
    _row(_CHANNEL_TYPE, "channel-type-elsewhere", _is_cased(_ELSEWHERE)),
    _row(_POINTS, "points-negative", _is_negative),
    _row(_POINTS, "points-fraction", _is_fraction),
)
_READ_QUESTIONS = {"source-missing": "get-source-missing", "source-unknown": "get-source-values"}
