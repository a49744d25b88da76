"""What an exchange is judged under, and what it comes to."""

from typing import Literal, Self, TypeAlias

from mockserver.contract import Contract, Violation
from mockserver.domain.customer import Customer
from mockserver.domain.dialect import Dialect
from mockserver.domain.organisation import Organisation
from mockserver.domain.outcome import BasisItem, Later
from mockserver.errors import DialectError
from mockserver.exchange.dialects import Dialects
from mockserver.messages import Response
from mockserver.operations import OPERATIONS, Operations
from mockserver.values import Value, member, replace

FORCED = "forced"  # the kind of what an answer rests on that was asked for
Auth: TypeAlias = Literal["any", "world", "off"]


class Setting(Value, frozen=True, kw_only=True, eq=False):
    """All that an answer depends on, besides the request, the customer and the time.

    `dialects` are those that the answer is compared with, to find the questions behind a refusal by the contract;
    without them, none is named there. `operations` are those of the contract, by their ids.
    """

    contract: Contract
    organisation: Organisation
    dialect: Dialect
    auth: Auth = "any"
    dialects: Dialects | None = None
    operations: Operations = member(default_factory=lambda: OPERATIONS)

    def __repr__(self) -> str:
        """Name the setting; a whole contract would fill the report of a failed test."""
        return f"Setting({self.organisation.name!r}, {self.dialect.name!r}, auth={self.auth!r})"

    def under(self, dialect: Dialect) -> Self:
        """Return this setting under another dialect, and its contract; it must have its `dialects`."""
        if self.dialects is None:
            raise DialectError("this setting knows one dialect only; give it the dialects to choose from")
        return replace(self, dialect=dialect, contract=self.dialects.contract_of(dialect))


class Misspelt(Value, frozen=True, kw_only=True):
    """A member or query parameter that the contract does not name, such as `body/profils`, and the name `meant`."""

    place: str
    meant: str


class Reply(Value, frozen=True, kw_only=True, gc=False):  # in no circle, and kept by the thousand
    """The answer to one request, what it rests on, and what the shell must do: save `changed`, run `later`.

    `code` is the vendor's (or the request-level) code of a refusal, None for an answer that grants.
    `rests_on` is what the answer rests on, weakest first. `why` is the text of X-Mock-Why, and `reason` is it without
    the `place` that it begins with, where there is one; nobody reads these texts back.
    `repair` says how to change the request so that it passes. `place` is what a refusal is about, such as
    `query/accountId`; `violation` is the one for which the contract refused, None where it did not refuse. `warnings`
    are the codes of an answer's warnings, in their order. `misspelt` is what the request likely was to say in other
    words (`misspelling`).
    """

    response: Response
    operation: str | None = None
    customer: int | None = None
    code: int | None = None
    warnings: tuple[int, ...] = ()
    rests_on: tuple[BasisItem, ...] = ()
    why: str = ""
    reason: str = ""
    place: str = ""
    repair: str = ""
    violation: Violation | None = None
    misspelt: tuple[Misspelt, ...] = ()
    changed: tuple[Customer, ...] = ()
    later: Later | None = None

    @property
    def basis(self) -> str:
        """What the answer rests on, as X-Mock-Basis says it."""
        return "; ".join(map(str, self.rests_on))

    @property
    def forced(self) -> bool:
        """Tell whether the answer was asked for by name instead of earned."""
        return bool(self.rests_on) and self.rests_on[0].kind == FORCED
