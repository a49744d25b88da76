"""The atlas as a person or a program reads it: a table, one entry as text, JSON."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from mockserver.atlas.entries import AtlasEntry, Earned
from mockserver.contract import Catalogue
from mockserver.exchange.secrecy import is_secret_header
from mockserver.exchange.snippets import is_filler

_MOST_NEAREST = 5
_HEAD = ("code", "status", "basis", "earned by")


def find_entries(entries: Iterable[AtlasEntry], text: str) -> tuple[AtlasEntry, ...]:
    """Return the entries of a code or a name: `8057` is error and warning, `8057-warning` one of them."""
    return tuple(entry for entry in entries if text in (entry.name, str(entry.code)))


def nearest_names(entries: Iterable[AtlasEntry], text: str) -> tuple[str, ...]:
    """Name the codes that may have been meant: alike in their digits first, then near as a number."""
    codes = dict.fromkeys(str(entry.code) for entry in entries)
    digits = re.sub("[^0-9]", "", text)[:9] or "0"
    return tuple(sorted(codes, key=lambda code: _distance(code, digits))[:_MOST_NEAREST])


def _distance(code: str, digits: str) -> tuple[float, int]:
    return -SequenceMatcher(a=code, b=digits).ratio(), abs(int(code) - int(digits))


def show_request(earned: Earned) -> str:
    """Return a request in one line: method, address, headers of its own, body, and the answers that it needs."""
    request = earned.request
    target = f"{request.path}?{request.query}" if request.query else request.path
    parts = [f"{request.method} {target}", *(f"{name}: {value}" for name, value in _own_headers(earned))]
    parts += ["no credentials"] if earned.is_anonymous else []
    parts += [_short_body(request.body)] if request.body else []
    parts += [f"where {question} is {answer}" for question, answer in earned.answers.items()]
    return ", ".join(parts)


def _own_headers(earned: Earned) -> Iterator[tuple[str, str]]:
    """Give the headers that make the request what it is; credentials and JSON go without saying."""
    for name, value in earned.request.headers.items():
        if not is_secret_header(name) and (name, value) != ("content-type", "application/json"):
            yield name, value


def _short_body(body: bytes) -> str:
    if is_filler(body):
        return f"{len(body)} times {body[:1].decode()!r}"
    return body.decode()


def show_table(entries: Sequence[AtlasEntry]) -> str:
    """Return one line for each entry: its name, status, basis, and how it is earned, or why it is not."""
    rows = [_HEAD, *(_row_of(entry) for entry in entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    lines = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1])) for row in rows
    ]
    return "\n".join([*lines, "", count_words(entries)])


def count_words(entries: Sequence[AtlasEntry]) -> str:
    """Say how many entries there are, how many of them the mock earns, and how many can be forced, and where."""
    earned = sum(entry.earned is not None for entry in entries)
    elsewhere = [f"{entry.name} ({_named(entry.forced.answers)})" for entry in entries if entry.forced.answers]
    forced = f"{len(entries) - len(elsewhere)} can be forced in any world"
    others = f", and under another answer to a question {', '.join(elsewhere)}" if elsewhere else ""
    return f"{len(entries)} errors and warnings: {earned} are earned; {forced}{others}"


def _named(answers: Mapping[str, str]) -> str:
    return ", ".join(f"{question}: {answer}" for question, answer in answers.items())


def _row_of(entry: AtlasEntry) -> tuple[str, ...]:
    way = f"not earned: {entry.unearned}" if entry.earned is None else show_request(entry.earned)
    return (entry.name, str(entry.status), entry.basis, way)


def show_entry(entry: AtlasEntry) -> str:
    """Return all of an entry, one line for each of its parts."""
    kind = "warning" if entry.is_warning else "error"
    parts = [
        ("says", entry.message),
        ("comes", entry.description),
        ("basis", entry.basis),
        ("operations", ", ".join(entry.operations)),
        *_earned_parts(entry),
        ("forced", show_forced(entry)),
    ]
    head = f"{entry.name}  {kind}, HTTP {entry.status}: {entry.summary}"
    return "\n".join([head, *(f"  {name:<11} {text}" for name, text in parts)])


def _earned_parts(entry: AtlasEntry) -> Iterator[tuple[str, str]]:
    if entry.earned is None:
        yield "not earned", entry.unearned
        return
    yield "earned by", show_request(entry.earned)
    yield "law", entry.earned.title


def show_forced(entry: AtlasEntry) -> str:
    """Return in one line how an entry is forced."""
    forced = entry.forced
    by_id = "" if forced.customer is None else f", or the customer id {forced.customer}"
    where = "".join(f", where {question} is {answer}" for question, answer in forced.answers.items())
    return f"Prefer: {forced.prefer}{by_id}{where}"


def show_atlas(entries: Iterable[AtlasEntry], catalogue: Catalogue) -> dict[str, Any]:  # Any: JSON
    """Return the atlas as JSON, as `GET /_mock/errors` shows it: what the catalogue of a world has, in its order.

    `earned` is null where the mock never answers so of itself, which `unearned` explains.
    """
    known = {entry.name: entry for entry in entries}
    return show_json(known[one.name] for one in catalogue.entries if one.name in known)


def show_json(entries: Iterable[AtlasEntry]) -> dict[str, Any]:  # Any: JSON
    """Return entries as JSON."""
    return {"errors": [_as_json(entry) for entry in entries]}


def _as_json(entry: AtlasEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "code": entry.code,
        "status": entry.status,
        "warning": entry.is_warning,
        "message": entry.message,
        "summary": entry.summary,
        "description": entry.description,
        "basis": entry.basis,
        "operations": list(entry.operations),
        "earned": None if entry.earned is None else _earned_as_json(entry.earned),
        "unearned": entry.unearned,
        "forced": {
            "prefer": entry.forced.prefer,
            "customer": entry.forced.customer,
            "answers": dict(entry.forced.answers),
        },
    }


def _earned_as_json(earned: Earned) -> dict[str, Any]:
    """A body that is one character over and over is that character, and how often it is sent."""
    request, filler = earned.request, is_filler(earned.request.body)
    shown: Mapping[str, Any] = {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": dict(request.headers),
        "body": request.body[: 1 if filler else None].decode(),
        "repeat": len(request.body) if filler else 1,
    }
    return {
        "title": earned.title,
        "customer": earned.customer,
        "answers": dict(earned.answers),
        "anonymous": earned.is_anonymous,
        "request": dict(shown),
    }
