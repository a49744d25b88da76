"""Golden exchanges: checks that are kept as files, which a QA engineer reads and writes without Python.

    title: A loyalty customer cannot become non-loyalty
    statements: [UPD-LIM-3]
    questions: [loyalty-downgrade]
    leave: irreversible                     reads (the default), writes or irreversible
    given: {loyaltyType: loyalty}           patterns of what the customer must hold, by path of the state;
                                            besides: source, account, and `mock: true` for what no deployment gets
    answers: {loyalty-downgrade: "8018"}    answers to questions without which the promise does not hold
    send: {body: {loyaltyInfo: {loyaltyType: non_loyalty}}}
    expect: {status: 400, code: 8018, changes: {}}

`send` and `expect`, or several of them as `steps`. What is sent is an update of the customer at its place, but for
what `send` says; what must come of it is an `Expectation`, written down. `changes` are all differences that reads show
afterwards: `{}` where nothing may change, `null` for what is gone. Any text may hold placeholders.

A file is read into templates, once and for all; a situation makes steps of them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.expectation import ABSENT, Expectation, Pattern, mismatches
from mockserver.verification.findings import Grade, Step
from mockserver.verification.golden_placeholders import (
    as_text,
    fill,
    fill_text,
    full_path,
    placeholders_of,
)
from mockserver.verification.golden_values import value_of
from mockserver.verification.target import Leave, Place
from mockserver.verification.wording import At, worded

JSON_TYPE = "application/json"
_ABOUT_PROGRAMS = frozenset({"loyaltyInfo", "loyaltyProgramEnrollments"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """The template of a request. `query` of None is that of the place; `parameters` add to it, None takes one away.

    `body` is JSON (ABSENT: none), `raw` bytes that are sent as they are; a header of None is left out.
    """

    method: str = "PUT"
    path: str = "/v2/customers/{customer}"
    query: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: Any = ABSENT
    raw: bytes | None = None
    anonymous: bool = False
    fresh: bool = False
    after: float = 0.0
    credentials: str = ""
    together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenStep:
    """The template of a step; `programs` says whether they are compared too, None where that goes by what is sent."""

    send: Sending
    expect: Expectation
    programs: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenExchange:
    """A file's content; `name` is its stem. `place`, `came`, `grade` and `differs` are those of a saved finding.

    `answers` are those that the expected dialect must have; under another one the exchange is not observed.
    """

    name: str
    title: str
    steps: tuple[GoldenStep, ...]
    statements: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    leave: Leave = Leave.READS
    given: Mapping[str, Pattern] = field(default_factory=dict)
    place: Place | None = None
    came: str = ""
    grade: Grade = Grade.BROKEN
    differs: Mapping[str, str] = field(default_factory=dict)


def check_of(golden: GoldenExchange) -> Check:
    """Return a golden exchange as a check; its id is the file's stem."""
    return Check(
        id=golden.name,
        law=golden.title,
        statements=golden.statements,
        questions=golden.questions,
        leave=golden.leave,
        looks_at_programs=_asks_for_programs(golden),
        plan=partial(_plan, golden),
        grade=golden.grade,
        is_saved=golden.place is not None,
        differs=golden.differs,
    )


def _asks_for_programs(golden: GoldenExchange) -> bool:
    """Tell whether an exchange cannot be planned without knowing the customer's programs."""
    named = [
        *placeholders_of(golden.given),
        *(name for step in golden.steps for name in placeholders_of(_texts_of(step))),
    ]
    is_given = any(path.startswith("programs/") for path in golden.given)
    return is_given or any(name.startswith(("program", "enrolled", "state:programs/")) for name in named)


def _plan(golden: GoldenExchange, situation: Situation) -> Plan:
    if golden.place is not None and golden.place != situation.place:
        return Unfit(f"the exchange is about {golden.place}")
    values: dict[str, Any] = {}
    unfit = _find_other_answer(golden.answers, situation)
    unfit = unfit or _resolve(golden.given, values, situation) or _find_unmet(golden.given, values, situation)
    for step in golden.steps:
        unfit = unfit or _resolve(_texts_of(step), values, situation)
    return unfit or tuple(_step_of(step, values, situation.place) for step in golden.steps)


