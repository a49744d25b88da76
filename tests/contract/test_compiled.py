"""Laws of compiling and routing."""

from typing import Any

import pytest

from mockserver.contract import MethodUnknown, PathUnknown, RouteMatch, compile_contract
from mockserver.errors import ContractError
from tests.contract.documents import a_document

CONTRACT = compile_contract(a_document())


def put(document: dict[str, Any]) -> Any:
    return document["paths"]["/v2/customers/{userId}"]["put"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/v2/customers/17", "17"),
        ("/v2/customers/1%2F2", "1/2"),
        ("/v2/%63ustomers/17", "17"),
        ("/v2/customers/%zz", "%zz"),
        ("/v2/customers/%ff", "%ff"),
        ("/v2/customers/%E2%82%AC", "€"),
    ],
)
def test_a_path_is_split_before_it_is_decoded(path: str, value: str) -> None:
    match = CONTRACT.route("PUT", path)

    assert isinstance(match, RouteMatch)
    assert match.path_values == {"userId": value}


@pytest.mark.parametrize(
    "path",
    ["/v2/customers/17/", "/v2//customers/17", "//v2/customers/17", "/v2/customers/", "/", "", "x/v2/customers/1", "*"],
)
def test_every_other_path_is_unknown(path: str) -> None:
    assert CONTRACT.route("PUT", path) == PathUnknown()


def test_a_fixed_segment_is_preferred_to_a_variable() -> None:
    document = a_document()
    responses = {"200": {"description": "x"}}
    document["paths"]["/v2/customers/me"] = {"get": {"operationId": "getMe", "responses": responses}}

    match = compile_contract(document).route("GET", "/v2/customers/me")

    assert isinstance(match, RouteMatch)
    assert match.operation.id == "getMe"


def test_head_is_asked_of_get_and_other_methods_are_told_what_is_allowed() -> None:
    match = CONTRACT.route("HEAD", "/v2/customers/1")

    assert isinstance(match, RouteMatch)
    assert match.operation.id == "getCustomer"
    for method in ("POST", "put", "OPTIONS"):
        allow = ("GET", "HEAD", "OPTIONS", "PUT")
        assert CONTRACT.route(method, "/v2/customers/1") == MethodUnknown(allow=allow)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "string", "nullable": True}, "'nullable' at .*OpenAPI 3.0"),
        ({"if": {}}, "'if' at .* is not supported"),
        ({"type": "text"}, "type 'text'"),
        ({"format": "email"}, "format 'email'"),
        ({"pattern": r"^\d+"}, "write \\[0-9\\]"),
        ({"pattern": "^a$"}, "final newline"),
        ({"$ref": "#/components/schemas/Nowhere"}, "points to nothing"),
        ({"$ref": "other.yaml#/x"}, "is not local"),
        ({"$ref": "#/components/schemas/Update/properties/name"}, "inside another schema"),
        ({"x-refusal": {"wrong": "1"}}, "x-refusal"),
        ({"x-refusal": {"missing": 8003}}, "in quotes"),
        ({"anyOf": [{"items": {"example": 1}}]}, "anyOf/0/items"),
        ({"default": float("nan")}, "which JSON has not"),
        ({"properties": {"007": {}}}, "give it letters"),
        ([], "a schema is an object"),
    ],
)
def test_a_schema_that_is_not_honoured_everywhere_alike_is_refused(schema: object, message: str) -> None:
    document = a_document()
    document["components"]["schemas"]["Update"]["properties"]["new"] = schema

    with pytest.raises(ContractError, match=message):
        compile_contract(document)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"style": "deepObject"}, "style form"),
        ({"in": "cookie"}, "`in` one of"),
        ({"schema": {"type": ["string", "null"]}}, "a parameter is a string, boolean or integer"),
        ({"schema": {"type": "array"}}, "a parameter is a string"),
        ({"in": "header", "name": "Accept"}, "no header that HTTP itself reads"),
        ({"allowReserved": True}, "'allowReserved'"),
        ({"allowEmptyValue": True, "schema": {"type": "string", "minLength": 1}}, "allows an empty value"),
        ({"in": "path"}, "variables"),
    ],
)
def test_a_parameter_that_would_not_be_honoured_is_refused(change: dict[str, Any], message: str) -> None:
    document = a_document()
    put(document)["parameters"][0].update(change)

    with pytest.raises(ContractError, match=message):
        compile_contract(document)


def test_other_parts_that_would_be_ignored_are_refused() -> None:
    changes: list[tuple[str, Any]] = [
        ("callbacks", {}),
        ("responses", {"2XX": {"description": "x"}}),
        ("responses", {200: {"description": "x"}}),
        ("requestBody", {"content": {"text/plain": {"schema": {}}}}),
        ("requestBody", {"content": {"application/json": {}}}),
        ("operationId", ""),
        ("operationId", "getCustomer"),
    ]
    for member, value in changes:
        document = a_document()
        put(document)[member] = value
        with pytest.raises(ContractError):
            compile_contract(document)


def test_another_version_of_openapi_is_refused() -> None:
    with pytest.raises(ContractError, match=r"OpenAPI 3\.1"):
        compile_contract(a_document() | {"openapi": "3.0.3"})
