"""Laws of held worlds: forks are apart, bounded in number, and go when nobody asks; snapshots bring back the state."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from mockserver.domain.customer import CustomerId
from mockserver.domain.outcome import Later, PointsAwarded
from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.storage import HeldWorld, MemoryStore, Worlds
from mockserver.values import replace

TOM = CustomerId(171891944)


@dataclass
class Seconds:
    """A count of seconds that goes on when it is told to."""

    passed: float = 0.0

    def __call__(self) -> float:
        return self.passed


@pytest.fixture
def world(demo: World, setting: Setting) -> HeldWorld:
    return HeldWorld(name="demo", setting=setting, store=MemoryStore(demo.customers))


def test_a_fork_has_its_own_state_and_clock(world: HeldWorld) -> None:
    world.clock.freeze(datetime(2026, 1, 1, tzinfo=UTC))
    fork = Worlds(world).fork("w1", world)

    fork.store.delete(TOM)
    fork.clock.follow()

    assert world.store.find(TOM) is not None
    assert world.clock.is_frozen


def test_a_world_that_nobody_asks_for_goes_and_the_default_stays(world: HeldWorld) -> None:
    seconds = Seconds()
    worlds = Worlds(world, monotonic=seconds)
    for name in ("w1", "w2"):
        worlds.fork(name, world, idle_seconds=60)

    seconds.passed = 50
    assert worlds.find("w1") is not None
    seconds.passed = 70

    assert worlds.find("w2") is None
    assert worlds.names() == ("demo", "w1")
    seconds.passed = 10_000
    assert worlds.names() == ("demo",)


def test_a_world_can_be_told_to_stay(world: HeldWorld) -> None:
    seconds = Seconds()
    worlds = Worlds(world, monotonic=seconds)
    worlds.fork("w1", world, idle_seconds=None)
    seconds.passed = 1e9

    assert worlds.find("w1") is not None


def test_worlds_are_bounded_and_idle_ones_make_room(world: HeldWorld) -> None:
    seconds = Seconds()
    worlds = Worlds(world, bound=2, monotonic=seconds)
    worlds.fork("w1", world, idle_seconds=60)
    assert worlds.is_full

    seconds.passed = 61

    assert not worlds.is_full


def test_a_snapshot_brings_back_the_state_and_drops_the_work_that_came_after_it(world: HeldWorld) -> None:
    world.keep("before")
    customer = world.store.find(TOM)
    assert customer is not None
    world.store.put(replace(customer, loyalty_type="loyalty"))
    world.defer(Later(customer=TOM, credits=(PointsAwarded(program=699, points=25),)))

    world.restore("before")

    assert world.store.find(TOM) == customer
    assert len(world.due) == 0


def test_a_snapshot_that_is_not_there_cannot_be_restored_and_changes_nothing(world: HeldWorld) -> None:
    world.store.delete(TOM)
    with pytest.raises(KeyError):
        world.restore("never")
    assert world.store.find(TOM) is None


def test_work_waits_while_the_clock_stands_still(world: HeldWorld) -> None:
    customer = next(item for item in world.store.state().customers() if item.enrolments)
    program, held = customer.enrolments[0].program, customer.enrolments[0].points
    world.clock.freeze(datetime(2026, 1, 1, tzinfo=UTC))
    world.defer(Later(customer=customer.id, credits=(PointsAwarded(program=program, points=25),)))

    world.work()
    waiting = world.store.find(customer.id)
    world.clock.follow()
    world.work()
    credited = world.store.find(customer.id)

    assert waiting == customer
    assert credited is not None
    enrolment = credited.enrolment_in(program)
    assert enrolment is not None
    assert enrolment.points == held + 25


def _with_waiting_work(world: HeldWorld) -> tuple[CustomerId, int]:
    """Freeze the clock and have 25 points wait; return who gets them, and how many there are before."""
    customer = next(item for item in world.store.state().customers() if item.enrolments)
    world.clock.freeze(datetime(2026, 1, 1, tzinfo=UTC))
    program = customer.enrolments[0].program
    world.defer(Later(customer=customer.id, credits=(PointsAwarded(program=program, points=25),)))
    return customer.id, customer.enrolments[0].points


def _points(world: HeldWorld, key: CustomerId) -> int:
    customer = world.store.find(key)
    assert customer is not None
    return customer.enrolments[0].points


def test_a_fork_while_the_clock_stands_still_changes_nothing_of_its_origin(world: HeldWorld) -> None:
    key, held = _with_waiting_work(world)

    fork = world.fork("w1")

    assert (_points(world, key), _points(fork, key)) == (held, held), "the work waits in both"
    fork.settle()
    assert (_points(world, key), _points(fork, key)) == (held, held + 25)
    fork.reset()
    assert _points(fork, key) == held
    fork.settle()
    assert _points(fork, key) == held + 25, "the work belongs to the fork's seed"


def test_a_snapshot_while_the_clock_stands_still_keeps_the_work_that_waits(world: HeldWorld) -> None:
    key, held = _with_waiting_work(world)

    world.keep("waiting")
    assert _points(world, key) == held
    world.settle()
    world.restore("waiting")

    assert _points(world, key) == held
    world.clock.follow()
    world.work()
    assert _points(world, key) == held + 25


def test_work_that_a_snapshot_kept_is_done_at_once_where_the_clock_goes(world: HeldWorld) -> None:
    key, held = _with_waiting_work(world)
    world.keep("waiting")
    world.clock.follow()

    world.restore("waiting")

    assert (_points(world, key), len(world.due)) == (held + 25, 0)
