"""What placeholders mean: their values for one customer, or why there is none."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mockserver.domain.organisation import Organisation, Program
from mockserver.verification.checks import Situation, Unfit
from mockserver.verification.expectation import ABSENT
from mockserver.verification.golden_placeholders import CHANNELS, as_text, full_path
from mockserver.verification.statements.asking import all_held
from mockserver.verification.wording import Held, own, worded

_FREE_TEXT = frozenset({"STRING", "STANDARD_STRING"})


def value_of(name: str, situation: Situation) -> Any:  # Any: JSON, or Unfit
    """Return what a placeholder means in a situation, or why it means nothing there."""
    head, colon, rest = name.partition(":")
    if colon:
        return _PREFIXED[head](rest, situation)
    kind, _, below = name.partition(".")
    return _of_channel(kind, below, situation) if kind in CHANNELS else VALUES[name](situation)


def _held(path: str, situation: Situation) -> Any:
    value = situation.state.flat.get(full_path(path, situation.place), ABSENT)
    return Unfit(f"{situation.place} holds nothing at {path}") if value is ABSENT else value


def _opposite(name: str, situation: Situation) -> Any:
    value = value_of(name, situation)
    if isinstance(value, Unfit | bool):
        return value if isinstance(value, Unfit) else not value
    return Unfit(worded("{} is {}, neither yes nor no", own(name), Held(value, as_text)))


def _as_sent_text(name: str, situation: Situation) -> Any:
    value = value_of(name, situation)
    return value if isinstance(value, Unfit) else as_text(value)


def _other(rest: str, situation: Situation) -> Any:
    path, _, choice = rest.rpartition(":")
    held = _held(path, situation)
    if isinstance(held, Unfit):
        return held
    return next(one for one in choice.split("|") if one.casefold() != as_text(held).casefold())


def _of_channel(kind: str, below: str, situation: Situation) -> Any:
    wanted = r"[^:/]+" if kind == "channel" else kind
    pattern = re.compile(rf"commChannels/(?P<type>{wanted}):(?P<value>.*)/primary", re.DOTALL)
    found = next(filter(None, map(pattern.fullmatch, situation.state.at(situation.place))), None)
    if found is None:
        return Unfit(f"{situation.place} has no {kind if kind == 'channel' else f'{kind} channel'}")
    channel = f"{found['type']}:{found['value']}"
    if below in ("", "type", "value"):
        return found[below] if below else channel
    return _held(f"commChannels/{channel}/{below}", situation)


def _account(situation: Situation) -> Any:
    return situation.place.account or Unfit(f"{situation.place} names no account")


def _unknown(situation: Situation) -> Any:
    return situation.unknown or Unfit("no id was found that nobody has")


def _field(situation: Situation) -> Any:
    """The city is free text by the page; another custom field may be an enumeration at a deployment."""
    held = [path.removeprefix("fields/") for path in situation.state.at(situation.place) if path.startswith("fields/")]
    return next(iter(sorted(held, key="city".__ne__)), None) or Unfit(f"{situation.place} holds no custom field")


def _extended(situation: Situation) -> Any:
    for path, value in situation.state.flat.items():
        name = path.removeprefix("extendedFields/")
        if name != path and isinstance(value, str) and _takes_any_text(name, situation.organisation):
            return name
    return Unfit(f"customer {situation.place.customer} holds no extended field that takes any text")


def _takes_any_text(name: str, organisation: Organisation) -> bool:
    field = organisation.extended_fields.get(name.lower())
    return field is not None and field.datatype in _FREE_TEXT and not field.values


def _program(situation: Situation) -> Program | Unfit:
    state = situation.state
    if not state.has_programs:
        return Unfit("the loyalty details were not read")
    for program in situation.organisation.programs.values():
        if f"programs/{program.id}/tier" not in state.flat:
            return program
    return Unfit(f"customer {state.customer} is in every program that the organisation is assumed to have")


def _program_id(situation: Situation) -> Any:
    program = _program(situation)
    return program if isinstance(program, Unfit) else program.id


def _program_tier(situation: Situation) -> Any:
    program = _program(situation)
    return program if isinstance(program, Unfit) else program.tiers[:2][-1].number


def _enrolled(situation: Situation) -> Any:
    found = (re.fullmatch(r"programs/([0-9]+)/tier", path) for path in situation.state.flat)
    first = next(filter(None, found), None)
    return Unfit(f"customer {situation.state.customer} is in no program") if first is None else int(first[1])


def _enrolled_tier(situation: Situation) -> Any:
    program = _enrolled(situation)
    return program if isinstance(program, Unfit) else _held(f"programs/{program}/tier", situation)


def _enrolled_other(situation: Situation) -> Any:
    number, tier = _enrolled(situation), _enrolled_tier(situation)
    if isinstance(number, Unfit) or isinstance(tier, Unfit):
        return number
    program = situation.organisation.programs.get(number)
    others = [one.number for one in program.tiers if one.number != tier] if program is not None else []
    return others[0] if others else Unfit(f"no other tier of program {number} is known")


def _made(kind: str, situation: Situation) -> Any:
    named = "mobile" if kind == "local" else kind
    return situation.make_up(kind) or all_held(named)


_PREFIXED: Mapping[str, Callable[[str, Situation], Any]] = {
    "state": _held,
    "not": _opposite,
    "text": _as_sent_text,
    "other": _other,
}
VALUES: Mapping[str, Callable[[Situation], Any]] = {
    "customer": lambda situation: situation.place.customer,
    "source": lambda situation: situation.place.source,
    "account": _account,
    "unknown": _unknown,
    "word": lambda situation: situation.word,
    "field": _field,
    "extended": _extended,
    "program": _program_id,
    "program.tier": _program_tier,
    "enrolled": _enrolled,
    "enrolled.tier": _enrolled_tier,
    "enrolled.other": _enrolled_other,
    "made.mobile": partial(_made, "mobile"),
    "made.email": partial(_made, "email"),
    "made.externalId": partial(_made, "externalId"),
    "made.local": partial(_made, "local"),
}
