"""Parts of a body that several operations take: profiles with their channels, loyalty, enrolments.

A test of the architecture holds the names to the contract.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from mockserver.contract import moment, read_date_time
from mockserver.domain.command import (
    OMITTED,
    Omitted,
    SentChannel,
    SentEnrolment,
    SentFlag,
    SentNumber,
    SentPoints,
    SentProfile,
    SentText,
)
from mockserver.domain.profiles import NAME_LENGTH
from mockserver.operations.fields import Members
from mockserver.operations.reading import Reading

PROFILE = frozenset({"firstName", "lastName", "fields", "identifiers", "commChannels", "source", "accountId"})
CHANNEL = frozenset({"type", "value", "primary", "verified", "meta"})
META = frozenset({"residence", "office"})
IDENTIFIER = frozenset({"type", "value"})
LOYALTY_INFO = frozenset({"loyaltyType"})
ENROLMENT = frozenset({"programId", "tierNumber", "loyaltyPoints", "tierExpiryDate", "pointsExpiryDate"})
# Names within `fields` and `extendedFields` are the organisation's: 1017 and 91015 tell of unknown ones.
PROFILE_MEMBERS = Members(
    PROFILE,
    {"commChannels": Members(CHANNEL, {"meta": Members(META)}), "identifiers": Members(IDENTIFIER)},
)

_ELSEWHERE = frozenset({"whatsapp", "viber", "postmail"})  # types of channels that only other pages name
_MOBILE_PUSH = "mobilePush"  # the one type that is not all in small letters
_PUBLISHED = frozenset({"mobile", "email", "wechat", "android", "ios", "line", _MOBILE_PUSH})  # types as they are spelt
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 '-]*\Z")


def read_loyalty(value: Mapping[str, Any] | None, reading: Reading) -> SentText:
    """Read the loyalty type that loyaltyInfo asks for."""
    if value is None:
        return OMITTED
    reading.open(value, LOYALTY_INFO, "body/loyaltyInfo")
    sent: SentText = value.get("loyaltyType", OMITTED)
    if not isinstance(sent, str):
        reading.ask("loyalty-info-without-type")
        return sent
    if not sent.islower():
        reading.ask("loyalty-type-case")
    return sent.lower()


def read_profiles(body: Mapping[str, Any], reading: Reading) -> tuple[SentProfile, ...] | None | Omitted:
    """Read the profiles of a body."""
    sent: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None | Omitted = body.get("profiles", OMITTED)
    if sent is None or isinstance(sent, Omitted):
        return sent
    if isinstance(sent, Mapping):
        reading.ask("profiles-as-object")
        return (_read_profile(sent, "body/profiles", reading),)
    if len(sent) > 1:
        reading.ask("several-profiles")
    return tuple(_read_profile(value, f"body/profiles/{index}", reading) for index, value in enumerate(sent))


def _read_profile(value: Mapping[str, Any], place: str, reading: Reading) -> SentProfile:
    reading.open(value, PROFILE, place)
    get = value.get
    return SentProfile(
        place=place,
        source=get("source", OMITTED),
        account=get("accountId", OMITTED),
        first_name=_read_name(get("firstName", OMITTED), reading),
        last_name=_read_name(get("lastName", OMITTED), reading),
        fields=reading.values(get("fields", OMITTED)),
        identifiers=_read_identifiers(get("identifiers") or (), f"{place}/identifiers", reading),
        channels=_read_channels(get("commChannels", OMITTED), f"{place}/commChannels", reading),
    )


def _read_name(sent: SentText, reading: Reading) -> SentText:
    if isinstance(sent, str) and (len(sent) > NAME_LENGTH or not _PLAIN_NAME.match(sent)):
        _ask_of_name(sent, reading)
    return sent


def _ask_of_name(sent: str, reading: Reading) -> None:
    if len(sent) > NAME_LENGTH:
        reading.ask("name-too-long")
    if not _PLAIN_NAME.match(sent):
        reading.ask("name-characters")


def _read_identifiers(sent: Sequence[Mapping[str, Any]], place: str, reading: Reading) -> tuple[tuple[str, str], ...]:
    for index, value in enumerate(sent):
        reading.open(value, IDENTIFIER, f"{place}/{index}")
    return () if not sent else tuple((str(value.get("type") or ""), str(value.get("value") or "")) for value in sent)


def _read_channels(
    sent: Sequence[Mapping[str, Any]] | None | Omitted, place: str, reading: Reading
) -> tuple[SentChannel, ...] | None | Omitted:
    if sent is None or isinstance(sent, Omitted):
        return sent
    return tuple(_read_channel(value, f"{place}/{index}", reading) for index, value in enumerate(sent))


def _read_channel(value: Mapping[str, Any], place: str, reading: Reading) -> SentChannel:
    reading.open(value, CHANNEL, place)
    get = value.get
    if not get("value"):
        reading.ask("channel-value-missing")
    return SentChannel(
        place=place,
        type=sent if (sent := value["type"]) in _PUBLISHED else _read_type(sent, reading),
        value=get("value", OMITTED),
        primary=_read_flag(get("primary", OMITTED)),
        verified=_read_flag(get("verified", OMITTED)),
        meta=reading.kept(get("meta", OMITTED), META),
    )


def _read_type(sent: str, reading: Reading) -> str:
    """Spell a channel's type as published."""
    lowered = sent.lower()
    spelt = _MOBILE_PUSH if lowered == "mobilepush" else lowered
    if spelt != sent:
        reading.ask("channel-type-case")
    if spelt in _ELSEWHERE:
        reading.ask("channel-type-elsewhere")
    return spelt


