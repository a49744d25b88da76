"""What the rules decide: `Accepted`, `Found` or `Rejected`, all of them values.

Nobody catches an exception to find out a business answer.
"""

from mockserver.domain.command import UpdateCustomer
from mockserver.domain.customer import Customer, CustomerId, Profile
from mockserver.values import Value, member


class Remark(Value, frozen=True):
    """Something said of one place of a request; "" where it is about no place."""

    place: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.why}" if self.place else self.why


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


class BasisItem(Value, frozen=True):
    """One thing that an answer rests on: its kind, such as `documented`, and the name of a statement or a question."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Basis(Value, frozen=True, kw_only=True):
    """What an answer rests on: statements of the page, and questions (their answer's evidence is the dialect's)."""

    statements: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


class Granted(Value, frozen=True, kw_only=True):
    """The request is granted: to whom, None where it is about nobody, and what is said beside the answer."""

    customer: Customer | None = None
    warnings: tuple[Refusal, ...] = ()
    ignored: tuple[Remark, ...] = ()
    basis: Basis = member(default_factory=Basis)


class Found(Granted, frozen=True, kw_only=True):
    """A customer to show, and which of the profiles were asked for."""

    customer: Customer
    profiles: tuple[Profile, ...] = ()


class Accepted(Granted, frozen=True, kw_only=True):
    """A change is granted. `changed` holds the customers to save: none, when nothing changed."""

    customer: Customer
    changed: tuple[Customer, ...] = ()
    effects: tuple[PointsAwarded, ...] | None = ()
    later: Later | None = None


class Rejected(Value, frozen=True, kw_only=True):
    """The request is refused, for one reason; nothing changes."""

    refusal: Refusal
    basis: Basis = member(default_factory=Basis)
