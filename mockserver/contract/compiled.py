"""Compile an OpenAPI 3.1 document into a contract that routes and judges without looking at it again.

The law: what is not understood is refused with its place and its cure, so that nothing that the contract
says is ignored silently.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver.contract.catalogue import Catalogue
from mockserver.contract.cataloguing import JSON, read_catalogue
from mockserver.contract.endpoint import Endpoint
from mockserver.contract.parameters import REPEATED, UNKNOWN, Parameter
from mockserver.contract.pointers import Node, below, find, follow, steps_of
from mockserver.contract.routing import MethodUnknown, PathUnknown, RouteMatch, Router
from mockserver.contract.schemas import Schema, Schemas
from mockserver.contract.support import (
    refuse_members,
    refuse_not_json,
    refuse_unknown_refusals,
    refuse_unsupported,
)
from mockserver.errors import ContractError
from mockserver.values import Value, member

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_STYLES = {"path": "simple", "query": "form", "header": "simple"}
# OpenAPI §4.8.12.2 says that header parameters of these names shall be ignored, so they would be.
_NO_HEADER_PARAMETERS = frozenset({"accept", "content-type", "authorization"})


class Contract(Value, frozen=True, kw_only=True):
    """What is promised, compiled."""

    document: Node
    operations: Mapping[str, Endpoint]
    catalogue: Catalogue
    _router: Router

    def __repr__(self) -> str:
        """Name its operations; a whole document would fill the report of a failed test."""
        return f"Contract({', '.join(self.operations)})"

    def route(self, method: str, raw_path: str) -> RouteMatch | MethodUnknown | PathUnknown:
        """Find the operation that a method and a raw path name."""
        return self._router.route(method, raw_path)


class _Source(Value, frozen=True, kw_only=True):
    """The document and its schemas, which all compiling needs; `compiled` are those that were met, by place."""

    document: Node
    schemas: Schemas
    compiled: dict[str, Schema] = member(default_factory=dict)

    def choice(self, place: str, *choices: str) -> str:
        """Read one of the document's own words about parameters, the first where it says none."""
        name = steps_of(place)[-1]
        chosen = self.document.get(name, choices[0])
        if chosen not in choices:
            raise ContractError(f"{name} is {chosen!r}; write {' or '.join(choices)}")
        return str(chosen)

    def schema_at(self, place: str) -> Schema:
        """Compile a schema; each is compiled once, however many operations have it."""
        if place not in self.compiled:
            refuse_unsupported(self.document, find(self.document, place), place)
            self.compiled[place] = self.schemas.at(place)
        return self.compiled[place]


def compile_contract(document: Mapping[str, Any]) -> Contract:
    """Compile a document, or raise ContractError for what it says beyond our means."""
    refuse_not_json(document)
    if not str(document.get("openapi", "")).startswith("3.1."):
        raise ContractError(f"openapi is {document.get('openapi')!r}; write the contract in OpenAPI 3.1")
    source = _Source(document=document, schemas=Schemas(document=_without_examples(document)))
    found = [_operation(source, *place) for place in _operation_places(document)]
    operations = {operation.id: operation for operation, _ in found}
    if len(operations) != len(found):
        raise ContractError("two operations have one operationId; give each its own")
    catalogue = read_catalogue(document, {operation.id: responses for operation, responses in found})
    return Contract(
        document=document,
        operations=operations,
        catalogue=catalogue,
        _router=Router(operations.values()),
    )


def _without_examples(document: Node) -> Node:
    """Leave out what no schema refers to and is half of the document; what compiles schemas keeps a copy of it."""
    components = {name: part for name, part in document.get("components", {}).items() if name != "examples"}
    return {**document, "components": components}


def _operation_places(document: Node) -> Iterator[tuple[str, str, str]]:
    """Give path, method and the place of the path for each operation."""
    for path, item in document.get("paths", {}).items():
        place = below("#/paths", path)
        refuse_members(item, {*_METHODS, "parameters", "summary", "description"}, place)
        for method in _METHODS:
            if method in item:
                yield path, method, place


def _operation(source: _Source, path: str, method: str, place: str) -> tuple[Endpoint, dict[str, tuple[Node, str]]]:
    where = below(place, method)
    node = find(source.document, where)
    known = "operationId summary description tags parameters requestBody responses security deprecated externalDocs"
    refuse_members(node, {*known.split()}, where)
    if not node.get("operationId"):
        raise ContractError(f"{where} has no operationId; give it one")
    responses = _responses(source, node, where)
    body, body_required = _body(source, node, where)
    operation = Endpoint(
        id=node["operationId"],
        method=method.upper(),
        path=path,
        parameters=_parameters(source, place, where),
        body=body,
        body_required=body_required,
        responses={status: _response_schema(source, *response) for status, response in responses.items()},
        place=where,
        refuses_unknown=source.choice(UNKNOWN, "ignore", "reject") == "reject",
    )
    return operation, responses


