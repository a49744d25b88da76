"""Answers from memory are those that the core would give: whatever comes in between, and to the last header."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.customer import CustomerId
from mockserver.exchange import Reply, Setting, respond
from mockserver.files import World
from mockserver.messages import Request
from mockserver.server.hiding import Hiding
from mockserver.server.remembering import MOST_BYTES, MOST_KEPT
from mockserver.server.served import ServedWorld
from mockserver.storage import Clock, at_once, eager
from mockserver.values import replace
from tests.server.worlds import present, served_world, set_clock, told

TOM = CustomerId(171891944)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
RENAME = b'{"profiles": [{"firstName": "%s"}]}'
HEADERS = {"authorization": "Basic dGVzdA==", "content-type": "application/json"}


def update(name: str, *, query: str = "source=INSTORE", **headers: str) -> Request:
    sent = {**HEADERS, **{key.replace("_", "-"): value for key, value in headers.items()}} if headers else HEADERS
    return Request(method="PUT", path=f"/v2/customers/{TOM}", query=query, headers=sent, body=RENAME % name.encode())


def read(**headers: str) -> Request:
    sent = {**HEADERS, **headers} if headers else HEADERS
    return Request(method="GET", path=f"/v2/customers/{TOM}", query="source=ALL", headers=sent)


def a_world(setting: Setting, demo: World) -> ServedWorld:
    world = served_world(setting, demo.customers)
    set_clock(world, Clock(frozen=NOON))
    return world


def ask(world: ServedWorld, request: Request) -> Reply:
    return told(world, request)[0].reply


def fresh(world: ServedWorld, request: Request) -> Reply:
    return respond(world.setting, request, load=partial(present, world), now=world.state.settings.clock.text())


def rename_by_control(world: ServedWorld) -> None:
    customer = present(world, TOM)
    if customer is not None:
        world.state.put(replace(customer, loyalty_type="loyalty"))


def another_dialect(world: ServedWorld) -> None:
    world.answer({"error-status": "200"})


def a_second_later(world: ServedWorld) -> None:
    set_clock(world, world.state.settings.clock.advanced(timedelta(seconds=1)))


BETWEEN: list[Callable[[ServedWorld], object]] = [
    lambda world: world.settle(),
    lambda world: at_once(eager(world.reset())),
    lambda world: world.state.delete(TOM),
    a_second_later,
    lambda world: at_once(eager(world.keep("s"))),
    rename_by_control,
    another_dialect,
]
REQUESTS = [
    read(),
    read(accept="text/html"),
    read(prefer="code=8015"),
    update("Tom"),
    update("Huck"),
    update("Tom", query="source=INSTOR"),
    update("Tom", authorization=""),
    update("Tom", user_context_entity_id="agent-7"),
    update("Tom", query="source=INSTORE&use_async=true"),
]


@given(steps=st.lists(st.tuples(st.sampled_from(BETWEEN), st.sampled_from(REQUESTS)), min_size=2, max_size=12))
def test_an_answer_from_memory_is_the_one_that_the_core_gives(
    setting: Setting, demo: World, steps: list[tuple[Callable[[ServedWorld], object], Request]]
) -> None:
    world = a_world(setting, demo)

    async def run() -> None:
        for change, request in steps:
            change(world)
            expected = fresh(world, request)
            assert ask(world, request) == expected

    asyncio.run(run())


def test_what_is_asked_again_is_not_decided_again(setting: Setting, demo: World) -> None:
    world = a_world(setting, demo)

    assert ask(world, read()) is ask(world, read())
    assert ask(world, update("Tom")) is not ask(world, update("Tom")), "the first one changed something"
    assert ask(world, update("Tom")) is ask(world, update("Tom"))
    assert ask(world, read()) is not ask(world, update("Tom"))


def test_other_headers_are_another_request_even_at_the_address_of_forgotten_ones(setting: Setting, demo: World) -> None:
    world = a_world(setting, demo)

    for _ in range(3):  # a mapping of headers that nobody holds would leave its address to the next
        assert ask(world, read(accept="application/json")).response.status == 200
        world.hiding = Hiding()
        assert ask(world, read(accept="text/html")).response.status == 406
        world.hiding = Hiding()


def test_what_is_remembered_is_bounded_and_holds_no_secret(setting: Setting, demo: World) -> None:
    world = a_world(setting, demo)

    for number in range(3 * MOST_KEPT):
        ask(world, read(**{"x-number": str(number)}))
        ask(world, update("x" * 20_000))

    assert len(world.memory) <= MOST_KEPT
    assert all(exchange.request.headers["authorization"] == "[hidden]" for exchange in world.journal)


def test_a_fork_begins_without_memories(setting: Setting, demo: World) -> None:
    world = a_world(setting, demo)
    ask(world, read())

    assert len(world.beside(world.state).memory) == 0


def test_answers_with_long_headers_are_bounded_by_their_bytes(setting: Setting, demo: World) -> None:
    world = a_world(setting, demo)
    length = 20_000

    for number in range(100):
        ask(world, read(**{"x-token": f"{number:0>{length}}"}))
        assert len(world.memory) * length <= MOST_BYTES


def test_the_answers_of_a_second_go_with_it(setting: Setting, demo: World) -> None:
    world = a_world(setting, demo)
    ask(world, read())
    ask(world, read(accept="text/html"))
    assert len(world.memory) == 2

    a_second_later(world)
    ask(world, read(accept="*/*"))

    assert len(world.memory) == 1
