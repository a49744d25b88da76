"""Customers by what people know of them: id, names, identifiers and channels, whatever the case."""

from collections.abc import Iterator

from mockserver.domain.customer import Customer


def fits(customer: Customer, sought: str) -> bool:
    """Tell whether a text, case-folded, stands in one of the things that a customer is known by."""
    return sought in "\n".join(_known_by(customer)).casefold()


def _known_by(customer: Customer) -> Iterator[str]:
    yield str(customer.id)
    for profile in customer.profiles:
        yield f"{profile.first_name or ''} {profile.last_name or ''}"
        for identifier in profile.identifiers:
            yield identifier.value
        for channel in profile.channels:
            yield channel.value
