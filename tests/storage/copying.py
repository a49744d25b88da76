"""A store that gives and takes copies, as one does that writes and reads bytes: equal, but never the same object.

Everything goes through msgspec's builtins and back, and a decision is given what it named and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import Keys, Needs
from mockserver.storage import (
    Claim,
    Decided,
    Full,
    Loaded,
    MemoryStore,
    MemoryWorld,
    Outdated,
    Seed,
    Snapshot,
    Taken,
    Unsaved,
    WorldSettings,
)
from mockserver.storage.decisions import Decide
from mockserver.storage.due import Busy
from mockserver.storage.layers import StoreState
from mockserver.values import replace

T = TypeVar("T")
E = TypeVar("E")
D = TypeVar("D", bound=Decided)
_KEPT = (datetime, timedelta, Decimal)  # which msgspec would otherwise write as text


def copied(value: T) -> T:
    """Return a value that is equal, and shares nothing that could change."""
    written = msgspec.to_builtins(value, builtin_types=_KEPT)
    try:
        copy: T = msgspec.convert(written, type(value), builtin_types=_KEPT)
    except msgspec.ValidationError:  # points may have been put as 75.0, which is kept as it was sent
        return deepcopy(value)
    return copy


def copy_of(customer: Customer | None) -> Customer | None:
    """Return a copy of a customer, if there is one."""
    return None if customer is None else copied(customer)


class CopyingMoment:
    """Copies of the customers of one moment."""

    def __init__(self, inner: StoreState) -> None:
        self.count = inner.count
        self._inner = inner

    def after(self, key: int, limit: int) -> Sequence[Customer]:
        """Return copies of the next customers."""
        return tuple(map(copied, self._inner.after(key, limit)))


class CopyingWorld:
    """A world of copies; each that is found is another object."""

    def __init__(self, inner: MemoryWorld) -> None:
        self.inner = inner
        self.name, self.key, self.idle_seconds = inner.name, inner.key, inner.idle_seconds

    @property
    def settings(self) -> WorldSettings:
        """Copies of the settings."""
        return copied(self.inner.settings)

    def transact(self, keys: Keys, decide: Decide[D]) -> D | Unsaved[D]:
        """Decide on copies, and save copies."""

        def decide_on_copies(loaded: Loaded, now: str) -> D | Needs:
            customers = {key: copy_of(customer) for key, customer in loaded.customers.items()}
            settings = copied(loaded.settings)
            made = decide(Loaded(settings, customers, loaded.latest, dict(loaded.holders), loaded.new), now)
            if isinstance(made, Needs):
                return made
            later = deepcopy(made.later)  # msgspec reads no union of a text and `Omitted`
            return replace(made, changed=tuple(map(copied, made.changed)), later=later)

        return self.inner.transact(keys, decide_on_copies)

    def now_if_since(self, latest: int, loaded: Mapping[CustomerId, Customer | None]) -> None:
        """Tell nothing at once."""
        del latest, loaded

    def load(self, key: CustomerId) -> tuple[Customer | None, int]:
        """Return a copy, and its version."""
        customer, version = self.inner.load(key)
        return copy_of(customer), version

    def put(self, customer: Customer, *, version: int | None = None) -> int | Outdated | Full:
        """Save a copy."""
        return _copied_outdated(self.inner.put(copied(customer), version=version))

    def delete(self, key: CustomerId, *, version: int | None = None) -> bool | Outdated:
        """Forget a customer."""
        return _copied_outdated(self.inner.delete(key, version=version))

    def count(self) -> int:
        """Count the customers."""
        return self.inner.count()

    def moment(self) -> CopyingMoment:
        """Return copies of the customers as they are now."""
        return CopyingMoment(self.inner.moment())

    def recent(self, most: int) -> Mapping[CustomerId, Customer]:
        """Return copies of the customers that were changed last."""
        return {key: copied(customer) for key, customer in self.inner.recent(most).items()}

    def amend(self, change: Callable[[WorldSettings], WorldSettings | E]) -> WorldSettings | E:
        """Change copies of the settings."""
        return self.inner.amend(lambda settings: change(copied(settings)))

    def waiting(self) -> int:
        """Count the pieces of work that are due."""
        return self.inner.waiting()

    def claim(self, *, ahead: bool = False) -> Claim | Busy | None:
        """Claim a copy of the work that is due next."""
        claim = self.inner.claim(ahead=ahead)
        return Claim(claim.token, deepcopy(claim.later), claim.size) if isinstance(claim, Claim) else claim

    def snapshots(self) -> tuple[Snapshot, ...]:
        """List the snapshots."""
        return self.inner.snapshots()

    def keep(self, name: str | None = None) -> Snapshot | Full:
        """Keep the present state."""
        return self.inner.keep(name)

    def restore(self, name: str) -> bool:
        """Go back to a snapshot."""
        return self.inner.restore(name)

    def forget(self, name: str) -> bool:
        """Drop a snapshot."""
        return self.inner.forget(name)

    def reset(self) -> None:
        """Go back to the seed."""
        self.inner.reset()

    def reseed(self, seed: Seed, change: Callable[[WorldSettings], WorldSettings]) -> None:
        """Begin anew."""
        self.inner.reseed(seed, lambda settings: change(copied(settings)))


def _copied_outdated(result: T) -> T:
    return Outdated(copy_of(result.customer), result.version) if isinstance(result, Outdated) else result  # type: ignore[return-value]  # the same type


class CopyingStore:
    """A store of copies."""

    def __init__(self, **options: Any) -> None:
        self.inner = MemoryStore(**options)

    def prepare(self, customers: Mapping[CustomerId, Customer]) -> StoreState:
        """Copy customers into layers."""
        return self.inner.prepare({key: copied(customer) for key, customer in customers.items()})

    def create(
        self, name: str | None, settings: WorldSettings, seed: Seed, *, idle_seconds: float | None = None
    ) -> CopyingWorld | Taken | Full:
        """Make a world."""
        return _wrapped(self.inner.create(name, copied(settings), seed, idle_seconds=idle_seconds))

    def fork(
        self,
        origin: CopyingWorld,
        name: str | None,
        *,
        change: Callable[[WorldSettings], WorldSettings] | None = None,
        idle_seconds: float | None = None,
    ) -> CopyingWorld | Taken | Full:
        """Make a world of the present state of another."""
        return _wrapped(self.inner.fork(origin.inner, name, change=change, idle_seconds=idle_seconds))

    def find(self, name: str) -> CopyingWorld | None:
        """Return a world, or None."""
        found = self.inner.find(name)
        return None if found is None else CopyingWorld(found)

    def delete(self, name: str) -> bool:
        """Drop a world."""
        return self.inner.delete(name)

    def worlds(self) -> tuple[CopyingWorld, ...]:
        """Return the worlds."""
        return tuple(map(CopyingWorld, self.inner.worlds()))

    def is_full(self) -> bool:
        """Tell whether there may be no more worlds."""
        return self.inner.is_full()


def _wrapped(made: MemoryWorld | Taken | Full) -> CopyingWorld | Taken | Full:
    return CopyingWorld(made) if isinstance(made, MemoryWorld) else made
