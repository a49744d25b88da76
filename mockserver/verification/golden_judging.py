"""What is wrong with a golden exchange's file, found before anything is sent: the first flaw, its place, its cure.

An unknown member, statement, question, matcher or placeholder; a value of the wrong type; a request that needs leave
which the file does not ask for; a step of which nothing is expected.
"""

import math
import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

import jsonschema_rs

from mockserver.contract import is_date_time
from mockserver.domain.record import RecordProblem, suggest
from mockserver.domain.record_organisation import Path, find_misshape
from mockserver.verification.expectation import MATCHERS
from mockserver.verification.golden_placeholders import find_path_problem, find_problem, is_bare_placeholder
from mockserver.verification.golden_shape import GOLDEN, OPERATIONS, TYPES

_SHAPE = jsonschema_rs.Draft202012Validator(GOLDEN)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_GIVEN = ("source", "account", "mock")  # what `given` may ask for besides paths of the state


def find_flaw(record: Mapping[str, Any], *, statements: Set[str], questions: Set[str]) -> RecordProblem | None:
    """Return what is wrong with a record, or None; `statements` and `questions` are the ids that there are."""
    return (
        next(_unspeakable(record), None)
        or next(_bare_placeholders(record), None)
        or find_misshape(_SHAPE, GOLDEN, record)
        or next(_unknown_ids(record, statements=statements, questions=questions), None)
        or next(_flaws(record), None)
    )


