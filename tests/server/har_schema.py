"""HAR 1.2 as JSON Schema, written from its specification: http://www.softwareishard.com/blog/har-12-spec/."""

from typing import Any


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {}), "comment": {"type": "string"}},
        "patternProperties": {"^_": True},  # members of a tool's own
        "additionalProperties": False,
    }


TEXT = {"type": "string"}
TIME = {
    "type": "string",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$",
}
SIZE = {"type": "integer", "minimum": -1}
DURATION = {"type": "number", "minimum": 0}
MAYBE = {"type": "number", "minimum": -1}
NAMED = {"type": "array", "items": _object({"name": TEXT, "value": TEXT})}
COOKIE = _object({"name": TEXT, "value": TEXT}, {"path": TEXT, "domain": TEXT, "expires": TEXT})
COOKIES = {"type": "array", "items": COOKIE}
POST_DATA = {
    **_object({"mimeType": TEXT}, {"text": TEXT, "params": {"type": "array"}}),
    "oneOf": [{"required": ["text"]}, {"required": ["params"]}],
}
REQUEST = _object(
    {
        "method": TEXT,
        "url": {"type": "string", "pattern": r"^https?://[!-~]+$"},
        "httpVersion": TEXT,
        "cookies": COOKIES,
        "headers": NAMED,
        "queryString": NAMED,
        "headersSize": SIZE,
        "bodySize": SIZE,
    },
    {"postData": POST_DATA},
)
CONTENT = _object(
    {"size": {"type": "integer", "minimum": 0}, "mimeType": TEXT},
    {"text": TEXT, "encoding": TEXT, "compression": {"type": "integer"}},
)
RESPONSE = _object(
    {
        "status": {"type": "integer"},
        "statusText": TEXT,
        "httpVersion": TEXT,
        "cookies": COOKIES,
        "headers": NAMED,
        "content": CONTENT,
        "redirectURL": TEXT,
        "headersSize": SIZE,
        "bodySize": SIZE,
    }
)
TIMINGS = _object(
    {"send": DURATION, "wait": DURATION, "receive": DURATION},
    {"blocked": MAYBE, "dns": MAYBE, "connect": MAYBE, "ssl": MAYBE},
)
ENTRY = _object(
    {
        "startedDateTime": TIME,
        "time": DURATION,
        "request": REQUEST,
        "response": RESPONSE,
        "cache": _object({}, {"beforeRequest": {}, "afterRequest": {}}),
        "timings": TIMINGS,
    },
    {"pageref": TEXT, "serverIPAddress": TEXT, "connection": TEXT},
)
CREATOR = _object({"name": TEXT, "version": TEXT})
HAR = {
    **_object(
        {
            "log": _object(
                {"version": {"const": "1.2"}, "creator": CREATOR, "entries": {"type": "array", "items": ENTRY}},
                {"browser": CREATOR, "pages": {"type": "array"}},
            )
        }
    ),
    "$schema": "https://json-schema.org/draft/2020-12/schema",
}
