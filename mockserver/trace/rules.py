"""The rules of the code, read as syntax: which functions name statements and questions, and which of them decide.

A rule is a function that names a statement or a question, or that refuses or warns, or a value of a module that names a
statement, such as a `Misplaced`. A function that decides for others, such
as `_skip`, may leave the naming to those who call it, or be told by them what to name. A rule that operations share
names what it cites, such as `judgement.cites.channels`, and so every statement that an operation has for that.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mockserver.operations import Operations

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


class _Names:
    """What a rule may name: statements by the prefixes of their ids, what the operations cite, and questions."""

    def __init__(self, questions: frozenset[str], operations: Operations) -> None:
        prefixes = "|".join(sorted({operation.prefix for operation in operations.values()} - {""}))
        self.statement = re.compile(rf"(?:{prefixes})-[A-Z]+-[0-9]+\Z")
        self.questions = questions
        self._operations = operations

    def cited(self, name: str) -> frozenset[str]:
        """Return the statements that operations have for what a shared rule cites under this name."""
        cited = {str(getattr(operation.cites, name, "")) for operation in self._operations.values()}
        return frozenset(one for one in cited if self.statement.match(one))


def read_rules(sources: Mapping[str, str], questions: frozenset[str], operations: Operations) -> tuple[Rule, ...]:
    """Read all functions of the modules; `questions` are the ids that there are, `operations` what cites statements."""
    names = _Names(questions, operations)
    return tuple(_rule_of(module, name, node, names) for module, text in sources.items() for name, node in _named(text))


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


def _named(text: str) -> Iterator[tuple[str, ast.AST]]:
    """Give the functions of a module, and its values; what an operation cites is named by those who cite it."""
    tree = ast.parse(text)
    yield from ((node.name, node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _called(node.value) != "Citations":
            yield from ((target.id, node) for target in node.targets if isinstance(target, ast.Name))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _rule_of(module: str, name: str, node: ast.AST, names: _Names) -> Rule:
    texts = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}
    called = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
    attributes = {func.attr for func in called if isinstance(func, ast.Attribute)}
    return Rule(
        name=f"{module}.{name}",
        statements=frozenset(text for text in texts if names.statement.match(text)) | _cited(node, names),
        questions=frozenset(texts & names.questions),
        is_told=isinstance(node, ast.FunctionDef) and _is_told(node),
        decides=bool(attributes & _DECISIONS) and not module.startswith("exchange."),
        calls=frozenset(func.id for func in called if isinstance(func, ast.Name)),
    )


def _is_told(function: ast.FunctionDef) -> bool:
    """Tell whether a function is given the questions that it is about."""
    given = (function.args.vararg, *function.args.args)
    return any(argument is not None and argument.arg == "questions" for argument in given)


def _cited(node: ast.AST, names: _Names) -> frozenset[str]:
    """Return what is cited by `cites.…` or `judgement.cites.…`."""
    attributes = (part for part in ast.walk(node) if isinstance(part, ast.Attribute))
    return frozenset(
        statement
        for part in attributes
        if (isinstance(part.value, ast.Name) and part.value.id == "cites")
        or (isinstance(part.value, ast.Attribute) and part.value.attr == "cites")
        for statement in names.cited(part.attr)
    )