def steps_of(record: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Give the steps of a record with their paths: those of its list, or the one that it is itself."""
    if "steps" in record:
        yield from ((("steps", index), step) for index, step in enumerate(record["steps"]))
    else:
        yield (), record


def _unspeakable(record: Mapping[str, Any]) -> Iterator[RecordProblem]:
    """Find what YAML can say and JSON, or UTF-8, cannot: bytes, sets, infinity, halves of characters."""
    for where, value in _parts_of(record, ()):
        if not isinstance(value, Mapping | list) and not _is_scalar(value):
            problem = f"{type(value).__name__} {value!r} is not JSON"
            yield RecordProblem(path=where, problem=problem, cure="write what JSON can say, or raw")


def _is_scalar(value: object) -> bool:
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    return value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value))


def _unknown_ids(record: Mapping[str, Any], **known: Set[str]) -> Iterator[RecordProblem]:
    for kind, ids in known.items():
        for index, given in enumerate(record.get(kind, ())):
            if given not in ids:
                cure = suggest(given, ids, owner=f"the {kind} are")
                yield RecordProblem(path=(kind, index), problem=f"{given!r} is none of the {kind}", cure=cure)


def _flaws(record: Mapping[str, Any]) -> Iterator[RecordProblem]:
    yield from _misplaced_steps(record)
    yield from _flawed_patterns(record.get("given", {}), ("given",), *_GIVEN)
    steps = list(steps_of(record))
    for path, step in steps:
        yield from _flawed_sending(step["send"], (*path, "send"), record.get("leave", "reads"))
        yield from _flawed_expectation(step["expect"], (*path, "expect"))


def _misplaced_steps(record: Mapping[str, Any]) -> Iterator[RecordProblem]:
    """There is one pair of `send` and `expect`, or a list of them."""
    alone = [name for name in ("send", "expect") if name in record]
    if "steps" in record and alone:
        cure = f"move {alone[0]} into steps"
        yield RecordProblem(path=(alone[0],), problem=f"{alone[0]} stands beside steps", cure=cure)
    elif "steps" in record and not record["steps"]:
        yield RecordProblem(path=("steps",), problem="steps is empty", cure="write one send and expect at least")
    elif "steps" not in record and len(alone) < 2:
        missing = "send" if "send" not in alone else "expect"
        cure = f"add {missing}: every request has something that is expected of it"
        yield RecordProblem(path=(), problem=f"{missing} is missing", cure=cure)


def _flawed_sending(send: Mapping[str, Any], path: Path, leave: str) -> Iterator[RecordProblem]:
    bodies = [name for name in ("body", "raw", "raw_base64") if name in send]
    if len(bodies) > 1:
        problem, cure = f"{bodies[1]} stands beside {bodies[0]}", "keep one of them"
        yield RecordProblem(path=(*path, bodies[1]), problem=problem, cure=cure)
    if "repeat" in send and "raw" not in send:
        yield RecordProblem(path=(*path, "repeat"), problem="repeat stands without raw", cure="write raw beside it")
    method = _method_of(send)
    if method not in _READING and leave == "reads":
        problem, cure = f"{method} is no read, and leave is reads", "add leave: writes, or leave: irreversible"
        yield RecordProblem(path=path, problem=problem, cure=cure)
    for name in ("path", "query", "headers", "body"):
        yield from _flawed_texts(send.get(name), (*path, name))


def _method_of(send: Mapping[str, Any]) -> str:
    return str(send.get("method", OPERATIONS[send.get("operation", "update")][0]))


def _flawed_expectation(expect: Mapping[str, Any], path: Path) -> Iterator[RecordProblem]:
    if not expect:
        yield RecordProblem(path=path, problem="nothing is expected", cure="expect a status at least")
    yield from _flawed_pattern(expect.get("body"), (*path, "body"))
    yield from _flawed_patterns(expect.get("changes", {}), (*path, "changes"))


def _flawed_patterns(patterns: Mapping[str, Any], path: Path, *more: str) -> Iterator[RecordProblem]:
    for name, pattern in patterns.items():
        found = find_problem(name) or find_path_problem(name, *more)
        if found is not None:
            yield RecordProblem(path=(*path, name), problem=found[0], cure=found[1])
        yield from _flawed_pattern(pattern, (*path, name))


def _flawed_texts(value: Any, path: Path) -> Iterator[RecordProblem]:
    for where, text in _parts_of(value, path):
        found = find_problem(text) if isinstance(text, str) else None
        if found is not None:
            yield RecordProblem(path=where, problem=found[0], cure=found[1])


def _bare_placeholders(record: Mapping[str, Any]) -> Iterator[RecordProblem]:
    """A file that names its customer was written by the checker, and means what it says."""
    for where, value in () if "customer" in record else _parts_of(record, ()):
        if is_bare_placeholder(value) and where[-1:] not in (("given",), ("changes",)):
            [name] = value
            problem, cure = f"{{{name}}} without quotes is a mapping in YAML", f'write "{{{name}}}"'
            yield RecordProblem(path=where, problem=problem, cure=cure)


def _parts_of(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Give a JSON value and all that it holds, keys too, each with its path."""
    yield path, value
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield (*path, name), name
            yield from _parts_of(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _parts_of(item, (*path, index))


def _flawed_pattern(pattern: Any, path: Path) -> Iterator[RecordProblem]:
    yield from _flawed_texts(pattern, path)
    yield from _flawed_matchers(pattern, path)


def _flawed_matchers(pattern: Any, path: Path) -> Iterator[RecordProblem]:
    for where, part in _parts_of(pattern, path):
        for name in part if isinstance(part, Mapping) else ():
            found = _find_matcher_flaw(name, part[name], alone=len(part) == 1) if name.startswith("$") else None
            if found is not None:
                yield RecordProblem(path=(*where, name), problem=found[0], cure=found[1])


def _find_matcher_flaw(name: str, given: Any, *, alone: bool) -> tuple[str, str] | None:
    if name not in MATCHERS:
        return f"{name} is no matcher", suggest(name, MATCHERS, owner="there are")
    if not alone:
        return f"{name} stands beside other members", "let a matcher stand alone in its mapping"
    is_fit, wanted = _ARGUMENTS[name]
    return None if is_fit(given) else (f"{name} cannot be asked for {given!r}", f"give it {wanted}")


def _is_regex(given: object) -> bool:
    try:
        return isinstance(given, str) and re.compile(given) is not None
    except re.error:
        return False


def _is_number(given: object) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)


def _is_list(given: object) -> bool:
    return isinstance(given, list) and bool(given)


def _may_be(kind: Any) -> Any:
    """A placeholder may stand for it."""
    return lambda given: kind(given) or (isinstance(given, str) and "{" in given)


_ARGUMENTS: Mapping[str, tuple[Any, str]] = {
    "$any": (lambda given: given is True, "true"),
    "$absent": (lambda given: given is True, "true"),
    "$type": (lambda given: given is None or given in TYPES, f"one of {', '.join(TYPES)}"),
    "$one_of": (_is_list, "a list of patterns"),
    "$contains": (_is_list, "a list of patterns"),
    "$without": (_is_list, "a list of patterns"),
    "$like": (_may_be(_is_regex), "a regular expression, in quotes"),
    "$at_least": (_may_be(_is_number), "a number"),
    "$id": (lambda given: isinstance(given, int | str) and not isinstance(given, bool), "a number or text"),
    "$instant": (_may_be(lambda given: isinstance(given, str) and is_date_time(given)), "a date and time with offset"),
}
