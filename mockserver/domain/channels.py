"""Communication channels of a profile: merged by type and value, invalid ones skipped with a warning.

The identity of a channel is its type and value, as given. Codes: 8057 and 8058 for an invalid e-mail or
mobile (warnings, as published samples have them); an unknown or missing type is the contract's to refuse.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from email_validator import EmailNotValidError, validate_email

from mockserver.domain.command import OMITTED, Omitted, SentChannel, SentFlag
from mockserver.domain.customer import CommChannel
from mockserver.domain.judgement import Judgement
from mockserver.domain.members import clears_null, clears_omitted
from mockserver.domain.outcome import Rejected

_MOBILE = re.compile(r"\+?[0-9]{4,15}\Z")
_WITHOUT_COUNTRY_CODE = 10  # digits of the longest national number that we take for one without country code
_INVALID = {"mobile": ("8058", "no mobile number"), "email": ("8057", "no e-mail address")}
_META_FLAGS = ("residence", "office")
# Where one of these refuses, whether INSTORE's channels are looked at at all may decide the request.
_REFUSING = ("channel-type-not-of-source", "channel-value-invalid", "channel-duplicate", "channel-primary")
_Held: TypeAlias = dict[tuple[str, str], CommChannel]


def update_channels(
    present: tuple[CommChannel, ...],
    sent: tuple[SentChannel, ...] | None | Omitted,
    judgement: Judgement,
    source: str,
) -> tuple[CommChannel, ...] | Rejected:
    """Return the channels after the update."""
    if sent is OMITTED:
        return () if clears_omitted(judgement, held=bool(present)) else present
    if sent is None:
        return () if clears_null(judgement) else present
    if not sent:
        return () if present and judgement.asks("empty-list") == "clear" else present
    if source == "INSTORE" and not _may_update_instore(sent, judgement):
        return present
    judgement.says("UPD-BODY-7")
    usable = _usable(sent, judgement, source)
    return usable if isinstance(usable, Rejected) else _merge(present, usable, judgement)


def _may_update_instore(sent: tuple[SentChannel, ...], judgement: Judgement) -> bool:
    """INSTORE's channels may be updated with Dual Eligibility; what happens without it is a question."""
    judgement.says("UPD-USE-4")
    if judgement.organisation.dual_eligibility:
        return True
    refusing = "any" if any(judgement.dialect[question] in ("reject", "8010") for question in _REFUSING) else ""
    answer = judgement.asks("dual-eligibility", refusing=refusing)
    why = "INSTORE channels need the Dual Eligibility feature"
    for channel in sent if answer != "accept" else ():
        if answer == "warn":
            judgement.warn("8010", channel.place, why)
        else:
            judgement.ignore(channel.place, why)
    return answer == "accept"


def _usable(
    sent: tuple[SentChannel, ...], judgement: Judgement, source: str
) -> list[tuple[SentChannel, str]] | Rejected:
    """Return the channels whose value can be stored, with that value; warn of the others, or refuse."""
    permitted = judgement.organisation.sources[source].channels
    usable = []
    for channel in sent:
        if permitted and channel.type not in permitted and _refuses_type(judgement):
            why = f"{channel.type} is no channel of {source}; it has {', '.join(sorted(permitted))}"
            return judgement.refuse("8010", f"{channel.place}/type", why, questions=("channel-type-not-of-source",))
        value = _read_value(channel, judgement)
        if isinstance(value, Rejected):
            return value
        if value is not None:
            usable.append((channel, value))
    return usable


def _refuses_type(judgement: Judgement) -> bool:
    return judgement.asks("channel-type-not-of-source", refusing="8010") == "8010"


def _read_value(channel: SentChannel, judgement: Judgement) -> str | Rejected | None:
    value, place = channel.value, f"{channel.place}/value"
    if value is OMITTED or value is None or value == "":
        _skip(channel, place, "is missing", judgement)
        return None
    if not is_valid_channel(channel.type, value):
        code, name = _INVALID[channel.type]
        why = f'"{value}" is {name}'
        if judgement.asks("channel-value-invalid", refusing="any") == "reject":
            return judgement.refuse(code, place, why, questions=("channel-value-invalid",))
        _skip(channel, place, why, judgement)
        return None
    return _with_country_code(value, place, judgement) if channel.type == "mobile" else value


def _skip(channel: SentChannel, place: str, why: str, judgement: Judgement) -> None:
    if channel.type in _INVALID:
        judgement.warn(_INVALID[channel.type][0], place, why)
    else:
        judgement.ignore(place, f"{why}; the channel is skipped")


