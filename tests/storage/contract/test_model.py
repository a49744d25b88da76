"""A store behaves as dicts would, index and all, whatever is saved, forked, kept, restored and reset in between."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import IdentifierKey, Keys
from mockserver.storage import Decided, Full, Loaded, Taken, at_once, eager
from mockserver.values import replace
from tests.storage.contract.kinds import MAKERS, Asked, Kind, by_id, world_of
from tests.storage.customers import an_identified

_KEYS = st.integers(1, 5).map(CustomerId)
_VALUES = st.sampled_from(["55501", "55502", "55503"])
_PLACES = st.sampled_from([("INSTORE", None), ("WECHAT", "a"), ("WECHAT", "b")])
_SOUGHT = [
    IdentifierKey(type="mobile", value=value, source=source, account=account)
    for value in ("55501", "55502", "55503", "55599")
    for source, account in ((None, None), ("INSTORE", None), ("WECHAT", "a"), ("WECHAT", None))
]


@dataclass
class Model:
    """A world, and the dicts that say what it must hold."""

    world: Asked
    held: dict[CustomerId, Customer]
    seed: dict[CustomerId, Customer]
    snapshots: dict[str, dict[CustomerId, Customer]] = field(default_factory=dict)


class Worlds(RuleBasedStateMachine):
    """Worlds that were forked from each other, each beside its dicts."""

    maker = MAKERS[0]
    models: Bundle[Model] = Bundle("models")

    def __init__(self) -> None:
        super().__init__()
        self.kind = Kind(*self.maker)
        self.store = self.kind.store()
        self.all: list[Model] = []
        self.mark = 0

    def _ask(self, coroutine: Any) -> Any:
        return at_once(eager(coroutine))

    def _add(self, model: Model) -> Model:
        self.all.append(model)
        return model

    def _customer(self, key: CustomerId, value: str, place: tuple[str, str | None]) -> Customer:
        self.mark += 1
        customer = an_identified(key, value, source=place[0], account=place[1])
        return replace(customer, loyalty_type=f"mark {self.mark}")

    @initialize(target=models, keys=st.sets(_KEYS), value=_VALUES, place=_PLACES)
    def start(self, keys: set[CustomerId], value: str, place: tuple[str, str | None]) -> Model:
        seed = by_id(self._customer(key, value, place) for key in keys)
        return self._add(Model(self._ask(world_of(self.store, "demo", seed)), dict(seed), seed))

    @rule(model=models, key=_KEYS, value=_VALUES, place=_PLACES)
    def put(self, model: Model, key: CustomerId, value: str, place: tuple[str, str | None]) -> None:
        model.held[key] = self._customer(key, value, place)
        self._ask(model.world.put(model.held[key]))

    @rule(model=models, key=_KEYS)
    def delete(self, model: Model, key: CustomerId) -> None:
        assert self._ask(model.world.delete(key)) == (model.held.pop(key, None) is not None)

    @rule(model=models, key=_KEYS, other=_KEYS, value=_VALUES, place=_PLACES, overtakes=st.integers(0, 2))
    def decide(
        self,
        model: Model,
        key: CustomerId,
        other: CustomerId,
        value: str,
        place: tuple[str, str | None],
        overtakes: int,
    ) -> None:
        """Change two customers at once, while somebody saves one of them a number of times."""
        left = overtakes

        def change(loaded: Loaded, now: str) -> Decided:
            nonlocal left
            if left:
                left -= 1
                model.held[other] = self._customer(other, value, place)
                self.kind.behind(model.world).put(model.held[other])
            else:
                assert dict(loaded.customers) == {number: model.held.get(number) for number in (key, other)}
            changed = by_id(self._customer(number, value, place) for number in (key, other))
            return Decided(changed=tuple(changed.values()))

        made = self._ask(model.world.transact(Keys(customers=(key, other)), change))
        assert isinstance(made, Decided)
        model.held |= by_id(made.changed)

    @rule(model=models, value=_VALUES, place=_PLACES)
    def make(self, model: Model, value: str, place: tuple[str, str | None]) -> None:
        """Add a customer of a new id."""

        def add(loaded: Loaded, now: str) -> Decided:
            (key,) = loaded.new
            assert key not in model.held
            return Decided(changed=(self._customer(key, value, place),))

        model.held |= by_id(self._ask(model.world.transact(Keys(new=1), add)).changed)

    @rule(target=models, model=models)
    def fork(self, model: Model) -> Model:
        world = self._ask(self.store.fork(model.world, f"w{len(self.all)}"))
        assert not isinstance(world, Taken | Full)
        return self._add(Model(world, dict(model.held), dict(model.held)))

    @rule(model=models, name=st.sampled_from("ab"))
    def keep(self, model: Model, name: str) -> None:
        assert self._ask(model.world.keep(name)).customers == len(model.held)
        model.snapshots[name] = dict(model.held)

    @rule(model=models, name=st.sampled_from("ab"))
    def restore(self, model: Model, name: str) -> None:
        assert self._ask(model.world.restore(name)) == (name in model.snapshots)
        model.held = dict(model.snapshots.get(name, model.held))

    @rule(model=models)
    def reset(self, model: Model) -> None:
        self._ask(model.world.reset())
        model.held = dict(model.seed)

    @invariant()
    def every_world_holds_what_its_dict_does(self) -> None:
        for model in self.all:
            moment = self._ask(model.world.moment())
            customers = [model.held[key] for key in sorted(model.held)]
            assert list(self._ask(moment.after(-1, 1_000))) == customers
            assert self._ask(model.world.count()) == moment.count == len(customers)
            assert set(self._ask(model.world.recent(1_000))) == set(model.held)
            for key in range(1, 6):
                assert self._ask(model.world.load(CustomerId(key)))[0] == model.held.get(CustomerId(key))

    @rule(model=models)
    def look_up(self, model: Model) -> None:
        """Ask who holds what; worlds in which nobody asks keep no index, so it is no invariant."""
        seen: dict[IdentifierKey, tuple[CustomerId, ...]] = {}

        def see(loaded: Loaded, now: str) -> Decided:
            seen.update(loaded.holders)
            return Decided()

        self._ask(model.world.transact(Keys(identifiers=tuple(_SOUGHT)), see))
        for key in _SOUGHT:
            assert seen[key] == tuple(sorted(one.id for one in model.held.values() if key.is_held_by(one)))


class CopiedWorlds(Worlds):
    """The same of a store of copies."""

    maker = MAKERS[1]


TestMemory = Worlds.TestCase
TestCopies = CopiedWorlds.TestCase
