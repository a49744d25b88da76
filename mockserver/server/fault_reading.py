"""Fault rules read from plain records, as the control plane and test suites send them.

What cannot be read is answered with a `RecordProblem`, a value: the place, what is wrong there, and the cure.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

import jsonschema_rs

from mockserver.contract.catalogue import MOST_NEAREST
from mockserver.domain.record import RecordProblem, suggest
from mockserver.domain.record_organisation import Path, find_misshape
from mockserver.exchange import Setting
from mockserver.exchange.forcing import find_other_answer
from mockserver.server.fault_rules import (
    MOST_MILLISECONDS,
    Answer,
    Close,
    Delay,
    Dribble,
    Drop,
    Effect,
    FaultRule,
    Garble,
    Match,
    Mistype,
    Reset,
    Throttle,
    Truncate,
)
from mockserver.server.fault_shapes import FAULT_RULE, LIMITS, MOST_TIMES, PRESETS, RANGES
from mockserver.storage import read_duration

_LONGEST_TEXT = 1024
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")  # a token, RFC 9110 §5.6.2
_LONGEST_LIST = 100
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,60}/[\w!#$&^.+-]{1,60}(?:; ?[!-~]{1,60})?\Z", re.ASCII)
_VALIDATOR = jsonschema_rs.Draft202012Validator(FAULT_RULE)


def read_rule(record: Any, setting: Setting) -> FaultRule | RecordProblem:  # Any: JSON
    """Read one fault rule; `setting` knows the operations and the answers that it may name."""
    problem = find_misshape(_VALIDATOR, FAULT_RULE, record) or _preset_problem(record)
    if problem is not None:
        return problem
    whole = _expanded(record)
    problem = next(_problems(whole, setting), None)
    return _rule_of(whole) if problem is None else problem


def _preset_problem(record: Any) -> RecordProblem | None:
    """Return what is wrong with the choice between `do` and a preset, or None."""
    preset = record.get("preset")
    if (preset is None) == ("do" not in record):
        cure = 'send one of them, such as {"do": {"answer": {"code": 521}}} or {"preset": "slow"}'
        return RecordProblem(path=(), problem="has neither or both of do and preset", cure=cure)
    if preset is not None and preset not in PRESETS:
        cure = suggest(preset, PRESETS, owner="there are")
        return RecordProblem(path=("preset",), problem=f"{preset[:40]!r} is no preset", cure=cure)
    if "perMinute" in record and preset != "throttled":
        cure = 'leave it out, or send {"do": {"throttle": {"perMinute": 45}}}'
        return RecordProblem(path=("perMinute",), problem="goes with the preset throttled only", cure=cure)
    return None


def _expanded(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the rule that a record stands for, with what its preset says where it says nothing itself."""
    whole = {**PRESETS.get(record.get("preset", ""), {}), **record}
    if "perMinute" in whole:
        whole["do"] = {"throttle": {"perMinute": whole.pop("perMinute")}}
    return whole


def _problems(record: Mapping[str, Any], setting: Setting) -> Iterator[RecordProblem]:
    do, match = record["do"], record.get("match", {})
    yield from _not_one(("do",), do)
    yield from _out_of_range(record)
    yield from _match_problems(match, setting)
    if "delay" in do:
        yield from _delay_problems(do["delay"])
    if "answer" in do:
        yield from _answer_problems(do["answer"], match.get("operation"), setting)
    if "throttle" in do:
        yield from _throttle_problems(do["throttle"])
    if not _MEDIA_TYPE.match(do.get("contentType", "text/html")):
        yield _wrong(("do", "contentType"), do["contentType"], "no media type", "send one such as text/html")
    if record.get("persist") and "throttle" in do:
        yield _wrong(("persist",), True, "of no use beside throttle, which counts every request", "leave it out")
    if "ttl" in record and read_duration(record["ttl"]) is None:
        yield _wrong(("ttl",), record["ttl"], "no duration", "send a number and ms, s, m, h or d, such as 30s")
    if not 1 <= len(record.get("name", "-")) <= 64:
        yield _wrong(("name",), record["name"], "no name of 1 to 64 characters", "shorten it, or leave it out")


def _not_one(path: Path, choice: Mapping[str, Any]) -> Iterator[RecordProblem]:
    """Tell if a choice does not have exactly one member."""
    if len(choice) == 1:
        return
    node: Any = FAULT_RULE
    for step in path:
        node = node["properties"][step]
    known = ", ".join(node["properties"])
    yield RecordProblem(path=path, problem=f"has {len(choice)} members", cure=f"send exactly one of {known}")


def _out_of_range(record: Mapping[str, Any]) -> Iterator[RecordProblem]:
    for path, (least, most) in RANGES.items():
        value: Any = record
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None and not least <= value <= most:
            yield _wrong(path, value, "out of range", f"send a number from {least} to {most}")