def _with_country_code(value: str, place: str, judgement: Judgement) -> str | None:
    judgement.says("UPD-BODY-10")
    if value.startswith("+") or len(value) > _WITHOUT_COUNTRY_CODE:
        return value
    match judgement.asks("mobile-without-country-code"):
        case "warn":
            judgement.warn("8058", place, f'"{value}" has no country code')
            return None
        case "prefix":
            return f"{judgement.organisation.country_code}{value}"
        case _:
            return value


@lru_cache(maxsize=4096)
def is_valid_channel(kind: str, value: str) -> bool:
    """Tell whether a value can be a channel of a type; e-mail addresses are judged without DNS."""
    if kind == "mobile":
        return _MOBILE.match(value) is not None
    if kind != "email":
        return True
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _merge(
    present: tuple[CommChannel, ...], sent: list[tuple[SentChannel, str]], judgement: Judgement
) -> tuple[CommChannel, ...] | Rejected:
    before: _Held = {(channel.type, channel.value): channel for channel in present}
    held = _start(before, sent, judgement)
    seen: set[tuple[str, str]] = set()
    for channel, value in sent:
        key = (channel.type, value)
        if key in seen and (answer := judgement.asks("channel-duplicate", refusing="8010")) != "last":
            if answer == "reject":
                return judgement.refuse("8010", channel.place, "is sent twice", questions=("channel-duplicate",))
            continue
        seen.add(key)
        held[key] = _update_channel(held.get(key) or before.get(key), channel, value, judgement)
        if channel.primary is True and not _yield_primary(held, key, judgement):
            why = f"a second {channel.type} is primary"
            return judgement.refuse("8010", f"{channel.place}/primary", why, questions=("channel-primary",))
    return tuple(held.values())


def _start(before: _Held, sent: list[tuple[SentChannel, str]], judgement: Judgement) -> _Held:
    """Merging starts from what is there, replacing from nothing; the question matters where something is left."""
    named = {(channel.type, value) for channel, value in sent}
    refusing = _rejection_of_primary(judgement)
    if before.keys() - named and judgement.asks("comm-channels", refusing=refusing) == "replace":
        return {}
    return dict(before)


def _update_channel(held: CommChannel | None, sent: SentChannel, value: str, judgement: Judgement) -> CommChannel:
    """A flag that is left out stays; a new channel begins with false."""
    held = held or CommChannel(type=sent.type, value=value)
    return replace(
        held,
        primary=_settle_flag(sent.primary, held.primary, judgement),
        verified=_settle_flag(sent.verified, held.verified, judgement),
        meta=_merge_meta(held.meta, sent.meta, judgement),
    )


def _settle_flag(sent: SentFlag, held: bool, judgement: Judgement) -> bool:
    if isinstance(sent, bool) or not held:
        return sent is True
    if sent is None and clears_null(judgement):
        return False
    refusing = _rejection_of_primary(judgement)
    return judgement.asks("channel-flag-omitted", refusing=refusing) == "keep"


def _rejection_of_primary(judgement: Judgement) -> str:
    return "8010" if judgement.dialect["channel-primary"] == "reject" else ""


def _merge_meta(
    present: Mapping[str, object], sent: Mapping[str, object] | None | Omitted, judgement: Judgement
) -> Mapping[str, object]:
    """Merge meta; `residence` and `office` are read as booleans, other members stay as sent."""
    if sent is OMITTED:
        return present
    if sent is None:
        return {} if clears_null(judgement) else present
    given = {name: _read_meta(name, value) for name, value in sent.items() if value is not None}
    kept = present
    if clears_null(judgement):
        kept = {name: value for name, value in present.items() if sent.get(name, "") is not None}
    if kept.keys() - given.keys() and judgement.asks("channel-meta") == "replace":
        return given
    return {**kept, **given}


def _read_meta(name: str, value: object) -> object:
    return value in (True, "true") if name in _META_FLAGS else value


def _yield_primary(held: _Held, key: tuple[str, str], judgement: Judgement) -> bool:
    """The last channel sent as primary is the one primary of its type; False where a second one is refused."""
    for other, channel in held.items():
        if other == key or other[0] != key[0] or not channel.primary:
            continue
        match judgement.asks("channel-primary", refusing="8010"):
            case "reject":
                return False
            case "last":
                held[other] = replace(channel, primary=False)
    return True
