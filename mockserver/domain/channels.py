"""Communication channels of a profile: merged by type and value, invalid ones skipped with a warning.

The identity of a channel is its type and value, as given. Codes: 8057 and 8058 for an invalid e-mail or
mobile (warnings, as published samples have them); an unknown or missing type is the contract's to refuse.
"""

import re
from functools import lru_cache

from mockserver.domain.channel_merging import merge_channels
from mockserver.domain.command import OMITTED, Omitted, SentChannel
from mockserver.domain.customer import CommChannel
from mockserver.domain.judgement import Judgement
from mockserver.domain.members import clears_null, clears_omitted
from mockserver.domain.outcome import Rejected

_MOBILE = re.compile(r"\+?[0-9]{4,15}\Z")
# Addresses of which nobody doubts that they are some; all others are judged by a library, which takes 40 µs.
PLAIN_ADDRESS = re.compile(
    r"[A-Za-z0-9]{1,20}(?:[._-]?[A-Za-z0-9]{1,20}){0,2}@[a-z0-9]{1,40}(?:\.[a-z0-9]{1,40})?\.(?:com|edu|in|io|net|org)\Z"
)
_LONGEST_KEPT = 320  # characters of an address whose verdict is kept
_WITHOUT_COUNTRY_CODE = 10  # digits of the longest national number that we take for one without country code
_INVALID = {"mobile": ("8058", "no mobile number"), "email": ("8057", "no e-mail address")}
# Where one of these refuses, whether INSTORE's channels are looked at at all may decide the request.
_REFUSING = ("channel-type-not-of-source", "channel-value-invalid", "channel-duplicate", "channel-primary")


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
    judgement.says(judgement.cites.channels)
    usable = _usable(sent, judgement, source)
    return usable if isinstance(usable, Rejected) else merge_channels(present, usable, judgement)


def _may_update_instore(sent: tuple[SentChannel, ...], judgement: Judgement) -> bool:
    """INSTORE's channels may be updated with Dual Eligibility; what happens without it is a question."""
    judgement.says(judgement.cites.instore_channels)
    if judgement.organisation.dual_eligibility:
        return True
    refusing = "any" if any(judgement.answers[question] in ("reject", "8010") for question in _REFUSING) else ""
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
    value = channel.value
    if value is OMITTED or value is None or value == "":
        _skip(channel, "is missing", judgement)
        return None
    if not is_valid_channel(channel.type, value):
        return _meet_invalid(channel, value, judgement)
    return _with_country_code(value, channel, judgement) if channel.type == "mobile" else value


def _meet_invalid(channel: SentChannel, value: str, judgement: Judgement) -> Rejected | None:
    code, name = _INVALID[channel.type]
    why = f'"{value}" is {name}'
    if judgement.asks("channel-value-invalid", refusing="any") == "reject":
        return judgement.refuse(code, f"{channel.place}/value", why, questions=("channel-value-invalid",))
    _skip(channel, why, judgement)
    return None


def _skip(channel: SentChannel, why: str, judgement: Judgement) -> None:
    place = f"{channel.place}/value"
    if channel.type in _INVALID:
        judgement.warn(_INVALID[channel.type][0], place, why)
    else:
        judgement.ignore(place, f"{why}; the channel is skipped")


def _with_country_code(value: str, channel: SentChannel, judgement: Judgement) -> str | None:
    judgement.says(judgement.cites.mobile_channels)
    if value.startswith("+") or len(value) > _WITHOUT_COUNTRY_CODE:
        return value
    match judgement.asks("mobile-without-country-code"):
        case "warn":
            judgement.warn("8058", f"{channel.place}/value", f'"{value}" has no country code')
            return None
        case "prefix":
            return f"{judgement.organisation.country_code}{value}"
        case _:
            return value


def is_valid_channel(kind: str, value: str) -> bool:
    """Tell whether a value can be a channel of a type; e-mail addresses are judged without DNS."""
    if kind == "mobile":
        return _MOBILE.match(value) is not None
    if kind != "email" or PLAIN_ADDRESS.match(value):
        return True
    if "@" not in value:  # as in the page's own sample
        return False
    return _is_address(value) if len(value) <= _LONGEST_KEPT else _is_address.__wrapped__(value)


@lru_cache(maxsize=4096)
def _is_address(value: str) -> bool:
    from email_validator import EmailNotValidError, validate_email  # takes 20 ms; many servers never see an address

    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
