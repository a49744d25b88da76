"""Reads of one customer in every published form: by each source and account, and in all of them.

On the connection that is kept and on new ones; before any update, right after one, and a moment later: all of them tell
one state.
"""

from collections.abc import Iterable, Iterator

from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.expectation import Expectation
from mockserver.verification.findings import Step
from mockserver.verification.reader import customer_request, is_loyalty_read, loyalty_request
from mockserver.verification.statements.small_updates import is_restorable, shared_out, small_updates
from mockserver.verification.target import Leave, Place

_OFTEN = 8  # reads of each customer that follow an update, where requests cost little
_OFTENER = 28  # reads of the one who was updated last
_NOTHING_HELD = Unfit("no customer has anything that could be written back")


def forms_of(situation: Situation) -> tuple[Request, ...]:
    """Return the reads that show the customer, each in another form."""
    place, state = situation.place, situation.state
    profiles = {place.profile: place, **{one.profile: one for one in state.places()}}
    every = [customer_request(place, everywhere=True)] if situation.shows_every_source else []
    standing = [loyalty_request(place.customer)] if state.has_programs else []
    return (*(customer_request(one) for one in profiles.values()), *every, *standing)


def reading(request: Request, *, fresh: bool = False, after: float = 0.0) -> Step:
    """Return a read that must agree with all others."""
    expect = Expectation(status=200, agrees=True)
    return Step(request=request, expect=expect, fresh=fresh, after=after, looks_at_programs=is_loyalty_read(request))


def of_each_customer(situation: Situation) -> Iterator[Situation]:
    """Give the situation of each named customer, at the first of its places."""
    first: dict[int, Place] = {}
    for place in situation.states:
        first.setdefault(place.customer, place)
    yield from (replace(situation, place=place, state=situation.states[place]) for place in first.values())


def _both_ways(requests: Iterable[Request]) -> Iterator[Step]:
    """Give reads on the connection that is kept, and on new ones."""
    for request in requests:
        yield reading(request)
        yield reading(request, fresh=True)


def _of_everybody(situation: Situation) -> Plan:
    """Every form on both kinds of connection; where requests are dear, the first form alone."""
    ways = None if situation.thorough else 1
    everybody = [forms_of(one) for one in of_each_customer(situation)]
    kept = (reading(form) for forms in everybody for form in forms)
    fresh = (reading(form, fresh=True) for forms in everybody for form in forms[:ways])
    return (*kept, *fresh)


def _after_updates(situation: Situation) -> Plan:
    """Each form is read before an update too, so that there is something to be remembered by mistake.

    Every second update comes over another connection than the reads.
    """
    updates = small_updates(situation)
    if not updates:
        return _NOTHING_HELD
    forms = forms_of(situation)
    told = updates if situation.thorough else updates[:1]
    steps: list[Step] = []
    for number, update in enumerate(told):
        steps += [reading(form) for form in forms]
        steps += [replace(update, fresh=number % 2 == 0), *_both_ways(forms)]
    return tuple(steps)


def _a_moment_later(situation: Situation) -> Plan:
    """What was written is read again and again, when the target has had its time to show it.

    Each customer gets an update of another kind as its last one: what a later one stores may hide that an earlier one
    comes undone.
    """
    everybody = [one for one in of_each_customer(situation) if is_restorable(one)]
    updates = shared_out(everybody)
    if not updates:
        return _NOTHING_HELD
    before = [reading(form) for one in everybody for form in forms_of(one)[-1:]]
    few, many = (_OFTEN, _OFTENER) if situation.thorough else (0, _OFTEN)
    looks = [step for one in everybody[:-1] for step in _several(forms_of(one), few)]
    first, *others = [*looks, *_several(forms_of(everybody[-1]), many)]
    return (*before, *updates, replace(first, after=situation.moment), *others)


def _several(forms: tuple[Request, ...], times: int) -> Iterator[Step]:
    """Give reads in turn, about so many and each form once, every third on a connection of its own."""
    rounds = max(times // len(forms), 1)
    for number in range(rounds):
        yield from (reading(form, fresh=(number + index) % 3 == 2) for index, form in enumerate(forms))


def _everybody_again(situation: Situation) -> tuple[Step, ...]:
    """One look at each customer after all that was done: nothing has come undone, or goes on changing."""
    return tuple(reading(form) for one in of_each_customer(situation) for form in forms_of(one)[-2:])


def _everybody_later(situation: Situation) -> Plan:
    """As it is now, and a moment later."""
    first, *others = looks = _everybody_again(situation)
    return (*looks, replace(first, after=situation.moment), *others)


CHECKS = (
    Check(
        id="reads-agree",
        law="In whatever form a customer is read, the reads tell one state",
        statements=("UPD-USE-1", "UPD-QRY-1", "UPD-QRY-2"),
        questions=("get-source-values",),
        looks_at_programs=True,
        plan=_of_everybody,
    ),
    Check(
        id="reads-agree-after-an-update",
        law="Once an update shows, it shows in whatever form the customer is read",
        statements=("UPD-USE-1", "UPD-QRY-1", "UPD-QRY-2"),
        questions=("get-source-values",),
        leave=Leave.WRITES,
        looks_at_programs=True,
        plan=_after_updates,
    ),
    Check(
        id="update-stays",
        law="What an update stored is there a moment later, in each of several reads",
        statements=("UPD-USE-1",),
        questions=("get-source-values",),
        leave=Leave.WRITES,
        looks_at_programs=True,
        plan=_a_moment_later,
    ),
)
_EVERYTHING = ("UPD-USE-1", "UPD-USE-3", "UPD-BODY-22", "UPD-BODY-23", "UPD-BODY-24")
LAST = (
    Check(
        id="state-stays",
        law="What reads showed of a customer stays until it is updated",
        statements=_EVERYTHING,
        looks_at_programs=True,
        plan=_everybody_again,
    ),
    Check(
        id="what-cannot-be-undone-stays",
        law="What updates stored for good is there a moment later",
        statements=_EVERYTHING,
        leave=Leave.IRREVERSIBLE,
        looks_at_programs=True,
        plan=_everybody_later,
    ),
)
