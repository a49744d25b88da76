"""The entries of the atlas, read from the catalogue, the golden exchanges in `fixtures/errors`, and the questions."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract import Catalogue, CatalogueEntry, Contract, RouteMatch
from mockserver.domain.dialect import Dialect
from mockserver.errors import ExchangeError
from mockserver.exchange.dialects import Dialects
from mockserver.files import OURS, Document, Specification, read_dialect, read_dialects, read_documents
from mockserver.messages import Request
from mockserver.operations.operation import ByPathId, read_id
from mockserver.values import replace

CREDENTIALS = "Basic dGVzdA=="  # any well-formed ones will do; these are the README's
_CATALOGUE = "/components/examples/"
_JSON = "application/json"
_METHODS = ("GET", "PUT", "POST")
_RESERVED = 900_000_000
_FORCED_CUSTOMER = "171891944"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """How a code is earned in the demo world: the request, with credentials unless it `is_anonymous`.

    `answers` are those to questions that the dialect must have, where they are not ours; `ours` are ours to the same
    questions. `customer` is the one whom the request names, None where it names none.
    """

    title: str
    request: Request
    answers: Mapping[str, str] = field(default_factory=dict)
    ours: Mapping[str, str] = field(default_factory=dict)
    customer: int | None = None
    is_anonymous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """How a code is forced: the value of `Prefer`, and the reserved customer id, None where there is none.

    `request` is one that forces it, with credentials; `operation` is what it asks for. `answers` are those without
    which a dialect has no such code at all, and `ours` are ours to the same questions.
    """

    prefer: str
    customer: int | None
    operation: str
    request: Request
    answers: Mapping[str, str] = field(default_factory=dict)
    ours: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtlasEntry:
    """One error or warning: what the catalogue says of it, and how it is earned, or why it is not, and how forced."""

    name: str
    code: int
    status: int
    is_warning: bool
    message: str
    summary: str
    description: str
    basis: str
    operations: tuple[str, ...]
    value: Mapping[str, Any]  # Any: a response body as published
    forced: Forced
    earned: Earned | None = None
    unearned: str = ""


def read_atlas(dialects: Dialects | None = None, specification: Specification = OURS) -> tuple[AtlasEntry, ...]:
    """Read the atlas, in the order of codes; a file that is about no code of the catalogue is an ExchangeError.

    Where several operations have a file for one code, that of the first counts.
    """
    dialects = dialects or read_dialects(specification)
    reader = _Reader(dialects, read_dialect(dialects), _read_files(specification))
    entries = [reader.entry(entry, contract, answers) for entry, contract, answers in reader.catalogued()]
    known = {entry.name for entry in entries}
    for name, document in reader.files.items():
        if name not in known:
            raise ExchangeError(f"{document.path}: no entry of the catalogue is named so; name the file after one")
    return tuple(sorted(entries, key=lambda entry: (entry.code, entry.name)))


def _read_files(specification: Specification) -> Mapping[str, Document]:
    documents = read_documents(specification.errors(), ExchangeError)
    return {document.path.stem: document for document in reversed(documents)}


class _Reader:
    """Reads entries under one dialect, the documented one."""

    def __init__(self, dialects: Dialects, documented: Dialect, files: Mapping[str, Document]) -> None:
        self.files = files
        self._dialects = dialects
        self._documented = documented

    def catalogued(self) -> Iterator[tuple[CatalogueEntry, Contract, Mapping[str, str]]]:
        """Give every entry of our contract, then those that only another answer brings, each with its contract."""
        dialects, documented = self._dialects, self._documented
        contract = dialects.contract_of(documented)
        known = {entry.name for entry in contract.catalogue.entries}
        yield from ((entry, contract, {}) for entry in contract.catalogue.entries)
        for question in dialects.questions.values():
            for answer, patches in question.contract.items():
                if any(pointer.startswith(_CATALOGUE) for pointer in patches):
                    other = dialects.contract_of(dialects.with_answers(documented, (question.id, answer)))
                    new = [entry for entry in other.catalogue.entries if entry.name not in known]
                    yield from ((entry, other, {question.id: answer}) for entry in new)

    def entry(self, entry: CatalogueEntry, contract: Contract, answers: Mapping[str, str]) -> AtlasEntry:
        """Read one entry, which a dialect has with these answers."""
        published = [name for name in contract.operations if name in entry.operations]
        operations = tuple(sorted(published, key=lambda name: not contract.operations[name].takes_body))
        forced, document = self._forced(entry, contract, operations[0]), self.files.get(entry.name)
        return AtlasEntry(
            name=entry.name,
            code=entry.code,
            status=entry.status,
            is_warning=entry.is_warning,
            message=entry.message,
            summary=entry.summary,
            description=entry.description,
            basis=" ".join(entry.basis),
            operations=operations,
            value=entry.value,
            forced=replace(forced, answers=answers, ours=self._ours(answers)),
            earned=None if document is None else self._earned(document.record, contract),
            unearned=entry.unearned,
        )

    def _forced(self, entry: CatalogueEntry, contract: Contract, name: str) -> Forced:
        """A code asks for one of its entries; another one has to be asked for by name, and has no reserved id."""
        by_code = _asked(contract.catalogue, entry.code, name) == entry.name
        endpoint, operation = contract.operations[name], self._dialects.operations[name]
        has_id = by_code and isinstance(operation.subject, ByPathId)
        prefer = f"code={entry.code}" if by_code else f"example={entry.name}"
        credentials = {"authorization": CREDENTIALS} if operation.needs_credentials else {}
        return Forced(
            prefer=prefer,
            customer=_RESERVED + entry.code if has_id else None,
            operation=name,
            request=Request(
                method=endpoint.method,
                path=operation.subject.filled(endpoint.path, _FORCED_CUSTOMER),
                headers={**credentials, "prefer": prefer},
            ),
        )

    def _earned(self, record: Mapping[str, Any], contract: Contract) -> Earned:
        """Read what a golden exchange of the atlas sends; it is written out, without placeholders."""
        send, answers = record["send"], record.get("answers", {})
        body = _body_of(send)
        headers = {} if send.get("anonymous") else {"authorization": CREDENTIALS}
        headers |= {"content-type": _JSON} if body else {}
        headers |= {name.lower(): value for name, value in send.get("headers", {}).items()}
        method, path = send.get("method", "PUT"), send["path"]
        return Earned(
            title=record["title"],
            request=Request(method=method, path=path, query=send["query"], headers=headers, body=body),
            answers=answers,
            ours=self._ours(answers),
            customer=self._customer(contract, method, path),
            is_anonymous=send.get("anonymous", False),
        )

    def _customer(self, contract: Contract, method: str, path: str) -> int | None:
        """Return whom a request names, whatever its method; None where it names nobody."""
        for one in (method, *_METHODS):
            routed = contract.route(one, path)
            if isinstance(routed, RouteMatch):
                return read_id(self._dialects.operations[routed.operation.id].subject.text_in(routed.path_values))
        return None

    def _ours(self, answers: Mapping[str, str]) -> Mapping[str, str]:
        return {question: self._documented[question] for question in answers}


def _asked(catalogue: Catalogue, code: int, operation: str) -> str | None:
    found = catalogue.asked_code(str(code), operation)
    return None if found is None else found.name


def _body_of(send: Mapping[str, Any]) -> bytes:
    if "raw" in send:
        return str(send["raw"]).encode() * int(send.get("repeat", 1))
    return json.dumps(send["body"], ensure_ascii=False).encode() if "body" in send else b""
