"""The shape of a golden exchange's file, as JSON Schema; what lies deeper is judged by `golden_judging`."""

from typing import Any

from mockserver.verification.wrong_credentials import KINDS

OPERATIONS = {
    "update": ("PUT", "/v2/customers/{}", None),
    "read": ("GET", "/v2/customers/{}", "source=ALL"),
    "loyaltyDetails": ("GET", "/v2/customers/{}/loyaltyDetails", ""),
}
LEAVES = ("reads", "writes", "irreversible")
TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")

_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_IDS = {"type": "array", "items": _TEXT}
_NUMBERS = {"type": ["integer", "array"], "items": {"type": "integer"}}
_SCALARS = ["string", "number", "boolean", "null"]


def _record(required: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


_PARAMETERS = {"type": [*_SCALARS, "array"], "items": {"type": _SCALARS}}
_SEND = _record(
    operation={"enum": list(OPERATIONS)},
    method={**_TEXT, "pattern": "^[A-Z]+$"},
    path={**_TEXT, "pattern": "^/"},
    query={"type": ["string", "object"], "additionalProperties": _PARAMETERS},
    headers={"type": "object", "additionalProperties": {"type": ["string", "null"]}},
    body={},
    raw=_TEXT,
    repeat={"type": "integer", "minimum": 1, "maximum": 16 * 1024 * 1024},
    raw_base64={**_TEXT, "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"},
    anonymous=_FLAG,
    fresh=_FLAG,
    together=_FLAG,
    after={"type": "number", "minimum": 0, "maximum": 60},
    credentials={"enum": list(KINDS)},
    to={"enum": ["customer", "unknown"]},
)
_EXPECT = _record(
    status=_NUMBERS,
    code=_NUMBERS,
    warnings={"type": "array", "items": {"type": "integer"}},
    body={},
    changes={"type": "object"},
    agrees=_FLAG,
    valid=_FLAG,
    programs=_FLAG,
)
GOLDEN = _record(
    ("title",),
    title=_TEXT,
    statements=_IDS,
    questions=_IDS,
    answers={"type": "object", "additionalProperties": _TEXT},
    leave={"enum": list(LEAVES)},
    customer={"type": ["string", "integer"]},
    grade={"enum": ["broken", "unlike"]},
    differs={"type": "object", "additionalProperties": _TEXT},
    came=_TEXT,
    given={"type": "object"},
    send=_SEND,
    expect=_EXPECT,
    steps={"type": "array", "items": _record(("send", "expect"), send=_SEND, expect=_EXPECT)},
)
