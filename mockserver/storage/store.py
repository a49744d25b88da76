"""What every store offers, whatever it keeps worlds in: memory, a file, a server that replicas share.

A store runs no rule. Whoever serves hands it pure decisions, and it saves all that they changed, or nothing
(`World.transact`). Memory returns its results at once; other stores may return what is to be awaited (`Soon`). Whatever
is loaded is a value: equal to what was saved, but not necessarily the same object.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol, TypeVar

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import Keys
from mockserver.storage.decisions import Decide, Decided, Unsaved
from mockserver.storage.due import Busy, Claim
from mockserver.storage.settings import WorldSettings
from mockserver.storage.soon import Soon
from mockserver.values import Value

D = TypeVar("D", bound=Decided)
E = TypeVar("E")
W = TypeVar("W", bound="World")
ABSENT = -1  # the version of a customer that is not there


class Outdated(Value, frozen=True):
    """A customer is not the version that the caller named; this is the one that is there."""

    customer: Customer | None
    version: int


class Full(Value, frozen=True):
    """There may be no more of something: so many worlds, customers or snapshots, or pieces of work in snapshots."""

    of: Literal["worlds", "customers", "snapshots", "work"]
    most: int


class Taken(Value, frozen=True):
    """A world of that name is there already."""

    name: str


class Snapshot(Value, frozen=True):
    """A state that a world can go back to, and how many customers it has."""

    name: str
    customers: int


class Seed(Protocol):
    """Customers that a world begins with, in a store's own form; it is never changed."""

    @property
    def count(self) -> int:
        """How many customers it has."""


class Moment(Protocol):
    """All customers of a world at one moment, whatever is saved meanwhile."""

    @property
    def count(self) -> int:
        """How many customers there are."""

    def after(self, key: int, limit: int) -> Soon[Sequence[Customer]]:
        """Return the next customers by id, at most so many; none at the end."""


class World(Protocol):
    """One world of a store. `settings` are the present ones as far as this process knows; a decision gets the real."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def key(self) -> int:
        """What tells it from all worlds that ever had its name."""

    @property
    def idle_seconds(self) -> float | None:
        """How long it stays when nobody asks for it; None for ever."""

    @property
    def settings(self) -> WorldSettings:
        """What it is set to."""

    def transact(self, keys: Keys, decide: Decide[D]) -> Soon[D | Unsaved[D]]:
        """Load, decide, and save all or nothing; decide again on what was saved meanwhile. Return the decision.

        `decide` is pure, and may be called several times. It may ask for more in 3 rounds; after 10 conflicts it is
        given up. A decision that changes nothing needs no save. What the store refuses to save is `Unsaved`.
        """

    def now_if_since(self, latest: int, loaded: Mapping[CustomerId, Customer | None]) -> str | None:
        """Return the world's time where settings and these customers have no newer version than `latest`.

        None where they have, or one of them is gone, and always where a store cannot tell without waiting.
        """

    def load(self, key: CustomerId) -> Soon[tuple[Customer | None, int]]:
        """Return a customer and its version; None and -1 where there is none."""

    def put(self, customer: Customer, *, version: int | None = None) -> Soon[int | Outdated | Full]:
        """Save a customer, over any version or over this one only (-1: none may be there); return the new version."""

    def delete(self, key: CustomerId, *, version: int | None = None) -> Soon[bool | Outdated]:
        """Forget a customer, of any version or of this one only; False where there was none."""

    def count(self) -> Soon[int]:
        """Count the customers."""

    def moment(self) -> Soon[Moment]:
        """Return the customers as they are now."""

    def recent(self, most: int) -> Soon[Mapping[CustomerId, Customer]]:
        """Return customers, those that were changed last first; memory finds others in it, too."""

    def amend(self, change: Callable[[WorldSettings], WorldSettings | E]) -> Soon[WorldSettings | E]:
        """Change the settings by a pure function, in one step; what it returns instead of settings changes nothing."""

    def waiting(self) -> Soon[int]:
        """Count the pieces of work that are due."""

    def claim(self, *, ahead: bool = False) -> Soon[Claim | Busy | None]:
        """Claim the work that is due next; None where none is, or a clock that stands still holds it, unless ahead."""

    def snapshots(self) -> Soon[tuple[Snapshot, ...]]:
        """List the snapshots, the oldest first."""

    def keep(self, name: str | None = None) -> Soon[Snapshot | Full]:
        """Keep the present customers and the work that waits, over a snapshot of that name; or under a free one."""

    def restore(self, name: str) -> Soon[bool]:
        """Go back to a snapshot; False where there is none of that name. Settings stay."""

    def forget(self, name: str) -> Soon[bool]:
        """Drop a snapshot; False where there is none of that name."""

    def reset(self) -> Soon[None]:
        """Go back to the seed, with the work that waits in it. Settings stay."""

    def reseed(self, seed: Seed, change: Callable[[WorldSettings], WorldSettings]) -> Soon[None]:
        """Begin anew with another seed and other settings, in one step: no snapshots, no work. Versions go on."""


class Store(Protocol[W]):
    """Worlds by name. One that nobody asked for as long as it may be idle is gone."""

    def prepare(self, customers: Mapping[CustomerId, Customer]) -> Seed:
        """Bring customers into the store's form, which may take long; any thread may do so."""

    def create(
        self, name: str | None, settings: WorldSettings, seed: Seed, *, idle_seconds: float | None = None
    ) -> Soon[W | Taken | Full]:
        """Make a world. Without a name nobody finds it: it is there to be forked."""

    def fork(
        self,
        origin: W,
        name: str | None,
        *,
        change: Callable[[WorldSettings], WorldSettings] | None = None,
        idle_seconds: float | None = None,
    ) -> Soon[W | Taken | Full]:
        """Make a world whose seed is the present state of another, with the work that waits and its settings."""

    def find(self, name: str) -> Soon[W | None]:
        """Return a world, or None; it counts as asked for now."""

    def delete(self, name: str) -> Soon[bool]:
        """Drop a world; False where there was none."""

    def worlds(self) -> Soon[tuple[W, ...]]:
        """Return the worlds that have a name, the oldest first; they do not count as asked for."""

    def is_full(self) -> Soon[bool]:
        """Tell whether there may be no more worlds."""
