"""Small updates of what a customer has, each of another kind, all of which can be written back."""

from collections.abc import Iterator

from mockserver.verification.checks import Situation, Unfit
from mockserver.verification.findings import Step
from mockserver.verification.statements import channels, profiles
from mockserver.verification.statements.asking import at, granted, profile, put, step

_KINDS = (
    "first-name-is-updated",
    "last-name-is-updated",
    "custom-field-is-updated",
    "extended-field-is-updated",
    "verified-is-updated",
    "meta-is-updated",
)
_PLANS = {check.id: check.plan for check in (*profiles.CHECKS, *channels.CHECKS)}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def small_updates(situation: Situation) -> tuple[Step, ...]:
    """Return updates of a name, a field, a channel and so on, as far as the customer has them, in this order."""
    return tuple(_planned(situation))


def _planned(situation: Situation) -> Iterator[Step]:
    for kind in _KINDS:
        plan = _PLANS[kind](situation)
        if not isinstance(plan, Unfit):
            yield from plan


def renamings(situation: Situation, member: str, times: int) -> tuple[Step, ...]:
    """Return so many updates of a name, at most 26, each to another text."""
    texts = [f"{situation.word}{letter}" for letter in LETTERS[:times]]
    return tuple(
        step(put(situation.place, profile(**{member: text})), granted(at(situation.place, **{member: text})))
        for text in texts
    )
