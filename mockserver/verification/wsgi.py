"""The pure core as a WSGI application (PEP 3333), and a transport that calls one: a target in memory, without a socket.

It does what the server does and no more: answers, saves what an answer changed, and does the loyalty work that comes
after the answer.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from mockserver.domain.customer import Customer
from mockserver.domain.keys import Needs
from mockserver.domain.outcome import Later
from mockserver.domain.update import finish
from mockserver.exchange import CONTINUE, Reply, read, unmet
from mockserver.files import World
from mockserver.messages import BODY_LIMIT, Request, Response
from mockserver.storage import (
    Decided,
    Loaded,
    MemoryStore,
    MemoryWorld,
    Unsaved,
    WorldSettings,
    at_once,
    eager,
    work_off,
)
from mockserver.values import Value, replace

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from mockserver.exchange import Setting

_UNPREFIXED = {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length"}


class _Replied(Decided, frozen=True):
    """What the core made of a request."""

    reply: Reply


class HeldWorld(Value):
    """A world in memory, and the setting that it answers under."""

    setting: "Setting"
    state: MemoryWorld

    def reset(self) -> None:
        """Go back to the seed."""
        self.state.reset()


def hold(world: World, setting: "Setting") -> HeldWorld:
    """Hold a world in memory, under a setting."""
    store = MemoryStore()
    settings = WorldSettings(organisation=setting.organisation)
    state = store.create(None, settings, store.prepare(world.customers))
    assert isinstance(state, MemoryWorld)  # noqa: S101  # a world without a name is in nobody's way
    return HeldWorld(setting, state)


def wsgi_view(world: HeldWorld, *, now: Callable[[], str] | None = None) -> "WSGIApplication":
    """Return the WSGI application that serves one world; `now` gives the time as RFC 3339."""
    clock = now or _utc_now

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        response = answer(world, _read_environ(environ), clock())
        reason = HTTPStatus(response.status).phrase
        headers = [*response.headers.items(), ("Content-Length", str(len(response.body)))]
        start_response(f"{response.status} {reason}", headers)
        return [response.body]

    return application


def answer(world: HeldWorld, request: Request, now: str) -> Response:
    """Answer a request, save what it changed, and do what comes after the answer."""
    setting = world.setting
    pending = read(setting, _as_received(request), now)

    def decide(loaded: Loaded, _: str) -> _Replied | Needs:
        reply = pending.decide(setting, loaded, now)
        return reply if isinstance(reply, Needs) else _Replied(reply=reply, changed=reply.changed, later=reply.later)

    def finished(customer: Customer, later: Later, _: Loaded) -> Customer:
        return finish(customer, later, setting.organisation, setting.dialect)

    saved = world.state.transact(pending.keys, decide)
    if isinstance(saved, Unsaved):
        raise AssertionError(f"a world of its own has no room: {saved.reason}")
    if saved.later is not None:
        at_once(eager(work_off(world.state, finished, ahead=True)))
    return saved.reply.response


def _as_received(request: Request) -> Request:
    """Return a request with what a server finds in it: like the size of a body, an Expect is not the core's."""
    expected = request.headers.get("expect", "").lower()
    return request if expected in ("", CONTINUE) else replace(request, obstacle=unmet(expected))


def _utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _read_environ(environ: "WSGIEnvironment") -> Request:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    headers |= {header: environ[name] for name, header in _UNPREFIXED.items() if environ.get(name)}
    body = environ["wsgi.input"].read()
    oversized = len(body) > BODY_LIMIT
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ["RAW_URI"].partition("?")[0],
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=b"" if oversized else body,
        oversized=oversized,
    )


class WsgiTransport:
    """Carries requests to a WSGI application."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application
        self._turn = Lock()

    def carry(self, request: Request, *, fresh: bool = False) -> Response:  # noqa: ARG002  # there is no connection
        """Call the application, and return its answer."""
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
            begun.append((status, headers))
            return lambda content: content

        with self._turn:  # what is sent at the same time is answered one after the other, as the server does
            body = b"".join(self._application(_environ_of(request), start_response))
        [(status, headers)] = begun[-1:]
        return Response(status=int(status.split(" ", 1)[0]), headers=dict(headers), body=body)


def _environ_of(request: Request) -> dict[str, Any]:  # Any: as PEP 3333 has it
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "RAW_URI": f"{request.path}?{request.query}" if request.query else request.path,
        "QUERY_STRING": request.query,
        "SERVER_NAME": "mock.invalid",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(request.body)) if request.body else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": None,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ
