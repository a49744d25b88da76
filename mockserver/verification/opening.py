"""Targets made ready: the mock in memory, a world of the run's own on a loopback mock, or a deployment as it is.

Each ends up as the same thing, a bench; they differ in how requests are carried and in what is allowed there.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
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
from mockserver.verification.fiction import Fiction
from mockserver.verification.judging import Judge
from mockserver.verification.loopback import is_loopback
from mockserver.verification.oracle import Oracle
from mockserver.verification.reader import Reader
from mockserver.verification.target import Leave, Limits, Place, Target
from mockserver.verification.transport import HttpTransport, Transport
from mockserver.verification.wsgi import WsgiTransport, hold, wsgi_view

_PATIENCE = 4.0  # seconds that a deployment may take to show an update
_PRODUCT = "customer-mockserver"
_IN_MEMORY = "a mock in memory"
_MOST_PLACES = 1_000  # customers of a mock, a page of them; more would not be checked otherwise
USUAL_RATE = 45 / 60  # requests a second to a deployment that is not on this machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for: the target's URL (None: a mock in memory), and all that the command line says of it.

    `rate` is None where it was not said; then a deployment that is not on this machine gets 45 requests a minute.
    `values` are patterns of made-up values, by kind.
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


@contextmanager
def opened(order: Order) -> Iterator[Bench]:
    """Make a target ready, and put away afterwards what was made for it."""
    if order.url is None:
        yield bench_in_memory(order)
        return
    transport = HttpTransport(order.url, ca_bundle=order.ca_bundle, seconds=order.timeout)
    try:
        own = order.places == () and is_loopback(order.url) and _is_mock(transport)
        with _own_world(order, transport) if own else _as_it_is(order, transport) as bench:
            yield bench
    finally:
        transport.close()


def bench_in_memory(order: Order) -> Bench:
    """Return a bench with a mock of its own in memory, where all is allowed."""
    world = hold(order.world, replace(order.setting, auth="world"))
    target = Target(
        name=_IN_MEMORY,
        places=order.places or places_of(order.world),
        leave=Leave.IRREVERSIBLE,
        setting=order.setting,
        limits=replace(order.limits, rate=None),
        disposable=True,
    )
    transport = WsgiTransport(wsgi_view(world))
    credentials = order.credentials or _credentials_of(order.world.organisation)
    return bench_on(
        target, transport, credentials, seed=order.seed, values=order.values, reset=world.reset, patience=0.0
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
) -> Bench:
    """Return a bench on any target, reached by any transport."""
    courier = Courier(target, transport, credentials, headers=headers, clock=clock)
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
def _as_it_is(order: Order, transport: HttpTransport) -> Iterator[Bench]:
    if order.credentials is None:
        raise ConfigurationError(
            "no credentials are given; name the environment variable that has them: --auth-env VAR"
        )
    limits = order.limits
    if limits.rate is None and not is_loopback(order.url or ""):
        limits = replace(limits, rate=USUAL_RATE)
    target = Target(name=order.url or "", places=order.places, leave=order.leave, setting=order.setting, limits=limits)
    yield bench_on(target, transport, order.credentials, seed=order.seed, values=order.values, headers=order.headers)


def _is_mock(transport: Transport) -> bool:
    body = read_body(transport.carry(Request(method="GET", path="/_mock/health")).body)
    return isinstance(body, Mapping) and body.get("product") == _PRODUCT


@contextmanager
def _own_world(order: Order, transport: HttpTransport) -> Iterator[Bench]:
    """Check a mock in a world of the run's own, which is forked from its default world and deleted at the end."""
    name = f"check-{token_hex(4)}"
    _control(transport, "POST", "/_mock/worlds", {"name": name})
    try:
        within = _Prefixed(transport, f"/_mock/w/{name}")
        target = Target(
            name=f"{order.url} (in a world of its own)",
            places=tuple(_places_in(within)) or places_of(order.world),
            leave=Leave.IRREVERSIBLE,
            setting=order.setting,
            limits=order.limits,
            disposable=True,
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
        )
    finally:
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
