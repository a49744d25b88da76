"""The state of a world, as a test sees and sets it: customers, snapshots, the dialect."""

from collections.abc import Mapping, Sequence

from mockserver.domain.customer import Customer, CustomerId
from mockserver.server.served import ServedWorld
from mockserver.storage import ABSENT, Full, Moment, Outdated, soon
from mockserver.testing.building import FIRST_ID, Wish, build, check_id, drawable
from mockserver.testing.hosting import Host, answer
from mockserver.testing.timing import WorldClock
from mockserver.testing.views import CustomerView

__tracebackhide__ = True  # a failure is shown at the line of the test

_MOST_NAMED = 10
_AT_ONCE = 10_000  # customers
_LONGEST_NAME = 64  # of a snapshot, as in the control plane


class WorldState:
    """What a test may ask and change of one world's state."""

    def __init__(self, host: Host, world: ServedWorld) -> None:
        self._host = host
        self._world = world
        self._next_id = FIRST_ID
        self.clock = WorldClock(host, world)

    @property
    def world(self) -> str:
        """The name of the world, which the header `X-Mock-World` may choose as well."""
        return self._world.name

    def customer(self, id: int) -> CustomerView:  # noqa: A002  # the vendor's word
        """Return a customer as it is now; LookupError for one that is not there."""
        found, _ = self._host.run(lambda: soon(self._world.state.load(CustomerId(id))))
        if found is not None:
            return CustomerView.of(found)
        raise LookupError(f"world {self.world} has no customer {id!r}; there are {self._named_customers()}")

    def _named_customers(self) -> str:
        count, first = self._host.run(self._first)
        named = ", ".join(str(item.id) for item in first) or "none"
        return named if count <= _MOST_NAMED else f"{named} and {count - _MOST_NAMED} more"

    async def _first(self) -> tuple[int, Sequence[Customer]]:
        moment = await soon(self._world.state.moment())
        return moment.count, await soon(moment.after(-1, _MOST_NAMED))

    @property
    def customers(self) -> Sequence[CustomerView]:
        """All customers as they are now, by id."""
        moment = self._host.run(lambda: soon(self._world.state.moment()))
        found: list[Customer] = []
        while some := self._host.run(_slice, moment, found[-1].id if found else -1):
            found.extend(some)
        return tuple(map(CustomerView.of, found))

    def add_customer(
        self,
        id: int | None = None,  # noqa: A002  # the vendor's word
        *,
        first_name: str | None = None,
        last_name: str | None = None,
        source: str = "INSTORE",
        account: str | None = None,
        email: str | None = None,
        mobile: str | None = None,
        loyalty: bool = False,
        points: int | None = None,
        tier: int | None = None,
        program: int | None = None,
        fields: Mapping[str, str] | None = None,
        extended_fields: Mapping[str, object] | None = None,
    ) -> CustomerView:
        """Add a customer with one profile and return it; what is left out is filled up, the same in every run.

        Ids are drawn from 500000001 on. The account is the first of a source that needs one. Where neither e-mail nor
        mobile is given, there is an e-mail `customerID@example.com`, if the source has such channels. `loyalty`,
        `points`, `tier` and `program` each make a loyalty customer, enrolled in the default program's lowest tier with
        0 points unless they say otherwise. ValueError for what the organisation does not have.
        """
        wish = Wish(
            first_name=first_name,
            last_name=last_name,
            source=source,
            account=account,
            email=email,
            mobile=mobile,
            loyalty=loyalty,
            points=points,
            tier=tier,
            program=program,
            fields=fields or {},
            extended_fields=extended_fields or {},
        )
        return self._host.run(self._add, id, wish)

    async def _add(self, number: int | None, wish: Wish) -> CustomerView:
        state, setting = self._world.state, self._world.setting
        if number is None:
            number = await self._draw_id()
        else:
            check_id(number, setting.contract.catalogue, is_held=await self._is_held(number))
        customer = build(number, wish, setting.organisation)
        saved = await soon(state.put(customer, version=ABSENT))
        if isinstance(saved, Full):
            raise ValueError(f"add_customer: world {self.world} has {saved.most} customers, the most it can")
        check_id(number, setting.contract.catalogue, is_held=isinstance(saved, Outdated))
        return CustomerView.of(customer)

    async def _draw_id(self) -> int:
        number = drawable(self._next_id)
        while await self._is_held(number):
            number = drawable(number + 1)
        self._next_id = number + 1
        return number

    async def _is_held(self, number: object) -> bool:
        return isinstance(number, int) and (await soon(self._world.state.load(CustomerId(number))))[1] != ABSENT

    def settle(self) -> None:
        """Do the loyalty work of `use_async=true` that is due, whatever the clock shows."""
        self._host.run(lambda: soon(self._world.settle()))

    def reset(self) -> None:
        """Bring back the customers that the world began with; journal, faults, clock and dialect stay."""
        self._host.run(lambda: self._world.reset())

    def snapshot(self, name: str) -> None:
        """Keep the present state under a name of 1 to 64 characters, in place of one of that name."""
        if not _is_name(name):
            raise ValueError(f"snapshot: {name!r} is no name; give a text of 1 to {_LONGEST_NAME} characters")
        self._host.run(self._keep, name)

    async def _keep(self, name: str) -> None:
        kept = await self._world.keep(name)
        if not isinstance(kept, Full):
            return
        if kept.of == "snapshots":
            raise ValueError(f"snapshot: world {self.world} has {kept.most} already; use one of their names again")
        raise ValueError(f"snapshot: more work would wait in the snapshots of world {self.world} than may; settle it")

    def restore(self, name: str) -> None:
        """Go back to a snapshot; LookupError for one that was not kept."""
        self._host.run(self._restore, name)

    async def _restore(self, name: str) -> None:
        if not await self._world.restore(name):
            there = ", ".join(kept.name for kept in await soon(self._world.state.snapshots())) or "none"
            raise LookupError(f"world {self.world} has no snapshot {name!r}; there are {there}")

    def dialect(self, **answers: str) -> Mapping[str, str]:
        """Answer questions otherwise, `loyalty_downgrade="ignore"`, and return all answers; the others stay.

        ValueError for a question or an answer that is not there, with the nearest one.
        """
        return self._host.run(self._answer, answers)

    async def _answer(self, answers: Mapping[str, str]) -> Mapping[str, str]:
        """Answer questions otherwise, in one step: nobody changes other answers in between."""
        if answers:
            await answer(self._world, answers)
        return dict(self._world.setting.dialect.answers)


async def _slice(moment: Moment, after: int) -> Sequence[Customer]:
    """Return the next customers, so many that others have their turn soon."""
    return await soon(moment.after(after, _AT_ONCE))


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 1 <= len(name) <= _LONGEST_NAME and name.isprintable()
