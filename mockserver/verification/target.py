"""What is checked, as values: where it is, which customers may be touched, and what is allowed there.

A mock in memory, a mock on a port and a deployment differ in these values and in how a request is carried, never in
the code that checks them.
"""

import re
from dataclasses import dataclass, field
from enum import IntEnum

from mockserver.errors import ConfigurationError
from mockserver.exchange import Setting

_PLACE = re.compile(r"(?P<id>[0-9]{1,19})(?:@(?P<source>[A-Z_]+)(?::(?P<account>[^\s:]+))?)?\Z")
_DEFAULT_SOURCE = "INSTORE"


class Leave(IntEnum):
    """What may be done to the named customers; each includes those before it.

    `READS` changes nothing, `WRITES` changes what an update can undo, `IRREVERSIBLE` leaves something behind: an
    upgrade, an enrolment, points, a new profile, channel or member.
    """

    READS = 0
    WRITES = 1
    IRREVERSIBLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One named customer in one source, and its account where the source has several."""

    customer: int
    source: str = _DEFAULT_SOURCE
    account: str | None = None

    def __str__(self) -> str:
        return f"{self.customer}@{self.profile}"

    @property
    def profile(self) -> str:
        """The source, with its account where there is one: `WECHAT:22232`."""
        return self.source if self.account is None else f"{self.source}:{self.account}"

    @property
    def query(self) -> str:
        """The query parameters that mean this place."""
        return f"source={self.source}" if self.account is None else f"source={self.source}&accountId={self.account}"


def read_place(text: str) -> Place:
    """Read `ID[@SOURCE[:ACCOUNT]]`; INSTORE where no source is said."""
    found = _PLACE.match(text)
    if found is None:
        raise ConfigurationError(f"{text!r} is no customer; write ID, ID@SOURCE or ID@SOURCE:ACCOUNT")
    return Place(customer=int(found["id"]), source=found["source"] or _DEFAULT_SOURCE, account=found["account"] or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much traffic a target gets: requests a second (None: any), requests and seconds in all (None: any)."""

    rate: float | None = None
    budget: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A deployment: its name as it may be shown, the customers that were named, and what is allowed.

    `setting` is what the oracle assumes: the organisation, the expected dialect and its contract. A target that is
    `disposable` is a mock's own world: it may be left in any state, and gets requests that no deployment should get,
    such as methods outside the contract. `parallel` allows several requests at once.
    """

    name: str
    places: tuple[Place, ...]
    leave: Leave
    setting: Setting
    limits: Limits = field(default_factory=Limits)
    disposable: bool = False
    parallel: bool = False
