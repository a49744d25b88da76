"""Any file that is read or written: texts and YAML documents, those that come with the package, and what is wrong."""

import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from mockserver.domain.record import RecordProblem, suggest
from mockserver.encoding import NotUtf8, read_utf8
from mockserver.errors import ConfigurationError, MockServerError
from mockserver.json_lines import Head
from mockserver.strict_yaml import StrictLoader, line_of, parse_yaml
from mockserver.values import Value

_PACKAGE = Path(__file__).resolve().parents[1]
_PAGES = _PACKAGE / "server" / "pages"
Where: TypeAlias = tuple[str | int, ...]


class Document(Value, frozen=True):
    """A YAML file as it was read, or the head of JSON lines; what its record means is for others to say."""

    path: Path
    record: Mapping[str, Any]
    head: Head | None = None


def bundled(kind: Literal["openapi", "fixtures"], *parts: str) -> Path:
    """Return a file that comes with the package: in the wheel, or at the top level of a checkout."""
    installed = _PACKAGE.joinpath("bundled", kind, *parts)
    return installed if installed.exists() else _PACKAGE.parent.joinpath(kind, *parts)


def expand(path: str | Path) -> Path:
    """Return a path with a leading `~` or `~user` in full, as a shell would give it; as it is for an unknown user."""
    return Path(os.path.expanduser(path))


def read_text(path: Path, error: type[MockServerError]) -> str:
    path = expand(path)
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as cause:
        raise error(f"{path}: cannot be read: {reason(cause)}; give the path of a YAML file") from cause
    text = read_utf8(content)
    if isinstance(text, NotUtf8):
        raise error(f"{path}:{text.line}: {text.problem}")
    return text.replace("\r\n", "\n")


def reason(cause: OSError | ValueError) -> str:
    """Return why a path leads nowhere; ValueError is Python's word for a path that has a zero byte."""
    return getattr(cause, "strerror", None) or str(cause)


def read_document(path: Path, error: type[MockServerError], *, loader: Any = StrictLoader) -> dict[str, Any]:
    try:
        document = parse_yaml(read_text(path, error), loader=loader)
    except ValueError as cause:
        raise error(f"{path}{cause}") from cause
    if not isinstance(document, dict):
        found = "is empty" if document is None else f"holds {type(document).__name__}, not a mapping"
        raise error(f"{path}:1: {found}; see the bundled files for the shape")
    return document


def line_in(path: Path, where: Where, error: type[MockServerError]) -> int:
    return line_of(read_text(path, error), where)


def find_unknown(record: Mapping[str, Any], known: tuple[str, ...], owner: str) -> RecordProblem | None:
    for name in record:
        if name not in known:
            return RecordProblem(path=(name,), problem=f"{name!r} is no member", cure=suggest(name, known, owner=owner))
    return None


def read_documents(paths: Sequence[Path], error: type[MockServerError]) -> tuple[Document, ...]:
    """Read YAML files, and those of folders, in the order of their names; a folder of folders stands for all theirs."""
    expanded = map(expand, paths)
    found = [file for path in expanded for file in (_files_of(path, error) if os.path.isdir(path) else (path,))]
    return tuple(Document(path, read_document(path, error)) for path in found)


def _files_of(folder: Path, error: type[MockServerError]) -> tuple[Path, ...]:
    try:
        found = _yaml_in(folder) or tuple(sorted(_within(folder), key=lambda path: (path.name, path)))
    except OSError as cause:
        raise error(f"{folder}: cannot be read: {reason(cause)}; give a folder of YAML files, or a file") from cause
    if not found:
        raise error(f"{folder}: holds no YAML file; give a folder that does, or a file")
    return found


def _yaml_in(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml")))


def _within(folder: Path) -> Iterator[Path]:
    return (path for inner in folder.iterdir() if inner.is_dir() for path in _yaml_in(inner))


def line_at(document: Document, where: tuple[str | int, ...], error: type[MockServerError]) -> int:
    """Return the line on which a path of a document's record stands."""
    return line_in(document.path, where, error)


def write_text(path: Path, text: str, error: type[MockServerError], *, private: bool = False) -> None:
    """Write a file whole or not at all; a `private` one only its owner can read."""
    path = expand(path)
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IRUSR | stat.S_IWUSR
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
            file.write(text)
        if not private:
            beside.chmod(mode | stat.S_IRGRP | stat.S_IROTH)
        beside.replace(path)
    except (OSError, ValueError) as cause:
        raise error(f"{path}: cannot be written: {reason(cause)}; give a path that can be") from cause


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


def read_sources(*packages: str, folders: Sequence[Path] = ()) -> Mapping[str, str]:
    """Return the text of our own modules in these packages, and in those within, by names such as `domain.loyalty`.

    With them come the modules of `folders`, by their names within these.
    """
    ours = ((_PACKAGE, _PACKAGE / package) for package in packages)
    return {
        ".".join(path.relative_to(root).with_suffix("").parts): read_text(path, MockServerError)
        for root, within in (*ours, *((folder, folder) for folder in folders))
        for path in sorted(within.rglob("*.py"))
    }


def read_report(path: Path) -> Mapping[str, Any]:
    """Return a campaign's JSON report."""
    try:
        report = json.loads(read_text(path, ConfigurationError))
    except ValueError as cause:
        raise ConfigurationError(f"{path}: is no JSON: {cause}; give the file of --report json=FILE") from cause
    if not isinstance(report, dict) or not isinstance(report.get("findings"), list):
        raise ConfigurationError(f"{path}: is no report of a campaign; give the file of --report json=FILE")
    return report
