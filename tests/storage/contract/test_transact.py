"""Laws of decisions: saved whole or not at all, decided again where others were first, and given up in the end."""

from collections.abc import Callable

import pytest

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import NO_KEYS, IdentifierKey, Keys, Needs
from mockserver.storage import (
    ABSENT,
    MOST_CONFLICTS,
    MOST_ROUNDS,
    Decided,
    Loaded,
    Reason,
    Unsaved,
)
from mockserver.values import replace
from tests.storage.contract.kinds import Asked, Kind, in_loop, some
from tests.storage.customers import a_customer, an_identified

ONE, TWO, THREE = CustomerId(1), CustomerId(2), CustomerId(3)
BOTH = Keys(customers=(ONE, TWO))
MOBILE = IdentifierKey(type="mobile", value="5550100", source="INSTORE")


class Seen(Decided, frozen=True):
    """A decision that tells what it was made on."""

    loaded: Loaded | None = None
    now: str = ""


def marking(mark: int, *keys: CustomerId, then: Callable[[], object] = lambda: None) -> Callable[[Loaded, str], Seen]:
    """Return a decision that marks customers, and lets something happen meanwhile."""

    def decide(loaded: Loaded, now: str) -> Seen:
        then()
        changed = tuple(
            replace(present, loyalty_type=f"mark {mark}") for key in keys for present in _there(loaded, key)
        )
        return Seen(loaded, now, changed=changed)

    return decide


def _there(loaded: Loaded, key: CustomerId) -> list[Customer]:
    customer = loaded.customers[key]
    return [] if customer is None else [customer]


async def marks(world: Asked, *keys: CustomerId) -> list[str | None]:
    found = [(await world.load(key))[0] for key in keys]
    return [None if customer is None else customer.loyalty_type for customer in found]


@in_loop
async def test_a_decision_is_given_what_it_names_and_its_changes_are_saved(kind: Kind) -> None:
    world = await kind.world(some(1, 2))

    made = await world.transact(BOTH, marking(7, ONE, TWO))

    assert isinstance(made, Seen)
    assert made.loaded is not None
    assert dict(made.loaded.customers) == {ONE: a_customer(1), TWO: a_customer(2)}
    assert await marks(world, ONE, TWO) == ["mark 7", "mark 7"]


@in_loop
async def test_one_that_is_not_there_is_none_and_what_is_saved_gets_a_newer_version(kind: Kind) -> None:
    world = await kind.world(some(1))
    before = (await world.load(ONE))[1]

    made = await world.transact(BOTH, marking(7, ONE))

    assert made.loaded.customers[TWO] is None
    assert (await world.load(ONE))[1] > max(before, made.loaded.latest)
    assert await world.load(TWO) == (None, ABSENT)


@in_loop
async def test_what_somebody_saves_meanwhile_is_what_is_decided_on_next(kind: Kind) -> None:
    world = await kind.world(some(1, 2))
    seen: list[int] = []

    def overtake() -> None:
        if len(seen) < 3:
            seen.append(kind.behind(world).put(a_customer(2, len(seen))))

    made = await world.transact(BOTH, marking(9, ONE, then=overtake))

    assert len(seen) == 3
    assert made.loaded.customers[TWO] == a_customer(2, 2), "although only the other customer is changed"
    assert await marks(world, ONE, TWO) == ["mark 9", "mark 2"]


@in_loop
async def test_a_decision_that_is_overtaken_each_time_is_given_up_and_saves_nothing(kind: Kind) -> None:
    world = await kind.world(some(1, 2))
    tries: list[int] = []

    def overtake() -> None:
        tries.append(kind.behind(world).put(a_customer(1, len(tries))))

    made = await world.transact(BOTH, marking(99, ONE, TWO, then=overtake))

    assert isinstance(made, Unsaved)
    assert (made.reason, len(tries)) == (Reason.OVERTAKEN, MOST_CONFLICTS)
    assert isinstance(made.decided, Seen)
    assert await marks(world, ONE, TWO) == [f"mark {MOST_CONFLICTS - 1}", "mark 0"]


@in_loop
async def test_others_customers_are_no_conflict(kind: Kind) -> None:
    world = await kind.world(some(1, 2))
    tries: list[int] = []

    def meanwhile() -> None:
        tries.append(kind.behind(world).put(a_customer(2, 5)))

    await world.transact(Keys(customers=(ONE,)), marking(9, ONE, then=meanwhile))

    assert (len(tries), await marks(world, ONE, TWO)) == (1, ["mark 9", "mark 5"])


@in_loop
async def test_whatever_befalls_what_was_loaded_is_a_conflict(kind: Kind) -> None:
    def appear(world: Asked) -> None:
        kind.behind(world).put(a_customer(3))

    def disappear(world: Asked) -> None:
        kind.behind(world).delete(TWO)

    def reset(world: Asked) -> None:
        kind.behind(world).reset()

    def amend(world: Asked) -> None:
        kind.behind(world).amend(lambda settings: replace(settings, dialect="another"))

    for happen in (appear, disappear, reset, amend):
        world, tries = await kind.world(some(1, 2)), 0

        def once(world: Asked = world, happen: Callable[[Asked], None] = happen) -> None:
            nonlocal tries
            tries += 1
            if tries == 1:
                happen(world)

        await world.transact(Keys(customers=(ONE, TWO, THREE)), marking(9, ONE, then=once))
        assert tries == 2, happen.__name__


