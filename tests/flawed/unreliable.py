"""Sound deployments behind a gateway that fails now and then: nothing that it does is a broken promise of the page."""

from collections.abc import Callable, Iterator
from itertools import cycle

from mockserver.domain.outcome import Later
from mockserver.exchange import Reply
from mockserver.messages import Request, Response
from mockserver.values import replace
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Make, Sound

_HTML = {"Content-Type": "text/html", "Server": "gateway"}
_LANDS_IN = 1.5  # seconds after which an update is done whose answer the gateway did not wait for


class ConnectionCut(ConnectionError):  # noqa: N818  # it is no error of ours: the deployment hangs up
    """The deployment hangs up instead of an answer."""


class _Failing(Deployment):
    """Every so many requests the gateway fails, in each way in turn, before the deployment saw the request or after."""

    def __init__(self, *ways: Callable[[], Response], every: int, executed: tuple[bool, ...] = (False, True)) -> None:
        Deployment.__init__(self)
        self._requests = 0
        self._every = every
        self._ways = cycle(ways)
        self._executed = cycle(executed)

    def handle(self, request: Request) -> Response:
        self._requests += 1
        if self._requests % self._every:
            return Deployment.handle(self, request)
        if next(self._executed):
            Deployment.handle(self, request)
        return next(self._ways)()


class _LandsLate(Deployment):
    """Every so many updates are answered with 504, and done some time after that."""

    def __init__(self, every: int) -> None:
        Deployment.__init__(self, _LateLanding(every))


class _LateLanding:
    def __init__(self, every: int) -> None:
        self._updates = 0
        self._every = every
        self._due: list[tuple[float, Request]] = []

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        now = deployment.clock.now()
        for _, late in [each for each in self._due if each[0] <= now]:
            _save(deployment, deployment.ask(late))
        self._due = [each for each in self._due if each[0] > now]
        self._updates += request.method == "PUT"
        reply = deployment.ask(request)
        if request.method != "PUT" or self._updates % self._every:
            return reply
        self._due.append((now + _LANDS_IN, request))
        return replace(reply, response=_status(504)(), changed=(), later=None)


def _save(deployment: Deployment, reply: Reply) -> None:
    for customer in reply.changed:
        deployment.customers[customer.id] = customer
    later: Later | None = reply.later
    if later is not None:
        deployment.finish(later)


def _status(status: int, **headers: str) -> Callable[[], Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: Response(status=status, headers={**_HTML, **named}, body=f"<h1>{status}</h1>".encode())


def _cut() -> Response:
    raise ConnectionCut


def _failing(*ways: Callable[[], Response], every: int, executed: tuple[bool, ...] = (False, True)) -> Make:
    return lambda: _Failing(*ways, every=every, executed=executed)


def _kinds() -> Iterator[Sound]:
    yield Sound(
        name="gateway-502",
        says="A gateway answers 502 to every 25th request, which was executed or not.",
        make=_failing(_status(502), every=25),
    )
    yield Sound(
        name="gateway-fails-often",
        says="Every seventh request comes to 502, 503, 504 or a connection that is cut, executed or not.",
        make=_failing(_status(502), _status(503), _cut, _status(504), every=7, executed=(False, True, True)),
    )
    yield Sound(
        name="unavailable",
        says="Every eleventh request is answered 503 with Retry-After, and not executed.",
        make=_failing(_status(503, Retry_After="2"), every=7, executed=(False,)),
    )
    yield Sound(
        name="hangs-up",
        says="The connection is cut at every thirteenth request, which was executed or not.",
        make=_failing(_cut, every=13),
    )
    yield Sound(
        name="lands-late",
        says="Every ninth update is answered 504, and done 1.5 seconds later.",
        make=lambda: _LandsLate(9),
    )


UNRELIABLE: tuple[Sound, ...] = tuple(_kinds())
