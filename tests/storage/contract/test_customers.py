"""Laws of single customers and of pages: versions that never come twice, and pages of one moment."""

from mockserver.domain.customer import CustomerId
from mockserver.storage import ABSENT, Outdated
from tests.storage.contract.kinds import Asked, Kind, in_loop, some
from tests.storage.customers import a_customer

ONE, NINE = CustomerId(1), CustomerId(9)


async def paged(moment: Asked, limit: int) -> list[int]:
    """Read a moment page by page."""
    found: list[int] = []
    while page := await moment.after(found[-1] if found else -1, limit):
        assert len(page) <= limit
        found.extend(customer.id for customer in page)
    return found


@in_loop
async def test_every_version_is_newer_than_all_before_it(kind: Kind) -> None:
    world = await kind.world(some(1))
    versions = [(await world.load(ONE))[1], await world.put(a_customer(1, 1))]
    await world.keep("s")
    await world.delete(ONE)
    assert await world.load(ONE) == (None, ABSENT)

    versions.append(await world.put(a_customer(1, 2)))
    for go_back in (world.reset, lambda: world.restore("s"), world.reset):
        await go_back()
        versions.append((await world.load(ONE))[1])

    assert versions == sorted(set(versions))


@in_loop
async def test_a_customer_of_another_version_is_neither_put_nor_deleted(kind: Kind) -> None:
    world = await kind.world(some(1))
    old = (await world.load(ONE))[1]
    new = await world.put(a_customer(1, 1), version=old)

    outdated = Outdated(a_customer(1, 1), new)
    assert await world.put(a_customer(1, 2), version=old) == outdated
    assert await world.put(a_customer(1, 2), version=ABSENT) == outdated
    assert await world.delete(ONE, version=old) == outdated
    assert await world.put(a_customer(9), version=new) == Outdated(None, ABSENT)
    assert await world.load(ONE) == (a_customer(1, 1), new)

    assert await world.delete(ONE, version=new) is True
    assert await world.delete(ONE) is False
    assert isinstance(await world.put(a_customer(1, 3), version=ABSENT), int)


@in_loop
async def test_a_page_is_of_one_moment_whatever_others_write_meanwhile(kind: Kind) -> None:
    world = await kind.world(some(*range(1, 30, 2)))
    await world.put(a_customer(4))
    await world.delete(CustomerId(7))
    before = [1, 3, 4, 5, *range(9, 30, 2)]

    moment = await world.moment()
    first = await moment.after(-1, 3)
    for key in range(1, 30, 3):
        await world.put(a_customer(key, 5))
        await world.delete(CustomerId(key + 1))

    assert [customer.id for customer in first] == before[:3]
    assert await paged(moment, 2) == before
    assert moment.count == len(before)
    assert {customer.loyalty_type for customer in await moment.after(-1, 100)} == {"mark 0"}


@in_loop
async def test_pages_of_any_length_join_to_all_customers_by_id(kind: Kind) -> None:
    world = await kind.world(some(5, 3, 2**62))
    await world.put(a_customer(4))

    for limit in (1, 2, 3, 100):
        assert await paged(await world.moment(), limit) == [3, 4, 5, 2**62]


@in_loop
async def test_recent_customers_are_those_that_were_changed_last_and_then_the_others(kind: Kind) -> None:
    world = await kind.world(some(1, 2, 3))
    for key in (3, 9, 2):
        await world.put(a_customer(key, 1))

    assert list(await world.recent(10)) == [2, 9, 3, 1]
    assert list(await world.recent(2)) == [2, 9]
    assert (await world.recent(10))[NINE] == a_customer(9, 1)
