"""Laws of work that is due: done once and in order, by whoever claims it; a claim that nobody ends is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import NO_KEYS, Keys
from mockserver.domain.outcome import Later, PointsAwarded
from mockserver.storage import (
    MOST_WAITING,
    Claim,
    Clock,
    Decided,
    Full,
    Loaded,
    Reason,
    Unsaved,
    WorldSettings,
    work_off,
)
from mockserver.storage.due import CLAIM_SECONDS, Busy
from mockserver.values import replace
from tests.storage.contract.kinds import Asked, Kind, by_id, in_loop, some, world_of
from tests.storage.customers import a_customer

ONE, TWO = CustomerId(1), CustomerId(2)
NOON = Clock(frozen=datetime(2026, 1, 1, 12, tzinfo=UTC))


async def defer(world: Asked, *points: int, customer: CustomerId = ONE, size: int = 0) -> Any:
    """Have points to credit later, a piece of work for each."""
    for number in points:
        later = Later(customer=customer, credits=(PointsAwarded(program=1, points=number),))
        made = await world.transact(NO_KEYS, lambda *_, later=later: Decided(later=later, size=size))
    return made


def finish(customer: Customer, later: Later, loaded: Loaded) -> Customer:
    """Note the points, in the order in which they were credited."""
    return replace(customer, loyalty_type=f"{customer.loyalty_type} {later.credits[0].points}")


def set_clock(clock: Clock) -> Any:
    return lambda settings: replace(settings, clock=clock)


async def state_of(world: Asked) -> tuple[str, int]:
    """Return what a customer's work came to, and how much is due."""
    customer, _ = await world.load(ONE)
    assert customer is not None
    return customer.loyalty_type, await world.waiting()


@in_loop
async def test_work_is_done_in_its_order_and_once(kind: Kind) -> None:
    world = await kind.world(some(1))
    await defer(world, 5, 6, 7)

    await work_off(world.inner, finish)
    await work_off(world.inner, finish)

    assert await state_of(world) == ("mark 0 5 6 7", 0)


@in_loop
async def test_work_waits_while_the_clock_stands_still(kind: Kind) -> None:
    world = await kind.world(some(1), WorldSettings(clock=NOON))
    await defer(world, 5)

    await work_off(world.inner, finish)
    assert await state_of(world) == ("mark 0", 1)
    assert await world.claim() is None

    await world.amend(set_clock(Clock()))
    await work_off(world.inner, finish)
    assert await state_of(world) == ("mark 0 5", 0)


@in_loop
async def test_work_can_be_done_ahead_of_a_clock_that_stands_still(kind: Kind) -> None:
    world = await kind.world(some(1), WorldSettings(clock=NOON))
    await defer(world, 5)

    await work_off(world.inner, finish, ahead=True)

    assert await state_of(world) == ("mark 0 5", 0)


@in_loop
async def test_who_comes_second_to_a_claim_is_told_how_long_to_wait(kind: Kind) -> None:
    world = await kind.world(some(1, 2))
    await defer(world, 5)
    await defer(world, 6, customer=TWO)
    claim = await world.claim()

    kind.seconds.passed = 4.0

    assert claim.later.customer == ONE
    assert await world.claim() == Busy(CLAIM_SECONDS - 4.0), "although the next piece is another customer's"


@in_loop
async def test_a_claim_that_nobody_ends_is_lost_and_its_outcome_with_it(kind: Kind) -> None:
    world = await kind.world(some(1))
    await defer(world, 5)
    lost = await world.claim()
    kind.seconds.passed = CLAIM_SECONDS

    claim = await world.claim()
    late = await world.transact(NO_KEYS, lambda *_: Decided(changed=(a_customer(9),), done=lost.token))

    assert isinstance(claim, Claim)
    assert claim.later == lost.later
    assert isinstance(late, Unsaved)
    assert late.reason is Reason.LOST
    assert await world.load(CustomerId(9)) == (None, -1), "all or nothing"

    def decide(loaded: Loaded, now: str) -> Decided:
        customer = loaded.customers[ONE]
        assert customer is not None
        return Decided(changed=(finish(customer, claim.later, loaded),), done=claim.token)

    first = await world.transact(Keys(customers=(ONE,)), decide)
    again = await world.transact(Keys(customers=(ONE,)), decide)
    assert isinstance(first, Decided)
    assert isinstance(again, Unsaved)
    assert await state_of(world) == ("mark 0 5", 0)


@in_loop
async def test_a_claim_ends_with_a_reset_even_where_the_seed_has_work(kind: Kind) -> None:
    store = kind.store()
    origin = await world_of(store, "demo", by_id(some(1)), WorldSettings(clock=NOON))
    await defer(origin, 5)
    world = await store.fork(origin, "w1")
    claim = await world.claim(ahead=True)

    await world.reset()
    late = await world.transact(NO_KEYS, lambda *_: Decided(done=claim.token))

    assert isinstance(late, Unsaved)
    assert await world.waiting() == 1


