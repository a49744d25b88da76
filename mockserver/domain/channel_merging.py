"""Channels that a request sends, merged with those that a profile holds, and the questions that this raises.

The identity of a channel is its type and value. Where a request sends two channels of one type, what one of them does
another may undo: the flag that is left out may be taken by the next primary, the member of meta be sent again. So
such a merge is tried again under the other answers of the questions that it met, and only those by which it would
have ended otherwise are noted. A merge of channels that cannot meet is not tried again: what a question changes there
stays changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import is_
from typing import TypeAlias

from msgspec.structs import replace

from mockserver.domain.command import OMITTED, Omitted, SentChannel, SentFlag
from mockserver.domain.customer import CommChannel
from mockserver.domain.judgement import Judgement
from mockserver.domain.members import clears_null
from mockserver.domain.outcome import Rejected

_META_FLAGS = frozenset({"residence", "office"})
_ANSWERS = {
    "comm-channels": ("merge", "replace"),
    "channel-duplicate": ("last", "first", "reject"),
    "channel-primary": ("last", "both", "reject"),
    "channel-flag-omitted": ("keep", "false"),
    "channel-meta": ("merge", "replace"),
}
Usable: TypeAlias = Sequence[tuple[SentChannel, str]]  # a channel that was sent, and the value to store
_Key: TypeAlias = tuple[str, str]  # type and value
_Held: TypeAlias = dict[_Key, CommChannel]
_Merged: TypeAlias = tuple[CommChannel, ...] | Rejected


def merge_channels(present: tuple[CommChannel, ...], sent: Usable, judgement: Judgement) -> _Merged:
    """Return the channels that are held afterwards, or why they cannot be."""
    if not _may_meet(sent, judgement):
        return _merge(present, sent, judgement)
    trial = judgement.under({})
    merged = _merge(present, sent, trial)
    deciding = tuple(
        question for question in trial.basis.questions if _decides(question, present, sent, judgement, merged)
    )
    return _refuse(merged, judgement, deciding) if isinstance(merged, Rejected) else merged


def _refuse(merged: Rejected, judgement: Judgement, questions: tuple[str, ...]) -> Rejected:
    refusal = merged.refusal
    return judgement.refuse(refusal.code, refusal.place, refusal.why, questions=questions)


def _may_meet(sent: Usable, judgement: Judgement) -> bool:
    """Tell whether what one channel does may depend on another; a second primary may only where it is refused."""
    types = [channel.type for channel, _ in sent]
    return len({*types}) < len(types) or judgement.answers["channel-primary"] == "reject"


def _decides(
    question: str, present: tuple[CommChannel, ...], sent: Usable, judgement: Judgement, merged: _Merged
) -> bool:
    """Tell whether another answer would have ended otherwise, and note the question where it would."""
    others = list(_merged_otherwise(question, present, sent, judgement))
    if all(_is_alike(other, merged) for other in others):
        return False
    refusals = [other.refusal.code for other in others if isinstance(other, Rejected)]
    judgement.asks(question, refusing=next(iter(refusals), ""))
    return True


def _merged_otherwise(
    question: str, present: tuple[CommChannel, ...], sent: Usable, judgement: Judgement
) -> Iterator[_Merged]:
    for answer in _ANSWERS[question]:
        if answer != judgement.answers[question]:
            yield _merge(present, sent, judgement.under({question: answer}))


def _is_alike(one: _Merged, other: _Merged) -> bool:
    if isinstance(one, Rejected) and isinstance(other, Rejected):
        return one.refusal.code == other.refusal.code
    return one == other


def _merge(present: tuple[CommChannel, ...], sent: Usable, judgement: Judgement) -> _Merged:
    before: _Held = {(channel.type, channel.value): channel for channel in present}
    held = _start(before, sent, judgement)
    primary = _find_primary(held)
    seen: set[_Key] = set()
    for channel, value in sent:
        key = (channel.type, value)
        if key in seen and (answer := judgement.asks("channel-duplicate")) != "last":
            if answer == "reject":
                return judgement.refuse("8010", channel.place, "is sent twice")
            continue
        seen.add(key)
        held[key] = _update_channel(held.get(key) or before.get(key), channel, value, judgement)
        if not _yield_primary(held, primary.setdefault(channel.type, set()), key, channel, judgement):
            return judgement.refuse("8010", f"{channel.place}/primary", f"a second {channel.type} is primary")
    merged = tuple(held.values())
    return present if len(merged) == len(present) and all(map(is_, merged, present)) else merged


def _start(before: _Held, sent: Usable, judgement: Judgement) -> _Held:
    """Merging starts from what is there, replacing from nothing; the question matters where something is left."""
    named = {(channel.type, value) for channel, value in sent}
    if before.keys() - named and judgement.asks("comm-channels") == "replace":
        return {}
    return dict(before)


def _update_channel(held: CommChannel | None, sent: SentChannel, value: str, judgement: Judgement) -> CommChannel:
    """A flag that is left out stays; a new channel begins with false, and one as it was stays the same value."""
    held = held or CommChannel(type=sent.type, value=value)
    primary = _settle_flag(sent.primary, held.primary, judgement)
    verified = _settle_flag(sent.verified, held.verified, judgement)
    meta = _merge_meta(held.meta, sent.meta, judgement)
    if meta is held.meta and primary == held.primary and verified == held.verified:
        return held
    return CommChannel(type=held.type, value=held.value, primary=primary, verified=verified, meta=meta)


def _settle_flag(sent: SentFlag, held: bool, judgement: Judgement) -> bool:
    if sent is True or sent is False or not held:
        return sent is True
    if sent is None and clears_null(judgement):
        return False
    return judgement.asks("channel-flag-omitted") == "keep"


def _merge_meta(
    present: Mapping[str, object], sent: Mapping[str, object] | None | Omitted, judgement: Judgement
) -> Mapping[str, object]:
    """Merge meta; `residence` and `office` are read as booleans, other members stay as sent."""
    if sent is OMITTED:
        return present
    if sent is None:
        return {} if clears_null(judgement) else present
    given = {name: _read_meta(name, value) for name, value in sent.items() if value is not None}
    if given == present and _META_FLAGS.issuperset(given):
        return present
    kept = present
    if clears_null(judgement):
        kept = {name: value for name, value in present.items() if sent.get(name, "") is not None}
    if kept.keys() - given.keys() and judgement.asks("channel-meta") == "replace":
        return given
    return {**kept, **given}


def _read_meta(name: str, value: object) -> object:
    return value in (True, "true") if name in _META_FLAGS else value


def _find_primary(held: _Held) -> dict[str, set[_Key]]:
    """Return the primary channels by type, so that whoever becomes the primary need not look through all."""
    primary: dict[str, set[_Key]] = {}
    for key, channel in held.items():
        if channel.primary:
            primary.setdefault(channel.type, set()).add(key)
    return primary


def _yield_primary(held: _Held, primary: set[_Key], key: _Key, sent: SentChannel, judgement: Judgement) -> bool:
    """The last channel sent as primary is the one primary of its type; False where a second one is refused."""
    if not held[key].primary:
        primary.discard(key)
        return True
    primary.add(key)
    if sent.primary is not True or len(primary) == 1:
        return True
    match judgement.asks("channel-primary", refusing="8010"):
        case "reject":
            return False
        case "last":
            for other in primary - {key}:
                held[other] = replace(held[other], primary=False)
            primary.intersection_update({key})
    return True
