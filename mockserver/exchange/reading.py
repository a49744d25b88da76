"""Commands read from requests: from the parameters and the body that the contract has already judged.

Behind this module nobody sees a raw body. What the contract does not know is left out here and named, so
that the answer can say what was ignored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract import Parameters, moment, read_date_time
from mockserver.domain.command import (
    OMITTED,
    Omitted,
    ReadCustomer,
    ReadLoyaltyDetails,
    SentChannel,
    SentEnrolment,
    SentFlag,
    SentNumber,
    SentProfile,
    SentText,
    UpdateCustomer,
)
from mockserver.domain.customer import CustomerId

BODY = frozenset({"profiles", "loyaltyInfo", "extendedFields", "loyaltyProgramEnrollments"})
PROFILE = frozenset({"firstName", "lastName", "fields", "identifiers", "commChannels", "source", "accountId"})
CHANNEL = frozenset({"type", "value", "primary", "verified", "meta"})
IDENTIFIER = frozenset({"type", "value"})
LOYALTY_INFO = frozenset({"loyaltyType"})
ENROLMENT = frozenset({"programId", "tierNumber", "loyaltyPoints", "tierExpiryDate", "pointsExpiryDate"})
_CONTEXT = ("USER-CONTEXT-", "X-CAP-API-ATTRIBUTION-")


@dataclass(slots=True)
class _Reading:
    """What is noticed while one body is read: members the contract does not know, and whether a null came."""

    now: str
    unknown: list[str] = field(default_factory=list)
    sent_null: bool = False

    def open(self, value: Mapping[str, Any], known: frozenset[str], place: str) -> None:
        """Notice what an object holds besides the known members, and nulls among the known."""
        if not value.keys() <= known:
            self.unknown.extend(f"{place}/{name}" for name in value if name not in known)
        if None in value.values():
            self.sent_null = self.sent_null or any(value.get(name, 0) is None for name in known)

    def values(self, value: Mapping[str, Any] | None | Omitted) -> Mapping[str, Any] | None | Omitted:
        """Notice nulls in an object whose members are free."""
        if isinstance(value, Mapping) and None in value.values():
            self.sent_null = True
        return value


def read_update(parameters: Parameters, body: Mapping[str, Any] | None, now: str) -> UpdateCustomer:
    """Read the update that a request asks for; `body` is None where none was sent."""
    values = parameters.values
    body = body or {}
    reading = _Reading(now=now)
    reading.open(body, BODY, "body")
    loyalty_type, without_type = _read_loyalty(body.get("loyaltyInfo"), reading)
    return UpdateCustomer(
        customer=CustomerId(int(values["userId"])),
        source=values["source"],
        account=values.get("accountId"),
        use_async=values.get("use_async"),
        now=now,
        context={name: value for name, value in values.items() if name.startswith(_CONTEXT)},
        is_empty=not body,
        profiles=_read_profiles(body, reading),
        extended_fields=reading.values(body.get("extendedFields", OMITTED)),
        loyalty_type=loyalty_type,
        loyalty_without_type=without_type,
        enrolments=_read_enrolments(body, reading),
        sent_null=reading.sent_null,
        unknown_members=tuple(reading.unknown),
        unknown_query=tuple(f"query/{name}" for name in parameters.unknown_query),
    )


def read_customer_query(parameters: Parameters) -> ReadCustomer:
    """Read which profiles of which customer are asked for."""
    values = parameters.values
    return ReadCustomer(
        customer=CustomerId(int(values["userId"])), source=values["source"], account=values.get("accountId")
    )


def read_loyalty_query(parameters: Parameters) -> ReadLoyaltyDetails:
    """Read whose loyalty details are asked for."""
    return ReadLoyaltyDetails(customer=CustomerId(int(parameters.values["userId"])))


def _read_loyalty(value: Mapping[str, Any] | None, reading: _Reading) -> tuple[SentText, bool]:
    if value is None:
        return OMITTED, False
    reading.open(value, LOYALTY_INFO, "body/loyaltyInfo")
    sent: SentText = value.get("loyaltyType", OMITTED)
    return sent, sent is OMITTED


def _read_profiles(body: Mapping[str, Any], reading: _Reading) -> tuple[SentProfile, ...] | None | Omitted:
    sent: Sequence[Mapping[str, Any]] | None | Omitted = body.get("profiles", OMITTED)
    if sent is None or isinstance(sent, Omitted):
        return sent
    return tuple(_read_profile(value, f"body/profiles/{index}", reading) for index, value in enumerate(sent))


def _read_profile(value: Mapping[str, Any], place: str, reading: _Reading) -> SentProfile:
    reading.open(value, PROFILE, place)
    get = value.get
    return SentProfile(
        place=place,
        source=get("source", OMITTED),
        account=get("accountId", OMITTED),
        first_name=get("firstName", OMITTED),
        last_name=get("lastName", OMITTED),
        fields=reading.values(get("fields", OMITTED)),
        identifiers=_read_identifiers(get("identifiers") or (), f"{place}/identifiers", reading),
        channels=_read_channels(get("commChannels", OMITTED), f"{place}/commChannels", reading),
    )


def _read_identifiers(sent: Sequence[Mapping[str, Any]], place: str, reading: _Reading) -> tuple[tuple[str, str], ...]:
    for index, value in enumerate(sent):
        reading.open(value, IDENTIFIER, f"{place}/{index}")
    return tuple((str(value.get("type") or ""), str(value.get("value") or "")) for value in sent)


def _read_channels(
    sent: Sequence[Mapping[str, Any]] | None | Omitted, place: str, reading: _Reading
) -> tuple[SentChannel, ...] | None | Omitted:
    if sent is None or isinstance(sent, Omitted):
        return sent
    return tuple(_read_channel(value, f"{place}/{index}", reading) for index, value in enumerate(sent))


def _read_channel(value: Mapping[str, Any], place: str, reading: _Reading) -> SentChannel:
    reading.open(value, CHANNEL, place)
    get = value.get
    return SentChannel(
        place=place,
        type=value["type"],
        value=get("value", OMITTED),
        primary=_read_flag(get("primary", OMITTED)),
        verified=_read_flag(get("verified", OMITTED)),
        meta=reading.values(get("meta", OMITTED)),
    )


def _read_flag(sent: bool | str | None | Omitted) -> SentFlag:
    """Flags come as booleans or, as on the page, as text."""
    return sent == "true" if isinstance(sent, str) else sent


def _read_enrolments(body: Mapping[str, Any], reading: _Reading) -> tuple[SentEnrolment, ...] | None | Omitted:
    sent: Sequence[Mapping[str, Any]] | None | Omitted = body.get("loyaltyProgramEnrollments", OMITTED)
    if sent is None or isinstance(sent, Omitted):
        return sent
    place = "body/loyaltyProgramEnrollments"
    return tuple(_read_enrolment(value, f"{place}/{index}", reading) for index, value in enumerate(sent))


def _read_enrolment(value: Mapping[str, Any], place: str, reading: _Reading) -> SentEnrolment:
    reading.open(value, ENROLMENT, place)
    get = value.get
    tier_expiry, points_expiry = get("tierExpiryDate", OMITTED), get("pointsExpiryDate", OMITTED)
    texts = [text for text in (tier_expiry, points_expiry) if isinstance(text, str)]
    present = moment(reading.now) if texts else None
    return SentEnrolment(
        place=place,
        program=int(value["programId"]),
        tier=_read_number(get("tierNumber", OMITTED)),
        points=_read_number(get("loyaltyPoints", OMITTED)),
        tier_expiry=_normalise(tier_expiry),
        points_expiry=_normalise(points_expiry),
        loose=any(read_date_time(text) != text for text in texts),
        past=present is not None and any(moment(text) < present for text in texts),
    )


def _read_number(sent: float | None | Omitted) -> SentNumber:
    """75.0 is an integer, as JSON Schema has it."""
    return int(sent) if isinstance(sent, float) else sent


def _normalise(sent: SentText) -> SentText:
    return read_date_time(sent) if isinstance(sent, str) else sent
