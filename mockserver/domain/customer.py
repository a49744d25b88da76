"""A customer, as the rules see one: frozen values, compared by what they hold.

One record per customer id. Profiles are kept apart per source and account; loyalty, extended fields and
enrolments belong to the customer. Collections are annotated read-only, so that the type checker refuses writes.
The garbage collector need not look at customers (`gc=False`): what is made of JSON holds no circle, and a million of
them would make it pause for seconds.
"""

from collections.abc import Mapping
from typing import NewType

from mockserver.values import Value, member

CustomerId = NewType("CustomerId", int)
LOYALTY = "loyalty"
NON_LOYALTY = "non_loyalty"


class Identifier(Value, frozen=True, kw_only=True, gc=False):
    """What identifies a customer in a source: `type` as published (mobile, email, wechat, …)."""

    type: str
    value: str


class CommChannel(Value, frozen=True, kw_only=True, gc=False):
    """A way to reach the customer; its identity within a profile is type and value, as given."""

    type: str
    value: str
    primary: bool = False
    verified: bool = False
    meta: Mapping[str, object] = member(default_factory=dict)


class Attribution(Value, frozen=True, kw_only=True, gc=False):
    """Who created and last modified something, and when (RFC 3339 text)."""

    created: str
    created_by: str
    modified: str
    modified_by: str


class Profile(Value, frozen=True, kw_only=True, gc=False):
    """What one source (and account, where the source has several) knows of the customer."""

    source: str
    account: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    fields: Mapping[str, str] = member(default_factory=dict)
    identifiers: tuple[Identifier, ...] = ()
    channels: tuple[CommChannel, ...] = ()
    attribution: Attribution


class Enrolment(Value, frozen=True, kw_only=True, gc=False):
    """Membership in one loyalty program; expiries are RFC 3339 with the offset as sent."""

    program: int
    tier: int
    points: int = 0
    tier_expiry: str | None = None
    points_expiry: str | None = None


class Change(Value, frozen=True, kw_only=True, gc=False):
    """One member that an update changed; `member` is its path, such as `profiles/INSTORE/firstName`."""

    member: str
    previous: object
    current: object


class AuditEntry(Value, frozen=True, kw_only=True, gc=False):
    """One accepted update that changed something: who (the context headers), when, and what."""

    at: str
    context: Mapping[str, str]
    changes: tuple[Change, ...]


class Customer(Value, frozen=True, kw_only=True, gc=False):
    """One customer; `merged_into` names the survivor when this record was merged away."""

    id: CustomerId
    loyalty_type: str
    profiles: tuple[Profile, ...] = ()
    extended_fields: Mapping[str, object] = member(default_factory=dict)
    enrolments: tuple[Enrolment, ...] = ()
    attribution: Attribution
    merged_into: CustomerId | None = None
    audit: tuple[AuditEntry, ...] = ()

    def profile_of(self, source: str, account: str | None) -> Profile | None:
        """Return the profile kept for a source and account, or None."""
        for profile in self.profiles:
            if profile.source == source and profile.account == account:
                return profile
        return None

    def enrolment_in(self, program: int) -> Enrolment | None:
        """Return the enrolment in a program, or None."""
        for enrolment in self.enrolments:
            if enrolment.program == program:
                return enrolment
        return None
