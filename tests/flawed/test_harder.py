"""What must hold of the harder flaws themselves, before any checker meets them."""

import json
from collections.abc import Iterable
from threading import Barrier, Thread
from typing import Any

import pytest
import requests

from mockserver.files import read_questions, read_statements
from mockserver.messages import Request, Response
from mockserver.verification.courier import Clock
from tests.flawed.asking import ASHA, AUTHORIZATION, LI, RAVI, UNKNOWN, get, profile, put, standing
from tests.flawed.checking import PassingTime
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw
from tests.flawed.flaws import FLAWS
from tests.flawed.harder import FAMILIES, HARDER
from tests.flawed.serving import serve
from tests.flawed.sound import SOUND
from tests.flawed.wire import Framed

_ORDINARY = (
    *(read(customer) for customer in (ASHA, RAVI, LI) for read in (get, standing)),
    put(ASHA, {}),
    put(RAVI, profile(fields={"city": "Bangalore"})),
    put(LI, {}, "source=WECHAT&accountId=nowhere"),
    put(ASHA, {}, "source=ORKUT"),
    put(UNKNOWN, {}),
)
_MOST_SECONDS = 10.0  # of waiting for another thread
# What differs between two runs by the clock alone.
_UNSTEADY = ("modifiedDate", "autoUpdateTime", "createDate")


def _name_of(each: Any) -> str:  # Any: as pytest has it
    return str(each.name)


def _steady(members: list[tuple[str, Any]]) -> Any:
    """Return a JSON object as it was sent, members that stand twice too, without what differs between two runs."""
    return [(name, value) for name, value in members if name not in _UNSTEADY]


def _observe(response: Response) -> tuple[Any, ...]:
    headers = {name: value for name, value in response.headers.items() if name != "X-Cap-Requestid"}
    return response.status, headers, _content(response), isinstance(response, Framed)


def _content(response: Response) -> Any:
    try:
        return json.loads(response.body.decode(), object_pairs_hook=_steady, parse_constant=str)
    except ValueError:
        return response.body


def _ask_at_once(deployment: Deployment, asked: tuple[Request, ...]) -> list[tuple[Any, ...]]:
    """Send all at the same time, none of which ends before all have begun, and return what comes of each."""
    came: dict[int, tuple[Any, ...]] = {}
    meeting = Barrier(len(asked) or 1)

    def meet(_: float) -> None:
        meeting.wait(_MOST_SECONDS)

    def ask(number: int, request: Request) -> None:
        came[number] = _observe(deployment.handle(request))

    deployment.clock = Clock(wait=meet)
    threads = [Thread(target=ask, args=each) for each in enumerate(asked)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [came[number] for number in range(len(asked))]


def _observe_all(deployment: Deployment, flaw: Flaw) -> list[tuple[Any, ...]]:
    at_once = _ask_at_once(deployment, flaw.at_once)
    passing = PassingTime()
    deployment.clock = passing.clock
    return [*at_once, *_observe_each(deployment, flaw.shown_by, flaw.pause, passing)]


def _observe_each(
    deployment: Deployment, asked: Iterable[Request], pause: float = 0.0, passing: PassingTime | None = None
) -> Iterable[tuple[Any, ...]]:
    for request in asked:
        if passing is not None:
            passing.pass_by(pause)
        yield _observe(deployment.handle(request))


@pytest.mark.parametrize("flaw", HARDER.values(), ids=_name_of)
def test_a_harder_flaw_can_be_seen(flaw: Flaw) -> None:
    assert _observe_all(flaw.make(), flaw) != _observe_all(Deployment(), flaw)


@pytest.mark.parametrize("flaw", HARDER.values(), ids=_name_of)
def test_a_harder_flaw_leaves_most_as_it_is(flaw: Flaw) -> None:
    expected, found = (list(_observe_each(each, _ORDINARY)) for each in (Deployment(), flaw.make()))

    assert sum(one == other for one, other in zip(expected, found, strict=True)) >= len(expected) // 3


def test_a_served_deployment_knows_its_connections() -> None:
    with serve(HARDER["once-per-connection"].make()) as url:
        customer = f"{url}/v2/customers/{ASHA}?source=INSTORE"
        with requests.Session() as first, requests.Session() as second:
            admitted = first.get(customer, headers={"Authorization": AUTHORIZATION})
            answers = [each.get(customer).status_code for each in (first, second)]

    assert admitted.status_code == 200
    assert answers == [200, 401]


def test_a_framed_answer_is_written_as_it_is() -> None:
    with serve(HARDER["refusals-cut-short"].make()) as url:
        unknown = f"{url}/v2/customers/{UNKNOWN}?source=INSTORE"
        refused = requests.put(unknown, json={}, headers={"Authorization": AUTHORIZATION}, timeout=_MOST_SECONDS)

    assert refused.status_code == 400
    assert refused.text.startswith('{"errors":[')
    assert not refused.text.endswith("]}")


def test_each_family_has_eight_flaws_of_names_of_their_own() -> None:
    names = [flaw.name for family in FAMILIES.values() for flaw in family]

    assert all(len(family) >= 8 for family in FAMILIES.values())
    assert len(set(names)) == len(names)
    assert not set(names) & {*FLAWS, *SOUND}


def test_harder_flaws_name_statements_and_questions_that_there_are() -> None:
    known = {statement.id for statement in read_statements()} | set(read_questions())

    assert {name for flaw in HARDER.values() for name in flaw.names} <= known
    assert all(flaw.names and flaw.says.endswith(".") for flaw in HARDER.values())
