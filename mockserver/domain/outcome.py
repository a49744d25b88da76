"""What the rules decide: `Accepted` or `Rejected`, both values.

Nobody catches an exception to find out a business answer.
"""

from dataclasses import dataclass, field

from mockserver.domain.command import UpdateCustomer
from mockserver.domain.customer import Customer, CustomerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A code of the catalogue, the place it concerns, why, and the words that fill the code's text."""

    code: str
    place: str
    why: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsAwarded:
    """A side effect: points credited in a program, by an incentive or an enrolment."""

    program: int
    points: int
    by_incentive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Work that runs after the answer (use_async=true): credits for one customer, or a whole update."""

    customer: CustomerId
    credits: tuple[PointsAwarded, ...] = ()
    update: UpdateCustomer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What an answer rests on: statements of the page, and questions (their answer's evidence is the dialect's)."""

    statements: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The request is granted. `changed` holds the customers to save: none, when nothing changed."""

    customer: Customer
    changed: tuple[Customer, ...] = ()
    warnings: tuple[Refusal, ...] = ()
    effects: tuple[PointsAwarded, ...] | None = ()
    later: Later | None = None
    ignored: tuple[str, ...] = ()
    basis: Basis = field(default_factory=Basis)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The request is refused, for one reason; nothing changes."""

    refusal: Refusal
    basis: Basis = field(default_factory=Basis)
