"""The rules of the code, read as syntax: which functions name statements and questions, and which of them decide.

A rule is a function that names a statement or a question, or that refuses or warns. One that decides for others, such
as `_skip`, may leave the naming to those who call it, or be told by them what to name.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_STATEMENT = re.compile(r"UPD-[A-Z]+-[0-9]+\Z")
_DECISIONS = frozenset({"refuse", "warn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One function, by a name such as `domain.loyalty._enrol`, and what it names."""

    name: str
    statements: frozenset[str]
    questions: frozenset[str]
    decides: bool
    is_told: bool
    calls: frozenset[str]

    @property
    def names_something(self) -> bool:
        """Tell whether it names a statement or a question, or names those that its caller gives it."""
        return bool(self.statements or self.questions) or self.is_told


def read_rules(sources: Mapping[str, str], questions: frozenset[str]) -> tuple[Rule, ...]:
    """Read all functions of the modules; `questions` are the ids that there are."""
    return tuple(
        _rule_of(module, function, questions) for module, text in sources.items() for function in _functions(text)
    )


def find_unnamed(rules: tuple[Rule, ...]) -> Iterator[str]:
    """Give the rules that decide while neither they nor any caller in their module names what for."""
    for rule in rules:
        if rule.decides and not _is_named(rule, rules, frozenset()):
            yield rule.name


def _is_named(rule: Rule, rules: tuple[Rule, ...], seen: frozenset[str]) -> bool:
    if rule.names_something or rule.name in seen:
        return rule.names_something
    module, _, name = rule.name.rpartition(".")
    callers = [other for other in rules if other.name.rpartition(".")[0] == module and name in other.calls]
    return bool(callers) and all(_is_named(caller, rules, seen | {rule.name}) for caller in callers)


def _functions(text: str) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            yield node


def _rule_of(module: str, function: ast.FunctionDef, questions: frozenset[str]) -> Rule:
    texts = {
        part.value for part in ast.walk(function) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    called = [part.func for part in ast.walk(function) if isinstance(part, ast.Call)]
    attributes = {func.attr for func in called if isinstance(func, ast.Attribute)}
    return Rule(
        name=f"{module}.{function.name}",
        statements=frozenset(text for text in texts if _STATEMENT.match(text)),
        questions=frozenset(texts & questions),
        is_told=any(
            argument.arg == "questions" for argument in (function.args.vararg, *function.args.args) if argument
        ),
        decides=bool(attributes & _DECISIONS) and module.startswith("domain."),
        calls=frozenset(func.id for func in called if isinstance(func, ast.Name)),
    )
