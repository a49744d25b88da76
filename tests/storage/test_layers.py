"""A store behaves as a dict would, whatever is forked, kept, restored and reset in between, and copies no seed."""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from mockserver.domain.customer import Customer, CustomerId
from mockserver.storage import MemoryStore, StoreState
from tests.storage.customers import a_customer

_KEYS = st.integers(1, 6).map(CustomerId)


@dataclass
class Pair:
    """A store, and the dicts that say what it must hold."""

    store: MemoryStore
    held: dict[CustomerId, Customer]
    seed: dict[CustomerId, Customer] = field(default_factory=dict)


@dataclass
class Kept:
    """A state, and the dict that says what it is."""

    state: StoreState
    held: dict[CustomerId, Customer]


class Stores(RuleBasedStateMachine):
    """Stores that were forked from each other, each beside its dicts."""

    pairs: Bundle[Pair] = Bundle("pairs")
    states: Bundle[Kept] = Bundle("states")

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Pair] = []
        self.mark = 0

    def _add(self, pair: Pair) -> Pair:
        self.all.append(pair)
        return pair

    @initialize(target=pairs, keys=st.sets(_KEYS))
    def start(self, keys: set[CustomerId]) -> Pair:
        seed = {key: a_customer(key) for key in keys}
        return self._add(Pair(MemoryStore(seed), dict(seed), dict(seed)))

    @rule(pair=pairs, key=_KEYS)
    def put(self, pair: Pair, key: CustomerId) -> None:
        self.mark += 1
        customer = a_customer(key, self.mark)
        pair.store.put(customer)
        pair.held[key] = customer

    @rule(pair=pairs, key=_KEYS)
    def save_what_was_loaded(self, pair: Pair, key: CustomerId) -> None:
        self.mark += 1
        customer, (_, version) = a_customer(key, self.mark), pair.store.load(key)
        assert pair.store.save([customer], {customer.id: version})
        assert not pair.store.save([customer], {customer.id: version}), "saved twice at one version"
        pair.held[key] = customer

    @rule(pair=pairs, key=_KEYS)
    def delete(self, pair: Pair, key: CustomerId) -> None:
        assert pair.store.delete(key) == (pair.held.pop(key, None) is not None)

    @rule(target=pairs, pair=pairs)
    def fork(self, pair: Pair) -> Pair:
        return self._add(Pair(pair.store.fork(), dict(pair.held), dict(pair.held)))

    @rule(target=states, pair=pairs)
    def keep(self, pair: Pair) -> Kept:
        return Kept(pair.store.state(), dict(pair.held))

    @rule(pair=pairs, kept=states)
    def restore(self, pair: Pair, kept: Kept) -> None:
        pair.store.restore(kept.state)
        pair.held = dict(kept.held)

    @rule(pair=pairs)
    def reset(self, pair: Pair) -> None:
        pair.store.reset()
        pair.held = dict(pair.seed)

    @invariant()
    def every_store_holds_what_its_dict_does(self) -> None:
        for pair in self.all:
            assert len(pair.store) == len(pair.held)
            assert sorted(pair.store.ids()) == sorted(pair.held)
            for key in range(7):
                assert pair.store.find(CustomerId(key)) == pair.held.get(CustomerId(key))


TestStores = Stores.TestCase


def test_layers_stay_few_however_often_a_changing_world_is_forked() -> None:
    store = MemoryStore({CustomerId(key): a_customer(key) for key in range(1000)})

    for round_ in range(500):
        store.put(a_customer(round_ % 300, round_))
        state = store.fork().state()
        assert len(state.changes) <= 10, f"{len(state.changes)} layers after {round_} forks"


def test_a_fork_copies_no_layer_of_the_seed() -> None:
    store = MemoryStore({CustomerId(key): a_customer(key) for key in range(1000)})
    before = store.state()

    store.put(a_customer(7, 1))
    after = store.fork().state()

    assert after.seed is before.seed, "the seed's layer is shared"
    assert sum(map(len, after.changes)) == 1, "and the change alone is beside it"
