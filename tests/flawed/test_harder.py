"""What must hold of the harder flaws themselves, before any checker meets them."""

import json
from collections.abc import Iterable
from threading import Barrier, Thread
from typing import Any

import pytest

from mockserver.files import read_questions, read_statements
from mockserver.messages import Request, Response
from tests.flawed.asking import ASHA, LI, RAVI, UNKNOWN, get, profile, put, standing
from tests.flawed.checking import PassingTime
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw
from tests.flawed.flaws import FLAWS
from tests.flawed.harder import FAMILIES, HARDER
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


def _ask_at_once(deployment: Deployment, requests: tuple[Request, ...]) -> list[tuple[Any, ...]]:
    """Send all at the same time, and return what comes of each."""
    came: dict[int, tuple[Any, ...]] = {}
    barrier = Barrier(len(requests) or 1)

    def ask(number: int, request: Request) -> None:
        barrier.wait()
        came[number] = _observe(deployment.handle(request))

    threads = [Thread(target=ask, args=each) for each in enumerate(requests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [came[number] for number in range(len(requests))]


def _observe_all(deployment: Deployment, flaw: Flaw) -> list[tuple[Any, ...]]:
    at_once = _ask_at_once(deployment, flaw.at_once)
    passing = PassingTime()
    deployment.clock = passing.clock
    return [*at_once, *_observe_each(deployment, flaw.shown_by, flaw.pause, passing)]


def _observe_each(
    deployment: Deployment, requests: Iterable[Request], pause: float = 0.0, passing: PassingTime | None = None
) -> Iterable[tuple[Any, ...]]:
    for request in requests:
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


def test_each_family_has_eight_flaws_of_names_of_their_own() -> None:
    names = [flaw.name for family in FAMILIES.values() for flaw in family]

    assert all(len(family) >= 8 for family in FAMILIES.values())
    assert len(set(names)) == len(names)
    assert not set(names) & {*FLAWS, *SOUND}


def test_harder_flaws_name_statements_and_questions_that_there_are() -> None:
    known = {statement.id for statement in read_statements()} | set(read_questions())

    assert {name for flaw in HARDER.values() for name in flaw.names} <= known
    assert all(flaw.names and flaw.says.endswith(".") for flaw in HARDER.values())