def _find_other_answer(answers: Mapping[str, str], situation: Situation) -> Unfit | None:
    for question, answer in answers.items():
        held = situation.dialect[question]
        if held != answer:
            return Unfit(f"{held} is the expected answer to {question}; the exchange needs {answer}")
    return None


def _resolve(template: Any, values: dict[str, Any], situation: Situation) -> Unfit | None:
    """Find the values of a template's placeholders; the first that has none ends it."""
    for name in placeholders_of(template):
        values[name] = value_of(name, situation)
        if isinstance(values[name], Unfit):
            return Unfit(values[name].reason)
    return None


def _find_unmet(given: Mapping[str, Pattern], values: Mapping[str, Any], situation: Situation) -> Unfit | None:
    for path, pattern in fill(given, values).items():
        for mismatch in mismatches(pattern, _present(path, situation), path):
            if path == "mock":
                return Unfit("it leaves traces that only a mock may have")
            needs = worded("{} is {}; the exchange needs {}", At(mismatch.place), mismatch.came, mismatch.promised)
            return Unfit(needs)
    return None


def _present(path: str, situation: Situation) -> Any:
    match path:
        case "source":
            return situation.place.source
        case "account":
            return situation.place.account or ABSENT
        case "mock":
            return situation.disposable
        case _:
            return situation.state.flat.get(full_path(path, situation.place), ABSENT)


def _texts_of(step: GoldenStep) -> Sequence[Any]:
    send, expect = step.send, step.expect
    body = None if send.body is ABSENT else send.body
    return (send.path, send.query, send.parameters, send.headers, body, expect.body, expect.changes)


def _step_of(step: GoldenStep, values: Mapping[str, Any], place: Place) -> Step:
    changes = step.expect.changes
    filled = replace(
        step.expect,
        body=fill(step.expect.body, values),
        changes=None
        if changes is None
        else {full_path(name, place): one for name, one in fill(changes, values).items()},
    )
    return Step(
        request=_request_of(step.send, values, place),
        expect=filled,
        anonymous=step.send.anonymous,
        fresh=step.send.fresh,
        after=step.send.after,
        credentials=step.send.credentials,
        together=step.send.together,
        looks_at_programs=looks_at_programs(step.send.body, filled) if step.programs is None else step.programs,
    )


def looks_at_programs(body: Any, expect: Expectation) -> bool:
    """Tell whether the programs are compared where a file does not say so: where it is about loyalty."""
    if expect.changes is None:
        return False
    is_sent = isinstance(body, Mapping) and not _ABOUT_PROGRAMS.isdisjoint(body)
    return is_sent or any(path.startswith("programs/") for path in expect.changes)


def _request_of(send: Sending, values: Mapping[str, Any], place: Place) -> Request:
    content = send.raw or b"" if send.body is ABSENT else as_body(fill(send.body, values))
    headers = {"content-type": JSON_TYPE, **send.headers} if content else send.headers
    return Request(
        method=send.method,
        path=fill_text(send.path, values, quote=_quoted),
        query=_query_of(send, values, place),
        headers={name: fill_text(text, values) for name, text in headers.items() if text is not None},
        body=content,
    )


def as_body(value: Any) -> bytes:
    """Return the bytes of a JSON value as golden exchanges send it; ValueError where it has none."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def _query_of(send: Sending, values: Mapping[str, Any], place: Place) -> str:
    written = place.query if send.query is None else fill_text(send.query, values, quote=_quoted)
    if not send.parameters:
        return written
    kept = [pair for pair in written.split("&") if pair and pair.partition("=")[0] not in send.parameters]
    return "&".join([*kept, *_added(fill(send.parameters, values))])


def _added(parameters: Mapping[str, Any]) -> Iterator[str]:
    for name, value in parameters.items():
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                yield f"{_quoted(name)}={_quoted(as_text(item))}"


def _quoted(text: str) -> str:
    return quote(text, safe="")