@in_loop
async def test_a_decision_on_work_that_others_overtake_is_made_again(kind: Kind) -> None:
    world = await kind.world(some(1))
    tries: list[int] = []
    await defer(world, 5)

    def overtaken(customer: Customer, later: Later, loaded: Loaded) -> Customer:
        if len(tries) < 15:
            tries.append(kind.behind(world).put(a_customer(1, len(tries))))
        return finish(customer, later, loaded)

    await work_off(world.inner, overtaken)

    assert await state_of(world) == ("mark 14 5", 0)


@in_loop
async def test_work_that_the_rule_fails_on_is_dropped_and_told_and_what_follows_goes_on(kind: Kind) -> None:
    world = await kind.world(some(1))
    await defer(world, 13, 5)

    def failing(customer: Customer, later: Later, loaded: Loaded) -> Customer:
        if later.credits[0].points == 13:
            raise LookupError("a defect")
        return finish(customer, later, loaded)

    with pytest.raises(LookupError, match="a defect"):
        await work_off(world.inner, failing)
    await work_off(world.inner, failing)

    assert await state_of(world) == ("mark 0 5", 0)


@in_loop
async def test_work_of_a_customer_that_is_gone_is_dropped(kind: Kind) -> None:
    world = await kind.world(some(1))
    await defer(world, 5, customer=TWO)

    await work_off(world.inner, finish)

    assert await state_of(world) == ("mark 0", 0)


@in_loop
async def test_what_waits_for_a_clock_is_bounded_and_what_does_not_is_not(kind: Kind) -> None:
    world = await kind.world(some(1), WorldSettings(clock=NOON))
    await defer(world, *range(MOST_WAITING))

    refused = await defer(world, 1)
    assert isinstance(refused, Unsaved)
    assert (refused.reason, refused.waiting) == (Reason.FULL, MOST_WAITING)
    await world.amend(set_clock(Clock()))
    assert isinstance(await defer(world, 1), Decided)


@in_loop
async def test_what_waits_for_a_clock_is_bounded_by_the_bytes_of_its_requests(kind: Kind) -> None:
    world = await kind.world(some(1), WorldSettings(clock=NOON))

    made = [await defer(world, 1, size=600_000) for _ in range(4)]

    assert [isinstance(item, Unsaved) for item in made] == [False, False, False, True]


@in_loop
async def test_work_waits_in_a_fork_and_in_a_snapshot_too(kind: Kind) -> None:
    store = kind.store()
    world = await world_of(store, "demo", by_id(some(1)), WorldSettings(clock=NOON))
    await defer(world, 5)
    fork = await store.fork(world, "w1")
    await world.keep("waiting")

    await work_off(world.inner, finish, ahead=True)
    assert (await state_of(world), await state_of(fork)) == (("mark 0 5", 0), ("mark 0", 1))
    await world.restore("waiting")
    assert await state_of(world) == ("mark 0", 1)
    await work_off(fork.inner, finish, ahead=True)
    await fork.reset()
    assert await state_of(fork) == ("mark 0", 1), "it belongs to the fork's seed"
    await world.reset()
    assert await state_of(world) == ("mark 0", 0)


@in_loop
async def test_work_in_snapshots_is_bounded_and_each_piece_counts_once(kind: Kind) -> None:
    world = await kind.world(some(1), WorldSettings(clock=NOON))
    await defer(world, 1, 2, 3, size=600_000)
    for name in "abcde":
        assert not isinstance(await world.keep(name), Full)

    await work_off(world.inner, finish, ahead=True)
    await defer(world, 4, size=600_000)

    refused = await world.keep("f")
    assert isinstance(refused, Full)
    assert refused.of == "work"


@in_loop
async def test_a_decision_has_the_time_of_the_clock_that_the_world_is_set_to(kind: Kind) -> None:
    world, times = await kind.world(some(1)), []

    def decide(loaded: Loaded, now: str) -> Decided:
        times.append(now)
        return Decided()

    await world.transact(NO_KEYS, decide)
    await world.amend(set_clock(NOON))
    await world.transact(NO_KEYS, decide)
    await world.amend(lambda settings: replace(settings, clock=settings.clock.advanced(timedelta(hours=2))))
    await world.transact(NO_KEYS, decide)

    assert abs(datetime.fromisoformat(times[0]) - datetime.now(UTC)) < timedelta(seconds=10)
    assert times[1:] == ["2026-01-01T12:00:00Z", "2026-01-01T14:00:00Z"]


@in_loop
async def test_settings_change_in_one_step_and_each_change_has_a_newer_version(kind: Kind) -> None:
    world = await kind.world()
    before = world.settings.version

    refused = await world.amend(lambda _: "no such answer")
    assert (refused, world.settings.version) == ("no such answer", before)
    changed = await world.amend(lambda settings: replace(settings, answers={"q": "1"}))

    assert changed.version > before
    assert (world.settings.version, world.settings.answers) == (changed.version, {"q": "1"})
