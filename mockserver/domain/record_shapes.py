"""The shapes of records, as JSON Schema: what a world's file and the control plane may hold.

No record may hold a member that is not named here: a misspelt member is a problem, never ignored. Integers have bounds,
and what may be any JSON is nested `MAX_DEPTH` deep at most, so that whatever is read can be written.
"""

from collections.abc import Mapping
from typing import Any

from mockserver.domain.datatypes import DATATYPES

_TEXT = {"type": "string"}
_MOMENT = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
}
_ID = {"type": "integer", "minimum": 0, "maximum": 9223372036854775807}
_NUMBER = {"type": "integer", "minimum": -2147483648, "maximum": 2147483647}
_POINTS = {"type": "integer", "minimum": 0, "maximum": 9223372036854775807}
MAX_DEPTH = 64  # levels of a value that may be any JSON, as deep as a request's body may be


def _any_json() -> dict[str, Any]:
    """Return the definitions of any JSON value by its depth; what YAML and Python say beyond JSON is none."""
    plain = ["string", "number", "boolean", "null"]
    kinds: dict[str, Any] = {"json0": {"type": plain}}
    for depth in range(1, MAX_DEPTH):
        inner = {"$ref": f"#/$defs/json{depth - 1}"}
        kinds[f"json{depth}"] = {"type": [*plain, "object", "array"], "items": inner, "additionalProperties": inner}
    return kinds


_ANY = {"$ref": f"#/$defs/json{MAX_DEPTH - 1}"}


def _record(required: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": members,
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _map(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}


ATTRIBUTION = _record(
    ("createDate", "createdBy", "modifiedDate", "modifiedBy"),
    createDate=_MOMENT,
    createdBy=_TEXT,
    modifiedDate=_MOMENT,
    modifiedBy=_TEXT,
)
_CHANNEL = _record(
    ("type", "value"),
    type=_TEXT,
    value=_TEXT,
    primary={"type": "boolean"},
    verified={"type": "boolean"},
    meta=_map(_ANY),
)
_PROFILE = _record(
    ("source",),
    source=_TEXT,
    accountId=_TEXT,
    firstName=_TEXT,
    lastName=_TEXT,
    fields=_map(_TEXT),
    identifiers=_list(_record(("type", "value"), type=_TEXT, value=_TEXT)),
    commChannels=_list(_CHANNEL),
    attribution=ATTRIBUTION,
)
_ENROLMENT = _record(
    ("programId", "tierNumber"),
    programId=_NUMBER,
    tierNumber=_NUMBER,
    loyaltyPoints=_POINTS,
    tierExpiryDate=_MOMENT,
    pointsExpiryDate=_MOMENT,
)
_CHANGE = _record(("member", "previous", "current"), member=_TEXT, previous=_ANY, current=_ANY)
CUSTOMER = {"$defs": _any_json()} | _record(
    ("id", "loyaltyType"),
    id=_ID,
    loyaltyType={"enum": ["loyalty", "non_loyalty"]},
    profiles=_list(_PROFILE),
    extendedFields=_map({"type": ["string", "number", "boolean"]}),
    loyaltyProgramEnrollments=_list(_ENROLMENT),
    attribution=ATTRIBUTION,
    mergedInto=_ID,
    audit=_list(_record(("at", "context", "changes"), at=_MOMENT, context=_map(_TEXT), changes=_list(_CHANGE))),
)
_PASSWORD = _record(("till", "password"), till=_TEXT, password=_TEXT)
_HASH = _record(("till", "md5"), till=_TEXT, md5={"type": "string", "pattern": "^[0-9a-f]{32}$"})
ORGANISATION = _record(
    ("sources",),
    name=_TEXT,
    till=_TEXT,
    countryCode={"type": "string", "pattern": "^[0-9]{1,4}$"},
    dualEligibility={"type": "boolean"},
    credentials=_record(basic=_list({"oneOf": [_PASSWORD, _HASH]}), tokens=_list(_TEXT)),
    sources=_map(_record(accounts=_list(_TEXT), channels=_list(_TEXT))),
    programs=_list(
        _record(
            ("id", "name", "tiers"),
            id=_NUMBER,
            name=_TEXT,
            tiers={**_list(_record(("number", "name"), number=_NUMBER, name=_TEXT)), "minItems": 1},
        )
    ),
    defaultProgram=_NUMBER,
    extendedFields=_map(_record(("datatype",), datatype={"enum": sorted(DATATYPES)}, values=_list(_TEXT))),
    customFields=_list(_TEXT),
    incentives=_list(_record(("program", "points"), program=_NUMBER, points={**_NUMBER, "minimum": 1})),
)