def _match_problems(match: Mapping[str, Any], setting: Setting) -> Iterator[RecordProblem]:
    operations = setting.contract.operations
    if match.get("operation", next(iter(operations))) not in operations:
        cure = suggest(match["operation"], operations, owner="there are")
        yield _wrong(("match", "operation"), match["operation"], "no operation", cure)
    header = match.get("header", {})
    texts = [header] if isinstance(header, str) else [text for pair in header.items() for text in pair]
    names = [header] if isinstance(header, str) else header
    are_texts = all(isinstance(text, str) and len(text) <= _LONGEST_TEXT for text in texts)
    if len(texts) > _LONGEST_LIST or not are_texts or not all(_HEADER_NAME.match(name) for name in names):
        cure = 'send {"X-Name": "its value"}, or "X-Name" where any value will do'
        yield RecordProblem(path=("match", "header"), problem="is not made of names and values in text", cure=cure)
    if "nth" in match and not _are_counts(match["nth"]):
        cure = f"send a whole number from 1 to {MOST_TIMES}, or a list of such numbers"
        yield _wrong(("match", "nth"), match["nth"], "no count", cure)


def _are_counts(nth: object) -> bool:
    numbers = nth if isinstance(nth, list) else [nth]
    return 1 <= len(numbers) <= _LONGEST_LIST and all(
        type(number) is int and 1 <= number <= MOST_TIMES for number in numbers
    )


def _delay_problems(delay: Mapping[str, Any]) -> Iterator[RecordProblem]:
    yield from _not_one(("do", "delay"), delay)
    ends = delay.get("uniform", [0, 0])
    if len(ends) == 2 and all(type(end) is int for end in ends) and 0 <= ends[0] <= ends[1] <= MOST_MILLISECONDS:
        return
    cure = f"send two whole numbers, the smaller first, of at most {MOST_MILLISECONDS}"
    yield _wrong(("do", "delay", "uniform"), ends, "no range of milliseconds", cure)


def _answer_problems(answer: Mapping[str, Any], only: str | None, setting: Setting) -> Iterator[RecordProblem]:
    yield from _not_one(("do", "answer"), answer)
    asked, catalogue = _answer_of(answer), setting.contract.catalogue
    operations = list(setting.contract.operations) if only is None else [only]
    if any(asked.is_published(catalogue, operation) for operation in operations):
        return
    near = {name for operation in operations for name in catalogue.nearest(asked.named, operation)}
    nearest = sorted(near, key=lambda name: (-SequenceMatcher(a=name, b=asked.named).ratio(), name))[:MOST_NEAREST]
    where = find_other_answer(setting, asked.named)
    what = f"an answer where {where}" if where else f"no answer of {only or 'any operation'}"
    yield _wrong(("do", "answer", asked.kind), asked.named, what, f"the nearest are {', '.join(nearest)}")


def _throttle_problems(throttle: Mapping[str, Any]) -> Iterator[RecordProblem]:
    yield from _not_one(("do", "throttle"), throttle)
    if throttle.get("preset", "emea") not in LIMITS:
        known = [f"{name} ({limit} a minute)" for name, limit in LIMITS.items()]
        yield _wrong(("do", "throttle", "preset"), throttle["preset"], "no limit", f"there are {', '.join(known)}")


def _wrong(path: Path, value: object, what: str, cure: str) -> RecordProblem:
    shown = value if isinstance(value, str) else repr(value)
    return RecordProblem(path=path, problem=f"{shown[:60]} is {what}", cure=cure)


def _rule_of(record: Mapping[str, Any]) -> FaultRule:
    lifetime = read_duration(record.get("ttl"))
    return FaultRule(
        effect=_effect_of(record["do"]),
        record=record,
        match=_match_of(record.get("match", {})),
        times=record.get("times"),
        ttl=None if lifetime is None else lifetime.total_seconds(),
        probability=record.get("probability", 1.0),
        seed=int(record.get("seed", 0)),
        enabled=record.get("enabled", True),
        persist=record.get("persist", False),
    )


def _match_of(record: Mapping[str, Any]) -> Match:
    header, nth = record.get("header", {}), record.get("nth", [])
    sent = {header: None} if isinstance(header, str) else header
    return Match(
        operation=record.get("operation"),
        customer=record.get("customer"),
        headers={name.lower(): value for name, value in sent.items()},
        nth=frozenset(nth if isinstance(nth, list) else [nth]),
    )


def _answer_of(answer: Mapping[str, Any]) -> Answer:
    if "code" in answer:
        return Answer(kind="code", named=str(answer["code"]))
    return Answer(kind="example", named=answer["example"])


def _effect_of(do: Mapping[str, Any]) -> Effect:
    match do:
        case {"delay": {"milliseconds": exactly}}:
            return Delay(least=int(exactly), most=int(exactly))
        case {"delay": {"uniform": [least, most]}}:
            return Delay(least=least, most=most)
        case {"answer": answer}:
            return _answer_of(answer)
        case {"throttle": throttle}:
            return Throttle(per_minute=int(throttle.get("perMinute") or LIMITS[throttle["preset"]]))
        case {"reset": _}:
            return Reset()
        case {"close": _}:
            return Close()
        case {"drop": when}:
            return Drop(is_done=when == "after")
        case _:
            return _effect_on_body(do)


def _effect_on_body(do: Mapping[str, Any]) -> Effect:
    match do:
        case {"truncate": {"bytes": size}}:
            return Truncate(size=int(size))
        case {"dribble": {"bytes": size, "milliseconds": milliseconds}}:
            return Dribble(size=int(size), milliseconds=int(milliseconds))
        case {"garble": _}:
            return Garble()
        case _:
            return Mistype(content_type=do["contentType"])
