"""Customers for tests of the storage: as small as they can be, or as many as a test wants."""

from collections.abc import Iterable

from mockserver.domain.customer import Attribution, CommChannel, Customer, CustomerId, Identifier, Profile

STAMP = Attribution(created="2024-01-01T00:00:00Z", created_by="t", modified="2024-01-01T00:00:00Z", modified_by="t")


def a_customer(key: int, mark: int = 0) -> Customer:
    """Return a customer that its mark tells from others of its id."""
    return Customer(id=CustomerId(key), loyalty_type=f"mark {mark}", attribution=STAMP)


def named_customers(keys: Iterable[int]) -> dict[CustomerId, Customer]:
    """Return customers with a name and an e-mail address, by id."""
    return {CustomerId(key): _named(key) for key in keys}


def _named(key: int) -> Customer:
    channel = CommChannel(type="email", value=f"tom{key}@example.com")
    profile = Profile(
        source="INSTORE", first_name=f"Tom{key}", last_name="Sawyer", channels=(channel,), attribution=STAMP
    )
    return Customer(id=CustomerId(key), loyalty_type="non_loyalty", profiles=(profile,), attribution=STAMP)


def an_identified(key: int, value: str, *, source: str = "INSTORE", account: str | None = None) -> Customer:
    """Return a customer that a mobile number identifies in a source."""
    mobile = Identifier(type="mobile", value=value)
    profile = Profile(source=source, account=account, identifiers=(mobile,), attribution=STAMP)
    return Customer(id=CustomerId(key), loyalty_type="mark 0", profiles=(profile,), attribution=STAMP)
