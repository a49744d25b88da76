"""A world as its files give it: its organisation, its customers, and what tells that a file was saved anew.

Customers are listed in a sheet of YAML, or stand one a line in a file of JSON lines.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from mockserver.domain.customer import Attribution, Customer, CustomerId
from mockserver.domain.organisation import Organisation
from mockserver.domain.record import RecordProblem, read_attribution, read_organisation
from mockserver.domain.record_lists import read_listed
from mockserver.files.sheets import Chain, find_world, line_error, open_lines, read_chain, said, world_error
from mockserver.json_lines import Head, LineProblem, read_customers
from mockserver.values import Value

FileSignature: TypeAlias = tuple[int, int, int] | None  # when saved, how long, which inode; None: not there
Signature: TypeAlias = tuple[FileSignature, ...]


class Progress(Value, frozen=True):
    """How far the reading of a world's customers has come: how many, and what part of the file, from 0 to 1."""

    path: Path
    customers: int
    part: float
    done: bool = False


Tell: TypeAlias = Callable[[Progress], None]


class World(Value, frozen=True, kw_only=True):
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


def read_world(name_or_path: str, progress: Tell | None = None) -> World:
    """Read a world by the name of a bundled one, or by the path of a file.

    `progress` is told how far the reading of JSON lines has come: at the start, now and then, and at the end.
    """
    path = find_world(name_or_path, Path())
    chain = read_chain(path, ())
    merged: dict[str, Any] = {}
    for sheet in reversed(chain):
        merged.update(sheet.record.get("organisation", {}))
    organisation = read_organisation(merged)
    if isinstance(organisation, RecordProblem):
        raise world_error(chain, ("organisation",), organisation)
    return World(
        name=path.stem,
        organisation=organisation,
        customers=_read_customers(chain, organisation, progress),
        files=tuple(sheet.path for sheet in chain),
    )


def _read_customers(chain: Chain, organisation: Organisation, progress: Tell | None) -> Mapping[CustomerId, Customer]:
    """Read the customers of the nearest sheet that has any; JSON lines always do."""
    attribution = _read_attribution(chain)
    for sheet in chain:
        if sheet.head is not None:
            return _read_lines(sheet.path, sheet.head, organisation, attribution, progress)
        if "customers" in sheet.record:
            break
    return _read_listed(chain, organisation, attribution)


def _read_listed(
    chain: Chain, organisation: Organisation, attribution: Attribution | None
) -> Mapping[CustomerId, Customer]:
    customers = read_listed(said(chain, "customers") or (), organisation, attribution=attribution)
    if isinstance(customers, RecordProblem):
        raise world_error(chain, ("customers",), customers)
    return customers


def _read_lines(
    path: Path, head: Head, organisation: Organisation, attribution: Attribution | None, progress: Tell | None
) -> Mapping[CustomerId, Customer]:
    with open_lines(path) as lines:
        length = max(os.fstat(lines.fileno()).st_size, 1)

        def count(customers: int) -> None:
            if progress is not None:
                progress(Progress(path, customers, min(lines.tell() / length, 1.0)))

        count(0)
        read = read_customers(lines, organisation, head=head, attribution=attribution, count=count)
    if isinstance(read, LineProblem):
        raise line_error(path, read)
    if progress is not None:
        progress(Progress(path, len(read), 1.0, done=True))
    return read


def _read_attribution(chain: Chain) -> Attribution | None:
    record = said(chain, "attribution")
    attribution = None if record is None else read_attribution(record)
    if isinstance(attribution, RecordProblem):
        raise world_error(chain, ("attribution",), attribution)
    return attribution


def signature(paths: Sequence[Path]) -> Signature:
    """Return what changes when one of these files is saved; None for a file that is not there."""
    return tuple(_signature_of(path) for path in paths)


def _signature_of(path: Path) -> FileSignature:
    try:
        found = path.stat()
    except OSError:  # an editor may be about to put the new file in its place
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
