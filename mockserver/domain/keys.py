"""What a decision must be given of a world's state: customers by id, holders of identifiers, ids for new customers."""

from collections.abc import Collection

from mockserver.domain.customer import Customer, CustomerId
from mockserver.values import Value


class IdentifierKey(Value, frozen=True, kw_only=True):
    """An identifier in the profile of one source and account; without a source, in any profile.

    `account` is None for a source that has one account only.
    """

    type: str
    value: str
    source: str | None = None
    account: str | None = None

    def is_held_by(self, customer: Customer) -> bool:
        """Tell whether a customer has the identifier."""
        return any(
            identifier.type == self.type and identifier.value == self.value
            for profile in customer.profiles
            if self.source is None or (profile.source == self.source and profile.account == self.account)
            for identifier in profile.identifiers
        )


class Keys(Value, frozen=True, kw_only=True):
    """What is to be loaded; `new` is how many ids are wanted that no customer ever had."""

    customers: tuple[CustomerId, ...] = ()
    identifiers: tuple[IdentifierKey, ...] = ()
    new: int = 0

    def are_within(
        self, customers: Collection[CustomerId], holders: Collection[IdentifierKey], new: Collection[CustomerId]
    ) -> bool:
        """Tell whether all of them are among what was loaded."""
        is_found = all(map(customers.__contains__, self.customers)) and all(map(holders.__contains__, self.identifiers))
        return is_found and len(new) >= self.new


class Needs(Value, frozen=True):
    """What a decision comes to that must see more before it can be made."""

    keys: Keys


NO_KEYS = Keys()
