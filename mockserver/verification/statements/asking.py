"""Requests and expectations that checks are made of, in few words."""

import json
from collections.abc import Mapping
from typing import Any

from mockserver.messages import Request
from mockserver.verification.checks import Situation, Unfit
from mockserver.verification.expectation import Expectation, Pattern
from mockserver.verification.findings import Step
from mockserver.verification.target import Place

JSON = {"content-type": "application/json"}
NO_EFFECTS: Pattern = {"$one_of": [{"$absent": True}, []]}
LOYALTY = "loyalty"
NON_LOYALTY = "non_loyalty"


def put(place: Place, body: object, *, query: str | None = None, headers: Mapping[str, str] | None = None) -> Request:
    """Return an update of the customer at a place; `query` takes the place of the place's own."""
    return put_to(place.customer, body, query=place.query if query is None else query, headers=headers)


def put_to(customer: int, body: object, *, query: str, headers: Mapping[str, str] | None = None) -> Request:
    """Return an update of any customer; bytes go out as they are, all else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    path = f"/v2/customers/{customer}"
    return Request(method="PUT", path=path, query=query, headers={**JSON, **(headers or {})}, body=content)


def profile(**members: object) -> dict[str, object]:
    """Return a body with one profile."""
    return {"profiles": [members]}


def granted(
    changes: Mapping[str, Pattern] | None = None,
    *,
    warnings: tuple[int, ...] = (),
    body: Pattern = None,
) -> Expectation:
    """Expect that a request is granted and changes exactly this."""
    return Expectation(status=200, warnings=warnings, body=body, changes=changes)


def refused(*codes: int, status: int = 400) -> Expectation:
    """Expect that a request is refused with one of these codes, and changes nothing."""
    return Expectation(status=status, code=codes, changes={})


def at(place: Place, **members: Pattern) -> dict[str, Pattern]:
    """Return changes of the profile at a place; `__` in a name stands for `/`."""
    return {f"profiles/{place.profile}/{name.replace('__', '/')}": value for name, value in members.items()}


def step(request: Request, expect: Expectation, *, anonymous: bool = False, programs: bool = False) -> Step:
    """Return a step; `programs` compares the loyalty programs too."""
    return Step(request=request, expect=expect, anonymous=anonymous, looks_at_programs=programs)


def held_name(situation: Situation) -> str | Unfit:
    """Return the member of the profile, firstName or lastName, whose value can be written back."""
    known = situation.state.at(situation.place)
    for member in ("firstName", "lastName"):
        if isinstance(known.get(member), str) and known[member]:
            return member
    return Unfit(f"the customer has no name in {situation.place.profile} that could be written back")


def held_channel(situation: Situation, *, flag: str = "") -> tuple[str, str, Mapping[str, Any]] | Unfit:
    """Return type, value and what is held of the profile's first channel; with `flag`, of the first that shows it."""
    known = situation.state.at(situation.place)
    for path, value in known.items():
        parts = path.split("/")
        if parts[0] != "commChannels" or parts[-1] != (flag or "verified") or not isinstance(value, bool):
            continue
        name = path.removeprefix("commChannels/").removesuffix(f"/{parts[-1]}").removesuffix("/meta")
        kind, _, channel = name.partition(":")
        inner = {one.rpartition(f"{name}/")[2]: held for one, held in known.items() if f"commChannels/{name}/" in one}
        return kind, channel, inner
    wanted = f" with {flag}" if flag else ""
    return Unfit(f"the customer has no channel{wanted} in {situation.place.profile}")


def all_held(kind: str) -> Unfit:
    """Return why a check cannot be made that needs a value which the target does not hold."""
    return Unfit(f"the target holds every {kind} that may be made up; allow more with --value {kind}=PATTERN")
