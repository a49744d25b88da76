"""The sheets of a world: its own file and those that it extends, and what is wrong with one, where it stands.

A world that `extends` another has that world's members, but for those of its organisation that it names itself, and
its customers take the place of the other's.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from mockserver.domain.record import RecordProblem
from mockserver.errors import MockServerError, WorldError
from mockserver.files.texts import Document, Where, bundled, expand, find_unknown, line_in, read_document, reason
from mockserver.json_lines import HEAD_MEMBERS, LineProblem, is_json_lines, read_head

_WORLD_MEMBERS = ("extends", "organisation", "attribution", "customers")
Chain: TypeAlias = tuple[Document, ...]


def list_worlds() -> tuple[str, ...]:
    """Return the names of the worlds that come with the package."""
    return tuple(sorted(path.stem for path in bundled("fixtures", "worlds").glob("*.yaml")))


def find_world_files(name_or_path: str) -> tuple[Path, ...]:
    """Return the files that a world is made of, itself first, as far as they can be followed; none has to be right."""
    found: list[Path] = []
    name: object = name_or_path
    folder = Path()
    with contextlib.suppress(MockServerError):
        while isinstance(name, str):
            path = find_world(name, folder)
            if path in found:
                break
            found.append(path)
            name, folder = _read_sheet(path).record.get("extends"), path.parent
    return tuple(found)


def find_world(name_or_path: str, folder: Path) -> Path:
    path = folder / expand(name_or_path)
    if name_or_path in list_worlds():
        return bundled("fixtures", "worlds", f"{name_or_path}.yaml")
    if path.suffix in (".yaml", ".yml", ".json") or is_json_lines(path) or len(path.parts) > 1 or os.path.exists(path):
        return path
    known = list_worlds()
    near = get_close_matches(name_or_path, known, n=1)
    cure = f"did you mean {near[0]}?" if near else "give one of these, or the path of a file"
    raise WorldError(f"no world is named {name_or_path!r}; there are {', '.join(known)}; {cure}")


def read_chain(path: Path, below: Chain) -> Chain:
    """Read a world's sheet and those that it extends, itself first."""
    sheet = _read_sheet(path)
    chain = (*below, sheet)
    known, owner = (_WORLD_MEMBERS, "a world has") if sheet.head is None else (HEAD_MEMBERS, "a head has")
    problem = find_unknown(sheet.record, known, owner) or next(_misshapes(sheet.record), None)
    if problem is not None:
        raise world_error((sheet,), (), problem)
    origin = sheet.record.get("extends")
    if origin is None:
        return chain
    found = find_world(origin, path.parent)
    if found.resolve() in {sheet.path.resolve() for sheet in chain}:
        endless = RecordProblem(path=("extends",), problem=f"{origin} extends itself", cure="extend another world")
        raise world_error((sheet,), (), endless)
    return read_chain(found, chain)


def _read_sheet(path: Path) -> Document:
    if not is_json_lines(path):
        return Document(path, read_document(path, WorldError))
    with open_lines(path) as lines:
        head = read_head(lines)
    if isinstance(head, LineProblem):
        raise line_error(path, head)
    return Document(path, head.record, head)


def find_misshape(record: Mapping[str, Any]) -> RecordProblem | None:
    """Return what a world's record may not say, or not so, before its parts are read."""
    return find_unknown(record, _WORLD_MEMBERS, "a world has") or next(_misshapes(record), None)


def _misshapes(record: Mapping[str, Any]) -> Iterator[RecordProblem]:
    for name, kind, words in (
        ("extends", str, "text"),
        ("organisation", dict, "a mapping"),
        ("customers", list, "a list"),
    ):
        if name in record and not isinstance(record[name], kind):
            yield RecordProblem(path=(name,), problem=f"is not {words}", cure=f"write {words}, or leave {name} out")


def said(chain: Chain, name: str) -> Any:
    """Return what the nearest sheet says of a member, or None."""
    return next((sheet.record[name] for sheet in chain if name in sheet.record), None)


def open_lines(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except (OSError, ValueError) as cause:
        raise WorldError(f"{path}: cannot be read: {reason(cause)}; give the path of a file of JSON lines") from cause


def line_error(path: Path, found: LineProblem) -> WorldError:
    return WorldError(f"{path}:{found.line}: {found.problem}")


def world_error(chain: Chain, within: Where, problem: RecordProblem) -> WorldError:
    """Say a problem where it stands: in the nearest sheet that names the member in question."""
    where = (*within, *problem.path)
    top = where[: 2 if where[:1] == ("organisation",) else 1]
    path = next((sheet.path for sheet in chain if _holds(sheet.record, top)), chain[0].path)
    place = "/".join(str(segment) for segment in where)
    seen_from = "" if path == chain[0].path else f" (as {chain[0].path} extends it)"
    return WorldError(
        f"{path}:{_line_within(chain, path, where)}: {place}: {problem.problem}; {problem.cure}{seen_from}"
    )


def _line_within(chain: Chain, path: Path, where: Where) -> int:
    """A head stands on one line; a sheet of YAML says where each part of it stands."""
    heads = [sheet.head for sheet in chain if sheet.path == path and sheet.head is not None]
    return heads[0].line if heads else line_in(path, where, WorldError)


def _holds(record: Any, where: Where) -> bool:
    for segment in where:
        if not isinstance(record, dict) or segment not in record:
            return False
        record = record[segment]
    return True
