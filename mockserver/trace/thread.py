"""The thread: statements joined to what carries them, and every place where it is broken.

It is broken where a pointer leads to nothing, a rule, question or check is named that is not there, two sides do not
name each other, a rule decides and names nothing, or nothing carries a statement or a question. A statement that no
check looks at is a gap, which is told and breaks nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from mockserver.contract.pointers import find
from mockserver.contract.violation import pointer
from mockserver.errors import ContractError
from mockserver.exchange.dialects import Questions
from mockserver.files import Statement
from mockserver.trace.rules import Rule, find_unnamed
from mockserver.values import replace

KINDS = (
    "rule",
    "shape",
    "example",
    "prerequisite",
    "limitation",
    "contradiction",
    "defect",
    "not observable",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What a campaign saw of a statement: held, broken, differs or not observed, and why."""

    verdict: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The statements in the page's order, `breaks` in words, and the ids of statements that nothing checks.

    `observed` is what a campaign saw of each statement, by its id, where its report was given.
    """

    statements: tuple[Statement, ...]
    breaks: tuple[str, ...]
    gaps: tuple[str, ...]
    observed: Mapping[str, Observed] = field(default_factory=dict)


def follow_thread(
    statements: tuple[Statement, ...],
    document: Mapping[str, Any],
    rules: tuple[Rule, ...],
    questions: Questions,
    checks: Mapping[str, frozenset[str]],
) -> Thread:
    """Follow every statement to what carries it, and everything that names a statement back to it.

    `checks` are the statements that each check names.
    """
    known = {statement.id: statement for statement in statements}
    breaks = (
        *_twice(statements),
        *(one for statement in statements for one in _breaks_of(statement, rules, questions)),
        *_breaks_of_contract(known, document),
        *_breaks_of_rules(known, rules),
        *_breaks_of_questions(questions, rules),
        *_breaks_of_checks(known, checks),
    )
    gaps = tuple(one.id for one in statements if not one.checks and one.kind != "not observable")
    return Thread(statements=statements, breaks=breaks, gaps=gaps)


def _twice(statements: tuple[Statement, ...]) -> Iterator[str]:
    ids = [statement.id for statement in statements]
    yield from (f"{name} stands twice in the statements" for name in dict.fromkeys(ids) if ids.count(name) > 1)


def _breaks_of(statement: Statement, rules: tuple[Rule, ...], questions: Questions) -> Iterator[str]:
    if statement.kind not in KINDS:
        yield f"{statement.id}: {statement.kind!r} is no kind of statement; write one of {', '.join(KINDS)}"
    named = {rule.name: rule for rule in rules}
    for name in statement.rules:
        if name not in named:
            yield f"{statement.id}: there is no rule {name}{_nearest(name, named)}"
        elif statement.id not in named[name].statements:
            yield f"{statement.id}: the rule {name} does not name it"
    for name in statement.questions:
        if name not in questions:
            yield f"{statement.id}: there is no question {name}{_nearest(name, questions)}"
    carried = (*statement.contract, *statement.rules, *statement.checks, *statement.questions)
    if not carried and statement.kind != "not observable":
        yield f"{statement.id}: nothing carries it"


def _breaks_of_contract(known: Mapping[str, Statement], document: Mapping[str, Any]) -> Iterator[str]:
    listed = {(statement.id, place) for statement in known.values() for place in statement.contract}
    found = set(_named_in(document, ()))
    for name, place in sorted(listed - found):
        yield f"{name}: {_why_not(document, name, place)}"
    for name, place in sorted(found - listed):
        problem = "does not list it" if name in known else f"is no statement{_nearest(name, known)}"
        yield f"contract {place}: x-statements names {name}, which {problem}"


def _named_in(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        yield from ((name, pointer(path)) for name in node.get("x-statements", ()))
        for key, value in node.items():
            yield from _named_in(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _named_in(value, (*path, index))


def _why_not(document: Mapping[str, Any], name: str, place: str) -> str:
    try:
        find(document, f"#{place}")
    except ContractError:
        return f"the pointer {place} leads to nothing in the contract"
    return f"the contract's {place} does not name {name} in x-statements"


def _breaks_of_rules(known: Mapping[str, Statement], rules: tuple[Rule, ...]) -> Iterator[str]:
    for rule in rules:
        for name in sorted(rule.statements):
            if name not in known:
                yield f"rule {rule.name} names {name}, which is no statement{_nearest(name, known)}"
            elif rule.name not in known[name].rules:
                yield f"rule {rule.name} names {name}, which does not list it"
    yield from (f"rule {name} decides and names neither a statement nor a question" for name in find_unnamed(rules))


def _breaks_of_questions(questions: Questions, rules: tuple[Rule, ...]) -> Iterator[str]:
    asked = {name for rule in rules for name in rule.questions}
    for question in questions.values():
        is_open = len(question.implemented) > 1
        if is_open and question.id not in asked and not question.contract:
            yield f"question {question.id}: no rule asks it and no answer changes the contract"


def _breaks_of_checks(known: Mapping[str, Statement], checks: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for statement in known.values():
        for name in statement.checks:
            if name not in checks:
                yield f"{statement.id}: there is no check {name}{_nearest(name, checks)}"
            elif statement.id not in checks[name]:
                yield f"{statement.id}: the check {name} does not name it"
    for name, named in checks.items():
        for one in sorted(named):
            if one not in known:
                yield f"check {name} names {one}, which is no statement{_nearest(one, known)}"
            elif name not in known[one].checks:
                yield f"check {name} names {one}, which does not list it"


def with_results(thread: Thread, report: Mapping[str, Any]) -> Thread:
    """Return the thread with what a campaign's JSON report says of its statements."""
    told = report.get("observed")
    observed = {
        statement.id: _observed_of(told[statement.id])
        for statement in thread.statements
        if isinstance(told, Mapping) and isinstance(told.get(statement.id), Mapping)
    }
    return replace(thread, observed=observed)


def _observed_of(told: Mapping[str, Any]) -> Observed:
    return Observed(verdict=str(told.get("verdict", "not observed")), reason=str(told.get("reason") or ""))


def _nearest(name: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
