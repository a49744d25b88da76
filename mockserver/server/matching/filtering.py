"""The language that the journal's list is filtered by: `status:400 warning:* customer:171891944 body:"Tom Sawyer"`.

A space is "and". `key:value` asks one thing; a word without a key is looked for in the line and in both bodies. A value
with spaces, or a text with a colon, stands within double quotes; `\\"` and `\\\\` are a quote and a backslash there.
Case does not matter. For most keys `*` is any value, and `none` that there is none.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeAlias

from mockserver.server.journal import Exchange
from mockserver.server.matching.criteria import OUTCOMES, nearest_names
from mockserver.server.matching.verdicts import parameter
from mockserver.values import Value

_PART = re.compile(r'\s*(?:([^\s":]+):)?(?:"((?:[^"\\]|\\.)*)"(?=\s|\Z)|([^\s"]*))')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,19}\Z")
_CLASS = re.compile(r"([1-5])xx\Z")
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
Fits: TypeAlias = Callable[[Any], bool]  # Any: what an exchange has under the key


class Term(Value, frozen=True):
    """One thing that is asked: the key, empty for a word that stands alone, and the value in lower case."""

    key: str
    value: str


class Filter(Value, frozen=True):
    """All that is asked, each of it."""

    terms: tuple[Term, ...] = ()

    def fits(self, exchange: Exchange) -> bool:
        """Tell whether an exchange is what was asked for."""
        return all(_fits(term, exchange) for term in self.terms)


def read_filter(text: str, operations: Collection[str]) -> Filter | str:
    """Read a filter; a text says what is wrong: the part of it, and the cure. `operations` are those there are."""
    terms: list[Term] = []
    end = 0
    while text[end:].strip():
        found = _PART.match(text, end)
        if found is None or found.end() == end or not _is_ended(text, found.end()):
            return f"{_shown(text[end:])}: a quote is not closed or stands within a word; put the whole value in quotes"
        key, quoted, bare = found.groups()
        value = bare if quoted is None else _ESCAPED.sub(r"\1", quoted)
        term = Term((key or "").lower(), value.lower())
        problem = _problem(term, operations)
        if problem:
            return f"{_shown(found[0].strip())}: {problem}"
        terms.append(term)
        end = found.end()
    return Filter(tuple(terms))


def _is_ended(text: str, end: int) -> bool:
    return end == len(text) or text[end].isspace()


def _shown(part: str) -> str:
    text = part if part.isprintable() else ascii(part)[1:-1]
    return text if len(text) <= 60 else f"{text[:59]}…"


def _problem(term: Term, operations: Collection[str]) -> str:
    """Say what is wrong with a term, if anything."""
    key, value = term.key, term.value
    if key and key not in _READ:
        keys = nearest_names(key, tuple(_READ))
        return f"{_shown(key)} is no key; {keys}; put a text with a colon in double quotes"
    if key and not value:
        return f"{key} has no value; write {key}:* for any"
    if key in _NUMBERS and not (value in ("*", "none") or _NUMBER.match(value) or _is_class(term)):
        return f"{value} is no whole number of at most 19 digits; write a number, * for any or none"
    if key == "forced" and value not in _FLAGS:
        return f"{value} is neither yes nor no"
    if key in ("operation", "outcome") and value not in ("*", "none"):
        known = operations if key == "operation" else OUTCOMES
        return "" if value in map(str.lower, known) else f"{value} is no {key}; {nearest_names(value, known)}"
    return ""


def _is_class(term: Term) -> bool:
    return term.key == "status" and _CLASS.match(term.value) is not None


def _fits(term: Term, exchange: Exchange) -> bool:
    if not term.key:
        return any(term.value in text for text in _texts(exchange))
    came = _READ[term.key](exchange)
    if term.key == "forced":
        return bool(came is _FLAGS[term.value])
    if term.key in _SEARCHED:
        return bool(came.strip()) if term.value == "*" else term.value in came
    if term.value in ("*", "none"):
        return (term.value == "*") is (came not in (None, "", ()))
    if _is_class(term):
        return came is not None and term.value[0] == str(came)[0]
    if term.key == "warning":
        return int(term.value) in came
    return came is not None and str(came).lower() == term.value


def _texts(exchange: Exchange) -> Iterator[str]:
    """Yield where a word is looked for: in all that a line shows, then in the bodies."""
    request, reply = exchange.request, exchange.reply
    forced = "forced" if reply.forced else ""
    line = (
        exchange.id,
        request.method,
        f"{request.path}?{request.query}",
        *exchange.result,
        *exchange.seen,
        forced,
        reply.why,
    )
    yield " ".join(line).lower()
    yield _bodies(exchange)


def _bodies(exchange: Exchange) -> str:
    bodies = exchange.request.body + b"\n" + exchange.reply.response.body
    return bodies.decode(errors="backslashreplace").lower()


_READ: Mapping[str, Callable[[Exchange], Any]] = {
    "status": lambda exchange: exchange.reply.response.status or None,
    "code": lambda exchange: exchange.reply.code,
    "warning": lambda exchange: exchange.reply.warnings,
    "customer": lambda exchange: exchange.reply.customer,
    "operation": lambda exchange: exchange.reply.operation,
    "source": lambda exchange: parameter(exchange, "source"),
    "account": lambda exchange: parameter(exchange, "accountId"),
    "method": lambda exchange: exchange.request.method,
    "forced": lambda exchange: exchange.reply.forced,
    "outcome": lambda exchange: exchange.outcome,
    "path": lambda exchange: exchange.request.path.lower(),
    "query": lambda exchange: exchange.request.query.lower(),
    "body": _bodies,
    "why": lambda exchange: exchange.reply.why.lower(),
    "basis": lambda exchange: exchange.reply.basis.lower(),
}
_NUMBERS = frozenset({"status", "code", "warning", "customer"})
_SEARCHED = frozenset({"path", "query", "body", "why", "basis"})
