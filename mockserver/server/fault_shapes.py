"""The shape of a fault rule as JSON, the ranges of its numbers, and the presets: rules that have a name.

No record may hold a member that is not named here: a misspelt member is a problem, never ignored.
"""

from collections.abc import Mapping
from typing import Any

from mockserver.domain.record_organisation import Path
from mockserver.messages import BODY_LIMIT
from mockserver.server.fault_rules import MOST_MILLISECONDS, MOST_PER_MINUTE

MOST_TIMES = 1_000_000
# What the vendor's pages on rate limits publish for updates (PUT), in requests a minute.
LIMITS: Mapping[str, int] = {"asia-1": 600, "asia-2": 1000, "demo": 100, "emea": 50, "testing": 100}
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "maintenance": {"do": {"answer": {"code": 503}}},
    "slow": {"do": {"delay": {"uniform": [200, 1500]}}},
    "flaky": {"do": {"reset": {}}, "probability": 0.2},
    "throttled": {"do": {"throttle": {"preset": "emea"}}},
    "expired-credentials": {"do": {"answer": {"code": 401}}},
}
PRESETS_IN_WORDS: Mapping[str, str] = {
    "maintenance": "Every request is answered 503.",
    "slow": "Every answer comes 200 to 1500 milliseconds late.",
    "flaky": "Two of every ten requests meet a reset connection; which two, the seed decides.",
    "throttled": "More than 50 requests a minute are answered 429; `perMinute` sets another limit.",
    "expired-credentials": "Every request is answered 401.",
}

_TEXT, _INTEGER, _LIST = {"type": "string"}, {"type": "integer"}, {"type": "array"}
_FLAG = {"type": "boolean"}


def _record(*required: str, **members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


FAULT_RULE = _record(
    name=_TEXT,
    preset=_TEXT,
    perMinute=_INTEGER,
    match=_record(operation=_TEXT, customer=_INTEGER, header={"type": ["string", "object"]}, nth={}),
    do=_record(
        delay=_record(milliseconds=_INTEGER, uniform=_LIST),
        answer=_record(code={"type": ["integer", "string"]}, example=_TEXT),
        throttle=_record(perMinute=_INTEGER, preset=_TEXT),
        reset=_record(),
        close=_record(),
        truncate=_record("bytes", bytes=_INTEGER),
        dribble=_record("bytes", "milliseconds", bytes=_INTEGER, milliseconds=_INTEGER),
        garble=_record(),
        contentType=_TEXT,
        drop={"enum": ["before", "after"]},
    ),
    times=_INTEGER,
    ttl=_TEXT,
    probability={"type": "number"},
    seed=_INTEGER,
    persist=_FLAG,
    enabled=_FLAG,
)
# Where a number stands, and the least and the most that it may be.
RANGES: Mapping[Path, tuple[int, int]] = {
    ("match", "customer"): (0, 2**63 - 1),
    ("times",): (1, MOST_TIMES),
    ("probability",): (0, 1),
    ("seed",): (-(2**63), 2**63 - 1),
    ("do", "delay", "milliseconds"): (0, MOST_MILLISECONDS),
    ("do", "throttle", "perMinute"): (1, MOST_PER_MINUTE),
    ("do", "truncate", "bytes"): (0, BODY_LIMIT),
    ("do", "dribble", "bytes"): (1, BODY_LIMIT),
    ("do", "dribble", "milliseconds"): (0, MOST_MILLISECONDS),
}
