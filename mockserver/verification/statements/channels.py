"""What an update does to communication channels. Flags and meta of a channel that is held can be written back."""

from collections.abc import Callable

from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.expectation import Pattern
from mockserver.verification.findings import Grade
from mockserver.verification.statements.asking import all_held, at, granted, held_channel, profile, put, refused, step
from mockserver.verification.target import Leave


def _flag(member: str, *, as_text: bool) -> Callable[[Situation], Plan]:
    """Turn a flag of a held channel."""

    def plan(situation: Situation) -> Plan:
        held = held_channel(situation)
        if isinstance(held, Unfit):
            return held
        kind, value, known = held
        turned = known.get(member) is not True
        if member == "primary" and turned and _has_sibling(situation, kind):
            return Unfit("a second channel of the type would lose its flag")
        sent: object = str(turned).lower() if as_text else turned
        body = profile(commChannels=[{"type": kind, "value": value, member: sent}])
        changes = at(situation.place, **{f"commChannels__{kind}:{value}__{member}": turned})
        return (step(put(situation.place, body), granted(changes)),)

    return plan


def _has_sibling(situation: Situation, kind: str) -> bool:
    known = situation.state.at(situation.place)
    return sum(path.startswith(f"commChannels/{kind}:") and path.endswith("/primary") for path in known) > 1


def _meta(situation: Situation) -> Plan:
    held = held_channel(situation, flag="residence")
    if isinstance(held, Unfit):
        return held
    kind, value, known = held
    turned = known.get("meta/residence") is not True
    body = profile(commChannels=[{"type": kind, "value": value, "meta": {"residence": turned}}])
    changes = at(situation.place, **{f"commChannels__{kind}:{value}__meta__residence": turned})
    return (step(put(situation.place, body), granted(changes)),)


def _sent_again(situation: Situation) -> Plan:
    """A channel that is held is sent as it is held: neither is it there twice, nor does another go."""
    held = held_channel(situation)
    if isinstance(held, Unfit):
        return held
    kind, value, known = held
    flags = {name: known.get(name) is True for name in ("primary", "verified")}
    request = put(situation.place, profile(commChannels=[{"type": kind, "value": value, **flags}]))
    return step(request, granted({})), step(request, granted({}))


def _without_flags(situation: Situation) -> Plan:
    held = held_channel(situation)
    if isinstance(held, Unfit):
        return held
    kind, value, _ = held
    return (step(put(situation.place, profile(commChannels=[{"type": kind, "value": value}])), granted({})),)


def _invalid(kind: str, value: str, warning: int) -> Callable[[Situation], Plan]:
    def plan(situation: Situation) -> Plan:
        body = profile(commChannels=[{"type": kind, "value": value}])
        return (step(put(situation.place, body), granted({}, warnings=(warning,))),)

    return plan


def _refused(channel: Pattern, code: int) -> Callable[[Situation], Plan]:
    def plan(situation: Situation) -> Plan:
        body = profile(firstName=situation.word, commChannels=[channel])
        return (step(put(situation.place, body), refused(code)),)

    return plan


def _new(situation: Situation) -> Plan:
    value = situation.make_up("email")
    if value is None:
        return all_held("email")
    channel = {"type": "email", "value": value, "primary": False, "verified": True, "meta": {"residence": "true"}}
    path = f"commChannels__email:{value}"
    changes = at(
        situation.place, **{f"{path}__primary": False, f"{path}__verified": True, f"{path}__meta__residence": True}
    )
    return (step(put(situation.place, profile(commChannels=[channel])), granted(changes)),)


def _check(
    name: str,
    law: str,
    plan: Callable[[Situation], Plan],
    statements: tuple[str, ...],
    *questions: str,
    grade: Grade = Grade.BROKEN,
    leave: Leave = Leave.WRITES,
) -> Check:
    return Check(id=name, law=law, plan=plan, statements=statements, questions=questions, grade=grade, leave=leave)


CHECKS = (
    _check(
        "verified-is-updated",
        "A channel's flag verified is updated, and read as a boolean",
        _flag("verified", as_text=False),
        ("UPD-BODY-12", "UPD-BODY-7", "UPD-USE-7"),
        "comm-channels",
        "channel-flag-omitted",
    ),
    _check(
        "primary-is-updated",
        "A channel's flag primary is updated, and read as a boolean",
        _flag("primary", as_text=False),
        ("UPD-BODY-11", "UPD-BODY-7", "UPD-USE-7"),
        "comm-channels",
        "channel-flag-omitted",
    ),
    _check(
        "flag-as-text",
        "A flag may be sent as text, as the page has it, and is read as a boolean",
        _flag("verified", as_text=True),
        ("UPD-BODY-29", "UPD-BODY-12"),
        "comm-channels",
        "channel-flag-omitted",
    ),
    _check(
        "meta-is-updated",
        "A member of a channel's meta is updated, and the others stay",
        _meta,
        ("UPD-BODY-13",),
        "channel-meta",
        "comm-channels",
    ),
    _check(
        "channel-sent-again",
        "A channel that is held and sent again is there once, and the others stay",
        _sent_again,
        ("UPD-BODY-7", "UPD-USE-7"),
        "comm-channels",
    ),
    _check(
        "flags-left-out-stay",
        "A flag that is left out stays as it was",
        _without_flags,
        ("UPD-BODY-11", "UPD-BODY-12"),
        "channel-flag-omitted",
        "comm-channels",
    ),
    _check(
        "invalid-email-is-warned-of",
        "An e-mail address that is none brings the warning 8057, and is not stored",
        _invalid("email", "no address", 8057),
        ("UPD-BODY-9",),
        "channel-value-invalid",
        grade=Grade.UNLIKE,
    ),
    _check(
        "invalid-mobile-is-warned-of",
        "A mobile number that is none brings the warning 8058, and is not stored",
        _invalid("mobile", "no number", 8058),
        ("UPD-BODY-9",),
        "channel-value-invalid",
        grade=Grade.UNLIKE,
    ),
    _check(
        "channel-type-is-known",
        "A channel of an unknown type is refused with 8010",
        _refused({"type": "fax", "value": "1"}, 8010),
        ("UPD-BODY-8",),
        "channel-type-elsewhere",
    ),
    _check(
        "channel-type-is-required",
        "A channel without a type is refused with 8106",
        _refused({"value": "1"}, 8106),
        ("UPD-BODY-8",),
        grade=Grade.UNLIKE,
    ),
    _check(
        "new-channel-is-added",
        "A new channel is added beside those held",
        _new,
        ("UPD-USE-7", "UPD-BODY-7", "UPD-USE-4", "UPD-BODY-9"),
        "comm-channels",
        "dual-eligibility",
        leave=Leave.IRREVERSIBLE,
    ),
)
