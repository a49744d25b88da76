"""A sound deployment of the demo world, as a vendor would run it, and the one place at which it can be twisted.

It differs from our mock in what a vendor's deployment does not have: no X-Mock headers, no `/_mock`, no forced
answers. It takes the demo world's credentials only. All state is behind one lock.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import TypeAlias
from uuid import uuid4

from mockserver.contract import Catalogue, CatalogueEntry
from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.organisation import Organisation
from mockserver.domain.outcome import Later
from mockserver.domain.update import finish
from mockserver.exchange import Reply, Setting, respond
from mockserver.exchange.dialects import Dialects
from mockserver.files import World, read_dialect, read_dialects, read_world
from mockserver.messages import Request, Response
from mockserver.values import replace
from mockserver.verification.courier import Clock

Twist: TypeAlias = Callable[["Deployment", Request], Reply]
_FORCING = ("prefer",)  # headers by which a client forces an answer of the mock
_OURS = "x-mock-"


class _EarnedOnly(Catalogue, frozen=True):
    """A catalogue that is asked for nothing, so that 900008015 is an ordinary, unknown customer."""

    def asked_code(self, code: str, operation: str) -> CatalogueEntry | None:  # noqa: ARG002  # as the catalogue has it
        return None


class Deployment:
    """One deployment, sound unless a twist is given.

    A twist answers in its place: it may change the request, ask `ask`, and change what comes of it. It runs under
    the lock. `answers` are the answers to our questions that differ from the documented dialect's. What takes time
    takes it by `clock`.
    """

    def __init__(
        self,
        twist: Twist | None = None,
        *,
        answers: Mapping[str, str] | None = None,
        organisation: Callable[[Organisation], Organisation] = lambda organisation: organisation,
    ) -> None:
        world, setting = read_demo(), _read_setting(**(answers or {}))
        self.setting = replace(setting, organisation=organisation(setting.organisation))
        self.customers: dict[CustomerId, Customer] = dict(world.customers)
        self.clock = Clock()
        self._twist: Twist = twist or Deployment.ask
        self._lock = Lock()

    def handle(self, request: Request) -> Response:
        """Answer one request, save what it changed, and do the work that follows an answer."""
        return self.answer(request, self._twist)

    def answer(self, request: Request, twist: Twist) -> Response:
        """Do so by this twist, alone with the state."""
        headers = {name: value for name, value in request.headers.items() if name not in _FORCING}
        with self._lock:
            reply = twist(self, replace(request, headers=headers))
            for customer in reply.changed:
                self.customers[customer.id] = customer
            if reply.later is not None:
                self.finish(reply.later)
        return _as_vendor(reply.response)

    def ask(self, request: Request, customers: Mapping[CustomerId, Customer] | None = None) -> Reply:
        """Return the sound answer, saving nothing; `customers` may be other than the present ones."""
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return respond(self.setting, request, load=(customers or self.customers).get, now=now)

    def finish(self, later: Later) -> None:
        """Do the work that an answer left for later."""
        customer = self.customers[later.customer]
        self.customers[customer.id] = finish(customer, later, self.setting.organisation, self.setting.dialect)


@cache
def read_demo() -> World:
    """Return the demo world, read once."""
    return read_world("demo")


@cache
def _read_dialects() -> Dialects:
    return read_dialects()


@cache
def _read_setting(**answers: str) -> Setting:
    dialects = _read_dialects()
    dialect = dialects.with_answers(read_dialect(dialects), *answers.items())
    contract = dialects.contract_of(dialect)
    catalogue = _EarnedOnly.of(contract.catalogue.entries, contract.catalogue.examples)
    return Setting(
        contract=replace(contract, catalogue=catalogue),
        organisation=read_demo().organisation,
        dialect=dialect,
        auth="world",
    )


def _as_vendor(response: Response) -> Response:
    """Take off what only our mock says, and add the request id that the vendor sends."""
    headers = {name: value for name, value in response.headers.items() if not name.lower().startswith(_OURS)}
    return replace(response, headers={**headers, "X-Cap-Requestid": uuid4().hex})
