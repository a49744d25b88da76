"""The worlds that one server holds, by name. One is the default; others are forked from it or from each other."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.outcome import Later
from mockserver.domain.update import finish
from mockserver.exchange import Setting
from mockserver.storage.memory import MemoryStore


@dataclass(slots=True, kw_only=True)
class HeldWorld:
    """A world that is being served: what it answers under, its customers, and the loyalty work still due."""

    name: str
    setting: Setting
    store: MemoryStore
    due: list[Later] = field(default_factory=list)

    def apply(self, changed: tuple[Customer, ...], versions: dict[CustomerId, int]) -> bool:
        """Save what an update changed; False where one of the customers was saved by somebody else since."""
        return all(self.store.save(customer, versions.get(customer.id, -1)) for customer in changed)

    def settle(self) -> None:
        """Do the work that is due."""
        while self.due:
            later = self.due.pop(0)
            customer = self.store.find(later.customer)
            if customer is not None:
                self.store.put(finish(customer, later, self.setting.organisation, self.setting.dialect))

    def reset(self) -> None:
        """Go back to the seed; work that is due is dropped with the state that it belonged to."""
        self.due.clear()
        self.store.reset()


class Worlds:
    """Held worlds by name."""

    __slots__ = ("_default", "_held")

    def __init__(self, default: HeldWorld) -> None:
        self._default = default
        self._held = {default.name: default}

    @property
    def default(self) -> HeldWorld:
        """The world that answers where a request names none."""
        return self._default

    def find(self, name: str) -> HeldWorld | None:
        """Return a world by name, or None."""
        return self._held.get(name)

    def fork(self, name: str, origin: HeldWorld) -> HeldWorld:
        """Hold a new world with the origin's present state; that state becomes its seed."""
        origin.settle()
        world = replace(origin, name=name, store=origin.store.fork(), due=[])
        self._held[name] = world
        return world

    def delete(self, name: str) -> None:
        """Stop holding a world."""
        del self._held[name]

    def names(self) -> tuple[str, ...]:
        """Return the names, the default first."""
        return tuple(self._held)

    def __iter__(self) -> Iterator[HeldWorld]:
        return iter(self._held.values())
