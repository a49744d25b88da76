"""Targets made ready: the mock in memory, a world of the run's own on a loopback mock, or a deployment as it is.

Each ends up as the same thing, a bench; they differ in how requests are carried and in what is allowed there.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from secrets import token_hex

from mockserver.domain.organisation import Organisation
from mockserver.errors import ConfigurationError, TargetError
from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.messages import Request, Response
from mockserver.values import replace
from mockserver.verification.bench import Bench
from mockserver.verification.courier import Clock, Courier
from mockserver.verification.credentials import Credentials
from mockserver.verification.exchanges import read_body
from mockserver.verification.failures import CutError
from mockserver.verification.fiction import Fiction
from mockserver.verification.interruption import Interruption
from mockserver.verification.judging import Judge
from mockserver.verification.loopback import is_loopback
from mockserver.verification.oracle import Oracle
from mockserver.verification.purse import Counted, Purse, Spent
from mockserver.verification.reader import Reader
from mockserver.verification.target import Leave, Limits, Place, Target
from mockserver.verification.transport import HttpTransport, Transport
from mockserver.verification.wsgi import WsgiTransport, hold, wsgi_view

_PATIENCE = 4.0  # seconds that a deployment may take to show an update
_PRODUCT = "customer-mockserver"
_IN_MEMORY = "a mock in memory"
_MOST_PLACES = 1_000  # customers of a mock, a page of them; more would not be checked otherwise
USUAL_RATE = 45 / 60  # requests a second to a deployment
_HEALTH_SECONDS = 5.0  # that a server may take to say that it is a mock
_KEPT = 1  # request that deletes the world of the run's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for: the target's URL (None: a mock in memory), and all that the command line says of it.

    `rate` is None where it was not said; then a deployment gets 45 requests a minute. `parallel` allows updates of one
    customer at once. `values` are patterns of made-up values, by kind.
    """

    url: str | None
    world: World
    setting: Setting
    places: tuple[Place, ...] = ()
    leave: Leave = Leave.READS
    limits: Limits = field(default_factory=Limits)
    credentials: Credentials | None = None
    headers: Mapping[str, str] | None = None
    ca_bundle: str | None = None
    timeout: float = 30.0
    seed: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    parallel: bool = False


@contextmanager
def opened(order: Order, interruption: Interruption | None = None) -> Iterator[Bench]:
    """Make a target ready, and put away afterwards what was made for it; all that is sent is counted."""
    if order.url is None:
        yield bench_in_memory(order, interruption)
        return
    purse = Purse(budget=order.limits.budget)
    kind = _kind_of(order, purse)
    transport = _transport(order, purse, seconds=order.timeout)
    try:
        line = _Line(transport=Counted(transport, purse), purse=purse, interruption=interruption or Interruption())
        own = kind is Kind.MOCK and not order.places
        with _own_world(order, line) if own else _as_it_is(order, line, kind) as bench:
            yield bench
    except Spent as spent:
        raise TargetError(f"the limits do not suffice for the start: {spent}") from spent
    finally:
        transport.close()


class Kind(Enum):
    """What a URL leads to, as far as it says so: a mock of ours, what else is on this machine, another machine."""

    MOCK = "mock"
    NEAR = "near"
    FAR = "far"


def _kind_of(order: Order, purse: Purse) -> Kind:
    """Ask a server on this machine whether it is a mock; no other is asked, nor believed.

    A mock that passes on to a deployment answers for that, and is none.
    """
    if not is_loopback(order.url or ""):
        return Kind.FAR
    transport = _transport(order, purse, seconds=min(order.timeout, _HEALTH_SECONDS))
    try:
        answer = Counted(transport, purse).carry(Request(method="GET", path="/_mock/health"))
    except CutError:  # it takes requests, and has no answer to this one
        return Kind.NEAR
    finally:
        transport.close()
    body = read_body(answer.body)
    is_mock = isinstance(body, Mapping) and body.get("product") == _PRODUCT and body.get("upstream") is not True
    return Kind.MOCK if is_mock else Kind.NEAR


