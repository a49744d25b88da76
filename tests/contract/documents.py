"""A small contract of our own, so that each law is tested on exactly what it needs."""

from typing import Any

BODY = "#/paths/~1v2~1customers~1{userId}/put/requestBody/content/application~1json/schema"


def an_error(code: int, message: str, **extensions: Any) -> dict[str, Any]:
    return {
        "summary": message,
        "description": f"When {message}. Send something else.",
        "x-basis": "documented UPD-ERR-1",
        "value": {"errors": [{"status": False, "code": code, "message": message}]},
        **extensions,
    }


def a_warning(code: int, message: str, **extensions: Any) -> dict[str, Any]:
    warnings = [{"status": False, "code": code, "message": message}]
    return {
        "summary": message,
        "description": "When.",
        "x-basis": "published status-codes",
        "value": {"createdId": 1, "warnings": warnings},
        **extensions,
    }


def _example(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/examples/{name}"}


def _answer(schema: str, *names: str, **inline: Any) -> dict[str, Any]:
    examples = {name: _example(name) for name in names} | inline
    media = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "examples": examples}
    return {"description": "An answer.", "content": {"application/json": media}}


def _put() -> dict[str, Any]:
    return {
        "operationId": "updateCustomer",
        "parameters": [
            {
                "name": "source",
                "in": "query",
                "required": True,
                "schema": {"type": "string", "enum": ["INSTORE", "WECHAT", "ALL"]},
                "x-refusal": {"missing": "8003", "invalid": "8003"},
            },
            {"name": "accountId", "in": "query", "allowEmptyValue": True, "schema": {"type": "string"}},
            {"name": "use_async", "in": "query", "schema": {"type": "boolean", "default": False}},
            {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 50}},
            {
                "name": "USER-CONTEXT-ENTITY-TYPE",
                "in": "header",
                "schema": {"type": "string", "enum": ["TILL", "STORE"]},
            },
        ],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Update"}}}},
        "responses": {
            "200": _answer("Updated", "8057-warning", updated={"value": {"createdId": 5, "warnings": []}}),
            "400": {"$ref": "#/components/responses/Refused"},
            "401": _answer("Refusal", "401"),
        },
    }


def _schemas() -> dict[str, Any]:
    channel_type = {"type": "string", "enum": ["mobile", "email"]}
    text_or_null = {"type": ["string", "null"], "maxLength": 20}
    moment = {"type": ["string", "null"], "format": "date-time"}
    return {
        "ChannelType": channel_type,
        "Channel": {
            "type": "object",
            "required": ["type", "value"],
            "properties": {
                "type": {
                    "$ref": "#/components/schemas/ChannelType",
                    "x-refusal": {"missing": "8106", "invalid": "8010"},
                },
                "value": text_or_null,
                "primary": {"type": ["boolean", "string", "null"], "enum": [True, False, "true", "false", None]},
            },
        },
        "Profile": {
            "type": "object",
            "properties": {
                "firstName": text_or_null,
                "fields": {"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}},
                "commChannels": {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/Channel"}},
            },
        },
        "Update": {
            "type": "object",
            "properties": {
                "profiles": {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/Profile"}},
                "points": {"type": ["integer", "null"], "minimum": 0, "maximum": 9223372036854775807},
                "expiry": moment,
                "loyaltyType": {"anyOf": [{"enum": ["loyalty", "non_loyalty"]}, {"type": "null"}]},
                "extra": {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "string"}}},
            },
        },
        "Updated": {
            "type": "object",
            "required": ["createdId"],
            "properties": {"createdId": {"type": "integer"}, "warnings": {"type": "array"}},
        },
        "Refusal": {"type": "object", "required": ["errors"], "properties": {"errors": {"type": "array"}}},
        "Customer": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
    }


def a_document() -> dict[str, Any]:
    """A fresh, valid contract; tests spoil it as they need."""
    user_id = {
        "name": "userId",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": r"^(0|[1-9][0-9]{0,18})$(?!\n)"},
        "x-refusal": {"invalid": "8015"},
    }
    get = {
        "operationId": "getCustomer",
        "responses": {
            "200": _answer("Customer", page={"value": {"id": 1}}),
            "400": _answer("Refusal", "8015", "8065"),
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "A contract", "version": "1"},
        "servers": [{"url": "https://eu.example.com"}],
        "security": [{"basic": []}],
        "paths": {
            "/v2/customers/{userId}": {
                "parameters": [{"$ref": "#/components/parameters/userId"}],
                "get": get,
                "put": _put(),
            }
        },
        "components": {
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
            "parameters": {"userId": user_id},
            "responses": {"Refused": _answer("Refusal", "400", "8003", "8010", "8015", "8057-error", "8106")},
            "examples": {
                "400": an_error(400, "Bad request"),
                "401": an_error(401, "Unauthorized"),
                "404": an_error(404, "Not found"),
                "8003": an_error(8003, "Invalid source"),
                "8010": an_error(8010, "Invalid channel", **{"x-message": "Invalid channel {0}"}),
                "8015": an_error(8015, "Customer not found"),
                "8057-error": an_error(8057, "Invalid e-mail"),
                "8057-warning": a_warning(8057, "Invalid e-mail", **{"x-preferred": True}),
                "8065": an_error(8065, "No profile"),
                "8106": an_error(8106, "Channel type missing"),
                "page": {"value": {"id": 1}},
            },
            "schemas": _schemas(),
        },
    }
