"""The only module that opens files: the contracts, the questions, dialects, worlds, golden exchanges and pages.

Every problem is said with the file, the line where there is one, what is wrong, and the cure. A world that
`extends` another has that world's members, but for those of its organisation that it names itself, and its
customers take the place of the other's.
"""

import contextlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias

from mockserver.domain.customer import Attribution, Customer, CustomerId
from mockserver.domain.dialect import Dialect
from mockserver.domain.organisation import Organisation
from mockserver.domain.record import RecordProblem, read_attribution, read_customer, read_organisation, suggest
from mockserver.errors import ConfigurationError, ContractError, DialectError, MockServerError, WorldError
from mockserver.exchange.dialects import Dialects, Question, Questions
from mockserver.json_lines import (
    HEAD_MEMBERS,
    Head,
    LineProblem,
    is_json_lines,
    read_customers,
    read_head,
)
from mockserver.strict_yaml import StrictLoader, TextLoader, line_of, parse_yaml

_PACKAGE = Path(__file__).resolve().parent
_PAGES = _PACKAGE / "server" / "pages"
_WORLD_MEMBERS = ("extends", "organisation", "attribution", "customers")
_DIALECT_MEMBERS = ("name", "answers")
_Where = tuple[str | int, ...]
_Chain = tuple["Document", ...]
FileSignature: TypeAlias = tuple[int, int, int] | None  # when saved, how long, which inode; None: not there
Signature: TypeAlias = tuple[FileSignature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """An organisation and its customers, as a file gives them; `name` is the file's stem.

    `files` are the world's own file and those that it extends.
    """

    name: str
    organisation: Organisation
    customers: Mapping[CustomerId, Customer]
    files: tuple[Path, ...] = ()

    def __repr__(self) -> str:
        """Name the world; its whole content would fill the report of a failed test."""
        return f"World({self.name!r}, {len(self.customers)} customers)"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of a world's customers has come: how many, and what part of the file, from 0 to 1."""

    path: Path
    customers: int
    part: float
    done: bool = False


Tell: TypeAlias = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
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


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as it was read, or the head of JSON lines; what its record means is for others to say."""

    path: Path
    record: Mapping[str, Any]
    head: Head | None = None


def bundled(kind: Literal["openapi", "fixtures"], *parts: str) -> Path:
    """Return a file that comes with the package: in the wheel, or at the top level of a checkout."""
    installed = _PACKAGE.joinpath("bundled", kind, *parts)
    return installed if installed.exists() else _PACKAGE.parent.joinpath(kind, *parts)


def read_contract_text() -> str:
    """Return the contract as its YAML text."""
    return _read_text(bundled("openapi", "customers.yaml"), ContractError)


def read_contract_document(path: Path | None = None) -> dict[str, Any]:
    """Return the contract's document, ours unless a path is given."""
    return _read_document(path or bundled("openapi", "customers.yaml"), ContractError)


def read_control_document() -> dict[str, Any]:
    """Return the contract of the control plane."""
    return _read_document(bundled("openapi", "control.yaml"), ContractError)


def list_pages() -> tuple[str, ...]:
    """Return the names of the files that the server's pages are made of."""
    return tuple(sorted(path.name for path in _PAGES.iterdir()))


def read_page(name: str) -> bytes:
    """Return one of the files that the server's pages are made of."""
    path = _PAGES / name
    try:
        return path.read_bytes()
    except OSError as cause:
        raise MockServerError(f"{path}: cannot be read: {cause.strerror}; install the package anew") from cause


def read_questions(path: Path | None = None) -> Questions:
    """Return the questions by their id."""
    path = path or bundled("openapi", "questions.yaml")
    entries = _read_document(path, DialectError).get("questions")
    if not isinstance(entries, list):
        raise DialectError(f"{path}: questions is no list; write one entry per question")
    questions = [_question_of(path, index, entry) for index, entry in enumerate(entries)]
    return {question.id: question for question in questions}


def _question_of(path: Path, index: int, entry: Any) -> Question:
    try:
        sets = {name: frozenset(entry[name]) for name in ("unimplemented", "stricter") if name in entry}
        return Question(**{**entry, **sets})
    except (KeyError, TypeError) as cause:
        line = _line_of(path, ("questions", index), DialectError)
        raise DialectError(
            f"{path}:{line}: cannot be read as a question: {cause}; see the entries around it"
        ) from cause


def read_statements(path: Path | None = None) -> tuple[Statement, ...]:
    """Return the statements of the page, in its order."""
    path = path or bundled("openapi", "statements.yaml")
    entries = _read_document(path, ContractError).get("statements")
    if not isinstance(entries, list):
        raise ContractError(f"{path}: statements is no list; write one entry per statement")
    return tuple(_statement_of(path, index, entry) for index, entry in enumerate(entries))


def _statement_of(path: Path, index: int, entry: Any) -> Statement:
    try:
        lists = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
        return Statement(**{**entry, **lists})
    except (AttributeError, TypeError) as cause:
        line = _line_of(path, ("statements", index), ContractError)
        raise ContractError(
            f"{path}:{line}: cannot be read as a statement: {cause}; see the entries around it"
        ) from cause


def read_sources(*packages: str) -> Mapping[str, str]:
    """Return the text of our own modules in these packages, by names such as `domain.loyalty`."""
    return {
        f"{package}.{path.stem}": _read_text(path, MockServerError)
        for package in packages
        for path in sorted((_PACKAGE / package).glob("*.py"))
    }


def read_dialects() -> Dialects:
    """Return all dialects that our questions allow, over our contract."""
    return Dialects(read_contract_document(), read_questions())


def read_dialect(dialects: Dialects, path: Path | None = None) -> Dialect:
    """Return the dialect of a file, or the documented one; what a file does not name has our answer."""
    path = path or bundled("fixtures", "dialects", "documented.yaml")
    record = _read_document(path, DialectError, loader=TextLoader)
    problem = _find_unknown(record, _DIALECT_MEMBERS, "a dialect has")
    if problem is not None:
        raise DialectError(f"{path}:{_line_of(path, problem.path, DialectError)}: {problem}")
    dialect = dialects.choose(record.get("answers", {}), name=str(record.get("name", path.stem)))
    if isinstance(dialect, RecordProblem):
        where = ("answers", *dialect.path)
        place = "/".join(str(segment) for segment in where)
        line = _line_of(path, where, DialectError)
        raise DialectError(f"{path}:{line}: {place}: {dialect.problem}; {dialect.cure}")
    return dialect


def read_documents(paths: Sequence[Path], error: type[MockServerError]) -> tuple[Document, ...]:
    """Read YAML files, and those of folders, in the order of their names."""
    found = [file for path in paths for file in (_files_of(path, error) if path.is_dir() else (path,))]
    return tuple(Document(path, _read_document(path, error)) for path in found)


def _files_of(folder: Path, error: type[MockServerError]) -> tuple[Path, ...]:
    found = tuple(sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml")))
    if not found:
        raise error(f"{folder}: holds no YAML file; give a folder that does, or a file")
    return found


def line_at(document: Document, where: tuple[str | int, ...], error: type[MockServerError]) -> int:
    """Return the line on which a path of a document's record stands."""
    return _line_of(document.path, where, error)


def list_worlds() -> tuple[str, ...]:
    """Return the names of the worlds that come with the package."""
    return tuple(sorted(path.stem for path in bundled("fixtures", "worlds").glob("*.yaml")))


def read_world(name_or_path: str, progress: Tell | None = None) -> World:
    """Read a world by the name of a bundled one, or by the path of a file.

    `progress` is told how far the reading of JSON lines has come: at the start, now and then, and at the end.
    """
    path = _find_world(name_or_path, Path())
    chain = _read_chain(path, ())
    merged: dict[str, Any] = {}
    for sheet in reversed(chain):
        merged.update(sheet.record.get("organisation", {}))
    organisation = read_organisation(merged)
    if isinstance(organisation, RecordProblem):
        raise _world_error(chain, ("organisation",), organisation)
    return World(
        name=path.stem,
        organisation=organisation,
        customers=_read_customers(chain, organisation, progress),
        files=tuple(sheet.path for sheet in chain),
    )


def find_world_files(name_or_path: str) -> tuple[Path, ...]:
    """Return the files that a world is made of, itself first, as far as they can be followed; none has to be right."""
    found: list[Path] = []
    name: object = name_or_path
    folder = Path()
    with contextlib.suppress(MockServerError):
        while isinstance(name, str):
            path = _find_world(name, folder)
            if path in found:
                break
            found.append(path)
            name, folder = _read_sheet(path).record.get("extends"), path.parent
    return tuple(found)


def signature(paths: Sequence[Path]) -> Signature:
    """Return what changes when one of these files is saved; None for a file that is not there."""
    return tuple(_signature_of(path) for path in paths)


def _signature_of(path: Path) -> FileSignature:
    try:
        found = path.stat()
    except OSError:  # an editor may be about to put the new file in its place
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _find_world(name_or_path: str, folder: Path) -> Path:
    path = folder / name_or_path
    if name_or_path in list_worlds():
        return bundled("fixtures", "worlds", f"{name_or_path}.yaml")
    if path.suffix in (".yaml", ".yml", ".json") or is_json_lines(path) or path.is_file():
        return path
    known = list_worlds()
    cure = suggest(name_or_path, known, owner="give one of these, or the path of a file:")
    raise WorldError(f"no world is named {name_or_path!r}; there are {', '.join(known)}; {cure}")


def _read_chain(path: Path, below: _Chain) -> _Chain:
    """Read a world's sheet and those that it extends, itself first."""
    sheet = _read_sheet(path)
    chain = (*below, sheet)
    known, owner = (_WORLD_MEMBERS, "a world has") if sheet.head is None else (HEAD_MEMBERS, "a head has")
    problem = _find_unknown(sheet.record, known, owner) or next(_misshapes(sheet.record), None)
    if problem is not None:
        raise _world_error((sheet,), (), problem)
    origin = sheet.record.get("extends")
    if origin is None:
        return chain
    found = _find_world(origin, path.parent)
    if found.resolve() in {sheet.path.resolve() for sheet in chain}:
        endless = RecordProblem(path=("extends",), problem=f"{origin} extends itself", cure="extend another world")
        raise _world_error((sheet,), (), endless)
    return _read_chain(found, chain)


def _read_sheet(path: Path) -> Document:
    if not is_json_lines(path):
        return Document(path, _read_document(path, WorldError))
    with _open_lines(path) as lines:
        head = read_head(lines)
    if isinstance(head, LineProblem):
        raise _line_error(path, head)
    return Document(path, head.record, head)


def _misshapes(record: Mapping[str, Any]) -> Iterator[RecordProblem]:
    for name, kind, words in (
        ("extends", str, "text"),
        ("organisation", dict, "a mapping"),
        ("customers", list, "a list"),
    ):
        if name in record and not isinstance(record[name], kind):
            yield RecordProblem(path=(name,), problem=f"is not {words}", cure=f"write {words}, or leave {name} out")


def _find_unknown(record: Mapping[str, Any], known: tuple[str, ...], owner: str) -> RecordProblem | None:
    for name in record:
        if name not in known:
            return RecordProblem(path=(name,), problem=f"{name!r} is no member", cure=suggest(name, known, owner=owner))
    return None


def _said(chain: _Chain, name: str) -> Any:
    """Return what the nearest sheet says of a member, or None."""
    return next((sheet.record[name] for sheet in chain if name in sheet.record), None)


def _read_customers(chain: _Chain, organisation: Organisation, progress: Tell | None) -> Mapping[CustomerId, Customer]:
    """Read the customers of the nearest sheet that has any; JSON lines always do."""
    attribution = _read_attribution(chain)
    for sheet in chain:
        if sheet.head is not None:
            return _read_lines(sheet.path, sheet.head, organisation, attribution, progress)
        if "customers" in sheet.record:
            break
    return _read_listed(chain, organisation, attribution)


def _read_listed(
    chain: _Chain, organisation: Organisation, attribution: Attribution | None
) -> Mapping[CustomerId, Customer]:
    customers: dict[CustomerId, Customer] = {}
    for index, item in enumerate(_said(chain, "customers") or ()):
        customer = read_customer(item, organisation, attribution=attribution)
        if not isinstance(customer, RecordProblem) and customer.id in customers:
            cure = "give each customer its own id"
            customer = RecordProblem(path=("id",), problem=f"{customer.id} stands twice", cure=cure)
        if isinstance(customer, RecordProblem):
            raise _world_error(chain, ("customers", index), customer)
        customers[customer.id] = customer
    return customers


def _read_lines(
    path: Path, head: Head, organisation: Organisation, attribution: Attribution | None, progress: Tell | None
) -> Mapping[CustomerId, Customer]:
    with _open_lines(path) as lines:
        length = max(os.fstat(lines.fileno()).st_size, 1)

        def count(customers: int) -> None:
            if progress is not None:
                progress(Progress(path, customers, min(lines.tell() / length, 1.0)))

        count(0)
        read = read_customers(lines, organisation, head=head, attribution=attribution, count=count)
    if isinstance(read, LineProblem):
        raise _line_error(path, read)
    if progress is not None:
        progress(Progress(path, len(read), 1.0, done=True))
    return read


def _open_lines(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as cause:
        raise WorldError(f"{path}: cannot be read: {cause.strerror}; give the path of a file of JSON lines") from cause


def _line_error(path: Path, found: LineProblem) -> WorldError:
    return WorldError(f"{path}:{found.line}: {found.problem}")


def _read_attribution(chain: _Chain) -> Attribution | None:
    record = _said(chain, "attribution")
    attribution = None if record is None else read_attribution(record)
    if isinstance(attribution, RecordProblem):
        raise _world_error(chain, ("attribution",), attribution)
    return attribution


def _world_error(chain: _Chain, within: _Where, problem: RecordProblem) -> WorldError:
    """Say a problem where it stands: in the nearest sheet that names the member in question."""
    where = (*within, *problem.path)
    top = where[: 2 if where[:1] == ("organisation",) else 1]
    path = next((sheet.path for sheet in chain if _holds(sheet.record, top)), chain[0].path)
    place = "/".join(str(segment) for segment in where)
    seen_from = "" if path == chain[0].path else f" (as {chain[0].path} extends it)"
    return WorldError(f"{path}:{_line_in(chain, path, where)}: {place}: {problem.problem}; {problem.cure}{seen_from}")


def _line_in(chain: _Chain, path: Path, where: _Where) -> int:
    """A head stands on one line; a sheet of YAML says where each part of it stands."""
    heads = [sheet.head for sheet in chain if sheet.path == path and sheet.head is not None]
    return heads[0].line if heads else _line_of(path, where, WorldError)


def _holds(record: Any, where: _Where) -> bool:
    for segment in where:
        if not isinstance(record, dict) or segment not in record:
            return False
        record = record[segment]
    return True


def _read_text(path: Path, error: type[MockServerError]) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as cause:
        reason = cause.strerror if isinstance(cause, OSError) else "it is not UTF-8 text"
        raise error(f"{path}: cannot be read: {reason}; give the path of a YAML file") from cause


def _read_document(path: Path, error: type[MockServerError], *, loader: Any = StrictLoader) -> dict[str, Any]:
    try:
        document = parse_yaml(_read_text(path, error), loader=loader)
    except ValueError as cause:
        raise error(f"{path}{cause}") from cause
    if not isinstance(document, dict):
        found = "is empty" if document is None else f"holds {type(document).__name__}, not a mapping"
        raise error(f"{path}:1: {found}; see the bundled files for the shape")
    return document


def _line_of(path: Path, where: _Where, error: type[MockServerError]) -> int:
    return line_of(_read_text(path, error), where)


def write_text(path: Path, text: str, error: type[MockServerError], *, private: bool = False) -> None:
    """Write a file whole or not at all; a `private` one only its owner can read."""
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IRUSR | stat.S_IWUSR
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
            file.write(text)
        if not private:
            beside.chmod(mode | stat.S_IRGRP | stat.S_IROTH)
        beside.replace(path)
    except OSError as cause:
        raise error(f"{path}: cannot be written: {cause.strerror}; give a path that can be") from cause


def read_report(path: Path) -> Mapping[str, Any]:
    """Return a campaign's JSON report."""
    try:
        report = json.loads(_read_text(path, ConfigurationError))
    except ValueError as cause:
        raise ConfigurationError(f"{path}: is no JSON: {cause}; give the file of --report json=FILE") from cause
    if not isinstance(report, dict) or not isinstance(report.get("findings"), list):
        raise ConfigurationError(f"{path}: is no report of a campaign; give the file of --report json=FILE")
    return report
