"""Answers as HTTP: bodies from the contract's named examples, and the headers that say what an answer rests on.

No message text stands here: every text comes from the catalogue.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from mockserver.contract import CatalogueEntry, Violation
from mockserver.domain.dialect import Dialect
from mockserver.domain.outcome import Basis, BasisItem, Refusal, Remark
from mockserver.exchange.reply import Reply, Setting
from mockserver.exchange.shaping import shape_refusal
from mockserver.lossless_json import write_json
from mockserver.messages import Response
from mockserver.values import Value, replace

_HEADER_LIMIT = 1024  # bytes of one X-Mock header, design of the interface
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_STRENGTH = {"forced": 0, "assumed": 1, "published": 2, "documented": 3}
_CHALLENGE = 'Basic realm="customers", charset="UTF-8"'
_RETRY_AFTER_SECONDS = "1"
_WHY = "X-Mock-Why"


def text_header(value: str) -> str:
    """Return a text as a header value: printable ASCII, other characters `\\u`-escaped, 1 KiB at most."""
    escaped = value if value.isascii() and value.isprintable() else _UNPRINTABLE.sub(_escape, value)
    if len(escaped) <= _HEADER_LIMIT:
        return escaped
    return escaped[: _HEADER_LIMIT - 3] + "..."


_basis_header = lru_cache(maxsize=1024)(text_header)  # `_grounds` gives the same texts again


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def render_json(
    value: object, *, status: int = 200, basis: str = "", why: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON response with the headers that explain it."""
    all_headers = {"Content-Type": "application/json", **headers} if headers else {"Content-Type": "application/json"}
    if basis:
        all_headers["X-Mock-Basis"] = _basis_header(basis)
    if why:
        all_headers[_WHY] = text_header(why)
    # orjson's texts take 4 KiB at least, and answers are kept by the thousand; joining copies just what is written.
    return Response(status=status, headers=all_headers, body=b"".join((write_json(value), b"")))


class Grounds(Value, frozen=True):
    """What an answer rests on, and the text of X-Mock-Basis that says so."""

    items: tuple[BasisItem, ...]
    text: str


def ground(basis: Basis, dialect: Dialect, entries: tuple[tuple[str, str], ...] = (), published: str = "") -> Grounds:
    """Return what an answer rests on, weakest first, none twice; at last what its form is `published` by.

    `entries` is what those of the catalogue rest on that it shows.
    """
    questions = basis.questions
    if questions:
        entries = (*zip(map(dialect.evidence.__getitem__, questions), questions, strict=True), *entries)
    return _grounds(entries, basis.statements, published)


@lru_cache(maxsize=4096)  # there are few ways through the rules, and requests go the same ones
def _grounds(items: tuple[tuple[str, str], ...], statements: tuple[str, ...], published: str) -> Grounds:
    named = [*items, *(("documented", statement) for statement in statements)]
    named.sort(key=lambda item: _STRENGTH[item[0]])
    named += [("published", published)] if published else []
    found = tuple(BasisItem(kind, name) for kind, name in dict.fromkeys(named))
    return Grounds(found, "; ".join(map(str, found)))


def say(remarks: Iterable[Remark]) -> str:
    """Return remarks as the text of X-Mock-Why."""
    return "; ".join(map(str, remarks))


def explained(reply: Reply, why: str, reason: str = "") -> Reply:
    """Return a reply that says this in place of its own text; the reason is that text without the reply's place."""
    headers = dict(reply.response.headers)
    if why:
        headers[_WHY] = text_header(why)
    else:
        headers.pop(_WHY, None)
    return replace(reply, why=why, reason=reason, response=replace(reply.response, headers=headers))


def show_refusal(entry: CatalogueEntry, words: Iterable[str] = ()) -> dict[str, object]:
    """Return one item of `errors` or `warnings`."""
    return {"status": False, "code": entry.code, "message": entry.filled(*words)}


def render_refusal(
    setting: Setting,
    refusal: Refusal,
    basis: Basis,
    *,
    operation: str | None = None,
    customer: int | None = None,
    violation: Violation | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Return the refusal that a code of the catalogue stands for, in the vendor's envelope.

    `violation` is what the refusal comes from, where the contract refuses.
    """
    entry = setting.contract.catalogue.refusal(refusal.code)
    grounds = ground(basis, setting.dialect, (entry.basis,))
    why = f"{refusal.place}: {refusal.why}"
    response = render_json(
        show_envelope(setting, entry, refusal.words),
        status=status_of(entry, setting.dialect),
        basis=grounds.text,
        why=why,
        headers={**required_headers(entry.status), **headers} if headers else required_headers(entry.status),
    )
    return Reply(
        response=response,
        operation=operation,
        customer=customer,
        code=entry.code,
        rests_on=grounds.items,
        why=why,
        reason=refusal.why,
        place=refusal.place,
        repair=entry.description if violation is None else violation.repair,
        violation=violation,
    )


def show_envelope(setting: Setting, entry: CatalogueEntry, words: Iterable[str] = ()) -> Mapping[str, object]:
    """Return the vendor's envelope of a refusal."""
    return shape_refusal({"errors": [show_refusal(entry, words)]}, setting.dialect)


def status_of(entry: CatalogueEntry, dialect: Dialect) -> int:
    """Return the HTTP status of an error: the contract's, unless the dialect sends vendor codes with another one."""
    if entry.status == entry.code:
        return entry.status
    match dialect.answers["error-status"]:
        case "200":
            return 200
        case "404-for-8015" if entry.code == 8015:
            return 404
        case _:
            return entry.status


def required_headers(status: int) -> Mapping[str, str]:
    """Return the headers that a status never goes out without, forced or not."""
    if status == 401:
        return {"WWW-Authenticate": _CHALLENGE}
    if status == 429:
        return {"Retry-After": _RETRY_AFTER_SECONDS}
    return {}


def refuse(
    setting: Setting, name: str, why: str, *, place: str = "request", headers: Mapping[str, str] | None = None
) -> Reply:
    """Refuse a request for a reason of the shell (unreadable HTTP, a defect of ours), in the vendor's envelope."""
    return render_refusal(setting, Refusal(code=name, place=place, why=why), Basis(), headers=headers)
