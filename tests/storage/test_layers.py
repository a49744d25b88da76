"""Laws of layers: they stay few, and nothing of a seed is copied, nor sorted or indexed before somebody asks."""

import pytest

from mockserver.domain.customer import CustomerId
from mockserver.domain.keys import IdentifierKey
from mockserver.storage.layered import LayeredCustomers
from tests.storage.customers import a_customer, an_identified


def test_layers_stay_few_however_often_a_changing_world_is_forked() -> None:
    store = LayeredCustomers({CustomerId(key): a_customer(key) for key in range(1000)})

    for round_ in range(500):
        store.put(a_customer(round_ % 300, round_))
        state = store.fork().state()
        assert len(state.changes) <= 10, f"{len(state.changes)} layers after {round_} forks"


def test_a_fork_copies_no_layer_of_the_seed() -> None:
    store = LayeredCustomers({CustomerId(key): a_customer(key) for key in range(1000)})
    before = store.state()

    store.put(a_customer(7, 1))
    after = store.fork().state()

    assert after.seed is before.seed, "the seed's layer is shared"
    assert sum(map(len, after.changes)) == 1, "and the change alone is beside it"


def test_an_identifier_is_found_by_an_index_of_sixteen_bytes_each() -> None:
    seed = {CustomerId(key): an_identified(key, f"555{key:05}") for key in range(1, 2_001)}
    store = LayeredCustomers(seed)

    found = [store.holders(IdentifierKey(type="mobile", value=f"555{key:05}", source="INSTORE")) for key in seed]

    assert found == [(key,) for key in seed]
    layer = store.state().seed
    assert layer._hashes is not None  # noqa: SLF001  # its size is the law
    assert len(layer._hashes) * layer._hashes.itemsize + len(layer._holders) * 8 == 16 * len(seed)  # noqa: SLF001


def test_identifiers_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.storage.layers.hash", lambda _: 7, raising=False)
    store = LayeredCustomers({CustomerId(key): an_identified(key, f"555{key}") for key in (1, 2)})

    assert store.holders(IdentifierKey(type="mobile", value="5552")) == (2,)
