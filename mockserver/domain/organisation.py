"""What a vendor's customer has configured: the part of a world that updates never change."""

from collections.abc import Mapping

from mockserver.values import Value, member


class Source(Value, frozen=True, kw_only=True):
    """A configured source. `accounts` is empty where the source has one account only and takes no accountId.

    `channels` names the channel types that the source permits; empty: all.
    """

    name: str
    accounts: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()


class Tier(Value, frozen=True, kw_only=True):
    """A tier of a program, 1 being the lowest."""

    number: int
    name: str


class Program(Value, frozen=True, kw_only=True):
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


class ExtendedField(Value, frozen=True, kw_only=True):
    """An enabled extended field: its name as the organisation spells it, its datatype, its allowed values."""

    name: str
    datatype: str
    values: tuple[str, ...] = ()


class Incentive(Value, frozen=True, kw_only=True):
    """Points that the organisation pays in `program` when a customer becomes loyalty."""

    program: int
    points: int


class Credentials(Value, frozen=True, kw_only=True):
    """What `--auth world` accepts: `till:md5hex(password)` pairs, and tokens."""

    basic: frozenset[str] = frozenset()
    tokens: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Count them; no report may show a secret."""
        return f"Credentials({len(self.basic)} basic, {len(self.tokens)} tokens)"


class Organisation(Value, frozen=True, kw_only=True):
    """The configuration that rules ask. `extended_fields` is keyed by the lower-case name.

    `country_code` is what a mobile number without one gets, in dialects that add it.
    """

    name: str = ""
    till: str = ""
    country_code: str = ""
    dual_eligibility: bool = False
    credentials: Credentials = member(default_factory=Credentials)
    sources: Mapping[str, Source] = member(default_factory=dict)
    programs: Mapping[int, Program] = member(default_factory=dict)
    default_program: int | None = None
    extended_fields: Mapping[str, ExtendedField] = member(default_factory=dict)
    custom_fields: frozenset[str] = frozenset()
    incentives: tuple[Incentive, ...] = ()
