"""What an operation tells of itself: whom it is about, what it does, how it is read, decided and shown.

All that is special to one operation stands here, as a value. Whoever routes, answers, forces, explains, repairs, keeps,
matches, lists or checks asks that value, and knows no operation by its name.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeAlias, TypeVar

from mockserver.contract import Parameters, Violation
from mockserver.domain.citations import Citations
from mockserver.domain.command import Command
from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.dialect import Dialect
from mockserver.domain.judgement import Judgement
from mockserver.domain.keys import IdentifierKey, Keys, Needs
from mockserver.domain.organisation import Organisation
from mockserver.domain.outcome import Granted, Rejected
from mockserver.operations.fields import NO_MEMBERS, Members
from mockserver.values import Value

C = TypeVar("C", bound=Command)
D = TypeVar("D", bound=Granted)
Body: TypeAlias = Mapping[str, Any]  # Any: JSON
Effect: TypeAlias = Literal["read", "write", "create", "irreversible"]
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_MOST_DIGITS = 19


class Scenario(Protocol):
    """What an operation decides and shows under: an organisation and a dialect."""

    @property
    def organisation(self) -> Organisation:
        """The organisation whose customers are asked of."""

    @property
    def dialect(self) -> Dialect:
        """The answers to what the vendor's page leaves open."""


class Loaded(Protocol):
    """What a decision is given of a world's state: all that its keys name, of one moment."""

    @property
    def customers(self) -> Mapping[CustomerId, Customer | None]:
        """Customers by id, None for one who is not there."""

    @property
    def holders(self) -> Mapping[IdentifierKey, tuple[CustomerId, ...]]:
        """Who has an identifier; these are among the customers."""

    @property
    def new(self) -> tuple[CustomerId, ...]:
        """Ids that no customer ever had."""


class ByPathId(Value, frozen=True):
    """About the customer whose id stands in the path, under the name of this parameter."""

    parameter: str = "userId"

    @property
    def place(self) -> str:
        """Where a request names the customer."""
        return f"path/{self.parameter}"

    def text_in(self, path_values: Mapping[str, str]) -> str:
        """Return the id as the path has it."""
        return path_values.get(self.parameter, "")

    def filled(self, path: str, text: str) -> str:
        """Return a path's template with this id."""
        return path.replace(f"{{{self.parameter}}}", text)


class _Unnamed(Value, frozen=True):
    """About a customer whom no path names."""

    place: ClassVar[str] = "request"

    def text_in(self, path_values: Mapping[str, str]) -> str:
        """Return no id: the path has none."""
        del path_values
        return ""

    def filled(self, path: str, text: str) -> str:
        """Return the path as it is."""
        del text
        return path


class ByIdentifier(_Unnamed, frozen=True):
    """About the customer with an identifier, whose type and value stand in the query."""

    place: ClassVar[str] = "query/identifierValue"


class Created(_Unnamed, frozen=True):
    """About a customer who is there only afterwards."""


class Nobody(_Unnamed, frozen=True):
    """About no customer."""


Subject: TypeAlias = ByPathId | ByIdentifier | Created | Nobody


def read_id(text: str) -> int | None:
    """Return the customer id that a text is, None where it is no number that a customer can have."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


class Secrets(Value, frozen=True):
    """Names, in small letters, of fields that hold what must not be kept: of the request's body, and of the answer's.

    Names that say so themselves, such as `accessToken`, are secret in every operation.
    """

    body: frozenset[str] = frozenset()
    answer: frozenset[str] = frozenset()


NO_SECRETS = Secrets()


class ParameterRule(Value, frozen=True, kw_only=True):
    """A rule on parameters for which OpenAPI has no words; `questions` are those that decide it.

    `beside` are places that mend it too when they are left out.
    """

    violation: Violation
    is_broken: Callable[[Mapping[str, Any], Dialect], bool]  # Any: parameters as the contract types them
    questions: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


class Misplaced(Value, frozen=True, kw_only=True):
    """A path that the vendor's page gives for the operation and that is not served, and the statements on it."""

    path: str
    why: str
    statements: tuple[str, ...]


def as_it_is(body: Body, dialect: Dialect) -> Body:
    """Return an answer that has one form in every dialect."""
    del dialect
    return body


class Operation(Value, Generic[C, D], frozen=True, kw_only=True, eq=False, dict=True):
    """One operation of the vendor's API.

    `id` is the contract's operationId, and `prefix` begins the ids of the statements of its page, "" where it has no
    page of its own. `cites` is what shared rules cite for it.

    `read` takes the parameters, the body (None where there is none) and the time (RFC 3339); `keys` tells what a
    command needs loaded; `decide` is pure, and may find that it `Needs` more; `show` takes what was granted and its
    warnings as the vendor shows them, and gives the body in the documented form, which `shape` turns into a dialect's.

    `published` is what the form of an answer rests on where it is a published sample's. `customer_field` is the field
    of an answer that has the customer's id. `fields` are those of its body, and `judged` are the parts of a request in
    the order in which its rules judge them. `checks` and `properties` are import paths, which only the checker loads.
    """

    id: str
    subject: Subject
    effect: Effect
    cites: Citations
    read: Callable[[Parameters, Any, str], C]  # Any: JSON that the contract has judged
    keys: Callable[[C], Keys]
    decide: Callable[[Judgement, C, Loaded], D | Rejected | Needs]
    show: Callable[[D, Sequence[Body], Scenario], Body]
    shape: Callable[[Body, Dialect], Body] = as_it_is
    prefix: str = ""
    published: str = ""
    customer_field: str = ""
    needs_credentials: bool = True
    secrets: Secrets = NO_SECRETS
    fields: Members = NO_MEMBERS
    parameter_rules: tuple[ParameterRule, ...] = ()
    judged: tuple[str, ...] = ("userId", "source", "accountId")
    misplaced: tuple[Misplaced, ...] = ()
    checks: str = ""
    properties: str = ""

    def __repr__(self) -> str:
        """Name the operation; its functions would fill the report of a failed test."""
        return f"Operation({self.id!r})"

    @cached_property
    def name(self) -> str:
        """The id as its folder and its files are called: `update_customer`."""
        return _CAPITAL.sub("_", self.id).lower()


Operations: TypeAlias = Mapping[str, Operation[Any, Any]]  # by id


def listed(*operations: Operation[Any, Any]) -> Operations:
    """Return operations by their ids."""
    return {operation.id: operation for operation in operations}
