"""The code and the documents it rests on name the same things: members, operations, codes, questions, answers.

The code is read as syntax, so that what no test happens to reach is compared as well.
"""

import ast
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import mockserver
from mockserver.contract import Contract
from mockserver.contract.pointers import find
from mockserver.domain.dialect import Dialect
from mockserver.exchange.dialects import Dialects
from mockserver.files import OURS
from mockserver.operations import OPERATIONS, Operation, customer_bodies
from mockserver.operations.fields import NO_MEMBERS, Members
from mockserver.operations.update_customer.command import BODY

_PACKAGE = Path(mockserver.__file__).parent
ROOT = _PACKAGE.parent
_RULES = ("domain", "operations", "exchange")
_MODULES = tuple(sorted(path for name in _RULES for path in (_PACKAGE / name).rglob("*.py")))
_PACKAGES = sorted(".".join(path.parent.relative_to(_PACKAGE.parent).parts) for path in _PACKAGE.glob("**/__init__.py"))
_KINDS = {"warn": True, "refuse": False, "_refuse": False, "_refuse_account": False, "Refusal": False}


def _calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def _name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _texts(node: ast.AST) -> Iterator[str]:
    """Give every text in a piece of code, those of conditional expressions too."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _answers_of() -> Mapping[str, frozenset[str]]:
    documents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in OURS.questions()]
    questions = [question for document in documents for question in document["questions"]]
    return {question["id"]: frozenset(question["answers"]) for question in questions}


ANSWERS = _answers_of()


@pytest.mark.parametrize(
    ("known", "place"),
    [
        (BODY, ""),
        (customer_bodies.PROFILE, "profiles/[]"),
        (customer_bodies.CHANNEL, "profiles/[]/commChannels/[]"),
        (customer_bodies.META, "profiles/[]/commChannels/[]/meta"),
        (customer_bodies.IDENTIFIER, "profiles/[]/identifiers/[]"),
        (customer_bodies.LOYALTY_INFO, "loyaltyInfo"),
        (customer_bodies.ENROLMENT, "loyaltyProgramEnrollments/[]"),
    ],
)
def test_the_members_that_are_read_are_those_of_the_contract(
    contract: Contract, known: frozenset[str], place: str
) -> None:
    body = contract.document["paths"]["/v2/customers/{userId}"]["put"]["requestBody"]
    node = body["content"]["application/json"]["schema"]
    for step in filter(None, place.split("/")):
        members = _objects(contract.document, node)
        node = next(item["items"] if step == "[]" else item["properties"][step] for item in members if _has(item, step))

    assert known == {name for item in _objects(contract.document, node) for name in item.get("properties", {})}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=str)
def test_every_object_that_the_contract_describes_has_its_members(
    contract: Contract, operation: Operation[Any, Any]
) -> None:
    node = find(contract.document, contract.operations[operation.id].place)
    schema = node["requestBody"]["content"]["application/json"]["schema"] if "requestBody" in node else {}

    assert _described(contract.document, schema) == _listed(operation.fields)


def _described(document: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the named members of an object or of a list's items, and theirs; names that are free are no members."""
    found: dict[str, Any] = {}
    for item in _objects(document, node):
        found |= _described(document, item["items"]) if "items" in item else {}
        for name, inner in item.get("properties", {}).items():
            found[name] = {} if name in ("fields", "extendedFields") else _described(document, inner)
    return found


def _listed(known: Members) -> dict[str, Any]:
    return {name: _listed(known.within.get(name, NO_MEMBERS)) for name in known.names}


def _has(item: Mapping[str, Any], step: str) -> bool:
    return "items" in item if step == "[]" else step in item.get("properties", {})


