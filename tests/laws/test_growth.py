"""The law of growth: four times the body takes four times the steps, whatever the body is made of."""

import json
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from mockserver.exchange import Setting, respond
from mockserver.files import World
from mockserver.messages import Request
from tests.exchange.mock import NOW, PAGE_CREDENTIALS

_FEW, _MANY = 600, 2_400  # parts; even the few are more than the questions are asked about
_ALLOWED = 4.4
Making = Callable[[int], dict[str, Any]]


def _profile(**members: Any) -> dict[str, Any]:
    return {"profiles": [{"lastName": "x" * 100, **members}]}


def _members(count: int, value: Any = "0123456789 0123456789") -> dict[str, Any]:
    return {f"field{number}": value for number in range(count)}


_BODIES: dict[str, Making] = {
    "members that are not in the contract": lambda count: {**_members(count), **_profile(firstName="Tom")},
    "a list beside what is asked": lambda count: {"padding": [_members(1)] * count, **_profile(firstName="Tom")},
    "a fault after a long list": lambda count: {"padding": [_members(1)] * count, **_profile(firstName=5)},
    "unknown custom fields": lambda count: _profile(fields=_members(count)),
    "nulls": lambda count: _profile(fields=_members(count, None), identifiers=[{"value": "0123456789" * 2}] * count),
    "wrong custom fields": lambda count: _profile(fields=_members(count, [])),
    "the last field is wrong": lambda count: _profile(fields={**_members(count), "last": 5}),
    "unknown extended fields": lambda count: {"extendedFields": _members(count)},
    "profiles": lambda count: {"profiles": [{"firstName": f"Tom {number}", **_members(1)} for number in range(count)]},
    "wrong profiles": lambda count: {"profiles": [{"firstName": number, **_members(1)} for number in range(count)]},
    "channels": lambda count: _profile(commChannels=[{"type": "wechat", "value": f"wc_{n}"} for n in range(count)]),
    "channels, each the primary": lambda count: _profile(
        commChannels=[{"type": "wechat", "value": f"wc_{n}", "primary": True} for n in range(count)]
    ),
    "channels without type": lambda count: _profile(commChannels=[{"value": f"wc_{n}" * 4} for n in range(count)]),
    "one channel again": lambda count: _profile(
        commChannels=[{"type": "wechat", "value": "wc_1", "primary": True}] * count
    ),
    "wrong e-mail addresses": lambda count: _profile(
        commChannels=[{"type": "email", "value": f"tom{n}"} for n in range(count)]
    ),
    "meta": lambda count: _profile(commChannels=[{"type": "wechat", "value": "wc_1", "meta": _members(count)}]),
    "identifiers": lambda count: _profile(identifiers=[{"type": f"t{n}", "value": f"v{n}" * 5} for n in range(count)]),
    "enrolments": lambda count: {"loyaltyProgramEnrollments": [{"programId": 699, "loyaltyPoints": 5}] * count},
    "wrong enrolments": lambda count: {"loyaltyProgramEnrollments": [{"programId": 699, "loyaltyPoints": -5}] * count},
    "long integers": lambda count: {"padding": [{"name": 10**20}] * count, **_profile(firstName="Tom")},
}


def steps_of(run: Callable[[], object]) -> int:
    """Count the lines that are executed."""
    steps = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal steps
        steps += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return steps


@pytest.mark.parametrize("made_of", _BODIES)
def test_four_times_the_body_takes_four_times_the_steps(made_of: str, setting: Setting, demo: World) -> None:
    def steps_for(count: int) -> int:
        body = json.dumps(_BODIES[made_of](count)).encode()
        headers = {"authorization": PAGE_CREDENTIALS, "content-type": "application/json"}
        request = Request(
            method="PUT", path="/v2/customers/171891945", query="source=INSTORE", headers=headers, body=body
        )
        return steps_of(lambda: respond(setting, request, load=demo.customers.get, now=NOW))

    steps_for(_MANY)  # what is read once is read here

    assert steps_for(_MANY) < _ALLOWED * steps_for(_FEW)
