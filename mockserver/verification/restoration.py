"""The end of a campaign: the named customers are given their state back, and reads must show it.

What that takes is kept from the start, so that neither `--budget` nor `--max-time` holds it up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mockserver.errors import TargetError
from mockserver.verification.bench import Bench
from mockserver.verification.courier import Allowance, Spent
from mockserver.verification.events import Event, Found, Noted
from mockserver.verification.expectation import ABSENT, Kind, Mismatch, told
from mockserver.verification.failures import TargetFailedError
from mockserver.verification.findings import Finding, Grade, Step
from mockserver.verification.reader import ReadError
from mockserver.verification.restoring import RESTORED, BeforeImage, is_irreversible, restoring_steps
from mockserver.verification.state import State, changes_between
from mockserver.verification.target import Leave, Place
from mockserver.verification.wording import At, joined, own, worded

_ROUNDS = 5  # in which a customer's state is written back to a target that fails now and then
_LOOKS = 3  # at a customer, before it is believed that the state was not given back
_SPARE = 2.0  # seconds that are kept beside those that the rate asks for


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """What is kept for the end: requests, and seconds."""

    requests: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What there is to tell of a restoration, and why customers were not given their state back, by their ids."""

    events: tuple[Event, ...] = ()
    left: Mapping[int, str]


def reserve_for(bench: Bench, image: BeforeImage) -> Reserve:
    """Return what a restoration takes: of each customer two reads, an update of each profile, and three looks.

    Each read comes with that of the loyalty details. A target that does not show a customer in every source is read at
    each place.
    """
    views = {bench.reader.view(place) for place in image.states}
    customers = {place.customer for place in image.states}
    profiles = {read for place, state in image.states.items() for read in (place, *state.places())}
    requests = 2 * len(views) + len(profiles) + 2 * _LOOKS * len(customers)
    rate = bench.target.limits.rate
    return Reserve(requests=requests, seconds=_SPARE + (0.0 if rate is None else requests / rate))


def restore(bench: Bench, image: BeforeImage) -> Restored:
    """Write back what is different, and read whether it is as before, customer by customer.

    A second interruption ends it behind the customer who is under way.
    """
    bench.courier.allowance = Allowance()
    bench.courier.interruption.close()
    events: list[Event] = []
    left: dict[int, str] = {}
    for customer in dict.fromkeys(place.customer for place in image.states):
        states = {place: state for place, state in image.states.items() if place.customer == customer}
        if bench.courier.interruption.is_repeated:
            left[customer] = "interrupted again"
            continue
        try:
            events += _tried(bench, states)
        except Spent as spent:
            left[customer] = str(spent)
    return Restored(events=tuple(events), left=left)


def _tried(bench: Bench, states: Mapping[Place, State]) -> Iterator[Event]:
    try:
        yield from _restore_customer(bench, states)
    except TargetError as failure:
        came = worded("unknown, since it could not be tried: {}", str(failure))
        wrong = Mismatch(place="state", promised=own("as before"), came=came, kind=Kind.UNRESTORED)
        yield _not_restored(bench, next(iter(states)), (), (wrong,))


def _unrestored(path: str, before: State, value: object) -> Mismatch:
    promised = told(before.flat.get(path, ABSENT))
    return Mismatch(place=f"state/{path}", promised=promised, came=told(value), kind=Kind.UNRESTORED)


def _restore_customer(bench: Bench, states: Mapping[Place, State]) -> Iterator[Event]:
    """Write back each profile of a customer that was read, and then look at the whole customer."""
    steps = _write_back(bench, states)
    place, before = next(iter(states.items()))
    rest = _await_restored(bench, place, before)
    lost = {path: value for path, value in rest.items() if not is_irreversible(path, before)}
    left = [path for path in rest if path not in lost]
    if lost or (left and bench.target.leave < Leave.IRREVERSIBLE):
        yield _not_restored(
            bench, place, steps, tuple(_unrestored(path, before, value) for path, value in rest.items())
        )
    elif left:
        paths = joined(", ", (worded("{}", At(path)) for path in left))
        yield Noted(
            text=worded("{}: left as it was allowed, since no update takes it back: {}", own(str(place)), paths)
        )


def _write_back(bench: Bench, states: Mapping[Place, State]) -> tuple[Step, ...]:
    """Send what gives a customer its state back; of one who cannot be read any more that is all."""
    judge = bench.judge
    judge.forget()
    try:
        now = {place: judge.state(place, with_programs=True) for place in states}
    except ReadError:
        steps = BeforeImage(states=states).steps()
        for step in steps:
            bench.courier.send(step.request)
        return steps
    first = next(iter(states))
    unnamed = [place for place in states[first].places() if place not in states and now[first].has_profile(place)]
    profiles = {**states, **dict.fromkeys(unnamed, states[first])}
    return tuple(step for place, before in profiles.items() for step in _write_back_at(bench, place, before))


def _write_back_at(bench: Bench, place: Place, before: State) -> tuple[Step, ...]:
    """Write one profile back. Where the target failed that, what it did is read before it is tried again."""
    for left in reversed(range(_ROUNDS)):
        steps = restoring_steps(place, before, bench.judge.state(place, with_programs=True))
        try:
            for step in steps:
                bench.judge.onlooker.send(step)
        except TargetFailedError:
            if left:
                continue
            raise
        return steps
    return ()


def _await_restored(bench: Bench, place: Place, before: State) -> dict[str, object]:
    """Read until all is as before, as long as the target may need to show it."""
    courier, judge = bench.courier, bench.judge
    patience = max(2 * judge.lag, judge.patience)
    for pause in (patience / 8, patience * 7 / 8, 0.0):
        judge.forget()
        rest = changes_between(before, judge.state(place, with_programs=True))
        if all(is_irreversible(path, before) for path in rest):
            break
        courier.clock.wait(pause)
    return rest


def _not_restored(bench: Bench, place: Place, steps: tuple[Step, ...], wrong: tuple[Mismatch, ...]) -> Found:
    return bench.found(
        Finding(
            grade=Grade.BROKEN,
            check=RESTORED,
            phase="restoration",
            promised=own(f"{place} can be given its state back, and reads show it"),
            came=joined("; ", (worded("{} is {}", At(one.place.removeprefix("state/")), one.came) for one in wrong)),
            wrong=wrong,
            steps=steps,
            at=bench.courier.clock.today(),
            seed=bench.seed,
        )
    )
