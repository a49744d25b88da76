"""What the rules decide: `Accepted` or `Rejected`, both values.

Nobody catches an exception to find out a business answer.
"""

from mockserver.domain.command import UpdateCustomer
from mockserver.domain.customer import Customer, CustomerId
from mockserver.values import Value, member


class Refusal(Value, frozen=True, kw_only=True):
    """A code of the catalogue, the place it concerns, why, and the words that fill the code's text."""

    code: str
    place: str
    why: str
    words: tuple[str, ...] = ()


class PointsAwarded(Value, frozen=True, kw_only=True):
    """A side effect: points credited in a program, by an incentive or an enrolment."""

    program: int
    points: int
    by_incentive: bool = False


class Later(Value, frozen=True, kw_only=True):
    """Work that runs after the answer (use_async=true): credits for one customer, or a whole update."""

    customer: CustomerId
    credits: tuple[PointsAwarded, ...] = ()
    update: UpdateCustomer | None = None


class Basis(Value, frozen=True, kw_only=True):
    """What an answer rests on: statements of the page, and questions (their answer's evidence is the dialect's)."""

    statements: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


class Accepted(Value, frozen=True, kw_only=True):
    """The request is granted. `changed` holds the customers to save: none, when nothing changed."""

    customer: Customer
    changed: tuple[Customer, ...] = ()
    warnings: tuple[Refusal, ...] = ()
    effects: tuple[PointsAwarded, ...] | None = ()
    later: Later | None = None
    ignored: tuple[str, ...] = ()
    basis: Basis = member(default_factory=Basis)


class Rejected(Value, frozen=True, kw_only=True):
    """The request is refused, for one reason; nothing changes."""

    refusal: Refusal
    basis: Basis = member(default_factory=Basis)
