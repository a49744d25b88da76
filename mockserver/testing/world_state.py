"""The state of a world, as a test sees and sets it: customers, snapshots, the dialect."""

from collections.abc import Mapping, Sequence
from itertools import islice

from mockserver.domain.customer import CustomerId
from mockserver.server.served import ServedWorld
from mockserver.storage import MOST_SNAPSHOTS, StoreState
from mockserver.testing.building import FIRST_ID, Wish, build, check_id, draw_id
from mockserver.testing.hosting import Host, answered
from mockserver.testing.timing import WorldClock
from mockserver.testing.views import CustomerView

__tracebackhide__ = True  # a failure is shown at the line of the test

_MOST_NAMED = 10
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
        found = self._host.call(lambda: self._world.store.find(CustomerId(id)))
        if found is not None:
            return CustomerView.of(found)
        raise LookupError(f"world {self.world} has no customer {id!r}; there are {self._named_customers()}")

    def _named_customers(self) -> str:
        state = self._state()
        named = ", ".join(str(item.id) for item in islice(state.customers(), _MOST_NAMED)) or "none"
        return named if state.count <= _MOST_NAMED else f"{named} and {state.count - _MOST_NAMED} more"

    def _state(self) -> StoreState:
        """Return the present state, a frozen value; who reads a million customers does not keep the server from it."""
        return self._host.call(lambda: self._world.store.state())

    @property
    def customers(self) -> Sequence[CustomerView]:
        """All customers as they are now, by id."""
        return tuple(map(CustomerView.of, self._state().customers()))

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
        return self._host.call(self._add, id, wish)

    def _add(self, number: int | None, wish: Wish) -> CustomerView:
        store, setting = self._world.store, self._world.setting
        if number is None:
            number = draw_id(self._is_held, self._next_id)
            self._next_id = number + 1
        else:
            check_id(number, setting.contract.catalogue, self._is_held)
        customer = build(number, wish, setting.organisation)
        store.put(customer)
        return CustomerView.of(customer)

    def _is_held(self, number: int) -> bool:
        return self._world.store.find(CustomerId(number)) is not None

    def settle(self) -> None:
        """Do the loyalty work of `use_async=true` that is due, whatever the clock shows."""
        self._host.call(lambda: self._world.settle())

    def reset(self) -> None:
        """Bring back the customers that the world began with; journal, faults, clock and dialect stay."""
        self._host.call(lambda: self._world.reset())

    def snapshot(self, name: str) -> None:
        """Keep the present state under a name of 1 to 64 characters, in place of one of that name."""
        if not _is_name(name):
            raise ValueError(f"snapshot: {name!r} is no name; give a text of 1 to {_LONGEST_NAME} characters")
        self._host.call(self._keep, name)

    def _keep(self, name: str) -> None:
        if len(self._world.snapshots) >= MOST_SNAPSHOTS and name not in self._world.snapshots:
            raise ValueError(f"snapshot: world {self.world} has {MOST_SNAPSHOTS} already; use one of their names again")
        if not self._world.keep(name):
            raise ValueError(
                f"snapshot: more work would wait in the snapshots of world {self.world} than may; settle it"
            )

    def restore(self, name: str) -> None:
        """Go back to a snapshot; LookupError for one that was not kept."""
        self._host.call(self._restore, name)

    def _restore(self, name: str) -> None:
        if name not in self._world.snapshots:
            there = ", ".join(self._world.snapshots) or "none"
            raise LookupError(f"world {self.world} has no snapshot {name!r}; there are {there}")
        self._world.restore(name)

    def dialect(self, **answers: str) -> Mapping[str, str]:
        """Answer questions otherwise, `loyalty_downgrade="ignore"`, and return all answers; the others stay.

        ValueError for a question or an answer that is not there, with the nearest one.
        """
        return self._host.call(self._answer, answers)

    def _answer(self, answers: Mapping[str, str]) -> Mapping[str, str]:
        """Answer questions otherwise, in one step: nobody changes other answers in between."""
        if answers:
            self._world.setting = self._world.setting.under(answered(self._world.setting, answers))
        return dict(self._world.setting.dialect.answers)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 1 <= len(name) <= _LONGEST_NAME and name.isprintable()
