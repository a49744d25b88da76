"""Laws of saving what an update changed: again where others were first, and at last 521 and nothing."""

import json
from typing import Any, TypeVar

import pytest

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import Keys, Needs
from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.messages import Request
from mockserver.server.journal import Exchange
from mockserver.server.served import ServedWorld
from mockserver.storage import MOST_CONFLICTS, Decided, Loaded, MemoryWorld, Reason, Unsaved, at_once
from mockserver.storage.decisions import Decide
from mockserver.values import replace
from tests.server.worlds import present, served_world, told

TOM = CustomerId(171891944)
HEADERS = {"authorization": "Basic dGVzdA==", "content-type": "application/json"}
D = TypeVar("D", bound=Decided)


class Shared:
    """A world where somebody else saves a customer while ours is decided on, a number of times."""

    def __init__(self, inner: MemoryWorld) -> None:
        self._inner = inner
        self.overtakes = 0
        self.overtaken = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def transact(self, keys: Keys, decide: Decide[D]) -> D | Unsaved[D]:
        """Decide; then another client's save goes first."""

        def overtaken(loaded: Loaded, now: str) -> D | Needs:
            made = decide(loaded, now)
            if self.overtaken < self.overtakes:
                self.overtaken += 1
                there, _ = self._inner.load(TOM)
                assert there is not None
                self._inner.put(replace(there, extended_fields={**there.extended_fields, "kids": self.overtaken}))
            return made

        return self._inner.transact(keys, overtaken)


@pytest.fixture
def world(setting: Setting, demo: World) -> ServedWorld:
    made = served_world(setting, demo.customers)
    assert isinstance(made.state, MemoryWorld)
    made.state = Shared(made.state)
    return made


def shared(world: ServedWorld) -> Shared:
    assert isinstance(world.state, Shared)
    return world.state


def rename(world: ServedWorld) -> Exchange:
    body = json.dumps({"profiles": [{"firstName": "Huck"}]}).encode()
    request = Request(method="PUT", path=f"/v2/customers/{TOM}", query="source=INSTORE", headers=HEADERS, body=body)
    return told(world, request)[0]


def kept(world: ServedWorld) -> Customer:
    customer = present(world, TOM)
    assert customer is not None
    return customer


def test_an_update_that_others_overtake_is_decided_again_on_what_they_saved(world: ServedWorld) -> None:
    shared(world).overtakes = 3

    exchange = rename(world)

    assert exchange.reply.response.status == 200
    assert kept(world).profiles[0].first_name == "Huck"
    assert kept(world).extended_fields["kids"] == 3, "and nothing of theirs is lost"
    assert exchange.loaded == {TOM: replace(kept(world), **_before(exchange))}


def _before(exchange: Exchange) -> dict[str, Any]:
    before = exchange.loaded[TOM]
    assert before is not None
    assert before.extended_fields["kids"] == 3
    return {name: getattr(before, name) for name in ("profiles", "attribution", "audit")}


def test_an_update_that_is_overtaken_again_and_again_is_answered_521_and_saves_nothing(world: ServedWorld) -> None:
    shared(world).overtakes = 1_000

    exchange = rename(world)

    error = json.loads(exchange.reply.response.body)["errors"][0]
    assert (exchange.reply.response.status, error["code"]) == (400, 521)
    assert "assumed concurrent-update" in exchange.reply.basis
    assert "10 times" in exchange.reply.why
    assert (exchange.reply.operation, exchange.reply.customer) == ("updateCustomer", TOM)
    assert shared(world).overtaken == MOST_CONFLICTS
    assert kept(world).profiles[0].first_name == "Asha"
    assert at_once(world.state.waiting()) == 0


class Insatiable(Shared):
    """A world whose decisions always need more."""

    def transact(self, keys: Keys, decide: Decide[D]) -> D | Unsaved[D]:
        """Give up."""
        del keys, decide
        return Unsaved(reason=Reason.UNSETTLED)


def test_a_decision_that_needs_more_again_and_again_is_answered_521_too(world: ServedWorld) -> None:
    world.state = Insatiable(shared(world)._inner)  # noqa: SLF001  # the same customers

    exchange = rename(world)

    error = json.loads(exchange.reply.response.body)["errors"][0]
    assert (exchange.reply.response.status, error["code"]) == (400, 521)
    assert "assumed concurrent-update" in exchange.reply.basis
    assert kept(world).profiles[0].first_name == "Asha"