def _transport(order: Order, purse: Purse, *, seconds: float) -> HttpTransport:
    return HttpTransport(order.url or "", ca_bundle=order.ca_bundle, seconds=seconds, seconds_left=purse.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The way to a target: what carries, what that is counted in, and what may end it."""

    transport: Transport
    purse: Purse
    interruption: Interruption


def bench_in_memory(order: Order, interruption: Interruption | None = None) -> Bench:
    """Return a bench with a mock of its own in memory, where all is allowed."""
    world = hold(order.world, replace(order.setting, auth="world"))
    target = Target(
        name=_IN_MEMORY,
        places=order.places or places_of(order.world),
        leave=Leave.IRREVERSIBLE,
        setting=order.setting,
        limits=replace(order.limits, rate=None),
        disposable=True,
        parallel=True,
    )
    transport = WsgiTransport(wsgi_view(world))
    credentials = order.credentials or _credentials_of(order.world.organisation)
    return bench_on(
        target,
        transport,
        credentials,
        seed=order.seed,
        values=order.values,
        reset=world.reset,
        patience=0.0,
        interruption=interruption,
    )


def bench_on(
    target: Target,
    transport: Transport,
    credentials: Credentials,
    *,
    seed: int,
    reset: Callable[[], None] | None = None,
    patience: float = _PATIENCE,
    headers: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    values: Mapping[str, str] | None = None,
    purse: Purse | None = None,
    interruption: Interruption | None = None,
    notes: tuple[str, ...] = (),
) -> Bench:
    """Return a bench on any target, reached by any transport; one that is counted comes with its purse."""
    courier = Courier(
        target, transport, credentials, headers=headers, clock=clock, purse=purse, interruption=interruption
    )
    reader, oracle = Reader(courier), Oracle(target.setting)
    judge = Judge(courier, reader, oracle, patience=patience, seed=seed)
    return Bench(
        target=target,
        courier=courier,
        reader=reader,
        oracle=oracle,
        judge=judge,
        fiction=Fiction(seed, values),
        seed=seed,
        reset=reset,
        notes=notes,
    )


def places_of(world: World) -> tuple[Place, ...]:
    """Return the profiles of a world's customers who were not merged away."""
    return tuple(
        Place(customer=customer.id, source=profile.source, account=profile.account)
        for customer in world.customers.values()
        if customer.merged_into is None
        for profile in customer.profiles
    )


def _credentials_of(organisation: Organisation) -> Credentials:
    """Return the first credentials that a world takes."""
    basic = next(iter(sorted(organisation.credentials.basic)), "")
    encoded = b64encode(basic.encode()).decode()
    return Credentials(secrets=(encoded,), _headers={"Authorization": f"Basic {encoded}"})


@contextmanager
def _as_it_is(order: Order, line: _Line, kind: Kind) -> Iterator[Bench]:
    is_to_be_said = kind is Kind.NEAR and order.limits.rate is None
    notes = (f"{order.url} {_TAKEN_FOR_A_DEPLOYMENT}",) if is_to_be_said else ()
    if order.credentials is None:
        missing = "no credentials are given; name the environment variable that has them: --auth-env VAR"
        raise ConfigurationError("; ".join([*notes, missing]))
    limits = order.limits
    if limits.rate is None and kind is not Kind.MOCK:
        limits = replace(limits, rate=USUAL_RATE)
    yield bench_on(
        Target(
            name=order.url or "",
            places=order.places,
            leave=order.leave,
            setting=order.setting,
            limits=limits,
            parallel=order.parallel,
        ),
        line.transport,
        order.credentials,
        seed=order.seed,
        values=order.values,
        headers=order.headers,
        purse=line.purse,
        interruption=line.interruption,
        notes=notes,
    )


_TAKEN_FOR_A_DEPLOYMENT = (
    "does not say at /_mock/health that it is a mock, and is taken for a deployment: at most 45 requests a minute, and "
    "schema and model only when they are named; say otherwise with --rate and --phase"
)


@contextmanager
def _own_world(order: Order, line: _Line) -> Iterator[Bench]:
    """Check a mock in a world of the run's own, which is forked from its default world and deleted at the end."""
    name, transport = f"check-{token_hex(4)}", line.transport
    line.purse.require(1 + _KEPT)
    _control(transport, "POST", "/_mock/worlds", {"name": name})
    line.purse.kept = _KEPT
    try:
        within = _Prefixed(transport, f"/_mock/w/{name}")
        target = Target(
            name=f"{order.url} (in a world of its own)",
            places=tuple(_places_in(within)) or places_of(order.world),
            leave=Leave.IRREVERSIBLE,
            setting=order.setting,
            limits=order.limits,
            disposable=True,
            parallel=True,
        )
        credentials = order.credentials or _credentials_of(order.world.organisation)
        yield bench_on(
            target,
            within,
            credentials,
            seed=order.seed,
            values=order.values,
            headers=order.headers,
            patience=0.5,
            reset=lambda: _control(within, "POST", "/_mock/reset"),
            purse=line.purse,
            interruption=line.interruption,
        )
    finally:
        line.purse.kept = 0
        _control(transport, "DELETE", f"/_mock/worlds/{name}")


def _places_in(mock: Transport) -> Iterator[Place]:
    """Give the profiles of the first customers that a mock's world has, whichever world that is."""
    body = read_body(mock.carry(Request(method="GET", path="/_mock/customers", query=f"limit={_MOST_PLACES}")).body)
    for customer in body.get("customers", ()) if isinstance(body, Mapping) else ():
        for profile in customer.get("profiles", ()) if "mergedInto" not in customer else ():
            yield Place(customer=customer["id"], source=profile["source"], account=profile.get("accountId"))


@dataclass(frozen=True, slots=True)
class _Prefixed:
    """Carries requests to below a path."""

    inner: Transport
    prefix: str

    def carry(self, request: Request, *, fresh: bool = False) -> Response:
        return self.inner.carry(replace(request, path=f"{self.prefix}{request.path}"), fresh=fresh)


def _control(transport: Transport, method: str, path: str, body: object = None) -> None:
    content = b"" if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"} if content else {}
    response = transport.carry(Request(method=method, path=path, headers=headers, body=content))
    if response.status == HTTPStatus.FORBIDDEN:
        raise TargetError(
            f"{method} {path} is refused: a mock with a control token gives no world of its own to a check; "
            "check it as a deployment, with --customer, or serve it without the token"
        )
    if response.status >= 300:
        raise TargetError(f"{method} {path} answered {response.status}; is it this version of the mock?")
