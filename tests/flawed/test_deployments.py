"""What must hold of the flawed and the sound deployments themselves, before any checker meets them."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
import requests

from mockserver.files import read_questions, read_statements
from mockserver.messages import Request, Response
from tests.flawed.asking import (
    ASHA,
    AUTHORIZATION,
    GRACE,
    LI,
    MERGED,
    RAVI,
    TOMAS,
    UNKNOWN,
    channel,
    downgrade,
    enrolment,
    get,
    profile,
    put,
    put_async,
    standing,
    with_header,
)
from tests.flawed.checking import PassingTime
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw, Sound
from tests.flawed.flaws import ALL_FLAWS, FLAWS
from tests.flawed.serving import serve
from tests.flawed.sound import ALL_SOUND, SOUND
from tests.flawed.sound_on_the_wire import ON_THE_WIRE

_READS = tuple(read(customer) for customer in range(ASHA, MERGED + 1) for read in (get, standing))
_ORDINARY = (
    put(ASHA, profile(firstName="Tom", lastName="李", fields={"city": "Bangalore"})),
    put(ASHA, channel("email", "asha.menon@example.com", verified="true", meta={"office": True})),
    put(ASHA, {"extendedFields": {"city": "Bangalore", "kids": 2}}),
    put(ASHA, channel("email", "no address")),
    put(RAVI, {**enrolment(), **profile(firstName="Tom")}),
    put(RAVI, enrolment()),
    put(RAVI, downgrade()),
    put(RAVI, enrolment(program=4711)),
    put_async(TOMAS, enrolment(points=75)),
    put(LI, profile(firstName="Tom"), "source=WECHAT&accountId=1234"),
    put(LI, {}, "source=WECHAT&accountId=nowhere"),
    put(LI, {}, "source=WECHAT"),
    put(GRACE, profile(firstName="Tom"), "source=FACEBOOK&accountId=fb-2"),
    put(ASHA, {}, "source=ORKUT"),
    put(ASHA, channel("fax", "1")),
    put(UNKNOWN, {}),
    put(MERGED, {}),
    with_header(put(ASHA, {}), "authorization", None),
)
_SHOWN_HEADERS = ("content-type", "www-authenticate")
# What differs between two runs by the clock alone, and what more-members adds.
_UNSTEADY = ("modifiedDate", "autoUpdateTime", "createDate", "traceId", "extra")


def _name_of(each: Any) -> str:  # Any: as pytest has it
    return str(each.name)


def _steady(value: Any) -> Any:
    """Return a JSON value without what differs between two runs."""
    if isinstance(value, list):
        return [_steady(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _steady(each) for name, each in value.items() if name not in _UNSTEADY}


def _content(response: Response) -> Any:
    try:
        return _steady(json.loads(response.body))
    except ValueError:  # HTML, nothing, or another encoding
        return response.body


def _observe(response: Response) -> tuple[Any, ...]:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return response.status, _content(response), *(headers.get(name) for name in _SHOWN_HEADERS)


def _observe_all(deployment: Deployment, requests_: Iterable[Request]) -> list[tuple[Any, ...]]:
    return [_observe(deployment.handle(request)) for request in requests_]


@cache
def _observe_sound() -> list[tuple[Any, ...]]:
    return _observe_all(Deployment(), (*_READS, *_ORDINARY))


def _patiently(deployment: Deployment, request: Request) -> Response:
    """Send again what is throttled, as a client does."""
    response = deployment.handle(request)
    return deployment.handle(request) if response.status == 429 else response


def _codes(response: Response) -> tuple[int, tuple[int, ...]]:
    content = _content(response)
    errors = content.get("errors", ()) if isinstance(content, dict) else ()
    return response.status, tuple(error["code"] for error in errors) if response.status != 401 else ()


@pytest.mark.parametrize("flaw", ALL_FLAWS, ids=_name_of)
def test_a_flaw_can_be_seen(flaw: Flaw) -> None:
    sound, flawed = Deployment(), flaw.make()

    assert _observe_all(flawed, flaw.shown_by) != _observe_all(sound, flaw.shown_by)


@pytest.mark.parametrize("flaw", ALL_FLAWS, ids=_name_of)
def test_a_flaw_leaves_most_as_it_is(flaw: Flaw) -> None:
    expected = _observe_sound()

    found = _observe_all(flaw.make(), (*_READS, *_ORDINARY))

    assert sum(one == other for one, other in zip(expected, found, strict=True)) >= len(expected) // 3


@pytest.mark.parametrize("flaw", [flaw for flaw in ALL_FLAWS if flaw.needs != "reads"], ids=_name_of)
def test_a_flaw_that_needs_writes_is_not_seen_by_reading(flaw: Flaw) -> None:
    reads = (get(ASHA), get(RAVI), standing(ASHA), standing(RAVI))

    assert _observe_all(flaw.make(), reads) == _observe_all(Deployment(), reads)


@pytest.mark.parametrize("sound", [*ALL_SOUND, *ON_THE_WIRE], ids=_name_of)
def test_a_sound_deployment_does_what_is_promised(sound: Sound) -> None:
    plain, variant, passing = Deployment(), sound.make(), PassingTime()
    variant.clock = passing.clock

    answers = [(_codes(plain.handle(each)), _codes(_patiently(variant, each))) for each in _ORDINARY]
    passing.pass_by(sound.settles_in)  # what the variant is about
    states = [(_content(plain.handle(each)), _content(_patiently(variant, each))) for each in _READS]

    assert [one for one, _ in answers] == [other for _, other in answers]
    assert [one for one, _ in states if "errors" not in one] == [other for one, other in states if "errors" not in one]


def test_names_are_unique() -> None:
    names = [*(flaw.name for flaw in ALL_FLAWS), *SOUND]

    assert len(set(names)) == len(names) == len(FLAWS) + len(SOUND)


def test_there_are_enough_flaws() -> None:
    assert len(FLAWS) >= 45


def test_findings_name_statements_and_questions_that_there_are() -> None:
    known = {statement.id for statement in read_statements()} | set(read_questions())

    assert {name for flaw in ALL_FLAWS for name in flaw.names} <= known
    assert all(flaw.names and flaw.says.endswith(".") for flaw in ALL_FLAWS)


def test_a_deployment_has_nothing_of_the_mock() -> None:
    deployment = Deployment()
    forced = with_header(put(ASHA, {}), "prefer", "code=8018")

    answers = [deployment.handle(each) for each in (forced, put(900008018, {}), Request(method="GET", path="/_mock"))]

    assert [_codes(answer) for answer in answers] == [(200, ()), (400, (8015,)), (404, (404,))]
    assert not any(name.lower().startswith("x-mock-") for answer in answers for name in answer.headers)
    assert all("X-Cap-Requestid" in answer.headers for answer in answers)


def test_a_served_deployment_answers_over_http() -> None:
    with serve(Deployment()) as url, requests.Session() as session:
        session.headers["Authorization"] = AUTHORIZATION
        customer = f"{url}/v2/customers/{ASHA}?source=INSTORE"

        updated = session.put(customer, json={"profiles": [{"firstName": "李"}]})
        shown = session.get(customer)
        refused = session.request("BREW", customer)

    assert (updated.status_code, updated.json()["createdId"]) == (200, ASHA)
    assert shown.json()["profiles"][0]["firstName"] == "李"
    assert refused.status_code == 405
    assert refused.json()["errors"][0]["code"] == 405
