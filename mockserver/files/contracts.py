"""What is promised, as files say it: the contracts, the questions, dialects, and the statements of the page."""

from functools import cache
from pathlib import Path
from typing import Any

from mockserver.domain.dialect import Dialect
from mockserver.domain.record import RecordProblem
from mockserver.errors import ContractError, DialectError, MockServerError
from mockserver.exchange.dialects import Dialects, Question, Questions
from mockserver.files.specification import OURS, Specification
from mockserver.files.texts import bundled, find_unknown, line_in, read_document, read_text
from mockserver.strict_yaml import TextLoader
from mockserver.values import Value

_DIALECT_MEMBERS = ("name", "answers", "unknown", "evidence")  # the last two are for people


class Statement(Value, frozen=True, kw_only=True):
    """One thing that the page says, where and of what kind, and what carries it.

    `contract` are JSON Pointers into the contract, `rules` functions of the code, `questions` what it leaves open.
    """

    id: str
    place: str
    says: str
    kind: str
    contract: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def read_contract_text() -> str:
    """Return the contract as its YAML text."""
    return read_text(bundled("openapi", "customers.yaml"), ContractError)


def read_contract_document(path: Path | None = None, specification: Specification = OURS) -> dict[str, Any]:
    """Return a contract's document: that of a path, or else of a specification."""
    first, *others = (path,) if path is not None else specification.contracts()
    document = read_document(first, ContractError)
    for other in others:
        document = _with_parts(document, other)
    return document


def _with_parts(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return a document with the paths and components of another; what stands in both is a ContractError."""
    added = read_document(path, ContractError)
    paths = _joined(document["paths"], added.get("paths", {}), "paths", path)
    components = dict(document["components"])
    for kind, parts in added.get("components", {}).items():
        components[kind] = _joined(components.get(kind, {}), parts, f"components/{kind}", path)
    return {**document, "paths": paths, "components": components}


def _joined(parts: dict[str, Any], added: dict[str, Any], place: str, path: Path) -> dict[str, Any]:
    twice = next((name for name in added if name in parts), None)
    if twice is not None:
        line = line_in(path, (*place.split("/"), twice), ContractError)
        raise ContractError(f"{path}:{line}: {place}/{twice}: is in the contract already; give it another name")
    return {**parts, **added}


def read_control_document() -> dict[str, Any]:
    """Return the contract of the control plane."""
    return read_document(bundled("openapi", "control.yaml"), ContractError)


def read_dialects(specification: Specification = OURS) -> Dialects:
    """Return all dialects that the questions of a specification allow, over its contract."""
    document, questions = read_contract_document(specification=specification), read_questions(specification)
    return Dialects(document, questions, specification.operations)


def read_dialect(dialects: Dialects, path: Path | None = None) -> Dialect:
    """Return the dialect of a file, or the documented one; what a file does not name has our answer."""
    record = _read_documented() if path is None else read_document(path, DialectError, loader=TextLoader)
    path = path or _documented()
    problem = find_unknown(record, _DIALECT_MEMBERS, "a dialect has")
    if problem is not None:
        raise DialectError(f"{path}:{line_in(path, problem.path, DialectError)}: {problem}")
    dialect = dialects.choose(record.get("answers", {}), name=str(record.get("name", path.stem)))
    if isinstance(dialect, RecordProblem):
        where = ("answers", *dialect.path)
        place = "/".join(str(segment) for segment in where)
        line = line_in(path, where, DialectError)
        raise DialectError(f"{path}:{line}: {place}: {dialect.problem}; {dialect.cure}")
    return dialect


def _documented() -> Path:
    return bundled("fixtures", "dialects", "documented.yaml")


@cache
def _read_documented() -> dict[str, Any]:
    return read_document(_documented(), DialectError, loader=TextLoader)


def read_questions(specification: Specification = OURS) -> Questions:
    """Return the questions by their id, in the order of the documented dialect; those that it does not name come last.

    What an answer rests on is told in that order, so it does not depend on which file a question stands in.
    """
    order = {name: number for number, name in enumerate(_read_documented()["answers"])}
    found: dict[str, Question] = {}
    for path in specification.questions():
        for index, entry in enumerate(_read_entries(path, "question", DialectError)):
            question = _question_of(path, index, entry)
            if question.id in found:
                line = line_in(path, ("questions", index), DialectError)
                raise DialectError(f"{path}:{line}: another question is {question.id} too; give it another id")
            found[question.id] = question
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def _question_of(path: Path, index: int, entry: Any) -> Question:
    try:
        sets = {name: frozenset(entry[name]) for name in ("unimplemented", "stricter") if name in entry}
        return Question(**{**entry, **sets})
    except (KeyError, TypeError) as cause:
        raise _unreadable(path, "question", index, cause, DialectError) from cause


def read_statements(specification: Specification = OURS) -> tuple[Statement, ...]:
    """Return the statements of the pages, each page's in its order."""
    return tuple(
        _statement_of(path, index, entry)
        for path in specification.statements()
        for index, entry in enumerate(_read_entries(path, "statement", ContractError))
    )


def _statement_of(path: Path, index: int, entry: Any) -> Statement:
    try:
        lists = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
        return Statement(**{**entry, **lists})
    except (AttributeError, TypeError) as cause:
        raise _unreadable(path, "statement", index, cause, ContractError) from cause


def _read_entries(path: Path, name: str, error: type[MockServerError]) -> list[Any]:
    entries = read_document(path, error).get(f"{name}s")
    if not isinstance(entries, list):
        raise error(f"{path}: {name}s is no list; write one entry per {name}")
    return entries


def _unreadable(path: Path, name: str, index: int, cause: Exception, error: type[MockServerError]) -> MockServerError:
    line = line_in(path, (f"{name}s", index), error)
    return error(f"{path}:{line}: cannot be read as a {name}: {cause}; see the entries around it")
