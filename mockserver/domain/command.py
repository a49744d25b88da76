"""What a request asks of the rules, read from HTTP by `exchange` and free of it.

A member may be left out, sent as null, or sent with a value: three things that a dialect may treat differently.
`OMITTED` stands for the first, None for the second.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Final, TypeAlias

from mockserver.domain.customer import CustomerId
from mockserver.values import Value, member


class Omitted(Enum):
    """The type of `OMITTED`: a member that the request leaves out."""

    OMITTED = "omitted"


OMITTED: Final = Omitted.OMITTED
SentText: TypeAlias = str | None | Omitted
SentFlag: TypeAlias = bool | None | Omitted
SentNumber: TypeAlias = int | None | Omitted
SentPoints: TypeAlias = int | float | Decimal | None | Omitted


class SentChannel(Value, frozen=True, kw_only=True):
    """One item of commChannels; `place` is its pointer in the request."""

    place: str
    type: str
    value: SentText = OMITTED
    primary: SentFlag = OMITTED
    verified: SentFlag = OMITTED
    meta: Mapping[str, object] | None | Omitted = OMITTED


class SentProfile(Value, frozen=True, kw_only=True):
    """One item of profiles; `identifiers` are the (type, value) pairs sent with it."""

    place: str
    source: SentText = OMITTED
    account: SentText = OMITTED
    first_name: SentText = OMITTED
    last_name: SentText = OMITTED
    fields: Mapping[str, str | None] | None | Omitted = OMITTED
    identifiers: tuple[tuple[str, str], ...] = ()
    channels: tuple[SentChannel, ...] | None | Omitted = OMITTED


class SentEnrolment(Value, frozen=True, kw_only=True):
    """One item of loyaltyProgramEnrollments; expiries are RFC 3339, `…_past` says that one is over by now."""

    place: str
    program: int
    tier: SentNumber = OMITTED
    points: SentPoints = OMITTED
    tier_expiry: SentText = OMITTED
    points_expiry: SentText = OMITTED
    tier_past: bool = False
    points_past: bool = False


class Command(Value, frozen=True, kw_only=True):
    """What every operation is asked; `customer` is whom the request names by id, None where it names nobody so.

    `form` are the questions that the request's form raises, wherever it stands: another answer would refuse it.
    `unknown` are the places that the contract does not name, and `is_doubtful` that some of them, or of those whose
    members are free, may be misspelt.
    """

    customer: CustomerId | None = None
    form: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    is_doubtful: bool = False


class UpdateCustomer(Command, frozen=True, kw_only=True):
    """Update one customer in one source; `now` is RFC 3339, `context` holds user-context and attribution headers."""

    customer: CustomerId
    source: str
    account: str | None
    use_async: bool | None
    now: str
    context: Mapping[str, str] = member(default_factory=dict)
    profiles: tuple[SentProfile, ...] | None | Omitted = OMITTED
    extended_fields: Mapping[str, object] | None | Omitted = OMITTED
    loyalty_type: SentText = OMITTED
    enrolments: tuple[SentEnrolment, ...] | None | Omitted = OMITTED
