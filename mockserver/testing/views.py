"""What a test sees of a customer: typed, read-only values, which later updates do not change.

Two views are equal where they show the same. Looking for what is not there is a LookupError that names what there is.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Self

from mockserver.domain.customer import (
    Attribution,
    AuditEntry,
    CommChannel,
    Customer,
    Enrolment,
    Identifier,
    Profile,
)
from mockserver.domain.record import write_customer
from mockserver.values import replace

__tracebackhide__ = True  # a failure is shown at the line of the test


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ProfileView:
    """What one source, and account where the source has several, knows of a customer."""

    source: str
    account: str | None
    first_name: str | None
    last_name: str | None
    fields: Mapping[str, str]
    identifiers: tuple[Identifier, ...]
    channels: tuple[CommChannel, ...]
    attribution: Attribution

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """Show a profile."""
        return cls(
            source=profile.source,
            account=profile.account,
            first_name=profile.first_name,
            last_name=profile.last_name,
            fields=profile.fields,
            identifiers=profile.identifiers,
            channels=profile.channels,
            attribution=profile.attribution,
        )

    def __repr__(self) -> str:
        return f"<profile {_place(self)}: {_name(self)}>"

    def channel(self, type: str, value: str | None = None) -> CommChannel:  # noqa: A002  # the vendor's word
        """Return the channel of a type: the one with that value, else the only one, else the primary one."""
        found = [item for item in self.channels if item.type == type and value in (None, item.value)]
        if len(found) > 1:
            found = [item for item in found if item.primary] or found
        if len(found) == 1:
            return found[0]
        sought = type if value is None else f"{type}:{value}"
        there = ", ".join(f"{item.type}:{item.value}" for item in self.channels) or "none"
        problem = f"has {len(found)} primary channels {sought}; name the value" if found else f"has no channel {sought}"
        raise LookupError(f"the profile in {_place(self)} {problem}; there are {there}")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CustomerView:
    """A customer at one moment. `record` is the same as JSON."""

    id: int
    loyalty_type: str
    profiles: tuple[ProfileView, ...]
    extended_fields: Mapping[str, object]
    enrolments: tuple[Enrolment, ...]
    attribution: Attribution
    merged_into: int | None
    audit: tuple[AuditEntry, ...]
    record: Mapping[str, Any]  # Any: a JSON value

    @classmethod
    def of(cls, customer: Customer) -> Self:
        """Show a customer; nothing of the view is shared with the world, whatever a test does to it."""
        own = _copied(customer)
        return cls(
            id=own.id,
            loyalty_type=own.loyalty_type,
            profiles=tuple(ProfileView.of(profile) for profile in own.profiles),
            extended_fields=own.extended_fields,
            enrolments=own.enrolments,
            attribution=own.attribution,
            merged_into=own.merged_into,
            audit=own.audit,
            record=write_customer(own),
        )

    def __repr__(self) -> str:
        shown = ", ".join(f"{_place(profile)} {_name(profile)}" for profile in self.profiles) or "no profile"
        return f"<customer {self.id}, {self.loyalty_type}: {shown}>"

    def profile(self, source: str = "INSTORE", account: str | None = None) -> ProfileView:
        """Return the profile in a source and account; the account may be left out where there is one profile only."""
        found = [item for item in self.profiles if item.source == source and account in (None, item.account)]
        if len(found) == 1:
            return found[0]
        sought = source if account is None else f"{source} account {account}"
        there = _listed(_place(item) for item in self.profiles)
        problem = f"has {len(found)} profiles in {sought}; name the account" if found else f"has no profile in {sought}"
        raise LookupError(f"customer {self.id} {problem}; there are {there}")

    def enrolment(self, program: int) -> Enrolment:
        """Return the enrolment in a program: points, tier, tier_expiry, points_expiry."""
        for enrolment in self.enrolments:
            if enrolment.program == program:
                return enrolment
        there = _listed(str(item.program) for item in self.enrolments)
        raise LookupError(f"customer {self.id} is not in program {program}; there are {there}")


def _copied(customer: Customer) -> Customer:
    """Copy what could be changed; all else is frozen. (`deepcopy` of the whole takes five times as long.)"""
    profiles = (
        replace(
            profile,
            fields=dict(profile.fields),
            channels=tuple(replace(channel, meta=deepcopy(channel.meta)) for channel in profile.channels),
        )
        for profile in customer.profiles
    )
    extended = dict(customer.extended_fields)
    return replace(customer, profiles=tuple(profiles), extended_fields=extended, audit=deepcopy(customer.audit))


def _place(profile: ProfileView) -> str:
    return profile.source if profile.account is None else f"{profile.source} account {profile.account}"


def _name(profile: ProfileView) -> str:
    return f"{profile.first_name or ''} {profile.last_name or ''}".strip() or "without a name"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
