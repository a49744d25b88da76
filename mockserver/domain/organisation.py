"""What a vendor's customer has configured: the part of a world that updates never change."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A configured source. `accounts` is empty where the source has one account only and takes no accountId.

    `channels` names the channel types that the source permits; empty: all.
    """

    name: str
    accounts: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A tier of a program, 1 being the lowest."""

    number: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A loyalty program; `tiers` are ordered from the lowest."""

    id: int
    name: str
    tiers: tuple[Tier, ...]

    def tier(self, number: int) -> Tier | None:
        """Return the tier of a number, or None."""
        for tier in self.tiers:
            if tier.number == number:
                return tier
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedField:
    """An enabled extended field: its name as the organisation spells it, its datatype, its allowed values."""

    name: str
    datatype: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incentive:
    """Points that the organisation pays in `program` when a customer becomes loyalty."""

    program: int
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What `--auth world` accepts: `till:md5hex(password)` pairs, and tokens."""

    basic: frozenset[str] = frozenset()
    tokens: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The configuration that rules ask. `extended_fields` is keyed by the lower-case name.

    `country_code` is what a mobile number without one gets, in dialects that add it.
    """

    name: str = ""
    till: str = ""
    country_code: str = ""
    dual_eligibility: bool = False
    credentials: Credentials = field(default_factory=Credentials, repr=False)
    sources: Mapping[str, Source] = field(default_factory=dict)
    programs: Mapping[int, Program] = field(default_factory=dict)
    default_program: int | None = None
    extended_fields: Mapping[str, ExtendedField] = field(default_factory=dict)
    custom_fields: frozenset[str] = frozenset()
    incentives: tuple[Incentive, ...] = ()
