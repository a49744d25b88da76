"""The same update again and again, and of each customer: what is stored once is stored always, and for everybody."""

from collections.abc import Iterator
from itertools import cycle

from mockserver.values import replace
from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.statements.asking import held_name
from mockserver.verification.statements.small_updates import LETTERS, is_restorable, renamings, small_updates
from mockserver.verification.target import Leave

_TIMES = 25
_FEW = 6


def _again_and_again(situation: Situation) -> Plan:
    member = held_name(situation)
    if isinstance(member, Unfit):
        return member
    return renamings(situation, member, _TIMES if situation.thorough else _FEW)


def _each_place(situation: Situation) -> Plan:
    """Every kind of update at every named place; where requests are dear, one at each."""
    kinds = None if situation.thorough else 1
    steps = [step for one in _restorable(situation) for step in small_updates(one)[:kinds]]
    return tuple(steps) or Unfit("no customer has anything that could be written back")


def _restorable(situation: Situation) -> Iterator[Situation]:
    """Give the situation of each place that can be given its names back, with a word of its own."""
    for letter, (place, state) in zip(cycle(LETTERS), situation.states.items(), strict=False):
        one = replace(situation, place=place, state=state, word=f"{situation.word}{letter}")
        if is_restorable(one):
            yield one


CHECKS = (
    Check(
        id="update-after-update",
        law="An update is stored each time, however many went before",
        statements=("UPD-USE-1", "UPD-USE-2"),
        questions=("omitted-field",),
        leave=Leave.WRITES,
        plan=_again_and_again,
    ),
    Check(
        id="each-customer-is-updated",
        law="What can be updated for one customer can be updated for another",
        statements=("UPD-USE-1", "UPD-USE-2"),
        questions=("omitted-field", "custom-fields", "extended-fields", "comm-channels", "channel-meta"),
        leave=Leave.WRITES,
        plan=_each_place,
    ),
)
