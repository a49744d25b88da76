"""What is promised, as files say it: the contracts, the questions, dialects, and the statements of the page."""

from pathlib import Path
from typing import Any

from mockserver.domain.dialect import Dialect
from mockserver.domain.record import RecordProblem
from mockserver.errors import ContractError, DialectError, MockServerError
from mockserver.exchange.dialects import Dialects, Question, Questions
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


def read_contract_document(path: Path | None = None) -> dict[str, Any]:
    """Return the contract's document, ours unless a path is given."""
    return read_document(path or bundled("openapi", "customers.yaml"), ContractError)


def read_control_document() -> dict[str, Any]:
    """Return the contract of the control plane."""
    return read_document(bundled("openapi", "control.yaml"), ContractError)


def read_dialects() -> Dialects:
    """Return all dialects that our questions allow, over our contract."""
    return Dialects(read_contract_document(), read_questions())


def read_dialect(dialects: Dialects, path: Path | None = None) -> Dialect:
    """Return the dialect of a file, or the documented one; what a file does not name has our answer."""
    path = path or bundled("fixtures", "dialects", "documented.yaml")
    record = read_document(path, DialectError, loader=TextLoader)
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


def read_questions(path: Path | None = None) -> Questions:
    """Return the questions by their id."""
    path = path or bundled("openapi", "questions.yaml")
    entries = _read_entries(path, "question", DialectError)
    questions = [_question_of(path, index, entry) for index, entry in enumerate(entries)]
    return {question.id: question for question in questions}


def _question_of(path: Path, index: int, entry: Any) -> Question:
    try:
        sets = {name: frozenset(entry[name]) for name in ("unimplemented", "stricter") if name in entry}
        return Question(**{**entry, **sets})
    except (KeyError, TypeError) as cause:
        raise _unreadable(path, "question", index, cause, DialectError) from cause


def read_statements(path: Path | None = None) -> tuple[Statement, ...]:
    """Return the statements of the page, in its order."""
    path = path or bundled("openapi", "statements.yaml")
    entries = _read_entries(path, "statement", ContractError)
    return tuple(_statement_of(path, index, entry) for index, entry in enumerate(entries))


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
