"""Commands read from requests: from the parameters and the body that the contract has already judged.

Behind this module nobody sees a raw body. What the contract does not know is left out here and named, so
that the answer can say what was ignored.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
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
    SentPoints,
    SentProfile,
    SentText,
    UpdateCustomer,
)
from mockserver.domain.customer import CustomerId
from mockserver.domain.profiles import NAME_LENGTH
from mockserver.exchange.members import BODY, CHANNEL, ENROLMENT, IDENTIFIER, LOYALTY_INFO, META, PROFILE

_CONTEXT = ("USER-CONTEXT-", "X-CAP-API-ATTRIBUTION-")
_LOOKUP = "X-CAP-API-ATTRIBUTION-LOOKUP"
_LOOKUP_TYPE = "X-CAP-API-ATTRIBUTION-LOOKUP-TYPE"
_ELSEWHERE = frozenset({"whatsapp", "viber", "postmail"})  # types of channels that only other pages name
_MOBILE_PUSH = "mobilePush"  # the one type that is not all in small letters
_PUBLISHED = frozenset({"mobile", "email", "wechat", "android", "ios", "line", _MOBILE_PUSH})  # types as they are spelt
_CANONICAL = re.compile(r"(?:0|[1-9][0-9]*)\Z")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 '-]*\Z")


class _Reading:
    """What is noticed while one request is read: questions that its form raises, and what the contract has not."""

    __slots__ = ("form", "is_doubtful", "now", "unknown")

    def __init__(self, parameters: Parameters, now: str = "") -> None:
        self.now = now
        self.form: dict[str, None] = {}
        self.unknown: list[str] = [f"query/{name}" for name in parameters.unknown_query]
        self.is_doubtful = bool(parameters.unknown_query)  # some name may be misspelt
        if parameters.unknown_query:
            self.ask("unknown-query-parameter")
        if parameters.repeated:
            self.ask("repeated-parameter")
        if not _CANONICAL.match(parameters.values["userId"]):
            self.ask("user-id-form")

    def ask(self, question: str) -> None:
        """Notice that another answer to a question would refuse this request for its form."""
        self.form[question] = None

    def open(self, value: Mapping[str, Any], known: frozenset[str], place: str) -> None:
        """Notice what an object holds besides the known members, and nulls among the known."""
        if not known.issuperset(value):
            self.unknown.extend(f"{place}/{name}" for name in value if name not in known)
            self.is_doubtful = True
            self.ask("unknown-body-member")
        if None in value.values() and any(value.get(name, 0) is None for name in known):
            self.ask("null-value")

    def values(self, value: Mapping[str, Any] | None | Omitted) -> Mapping[str, Any] | None | Omitted:
        """Notice nulls in an object whose members are free."""
        if isinstance(value, dict) and None in value.values():
            self.ask("null-value")
        return value

    def meta(self, value: Mapping[str, Any] | None | Omitted) -> Mapping[str, Any] | None | Omitted:
        """Notice nulls in a channel's meta, and members beside those that the contract names; all are kept."""
        if isinstance(value, dict) and not META.issuperset(value):
            self.is_doubtful = True
        return self.values(value)


def read_update(parameters: Parameters, body: Mapping[str, Any] | None, now: str) -> UpdateCustomer:
    """Read the update that a request asks for; `body` is None where none was sent."""
    values = parameters.values
    body = body or {}
    reading = _Reading(parameters, now)
    if not body:
        reading.ask("empty-body")
    if _LOOKUP in values and _LOOKUP_TYPE not in values:
        reading.ask("attribution-headers")
    use_async = _read_use_async(values.get("use_async"), reading)
    reading.open(body, BODY, "body")
    profiles = _read_profiles(body, reading)
    extended_fields = reading.values(body.get("extendedFields", OMITTED))
    loyalty_type = _read_loyalty(body.get("loyaltyInfo"), reading)
    enrolments = _read_enrolments(body, reading)
    return UpdateCustomer(
        customer=CustomerId(int(values["userId"])),
        source=values["source"],
        account=values.get("accountId"),
        use_async=use_async,
        now=now,
        context={name: value for name, value in values.items() if name.startswith(_CONTEXT)},
        profiles=profiles,
        extended_fields=extended_fields,
        loyalty_type=loyalty_type,
        enrolments=enrolments,
        form=tuple(reading.form),
        unknown=tuple(reading.unknown),
        is_doubtful=reading.is_doubtful,
    )


