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
    return _merge(present, _usable(sent, judgement, source), judgement)


def _may_update_instore(sent: tuple[SentChannel, ...], judgement: Judgement) -> bool:
    """INSTORE's channels may be updated with Dual Eligibility; what happens without it is a question."""
    judgement.says("UPD-USE-4")
    if judgement.organisation.dual_eligibility:
        return True
    answer = judgement.asks("dual-eligibility")
    why = "INSTORE channels need the Dual Eligibility feature"
    for channel in sent if answer != "accept" else ():
        if answer == "warn":
            judgement.warn("8010", channel.place, why)
        else:
            judgement.ignore(channel.place, why)
    return answer == "accept"


def _usable(sent: tuple[SentChannel, ...], judgement: Judgement, source: str) -> list[tuple[SentChannel, str]]:
    """Return the channels whose value can be stored, with that value; warn of the others."""
    permitted = judgement.organisation.sources[source].channels
    usable = []
    for channel in sent:
        value = _read_value(channel, judgement)
        if value is None:
            continue
        if permitted and channel.type not in permitted:
            judgement.asks("channel-type-not-of-source", refusing=True)
        usable.append((channel, value))
    return usable


def _read_value(channel: SentChannel, judgement: Judgement) -> str | None:
    value = channel.value
    if value is OMITTED or value is None or value == "":
        judgement.asks("channel-value-missing", refusing=True)
        _skip(channel, f"{channel.place}/value", "is missing", judgement)
        return None
    if not is_valid_channel(channel.type, value):
        judgement.asks("channel-value-invalid", refusing=True)
        _skip(channel, f"{channel.place}/value", f'"{value}" is {_INVALID[channel.type][1]}', judgement)
        return None
    if channel.type == "mobile":
        _note_country_code(value, judgement)
    return value


def _skip(channel: SentChannel, place: str, why: str, judgement: Judgement) -> None:
    if channel.type in _INVALID:
        judgement.warn(_INVALID[channel.type][0], place, why)
    else:
        judgement.ignore(place, f"{why}; the channel is skipped")


def _note_country_code(value: str, judgement: Judgement) -> None:
    judgement.says("UPD-BODY-10")
    if not value.startswith("+") and len(value) <= _WITHOUT_COUNTRY_CODE:
        judgement.asks("mobile-without-country-code")


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
        if key in seen and (answer := judgement.asks("channel-duplicate", refusing=True)) != "last":
            if answer == "reject":
                return judgement.refuse("8010", channel.place, "is sent twice", questions=("channel-duplicate",))
            continue
        seen.add(key)
        held[key] = _update_channel(held.get(key) or before.get(key), channel, value, judgement)
        if channel.primary is True:
            _yield_primary(held, key, judgement)
    return tuple(held.values())


def _start(before: _Held, sent: list[tuple[SentChannel, str]], judgement: Judgement) -> _Held:
    """Merging starts from what is there, replacing from nothing; the question matters where something is left."""
    named = {(channel.type, value) for channel, value in sent}
    if before.keys() - named and judgement.asks("comm-channels") == "replace":
        return {}
    return dict(before)


def _update_channel(held: CommChannel | None, sent: SentChannel, value: str, judgement: Judgement) -> CommChannel:
    """A flag that is left out stays; a new channel begins with false."""
    held = held or CommChannel(type=sent.type, value=value)
    return replace(
        held,
        primary=_settle_flag(sent.primary, held.primary),
        verified=_settle_flag(sent.verified, held.verified),
        meta=_merge_meta(held.meta, sent.meta, judgement),
    )


def _settle_flag(sent: SentFlag, held: bool) -> bool:
    return sent if isinstance(sent, bool) else held


def _merge_meta(
    present: Mapping[str, object], sent: Mapping[str, object] | None | Omitted, judgement: Judgement
) -> Mapping[str, object]:
    """Merge meta; `residence` and `office` are read as booleans, other members stay as sent."""
    if sent is OMITTED or sent is None:
        return present
    given = {name: _read_meta(name, value) for name, value in sent.items() if value is not None}
    if present.keys() - given.keys():
        judgement.asks("channel-meta")
    return {**present, **given}


def _read_meta(name: str, value: object) -> object:
    return value in (True, "true") if name in _META_FLAGS else value


def _yield_primary(held: _Held, key: tuple[str, str], judgement: Judgement) -> None:
    """The last channel sent as primary is the one primary of its type."""
    for other, channel in held.items():
        if other != key and other[0] == key[0] and channel.primary:
            judgement.asks("channel-primary", refusing=True)
            held[other] = replace(channel, primary=False)
