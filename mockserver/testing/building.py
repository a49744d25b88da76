"""The customer that a test asks for, filled up from what the organisation has: all that it does not name is as usual.

A wrong argument is a ValueError that names the argument, what is wrong, and the cure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mockserver.contract import Catalogue
from mockserver.domain.customer import LOYALTY, NON_LOYALTY, Attribution, Customer
from mockserver.domain.organisation import Organisation, Source
from mockserver.domain.record import RecordProblem, read_customer

__tracebackhide__ = True  # a failure is shown at the line of the test

FIRST_ID = 500_000_001  # of customers whose id is drawn
_FORCING = 900_000_000  # an id of so much and a code of the catalogue asks for that answer
_NEVER_DRAWN = range(_FORCING, _FORCING + 100_000_000)
_CREATED = "2024-01-01T00:00:00Z"  # the same in every run
_FIRST_NAME, _LAST_NAME = "Robin", "Example"

_ARGUMENTS = {
    "source": "source",
    "accountId": "account",
    "firstName": "first_name",
    "lastName": "last_name",
    "fields": "fields",
    "extendedFields": "extended_fields",
    "programId": "program",
    "tierNumber": "tier",
    "loyaltyPoints": "points",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a test says of the customer that it wants; None is left to us."""

    first_name: str | None = None
    last_name: str | None = None
    source: str = "INSTORE"
    account: str | None = None
    email: str | None = None
    mobile: str | None = None
    loyalty: bool = False
    points: int | None = None
    tier: int | None = None
    program: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    extended_fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_enrolled(self) -> bool:
        """Tell whether the customer is to be in a program."""
        return self.loyalty or any(value is not None for value in (self.points, self.tier, self.program))


def drawable(number: int) -> int:
    """Return the first id from `number` on that asks for no answer."""
    return _NEVER_DRAWN.stop if number in _NEVER_DRAWN else number


def check_id(number: object, catalogue: Catalogue, *, is_held: bool) -> None:
    """Raise a ValueError for an id that a new customer cannot have; `is_held` tells that another one has it."""
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**63:
        raise _wrong("id", f"{number!r} is no id; give a whole number from 0 to {2**63 - 1}, or leave it out")
    if is_held:
        raise _wrong("id", f"there is a customer {number} already; give another id, or leave it out")
    code = number - _FORCING
    if any(entry.code == code for entry in catalogue.entries):
        raise _wrong("id", f"{number} asks for the answer {code}, so no request finds a customer there; leave it out")


def build(number: int, wish: Wish, organisation: Organisation) -> Customer:
    """Return the customer of an id that a wish describes."""
    till = organisation.till or "till"
    attribution = Attribution(created=_CREATED, created_by=till, modified=_CREATED, modified_by=till)
    record: dict[str, Any] = {
        "id": number,
        "loyaltyType": LOYALTY if wish.is_enrolled else NON_LOYALTY,
        "profiles": [_profile(number, wish, organisation)],
        "extendedFields": wish.extended_fields,
        "loyaltyProgramEnrollments": _enrolments(wish, organisation),
    }
    customer = read_customer(record, organisation, attribution=attribution)
    if isinstance(customer, RecordProblem):
        raise _wrong(_argument_at(customer.path, wish), f"{customer.problem}; {customer.cure}")
    return customer


def _profile(number: int, wish: Wish, organisation: Organisation) -> dict[str, Any]:
    contacts = _contacts(number, wish, organisation)
    profile = {
        "source": wish.source,
        "firstName": _FIRST_NAME if wish.first_name is None else wish.first_name,
        "lastName": _LAST_NAME if wish.last_name is None else wish.last_name,
        "fields": wish.fields,
        "identifiers": [{"type": type_, "value": value} for type_, value in contacts],
        "commChannels": [_channel(type_, value) for type_, value in contacts],
    }
    account = _account(wish, organisation)
    return profile if account is None else {**profile, "accountId": account}


def _account(wish: Wish, organisation: Organisation) -> str | None:
    """Return the account that is wished for, or the first of a source that needs one."""
    source = _source(wish.source, organisation)
    if wish.account is not None or source is None or not source.accounts:
        return wish.account
    return min(source.accounts)


def _source(name: object, organisation: Organisation) -> Source | None:
    return organisation.sources.get(name) if isinstance(name, str) else None


def _contacts(number: int, wish: Wish, organisation: Organisation) -> list[tuple[str, object]]:
    """Return mobile and e-mail, by type; where neither is wished for, an e-mail if the source has such channels."""
    wished: dict[Literal["mobile", "email"], str | None] = {"mobile": wish.mobile, "email": wish.email}
    given = [(type_, value) for type_, value in wished.items() if value is not None]
    if given:
        return [*given]
    source = _source(wish.source, organisation)
    takes_email = source is not None and (not source.channels or "email" in source.channels)
    return [("email", f"customer{number}@example.com")] if takes_email else []


def _channel(type_: str, value: object) -> dict[str, object]:
    return {"type": type_, "value": value, "primary": True, "verified": True}


def _enrolments(wish: Wish, organisation: Organisation) -> list[dict[str, object]]:
    if not wish.is_enrolled:
        return []
    number = _program(wish, organisation)
    program = organisation.programs.get(number) if isinstance(number, int) else None
    lowest = program.tiers[0].number if program is not None else 1
    return [
        {
            "programId": number,
            "tierNumber": lowest if wish.tier is None else wish.tier,
            "loyaltyPoints": 0 if wish.points is None else wish.points,
        }
    ]


def _program(wish: Wish, organisation: Organisation) -> object:
    if wish.program is not None:
        return wish.program
    number = organisation.default_program or next(iter(organisation.programs), None)
    if number is None:
        raise _wrong("loyalty", "the organisation has no program; leave loyalty, points and tier out")
    return number


def _argument_at(path: tuple[str | int, ...], wish: Wish) -> str:
    """Return the argument that a place of the record came from."""
    for index, segment in enumerate(path):
        argument = _ARGUMENTS.get(str(segment))
        if argument is not None:
            return "/".join((argument, *map(str, path[index + 1 :])))
    return "mobile" if wish.mobile is not None and path[-2:-1] == (0,) else "email"


def _wrong(argument: str, problem: str) -> ValueError:
    return ValueError(f"add_customer: {argument}: {problem}")