def _read_flag(sent: bool | str | None | Omitted) -> SentFlag:
    """Flags come as booleans or, as on the page, as text."""
    return sent == "true" if isinstance(sent, str) else sent


def read_enrolments(body: Mapping[str, Any], reading: Reading) -> tuple[SentEnrolment, ...] | None | Omitted:
    """Read the enrolments of a body."""
    sent: Sequence[Mapping[str, Any]] | None | Omitted = body.get("loyaltyProgramEnrollments", OMITTED)
    if sent is None or isinstance(sent, Omitted):
        return sent
    place = "body/loyaltyProgramEnrollments"
    return tuple(_read_enrolment(value, f"{place}/{index}", reading) for index, value in enumerate(sent))


def _read_enrolment(value: Mapping[str, Any], place: str, reading: Reading) -> SentEnrolment:
    reading.open(value, ENROLMENT, place)
    get = value.get
    tier_expiry, points_expiry = get("tierExpiryDate", OMITTED), get("pointsExpiryDate", OMITTED)
    return SentEnrolment(
        place=place,
        program=int(value["programId"]),
        tier=_read_number(get("tierNumber", OMITTED)),
        points=_read_points(get("loyaltyPoints", OMITTED), reading),
        tier_expiry=_read_expiry(tier_expiry, reading),
        points_expiry=_read_expiry(points_expiry, reading),
        tier_past=_is_past(tier_expiry, reading.now),
        points_past=_is_past(points_expiry, reading.now),
    )


def _read_number(sent: float | None | Omitted) -> SentNumber:
    """75.0 is an integer, as JSON Schema has it."""
    return int(sent) if isinstance(sent, float) else sent


def _read_points(sent: float | Decimal | None | Omitted, reading: Reading) -> SentPoints:
    """Points that are less than none, or no whole number, are there only if the dialect leaves them to the rules."""
    if sent is None or isinstance(sent, Omitted):
        return sent
    if sent < 0:
        reading.ask("points-negative")
    if sent != int(sent):
        reading.ask("points-fraction")
        return sent
    return int(sent)


def _read_expiry(sent: SentText, reading: Reading) -> SentText:
    if not isinstance(sent, str):
        return sent
    read = read_date_time(sent)
    if read != sent:
        reading.ask("expiry-format")
    return read


def _is_past(sent: SentText, now: str) -> bool:
    return isinstance(sent, str) and _is_before(sent, now)


@lru_cache(maxsize=1024)
def _is_before(earlier: str, later: str) -> bool:
    return moment(earlier) < moment(later)