def read_customer_query(parameters: Parameters) -> ReadCustomer:
    """Read which profiles of which customer are asked for."""
    values, reading = parameters.values, _Reading(parameters)
    return ReadCustomer(
        customer=CustomerId(int(values["userId"])),
        source=values["source"],
        account=values.get("accountId"),
        form=tuple(reading.form),
        unknown=tuple(reading.unknown),
        is_doubtful=reading.is_doubtful,
    )


def read_loyalty_query(parameters: Parameters) -> ReadLoyaltyDetails:
    """Read whose loyalty details are asked for."""
    reading = _Reading(parameters)
    customer = CustomerId(int(parameters.values["userId"]))
    return ReadLoyaltyDetails(
        customer=customer,
        form=tuple(reading.form),
        unknown=tuple(reading.unknown),
        is_doubtful=reading.is_doubtful,
    )


def _read_use_async(sent: bool | str | None, reading: _Reading) -> bool | None:
    """A dialect that takes `True` as well has texts in its contract, where others have booleans."""
    if not isinstance(sent, str):
        return sent
    if sent not in ("true", "false"):
        reading.ask("use-async-spelling")
    return sent.lower() == "true"


def _read_loyalty(value: Mapping[str, Any] | None, reading: _Reading) -> SentText:
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


def _read_profiles(body: Mapping[str, Any], reading: _Reading) -> tuple[SentProfile, ...] | None | Omitted:
    sent: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None | Omitted = body.get("profiles", OMITTED)
    if sent is None or isinstance(sent, Omitted):
        return sent
    if isinstance(sent, Mapping):
        reading.ask("profiles-as-object")
        return (_read_profile(sent, "body/profiles", reading),)
    if len(sent) > 1:
        reading.ask("several-profiles")
    return tuple(_read_profile(value, f"body/profiles/{index}", reading) for index, value in enumerate(sent))


def _read_profile(value: Mapping[str, Any], place: str, reading: _Reading) -> SentProfile:
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


def _read_name(sent: SentText, reading: _Reading) -> SentText:
    if isinstance(sent, str) and (len(sent) > NAME_LENGTH or not _PLAIN_NAME.match(sent)):
        _ask_of_name(sent, reading)
    return sent


def _ask_of_name(sent: str, reading: _Reading) -> None:
    if len(sent) > NAME_LENGTH:
        reading.ask("name-too-long")
    if not _PLAIN_NAME.match(sent):
        reading.ask("name-characters")


def _read_identifiers(sent: Sequence[Mapping[str, Any]], place: str, reading: _Reading) -> tuple[tuple[str, str], ...]:
    for index, value in enumerate(sent):
        reading.open(value, IDENTIFIER, f"{place}/{index}")
    return () if not sent else tuple((str(value.get("type") or ""), str(value.get("value") or "")) for value in sent)


def _read_channels(
    sent: Sequence[Mapping[str, Any]] | None | Omitted, place: str, reading: _Reading
) -> tuple[SentChannel, ...] | None | Omitted:
    if sent is None or isinstance(sent, Omitted):
        return sent
    return tuple(_read_channel(value, f"{place}/{index}", reading) for index, value in enumerate(sent))


def _read_channel(value: Mapping[str, Any], place: str, reading: _Reading) -> SentChannel:
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
        meta=reading.meta(get("meta", OMITTED)),
    )


def _read_type(sent: str, reading: _Reading) -> str:
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


def _read_points(sent: float | Decimal | None | Omitted, reading: _Reading) -> SentPoints:
    """Points that are less than none, or no whole number, are there only if the dialect leaves them to the rules."""
    if sent is None or isinstance(sent, Omitted):
        return sent
    if sent < 0:
        reading.ask("points-negative")
    if sent != int(sent):
        reading.ask("points-fraction")
        return sent
    return int(sent)


def _read_expiry(sent: SentText, reading: _Reading) -> SentText:
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
