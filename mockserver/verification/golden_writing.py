"""Steps as the text of a golden exchange: a finding that is saved, or the restoration of what a run changed.

The law: what is written is read back as the very same steps.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import yaml

from mockserver.strict_yaml import StrictDumper
from mockserver.verification.expectation import ABSENT, Expectation
from mockserver.verification.findings import Grade, Step
from mockserver.verification.golden import JSON_TYPE, as_body, looks_at_programs
from mockserver.verification.golden_placeholders import escape
from mockserver.verification.target import Leave, Place

_FOLDED = ("\x85", "\u2028", "\u2029", "\ufeff")  # line ends and marks that YAML keeps in double quotes only
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_WIDTH = 120
_NOTHING: Mapping[str, str] = MappingProxyType({})
_AS_IT_IS = frozenset({"raw", "raw_base64"})  # members in which no placeholder is filled
_DEEPEST = 40  # levels of a body that are written out; a reader of YAML goes no deeper than Python's stack


class _Writer(StrictDumper):
    """The strict dumper, putting texts in double quotes that would not come back otherwise."""


def _write_text(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if any(mark in text for mark in _FOLDED) else None
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Writer.add_representer(str, _write_text)


def write_golden(
    title: str,
    steps: Sequence[Step],
    *,
    place: Place,
    statements: Sequence[str] = (),
    questions: Sequence[str] = (),
    leave: Leave | None = None,
    came: str = "",
    grade: Grade | None = None,
    differs: Mapping[str, str] = _NOTHING,
    open_texts: Mapping[str, str] = _NOTHING,
) -> str:
    """Return steps as YAML text. `leave` is, unless given, what their methods need; `came` is what came instead.

    `grade` is that of a finding, `differs` are the answers that explain it. `open_texts` are parts of texts that are
    left open, with the placeholder for each: what is made up, or held, when the file is read.
    """
    record: dict[str, Any] = {
        "title": title,
        "customer": str(place),
        "statements": list(statements),
        "questions": list(questions),
        "leave": (_leave_of(steps) if leave is None else leave).name.lower(),
        "came": came,
        "grade": grade and grade.value,
        "differs": dict(differs),
    }
    kept = {name: value for name, value in record.items() if value or name == "title"}
    written = [_opened(_write_step(step), open_texts) for step in steps]
    kept |= written[0] if len(written) == 1 else {"steps": written}
    return str(yaml.dump(kept, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=_WIDTH))


def _opened(value: Any, open_texts: Mapping[str, str]) -> Any:
    """Put placeholders into the texts of a step that was written."""
    if isinstance(value, str):
        for text, placeholder in open_texts.items():
            value = value.replace(text, placeholder)
        return value
    if isinstance(value, Mapping):
        return {
            _opened(name, open_texts): inner if name in _AS_IT_IS else _opened(inner, open_texts)
            for name, inner in value.items()
        }
    return [_opened(item, open_texts) for item in value] if isinstance(value, list) else value


def _leave_of(steps: Sequence[Step]) -> Leave:
    return Leave.READS if all(step.request.method in _READING for step in steps) else Leave.WRITES


def _write_step(step: Step) -> dict[str, Any]:
    body = _read_body(step.request.body)
    send = {
        "method": step.request.method,
        "path": escape(step.request.path),
        "query": escape(step.request.query),
        "headers": _headers_of(step),
        **_write_body(step.request.body, body),
        "anonymous": step.anonymous,
        "fresh": step.fresh,
        "together": step.together,
        "after": step.after,
        "credentials": step.credentials,
    }
    expect = _write_expectation(step.expect)
    if step.looks_at_programs != looks_at_programs(body, step.expect):
        expect["programs"] = step.looks_at_programs
    shown = {name: value for name, value in send.items() if name in ("query", "body", "raw") or value}
    return {"send": shown, "expect": expect or {"valid": True}}


def _headers_of(step: Step) -> dict[str, str | None]:
    """The content type of JSON goes without saying, where there is a body; so that there is none has to be said."""
    headers: dict[str, str | None] = {name: escape(text) for name, text in step.request.headers.items()}
    if not step.request.body:
        return headers
    if headers.get("content-type") == JSON_TYPE:
        del headers["content-type"]
    else:
        headers.setdefault("content-type", None)
    return headers


def _write_body(content: bytes, body: Any) -> dict[str, Any]:
    if not content:
        return {}
    if body is not ABSENT:
        return {"body": escape(body)}
    text = _read_text(content)
    return {"raw_base64": base64.b64encode(content).decode()} if text is None else {"raw": text}


def _read_body(content: bytes) -> Any:
    """Return the JSON value that would be sent as these very bytes, else ABSENT."""
    try:
        value = json.loads(content)
        return value if as_body(value) == content and _is_shallow(value, _DEEPEST) else ABSENT
    except (ValueError, RecursionError):  # no JSON, or such as the writer would not write
        return ABSENT


def _is_shallow(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(one, levels - 1) for one in inner)


def _read_text(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _write_expectation(expect: Expectation) -> dict[str, Any]:
    return dict(_members_of(expect))


def _members_of(expect: Expectation) -> Iterator[tuple[str, Any]]:
    for name, numbers in (("status", expect.status), ("code", expect.code)):
        if numbers is not None:
            yield name, list(numbers) if isinstance(numbers, tuple) else numbers
    if expect.warnings:
        yield "warnings", list(expect.warnings)
    if expect.body is not None:
        yield "body", escape(expect.body)
    if expect.changes is not None:
        yield "changes", {escape(path): _write_change(pattern) for path, pattern in expect.changes.items()}
    if expect.agrees:
        yield "agrees", True
    if not expect.valid:
        yield "valid", False


def _write_change(pattern: Any) -> Any:
    is_gone = isinstance(pattern, Mapping) and dict(pattern) == {"$absent": True}
    return None if is_gone else escape(pattern)