@in_loop
async def test_a_decision_that_changes_nothing_is_made_once_whatever_happens(kind: Kind) -> None:
    world, tries = await kind.world(some(1)), []

    made = await world.transact(BOTH, marking(9, then=lambda: tries.append(kind.behind(world).put(a_customer(1, 1)))))

    assert isinstance(made, Seen)
    assert len(tries) == 1


@in_loop
async def test_a_decision_may_ask_for_more_until_the_last_round(kind: Kind) -> None:
    world, given = await kind.world(some(1, 2, 3)), []

    def decide(loaded: Loaded, now: str) -> Decided | Needs:
        given.append(set(loaded.customers))
        nxt = CustomerId(len(given))
        return Needs(Keys(customers=(nxt,))) if len(given) < MOST_ROUNDS else marking(4, ONE)(loaded, now)

    assert isinstance(await world.transact(NO_KEYS, decide), Decided)
    assert given == [set(), {ONE}, {ONE, TWO}]
    assert await marks(world, ONE) == ["mark 4"]


@in_loop
async def test_a_decision_that_asks_for_more_again_and_again_is_given_up(kind: Kind) -> None:
    world, rounds = await kind.world(some(1)), []

    def decide(loaded: Loaded, now: str) -> Decided | Needs:
        rounds.append(now)
        return Needs(Keys(customers=(CustomerId(len(rounds)),)))

    made = await world.transact(NO_KEYS, decide)

    assert isinstance(made, Unsaved)
    assert (made.reason, len(rounds)) == (Reason.UNSETTLED, MOST_ROUNDS)


@in_loop
async def test_a_customer_that_was_not_named_is_not_loaded(kind: Kind) -> None:
    world, given = await kind.world(some(1, 2)), []

    def decide(loaded: Loaded, now: str) -> Decided:
        given.append(dict(loaded.customers))
        return marking(4, ONE)(loaded, now)

    await world.transact(Keys(customers=(ONE, CustomerId(9))), decide)

    assert given == [{ONE: a_customer(1), 9: None}], "whoever is not there is said to be missing"
    assert await marks(world, ONE) == ["mark 4"]


@in_loop
async def test_with_a_customer_come_all_that_it_was_merged_into(kind: Kind) -> None:
    merged = [replace(a_customer(key), merged_into=CustomerId(key + 1)) for key in range(1, 6)]
    circle = [replace(a_customer(key), merged_into=CustomerId(27 - key)) for key in (13, 14)]
    world = await kind.world([*merged, a_customer(6), *circle])

    made = await world.transact(Keys(customers=(ONE, CustomerId(13))), marking(0))

    assert set(range(1, 7)) | {13, 14} <= set(made.loaded.customers)


@in_loop
async def test_with_an_identifier_come_its_holders_in_order(kind: Kind) -> None:
    world = await kind.world([an_identified(2, "5550100"), an_identified(1, "5550100"), an_identified(3, "5550199")])

    made = await world.transact(Keys(identifiers=(MOBILE,)), marking(8, ONE))

    assert made.loaded.holders[MOBILE] == (ONE, TWO)
    assert set(made.loaded.customers) == {ONE, TWO}


@in_loop
async def test_a_holder_that_appears_meanwhile_is_a_conflict(kind: Kind) -> None:
    """Two that add a customer of one identifier at once, for example: the second must see what the first did."""
    world, seen = await kind.world(), []

    def decide(loaded: Loaded, now: str) -> Decided:
        seen.append(loaded.holders[MOBILE])
        if len(seen) == 1:
            kind.behind(world).put(an_identified(5, "5550100"))
        return Decided(changed=() if loaded.holders[MOBILE] else (an_identified(6, "5550100"),))

    await world.transact(Keys(identifiers=(MOBILE,)), decide)

    assert seen == [(), (CustomerId(5),)]
    assert await world.count() == 1


@in_loop
async def test_a_new_customer_gets_an_id_that_nobody_ever_had(kind: Kind) -> None:
    world = await kind.world(some(600_000_002))
    drawn: list[CustomerId] = []

    def decide(loaded: Loaded, now: str) -> Decided:
        drawn.extend(loaded.new)
        return Decided(changed=tuple(map(a_customer, loaded.new)))

    await world.transact(Keys(new=2), decide)
    await world.reset()
    await world.transact(Keys(new=1), decide)

    assert len(set(drawn)) == 3
    assert 600_000_002 not in drawn
    assert await marks(world, *drawn) == [None, None, "mark 0"]


@in_loop
async def test_a_new_customer_is_not_put_over_one_that_is_there(kind: Kind) -> None:
    world = await kind.world(some(1))

    made = await world.transact(NO_KEYS, lambda *_: Decided(changed=(a_customer(1, 5),)))

    assert isinstance(made, Unsaved)
    assert await marks(world, ONE) == ["mark 0"]


@in_loop
async def test_a_decision_that_fails_saves_nothing_and_tells(kind: Kind) -> None:
    world = await kind.world(some(1))

    def fail(loaded: Loaded, now: str) -> Decided:
        raise LookupError("a defect")

    with pytest.raises(LookupError, match="a defect"):
        await world.transact(BOTH, fail)
    assert await marks(world, ONE) == ["mark 0"]
