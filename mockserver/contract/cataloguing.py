"""Read the catalogue out of the contract: examples of responses, and the catalogue's own `components/examples`.

Its law: an example that cannot be read as what its name promises is refused with its place, never left out.
"""

import re
import string
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract.catalogue import Catalogue, CatalogueEntry, is_entry_name
from mockserver.contract.pointers import Node, below, find, follow
from mockserver.errors import ContractError

EXAMPLES = "#/components/examples"
JSON = "application/json"

# These go out with their own status, every other code with 400 (question `error-status`); needed
# only for entries that no operation refers to, such as 404 for an unknown path.
REQUEST_LEVEL = frozenset({400, 401, 403, 404, 405, 406, 408, 413, 415, 417, 429, 431, 500, 503})

_BASES = ("documented", "published", "assumed")
_KNOWN_MEMBERS = frozenset(
    {"summary", "description", "value", "x-basis", "x-message", "x-preferred", "x-statements", "x-unearned"}
)


def read_catalogue(document: Node, responses: Mapping[str, Mapping[str, tuple[Node, str]]]) -> Catalogue:
    """Gather the entries; `responses` maps operation id → status → the response and its place."""
    examples = {operation: dict(_examples_of(document, by_status)) for operation, by_status in responses.items()}
    published = document.get("components", {}).get("examples", {})
    entries = tuple(_entry(document, name, examples) for name in published if is_entry_name(name))
    _refuse_unlisted(examples, {entry.name for entry in entries})
    return Catalogue.of(entries, examples)


def _examples_of(document: Node, by_status: Mapping[str, tuple[Node, str]]) -> Iterator[tuple[str, tuple[int, Any]]]:
    seen: set[str] = set()
    for status, (response, place) in by_status.items():
        media = response.get("content", {}).get(JSON, {})
        for name, node in media.get("examples", {}).items():
            where = below(place, "content", JSON, "examples", name)
            if name in seen:
                raise ContractError(f"{where}: {name!r} stands at two responses of one operation; rename one")
            seen.add(name)
            example, _ = follow(document, node, where)
            yield name, (_numeric(status, where), example["value"])


def _numeric(status: str, where: str) -> int:
    if not status.isdigit():
        raise ContractError(f"{where}: an example needs a numeric status, not {status!r}; move it")
    return int(status)


def _entry(document: Node, name: str, examples: Mapping[str, Mapping[str, tuple[int, Any]]]) -> CatalogueEntry:
    place = below(EXAMPLES, name)
    example, _ = follow(document, find(document, place), place)
    _refuse_unknown_members(example, place)
    code, message, is_warning = _said(example.get("value"), place)
    if str(code) != name.partition("-")[0] or name.endswith("-error" if is_warning else "-warning"):
        raise ContractError(f"{place} says code {code}{' as a warning' if is_warning else ''}; name it so")
    return CatalogueEntry(
        name=name,
        code=code,
        status=_status(name, code, is_warning, examples),
        is_warning=is_warning,
        message=message,
        template=_template(example, place),
        basis=_basis(example, place),
        summary=example.get("summary", ""),
        description=example.get("description", ""),
        operations=frozenset(operation for operation, named in examples.items() if name in named),
        preferred=example.get("x-preferred", False) is True,
        unearned=example.get("x-unearned", ""),
        value=example["value"],
    )


def _refuse_unknown_members(example: Any, place: str) -> None:
    unknown = sorted(set(example) - _KNOWN_MEMBERS) if isinstance(example, Mapping) else ["no object"]
    if unknown:
        raise ContractError(
            f"{place} has {', '.join(unknown)}; a catalogue entry has {', '.join(sorted(_KNOWN_MEMBERS))}"
        )


def _said(value: Any, place: str) -> tuple[int, str, bool]:
    """Find the one error or the first warning that the example shows."""
    if not isinstance(value, Mapping):
        raise ContractError(f"{place}/value is no object; show a whole response body")
    said = value.get("errors") or value.get("warnings")
    if not (isinstance(said, list) and said and isinstance(said[0], Mapping)):
        raise ContractError(f"{place}/value shows neither errors nor warnings; show one, or name the example in words")
    code, message = said[0].get("code"), said[0].get("message")
    if type(code) is not int or not isinstance(message, str):
        raise ContractError(f"{place}/value needs an integer code and a message in text; write both")
    return code, message, not value.get("errors")


def _status(name: str, code: int, is_warning: bool, examples: Mapping[str, Mapping[str, tuple[int, Any]]]) -> int:
    found = {named[name][0] for named in examples.values() if name in named}
    if len(found) > 1:
        raise ContractError(f"{name} stands at the statuses {sorted(found)}; one code has one status, move it")
    if found:
        return found.pop()
    if is_warning:
        return 200
    return code if code in REQUEST_LEVEL else 400


def _template(example: Node, place: str) -> str | None:
    template = example.get("x-message")
    if template is None:
        return None
    fields = {field for _, field, _, _ in string.Formatter().parse(template) if field is not None}
    if not fields or any(not re.fullmatch("[0-9]", field) for field in fields):
        raise ContractError(f"{place}/x-message is {template!r}; use {{0}}, {{1}}, … for what is filled in")
    return str(template)


def _basis(example: Node, place: str) -> tuple[str, str]:
    basis = example.get("x-basis")
    parts = basis.split(" ", 1) if isinstance(basis, str) else []
    if len(parts) != 2 or parts[0] not in _BASES:
        raise ContractError(
            f"{place}/x-basis is {basis!r}; write `documented`, `published` or `assumed` and what it names"
        )
    return parts[0], parts[1]


def _refuse_unlisted(examples: Mapping[str, Mapping[str, tuple[int, Any]]], listed: set[str]) -> None:
    for operation, named in examples.items():
        unlisted = [name for name in named if is_entry_name(name) and name not in listed]
        if unlisted:
            raise ContractError(f"{operation} shows {', '.join(unlisted)}, absent from {EXAMPLES}; list it there")