def _parameters(source: _Source, place: str, where: str) -> tuple[Parameter, ...]:
    """Read the parameters of the path and of the operation, which overrides those of the path."""
    read: dict[tuple[str, str], Parameter] = {}
    for owner in (place, where):
        for position, node in enumerate(find(source.document, owner).get("parameters", ())):
            parameter = _parameter(source, *follow(source.document, node, below(owner, "parameters", position)))
            read[parameter.where, parameter.name] = parameter
    _refuse_undeclared_variables(read.values(), place)
    return tuple(sorted(read.values(), key=lambda parameter: parameter.where != "path"))


def _refuse_undeclared_variables(parameters: Iterable[Parameter], place: str) -> None:
    variables = set(re.findall(r"\{([^{}]*)\}", steps_of(place)[-1]))
    declared = {parameter.name for parameter in parameters if parameter.where == "path"}
    if variables != declared:
        raise ContractError(
            f"{place} has the variables {sorted(variables)} and declares {sorted(declared)}; let them agree"
        )


def _parameter(source: _Source, node: Node, place: str) -> Parameter:
    known = "name in required description schema style explode allowEmptyValue deprecated example examples"
    refuse_members(node, {*known.split()}, place)
    name, where = node.get("name"), node.get("in")
    if not isinstance(name, str) or where not in _STYLES or "schema" not in node:
        raise ContractError(f"{place} needs a name, a schema, and `in` one of {', '.join(_STYLES)}")
    if node.get("style", _STYLES[where]) != _STYLES[where] or name.lower() in _NO_HEADER_PARAMETERS:
        raise ContractError(
            f"{place} is not supported: use style {_STYLES[where]} and no header that HTTP itself reads"
        )
    refuse_unknown_refusals(node.get("x-refusal", {}), place)
    rule = below(place, "schema")
    meaning, _ = follow(source.document, node["schema"], rule)
    kind = _kind(meaning, rule)
    parameter = Parameter(
        name=name,
        where=where,
        kind=kind,
        required=node.get("required", False),
        allow_empty=node.get("allowEmptyValue", False),
        refusals=node.get("x-refusal", {}),
        rule=place,
        schema=source.schema_at(rule),
        members=_members(meaning, node["schema"], kind),
        repeated=source.choice(REPEATED, "reject", "first", "last"),
    )
    return _consistent(parameter, place)


def _kind(schema: Any, place: str) -> str:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    # openapi-core answers a list of types here with an uncaught TypeError (its issue 1180).
    if kind not in ("string", "boolean", "integer"):
        raise ContractError(f"{place} has type {kind!r}; a parameter is a string, boolean or integer")
    return str(kind)


def _members(meaning: Node, written: Node, kind: str) -> frozenset[str]:
    """Give all values of a plain enum, so that the common case is one look-up."""
    plain = {key for key in (*meaning, *written) if not key.startswith("x-")} <= {
        "type", "enum", "title", "description", "examples", "default", "$ref",
    }  # fmt: skip
    return frozenset(meaning.get("enum", ())) if plain and kind == "string" else frozenset()


def _consistent(parameter: Parameter, place: str) -> Parameter:
    if parameter.allow_empty and not (parameter.kind == "string" and parameter.schema.is_valid("")):
        raise ContractError(f"{place} allows an empty value that its schema refuses; let the schema allow it too")
    return parameter


def _body(source: _Source, node: Node, where: str) -> tuple[Schema | None, bool]:
    if "requestBody" not in node:
        return None, False
    body, place = follow(source.document, node["requestBody"], below(where, "requestBody"))
    refuse_members(body, {"content", "required", "description"}, place)
    return _json_schema(source, body, place), body.get("required", False)


def _responses(source: _Source, node: Node, where: str) -> dict[str, tuple[Node, str]]:
    responses = {}
    for status, response in node.get("responses", {}).items():
        place = below(where, "responses", status)
        if status != "default" and not (status.isdigit() and len(status) == 3):
            raise ContractError(f"{place} is no single status; write each status out")
        found = follow(source.document, response, place)
        refuse_members(found[0], {"description", "summary", "content", "headers", "links"}, found[1])
        responses[status] = found
    return responses


def _response_schema(source: _Source, node: Node, place: str) -> Schema | None:
    """Compile what a response's schema refers to: most responses have the same one."""
    where = _json_schema_place(node, place)
    return None if where is None else source.schema_at(follow(source.document, find(source.document, where), where)[1])


def _json_schema(source: _Source, node: Node, place: str) -> Schema | None:
    where = _json_schema_place(node, place)
    return None if where is None else source.schema_at(where)


def _json_schema_place(node: Node, place: str) -> str | None:
    content: Mapping[str, Any] = node.get("content", {})
    if not content:
        return None
    if list(content) != [JSON]:
        raise ContractError(f"{place} has {', '.join(content)}; only {JSON} is supported")
    media_place = below(place, "content", JSON)
    refuse_members(content[JSON], {"schema", "example", "examples"}, media_place)
    if "schema" not in content[JSON]:
        raise ContractError(f"{media_place} has no schema; write one")
    return below(media_place, "schema")
