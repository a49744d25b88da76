"""Laws of worlds: forks are apart, bounded and go when nobody asks; a state that was kept comes back whole."""

from mockserver.domain.customer import CustomerId
from mockserver.domain.keys import IdentifierKey, Keys
from mockserver.storage import MOST_SNAPSHOTS, Decided, Full, Loaded, Snapshot, Taken, WorldSettings
from mockserver.values import replace
from tests.storage.contract.kinds import Asked, Kind, by_id, in_loop, some, world_of
from tests.storage.customers import a_customer, an_identified

ONE, TWO = CustomerId(1), CustomerId(2)


async def ids(world: Asked) -> list[int]:
    return [customer.id for customer in await (await world.moment()).after(-1, 1000)]


async def holders(world: Asked, value: str) -> tuple[CustomerId, ...]:
    """Return who has a mobile number, in any source."""
    key, found = IdentifierKey(type="mobile", value=value), []

    def decide(loaded: Loaded, now: str) -> Decided:
        found.append(loaded.holders[key])
        return Decided()

    await world.transact(Keys(identifiers=(key,)), decide)
    return found[-1]


@in_loop
async def test_a_fork_and_its_origin_do_not_see_each_other(kind: Kind) -> None:
    store = kind.store()
    origin = await world_of(store, "demo", by_id([an_identified(1, "55501"), a_customer(2)]))
    await origin.put(a_customer(3))

    fork = await store.fork(origin, "w1")
    await fork.delete(ONE)
    await origin.put(an_identified(2, "55502"))

    assert (await ids(origin), await ids(fork)) == ([1, 2, 3], [2, 3])
    assert (await holders(origin, "55501"), await holders(fork, "55501")) == ((ONE,), ())
    assert (await holders(origin, "55502"), await holders(fork, "55502")) == ((TWO,), ())
    await fork.reset()
    assert await ids(fork) == [1, 2, 3], "the state that it was forked from is its seed"
    assert await holders(fork, "55501") == (ONE,)
    await origin.reset()
    assert await ids(origin) == [1, 2]


@in_loop
async def test_a_fork_has_settings_of_its_own(kind: Kind) -> None:
    store = kind.store()
    origin = await world_of(store, "demo", {}, WorldSettings(dialect="a", answers={"q": "1"}))

    fork = await store.fork(origin, "w1", change=lambda settings: replace(settings, answers={"q": "2"}))
    await origin.amend(lambda settings: replace(settings, dialect="b"))

    assert (origin.settings.dialect, origin.settings.answers) == ("b", {"q": "1"})
    assert (fork.settings.dialect, fork.settings.answers) == ("a", {"q": "2"})


@in_loop
async def test_a_name_is_given_once_and_a_world_without_one_is_not_found(kind: Kind) -> None:
    store = kind.store()
    hidden = await world_of(store, None, by_id(some(1)))
    first = await store.fork(hidden, "w1")

    assert await store.fork(hidden, "w1") == Taken("w1")
    assert [world.name for world in await store.worlds()] == ["w1"]
    assert (await store.find("w1")).key == first.key
    assert await store.delete("w1") is True
    assert await store.delete("w1") is False
    assert await store.find("w1") is None
    again = await store.fork(hidden, "w1")
    assert again.key not in (first.key, hidden.key), "another world, although of that name"


@in_loop
async def test_a_world_that_nobody_asks_for_goes_and_others_stay(kind: Kind) -> None:
    store, seconds = kind.store(), kind.seconds
    demo = await world_of(store, "demo", by_id(some(1)))
    for name in ("w1", "w2"):
        await store.fork(demo, name, idle_seconds=60)

    seconds.passed = 50
    assert await store.find("w1") is not None
    seconds.passed = 70

    assert await store.find("w2") is None
    assert [world.name for world in await store.worlds()] == ["demo", "w1"]
    seconds.passed = 10_000
    assert [world.name for world in await store.worlds()] == ["demo"]


@in_loop
async def test_worlds_are_bounded_and_idle_ones_make_room(kind: Kind) -> None:
    store = kind.store(bound=2)
    demo = await world_of(store, "demo", {})
    await store.fork(demo, "w1", idle_seconds=60)

    assert await store.is_full()
    assert await store.fork(demo, "w2") == Full("worlds", 2)
    kind.seconds.passed = 61
    assert not await store.is_full()
    assert (await store.fork(demo, "w2")).name == "w2"


@in_loop
async def test_a_snapshot_brings_customers_and_identifiers_back_and_leaves_settings(kind: Kind) -> None:
    world = await kind.world([an_identified(1, "55501")])
    await world.put(a_customer(2))
    assert await world.keep("before") == Snapshot("before", 2)

    await world.put(an_identified(1, "55509"))
    await world.delete(TWO)
    await world.amend(lambda settings: replace(settings, dialect="another"))

    assert await world.restore("before") is True
    assert await ids(world) == [1, 2]
    assert (await holders(world, "55501"), await holders(world, "55509")) == ((ONE,), ())
    assert world.settings.dialect == "another"
    assert await world.restore("never") is False


@in_loop
async def test_snapshots_have_names_of_their_own_or_the_first_that_is_free_and_a_bound(kind: Kind) -> None:
    world = await kind.world(some(1))
    await world.keep("s2")

    assert [(await world.keep()).name for _ in range(2)] == ["s1", "s3"]
    await world.put(a_customer(2))
    assert await world.keep("s2") == Snapshot("s2", 2)
    assert [(kept.name, kept.customers) for kept in await world.snapshots()] == [("s2", 2), ("s1", 1), ("s3", 1)]
    assert (await world.forget("s1"), await world.forget("s1")) == (True, False)
    for _ in range(MOST_SNAPSHOTS - 2):
        await world.keep()
    assert await world.keep() == Full("snapshots", MOST_SNAPSHOTS)
    assert isinstance(await world.keep("s2"), Snapshot)


@in_loop
async def test_another_seed_takes_all_that_was_there_before(kind: Kind) -> None:
    store = kind.store()
    world = await world_of(store, "demo", by_id([an_identified(1, "55501")]))
    await world.keep("before")
    version = (await world.load(ONE))[1]

    await world.reseed(store.inner.prepare(by_id(some(1, 5))), lambda settings: replace(settings, dialect="new"))

    assert (await ids(world), await holders(world, "55501"), await world.snapshots()) == ([1, 5], (), ())
    assert world.settings.dialect == "new"
    assert (await world.load(ONE))[1] > version
    await world.put(a_customer(9))
    await world.reset()
    assert await ids(world) == [1, 5]
