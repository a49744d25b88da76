"""Decisions, as a store runs them: what they are given, what they save, and why nothing was saved."""

from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Generic, TypeAlias, TypeVar

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import IdentifierKey, Needs
from mockserver.domain.outcome import Later
from mockserver.storage.settings import WorldSettings
from mockserver.values import Value

D = TypeVar("D", bound="Decided")
MOST_ROUNDS = 3  # in which a decision may ask for more
MOST_CONFLICTS = 10  # of a decision that others overtake


class Loaded(Value):
    """What a decision is given: the settings and all that it named, of one moment.

    With an identifier come its holders, and with a customer those that it was merged into. `customers` has None for one
    that is not there. `holders` are those of an identifier, in the order of their ids: mostly one or none, but nothing
    keeps files and callers of the control plane from giving one identifier to several, and what that means is the
    rules' affair. A decision that looks for a customer that was not named finds none: it returns `Needs` of it first.
    No version of all this is newer than `latest`, and whatever changes later gets a newer one.
    """

    settings: WorldSettings
    customers: dict[CustomerId, Customer | None]
    latest: int
    holders: Mapping[IdentifierKey, tuple[CustomerId, ...]] = MappingProxyType({})
    new: tuple[CustomerId, ...] = ()


class Decided(Value, frozen=True, kw_only=True):
    """What a decision saves, all or nothing; what it comes to beside that is added by who makes one.

    `changed` are customers to save, new ones too, and `later` is work to do after the answer. `size` is how many bytes
    the request had. `done` is the token of a claim that this ends.
    """

    changed: tuple[Customer, ...] = ()
    later: Later | None = None
    size: int = 0
    done: int | None = None


Decide: TypeAlias = Callable[[Loaded, str], D | Needs]  # the text is the world's time, RFC 3339


class Reason(Enum):
    """Why a decision was not saved."""

    OVERTAKEN = "others saved first, each time"
    UNSETTLED = "it asked for more, each time"
    FULL = "too much work waits for the clock"
    OVERSIZED = "a customer would be too large"
    LOST = "somebody else claimed the work meanwhile"


class Unsaved(Value, Generic[D], frozen=True, kw_only=True):
    """A decision of which nothing was saved, None where it was not made; `waiting` is how much work waits."""

    reason: Reason
    decided: D | None = None
    waiting: int = 0
