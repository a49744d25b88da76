"""Laws of saving what an update changed: all or nothing, again where others were first, and at last 521."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from mockserver.domain.customer import Customer, CustomerId
from mockserver.messages import Request
from mockserver.server.exchanging import MOST_TRIES, exchange_with
from mockserver.server.journal import Exchange
from mockserver.server.options import ServeOptions
from mockserver.server.running import make_worlds
from mockserver.server.served import ServedWorld
from mockserver.storage import MemoryStore
from mockserver.values import replace

TOM, SURVIVOR = CustomerId(171891944), CustomerId(171891945)
HEADERS = {"authorization": "Basic dGVzdA==", "content-type": "application/json"}


class Shared(MemoryStore):
    """A store where somebody else saves a customer right after ours was loaded to decide on, a number of times."""

    overtakes = 0
    overtaken = 0
    _is_ours = True

    def load(self, key: CustomerId) -> tuple[Customer | None, int]:
        """Load a customer; then another client's save goes first."""
        loaded = super().load(key)
        if self._is_ours and self.overtaken < self.overtakes:
            self.overtaken += 1
            present = self.find(TOM)
            assert present is not None
            fields = {**present.extended_fields, "kids": self.overtaken}
            self.put(replace(present, extended_fields=fields))
        return loaded

    def find(self, key: CustomerId) -> Customer | None:
        """Return a customer; nobody goes first here."""
        with self._theirs():
            return super().find(key)

    def save(self, changed: Sequence[Customer], versions: Mapping[CustomerId, int], *, grown: int = 0) -> bool:
        """Save as any store does; nothing comes in between."""
        with self._theirs():
            return super().save(changed, versions, grown=grown)

    @contextmanager
    def _theirs(self) -> Iterator[None]:
        before, self._is_ours = self._is_ours, False
        try:
            yield
        finally:
            self._is_ours = before


@pytest.fixture
def world() -> ServedWorld:
    made = make_worlds(ServeOptions()).default
    made.store = Shared(made.store.state())
    return made


def shared(world: ServedWorld) -> Shared:
    assert isinstance(world.store, Shared)
    return world.store


def rename(world: ServedWorld, customer: CustomerId = TOM) -> Exchange:
    body = json.dumps({"profiles": [{"firstName": "Huck"}]}).encode()
    request = Request(
        method="PUT", path=f"/v2/customers/{customer}", query="source=INSTORE", headers=HEADERS, body=body
    )

    async def run() -> Exchange:
        return exchange_with(world, request, "x1")[0]

    return asyncio.run(run())


def kept(world: ServedWorld, key: CustomerId = TOM) -> Customer:
    customer = world.store.find(key)
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
    assert shared(world).overtaken == MOST_TRIES
    assert kept(world).profiles[0].first_name == "Asha"
    assert len(world.due) == 0


def test_a_save_of_several_saves_all_or_none(world: ServedWorld) -> None:
    store = shared(world)
    versions = {key: store.load(key)[1] for key in (TOM, SURVIVOR)}
    changed = [replace(kept(world, key), profiles=()) for key in (TOM, SURVIVOR)]
    store.put(replace(kept(world, SURVIVOR), loyalty_type="loyalty"))
    before = store.state()

    assert not store.save(changed, versions)

    after = store.state()
    assert [after.find(key) for key in (TOM, SURVIVOR)] == [before.find(key) for key in (TOM, SURVIVOR)]
    assert store.save(changed, {key: store.load(key)[1] for key in (TOM, SURVIVOR)})
    assert all(kept(world, key).profiles == () for key in (TOM, SURVIVOR))


@pytest.mark.parametrize("what", ["saved", "deleted"])
def test_a_decision_does_not_stand_where_a_customer_that_it_only_read_is_another(world: ServedWorld, what: str) -> None:
    store = shared(world)
    versions = {key: store.load(key)[1] for key in (TOM, SURVIVOR)}
    if what == "saved":
        store.put(kept(world, TOM))
    else:
        store.delete(TOM)

    assert not store.save([replace(kept(world, SURVIVOR), profiles=())], versions)


def test_a_customer_that_was_not_there_is_not_put_over_one_that_is(world: ServedWorld) -> None:
    store = shared(world)

    assert not store.save([replace(kept(world), profiles=())], {})
    assert store.save([replace(kept(world), id=CustomerId(5))], {CustomerId(5): -1})
    assert store.find(CustomerId(5)) is not None
