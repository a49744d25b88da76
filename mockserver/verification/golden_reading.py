"""Golden exchanges from plain records.

A record that cannot be read is answered with a `RecordProblem`, a value: where, what is wrong, and the cure.
"""

import base64
from collections.abc import Mapping, Set
from typing import Any

from mockserver.domain.record import RecordProblem
from mockserver.errors import ConfigurationError
from mockserver.verification.expectation import ABSENT, Expectation, Pattern
from mockserver.verification.findings import Grade
from mockserver.verification.golden import GoldenExchange, GoldenStep, Sending
from mockserver.verification.golden_judging import find_flaw, steps_of
from mockserver.verification.golden_shape import OPERATIONS
from mockserver.verification.target import Leave, Place, read_place


def read_golden(
    record: Mapping[str, Any], name: str, *, statements: Set[str], questions: Set[str]
) -> GoldenExchange | RecordProblem:
    """Read a golden exchange; `statements` and `questions` are the ids that there are, `name` the file's stem."""
    flaw = find_flaw(record, statements=statements, questions=questions)
    if flaw is not None:
        return flaw
    place = _place_of(record)
    return place if isinstance(place, RecordProblem) else _golden_of(record, name, place)


def _place_of(record: Mapping[str, Any]) -> Place | RecordProblem | None:
    if "customer" not in record:
        return None
    try:
        return read_place(str(record["customer"]))
    except ConfigurationError as cause:
        problem, _, cure = str(cause).partition("; ")
        return RecordProblem(path=("customer",), problem=problem, cure=cure)


def _golden_of(record: Mapping[str, Any], name: str, place: Place | None) -> GoldenExchange:
    return GoldenExchange(
        name=name,
        title=record["title"],
        statements=tuple(record.get("statements", ())),
        questions=tuple(record.get("questions", ())),
        answers=record.get("answers", {}),
        leave=Leave[record.get("leave", "reads").upper()],
        given={path: _pattern_of(pattern) for path, pattern in record.get("given", {}).items()},
        steps=tuple(_step_of(step["send"], step["expect"]) for _, step in steps_of(record)),
        place=place,
        came=record.get("came", ""),
        grade=Grade(record.get("grade", Grade.BROKEN)),
        differs=record.get("differs", {}),
    )


def _step_of(send: Mapping[str, Any], expect: Mapping[str, Any]) -> GoldenStep:
    changes = expect.get("changes")
    return GoldenStep(
        send=_sending_of(send),
        expect=Expectation(
            status=_numbers_of(expect.get("status")),
            code=_numbers_of(expect.get("code")),
            warnings=tuple(int(code) for code in expect.get("warnings", ())),
            body=_type_named(expect.get("body")),
            changes=None if changes is None else {path: _pattern_of(pattern) for path, pattern in changes.items()},
            agrees=expect.get("agrees", False),
            valid=expect.get("valid", True),
        ),
        programs=expect.get("programs"),
    )


def _numbers_of(given: Any) -> int | tuple[int, ...] | None:
    if isinstance(given, list):
        return tuple(int(number) for number in given)
    return None if given is None else int(given)


def _pattern_of(pattern: Any) -> Pattern:
    """Null says that nothing is there."""
    return {"$absent": True} if pattern is None else _type_named(pattern)


def _type_named(pattern: Any) -> Pattern:
    """YAML reads `{$type: null}` as nothing, where the type of that name is meant."""
    if isinstance(pattern, Mapping):
        if dict(pattern) == {"$type": None}:
            return {"$type": "null"}
        return {name: _type_named(inner) for name, inner in pattern.items()}
    return [_type_named(inner) for inner in pattern] if isinstance(pattern, list) else pattern


def _sending_of(send: Mapping[str, Any]) -> Sending:
    method, path, query = OPERATIONS[send.get("operation", "update")]
    given = send.get("query")
    return Sending(
        method=send.get("method", method),
        path=send.get("path", path.format("{unknown}" if send.get("to") == "unknown" else "{customer}")),
        query=given if isinstance(given, str) else query,
        parameters=given if isinstance(given, Mapping) else {},
        headers={name.lower(): text for name, text in send.get("headers", {}).items()},
        body=send.get("body", ABSENT),
        raw=_raw_of(send),
        anonymous=send.get("anonymous", False),
        fresh=send.get("fresh", False),
        together=send.get("together", False),
        after=float(send.get("after", 0.0)),
        credentials=send.get("credentials", ""),
    )


def _raw_of(send: Mapping[str, Any]) -> bytes | None:
    if "raw_base64" in send:
        return base64.b64decode(send["raw_base64"])
    return send["raw"].encode() * send.get("repeat", 1) if "raw" in send else None