def _objects(document: Mapping[str, Any], node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Follow references and alternatives to the schemas that stand behind a node."""
    if "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return _objects(document, target)
    nested = [inner for key in ("anyOf", "oneOf", "allOf") for inner in node.get(key, [])]
    return [node, *(found for inner in nested for found in _objects(document, inner))]


def test_every_operation_of_the_contract_is_bound_and_no_other(contract: Contract) -> None:
    assert OPERATIONS.keys() == contract.operations.keys()
    assert all(operation.id == name for name, operation in OPERATIONS.items())


@pytest.mark.parametrize("path", _MODULES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_code_that_can_be_given_is_in_the_catalogue_as_what_it_is_given(
    dialects: Dialects, documented: Dialect, path: Path
) -> None:
    """Codes that only some dialects give stand in the contracts of those dialects."""
    contracts = [dialects.with_answers(documented, answer) for answer in dialects.other_wire_answers(documented)]
    published = {
        (str(entry.code), entry.is_warning)
        for dialect in (documented, *contracts)
        for entry in dialects.contract_of(dialect).catalogue.entries
    }

    given = {
        (text, is_warning)
        for call in _calls(path)
        if (is_warning := _KINDS.get(_name_of(call))) is not None
        for argument in (*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "code"))
        for text in _texts(argument)
        if text.isdigit()
    }

    assert given <= published


def test_codes_that_stand_in_tables_and_answers_are_in_the_catalogue(contract: Contract) -> None:
    warned = {code for code, _ in importlib.import_module("mockserver.domain.channels")._INVALID.values()}  # noqa: SLF001
    refused = {"8067", "8069", *(answer for name in ANSWERS for answer in ANSWERS[name] if _is_refusal(name, answer))}

    for code in warned:
        assert contract.catalogue.warning(code).is_warning
    for code in refused:
        assert not contract.catalogue.refusal(code).is_warning


def _is_refusal(question: str, answer: str) -> bool:
    """Tell whether an answer is the code of a refusal: error-status names HTTP statuses, 8054 is a warning."""
    return answer.isdigit() and question != "error-status" and answer != "8054"


@pytest.mark.parametrize("path", _MODULES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_question_that_is_asked_is_written_down(path: Path) -> None:
    asked = {text for call in _calls(path) if _name_of(call) == "asks" for text in _texts(call.args[0])}
    looked_up = {question for question, _ in _comparisons(path)}

    assert asked | looked_up <= ANSWERS.keys()


@pytest.mark.parametrize("path", _MODULES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_answer_that_the_code_knows_is_an_answer_of_its_question(path: Path) -> None:
    for question, answer in _comparisons(path):
        assert answer in ANSWERS[question], question


def _comparisons(path: Path) -> Iterator[tuple[str, str]]:
    """Give each question and an answer that it is compared with, directly or in a match."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            yield from (
                (question, text) for question in _questions_in(node.left) for text in _texts(node.comparators[0])
            )
        if isinstance(node, ast.Match):
            patterns = [part for case in node.cases for part in ast.walk(case.pattern)]
            values = [text for part in patterns if isinstance(part, ast.MatchValue) for text in _texts(part.value)]
            yield from ((question, text) for question in _questions_in(node.subject) for text in values)


def _questions_in(node: ast.expr) -> Iterator[str]:
    """Give the question whose answer a piece of code is: `judgement.asks("…")` or `dialect["…"]`."""
    node = node.value if isinstance(node, ast.NamedExpr) else node
    if isinstance(node, ast.Call) and _name_of(node) == "asks":
        yield from _texts(node.args[0])
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("dialect"):
        yield from _texts(node.slice)


def test_our_answer_to_every_question_is_one_of_its_answers(documented: Dialect) -> None:
    assert documented.answers.keys() == ANSWERS.keys()
    assert all(answer in ANSWERS[question] for question, answer in documented.answers.items())
    assert set(documented.evidence.values()) <= {"assumed", "published", "documented"}


@pytest.mark.parametrize("name", _PACKAGES)
def test_what_a_package_offers_is_there_and_all_that_it_imports(name: str) -> None:
    package = importlib.import_module(name)
    offered = getattr(package, "__all__", None)
    imported = {
        alias.asname or alias.name
        for node in ast.parse(Path(str(package.__file__)).read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    is_an_operation = name.startswith("mockserver.operations.")  # it imports what it is made of
    assert is_an_operation or set(offered or ()) >= imported
    assert all(hasattr(package, one) for one in offered or ())
    assert offered is None or offered == sorted(offered, key=lambda one: (not one.isupper(), one))


def test_every_file_of_questions_statements_and_exchanges_is_an_operation_s_or_shared() -> None:
    read = {
        ("openapi", "statements"): OURS.statements(),
        ("openapi", "questions"): OURS.questions(),
        ("fixtures", "exchanges"): OURS.exchanges(),
        ("fixtures", "errors"): OURS.errors(),
    }

    for (kind, name), paths in read.items():
        assert {path.name for path in (ROOT / kind / name).iterdir()} == {path.name for path in paths}
