"""Small updates of what a customer has, each of another kind, all of which can be written back."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from mockserver.verification.checks import Situation
from mockserver.verification.expectation import Pattern
from mockserver.verification.findings import Step
from mockserver.verification.statements import channels, profiles
from mockserver.verification.statements.asking import at, granted, profile, put, step
from mockserver.verification.statements.profiles import other_value

_KINDS = (
    "first-name-is-updated",
    "last-name-is-updated",
    "custom-field-is-updated",
    "extended-field-is-updated",
    "verified-is-updated",
    "meta-is-updated",
)
_PLANS = {check.id: check.plan for check in (*profiles.CHECKS, *channels.CHECKS)}
_PLAIN = re.compile("[A-Za-z '-]*")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def small_updates(situation: Situation) -> tuple[Step, ...]:
    """Return updates of a name, a field, a channel and so on, as far as the customer has them, in this order."""
    return tuple(step for kind in _KINDS for step in _planned(kind, situation))


def _planned(kind: str, situation: Situation) -> tuple[Step, ...]:
    """Return the update of a kind; none where the customer has nothing of it."""
    plan = _PLANS[kind](situation)
    return plan if isinstance(plan, tuple) else ()


def is_restorable(situation: Situation) -> bool:
    """Tell whether the deployment takes back the names that are held (`name-characters`): any does, or it showed it."""
    held = situation.state.at(situation.place)
    names = [str(held.get(member, "")) for member in ("firstName", "lastName")]
    return situation.stores_any_name or all(_PLAIN.fullmatch(name) for name in names)


def shared_out(everybody: Sequence[Situation]) -> tuple[Step, ...]:
    """Return updates of all kinds, shared out among customers so that as many kinds as can be are somebody's last."""
    open_kinds = dict.fromkeys(_KINDS)
    last: list[Step] = []
    for one in everybody:
        planned = {kind: steps for kind in _KINDS if (steps := _planned(kind, one))}
        kind = next((kind for kind in planned if kind in open_kinds), next(iter(planned), ""))
        last += planned.get(kind, ())
        open_kinds.pop(kind, None)
    rest = (next((steps for one in everybody if (steps := _planned(kind, one))), ()) for kind in open_kinds)
    return (*chain.from_iterable(rest), *last)


def updates_of(kind: str, situation: Situation, number: int) -> tuple[Step, ...]:
    """Return an update of each member of a kind: `name`, `field`, `extended field`, `channel`.

    What they write is another thing for each `number` (0 to 25), or at least for every second one.
    """
    return tuple(_UPDATES[kind](situation, number))


def _names(situation: Situation, number: int) -> Iterator[Step]:
    held, text = situation.state.at(situation.place), f"{situation.word}{LETTERS[number]}"
    for member in ("firstName", "lastName"):
        if held.get(member):
            yield _update(situation, profile(**{member: text}), at(situation.place, **{member: text}))


def _fields(situation: Situation, number: int) -> Iterator[Step]:
    held, text = situation.state.at(situation.place), f"{situation.word}{LETTERS[number]}"
    for path, value in held.items():
        if path.startswith("fields/") and value:
            body = profile(fields={path.removeprefix("fields/"): text})
            yield _update(situation, body, at(situation.place, **{path.replace("/", "__"): text}))


def _extended_fields(situation: Situation, number: int) -> Iterator[Step]:
    text = f"{situation.word}{LETTERS[number]}"
    for path, value in situation.state.flat.items():
        name = path.removeprefix("extendedFields/")
        field = situation.organisation.extended_fields.get(name.lower()) if name != path else None
        other = None if field is None else other_value(field, value, text, number)
        if other is not None:
            yield _update(situation, {"extendedFields": {name: other}}, {path: other})


def _channels(situation: Situation, number: int) -> Iterator[Step]:
    """The flag is turned each time."""
    for path, value in situation.state.at(situation.place).items():
        if path.startswith("commChannels/") and path.endswith("/verified") and isinstance(value, bool):
            kind, _, address = path.removeprefix("commChannels/").removesuffix("/verified").partition(":")
            turned = value ^ (number % 2 == 0)
            body = profile(commChannels=[{"type": kind, "value": address, "verified": turned}])
            yield _update(situation, body, at(situation.place, **{path.replace("/", "__"): turned}))


def _update(situation: Situation, body: object, changes: Mapping[str, Pattern]) -> Step:
    return step(put(situation.place, body), granted(changes))


_UPDATES: Mapping[str, Callable[[Situation, int], Iterator[Step]]] = {
    "name": _names,
    "field": _fields,
    "extended field": _extended_fields,
    "channel": _channels,
}


def renamings(situation: Situation, member: str, times: int) -> tuple[Step, ...]:
    """Return so many updates of a name, at most 26, each to another text."""
    texts = [f"{situation.word}{letter}" for letter in LETTERS[:times]]
    return tuple(
        step(put(situation.place, profile(**{member: text})), granted(at(situation.place, **{member: text})))
        for text in texts
    )
