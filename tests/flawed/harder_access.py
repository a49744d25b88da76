"""Flaws in who may ask, with credentials that are there and are wrong."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.exchange import Reply
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import (
    ASHA,
    AUTHORIZATION,
    PASSWORD,
    TILL,
    UNKNOWN,
    get,
    is_async,
    profile,
    put,
    put_async,
    standing,
    with_header,
)
from tests.flawed.deployment import Deployment, Twist, read_demo
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.wire import connection_of, over

_CREDENTIALS = ("UPD-EX-4", "UPD-HDR-1", "request-level-code", "UPD-USE-1")
_HASH = hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest()
_TILLS = frozenset(pair.partition(":")[0] for pair in read_demo().organisation.credentials.basic)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """The credentials of a request: its scheme as spelt, and what Basic says; empty where it says nothing."""

    scheme: str = ""
    till: str = ""
    password: str = ""


_Admits: TypeAlias = Callable[[Request, _Given], bool]


def _given_by(request: Request) -> _Given:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        till, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):  # they say nothing
        return _Given(scheme=scheme)
    return _Given(scheme=scheme, till=till, password=password)


def _admitting(admits: _Admits) -> Twist:
    """Let in whom `admits` says, besides those who may."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        is_let_in = admits(request, _given_by(request))
        return deployment.ask(with_header(request, "authorization", AUTHORIZATION) if is_let_in else request)

    return twist


def _of_known_till(_: Request, given: _Given) -> bool:
    return given.till in _TILLS and bool(given.password)


def _right_password_of_any_till(_: Request, given: _Given) -> bool:
    return given.password == _HASH


def _without_password(_: Request, given: _Given) -> bool:
    return given.till in _TILLS and not given.password


def _with_plain_password(_: Request, given: _Given) -> bool:
    return (given.till, given.password) == (TILL, PASSWORD)


def _with_other_scheme(_: Request, given: _Given) -> bool:
    return bool(given.scheme) and given.scheme.lower() != "basic"


def _with_undecodable(request: Request, given: _Given) -> bool:
    return given.scheme.lower() == "basic" and not given.till


def _with_any_token(request: Request, _: _Given) -> bool:
    return bool(request.headers.get("x-cap-api-oauth-token"))


def _refuses_small_basic(deployment: Deployment, request: Request) -> Reply:
    is_small = request.headers.get("authorization", "").startswith("basic ")
    return deployment.ask(with_header(request, "authorization", None) if is_small else request)


def _executes_all_the_same(deployment: Deployment, request: Request) -> Reply:
    """Refuse whom the world does not know, and do what was asked."""
    reply = deployment.ask(request)
    if reply.code != 401 or request.method != "PUT":
        return reply
    done = deployment.ask(with_header(request, "authorization", AUTHORIZATION))
    return replace(reply, changed=done.changed, later=done.later)


class _OncePerConnection:
    """Whoever was let in once need not say so again on the same connection."""

    def __init__(self) -> None:
        self._known: set[int] = set()

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        connection = connection_of(request)
        if connection in self._known:
            return deployment.ask(with_header(request, "authorization", AUTHORIZATION))
        reply = deployment.ask(request)
        if reply.code != 401 and connection:
            self._known.add(connection)
        return reply


def _tells_of_nobody(deployment: Deployment, request: Request) -> Reply:
    """Look for the customer first, and at the credentials where there is one."""
    reply = deployment.ask(request)
    if reply.code != 401 or request.method != "GET":
        return reply
    known = deployment.ask(with_header(request, "authorization", AUTHORIZATION))
    return reply if known.code is None else known


def _basic(till: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{till}:{password}'.encode()).decode()}"


def _with(request: Request, authorization: str | None) -> Request:
    return with_header(request, "authorization", authorization)


_WRONG = _basic(TILL, hashlib.md5(b"wrong", usedforsecurity=False).hexdigest())
_READ, _WRITE = get(ASHA), put(ASHA, profile(firstName="Tom"))

ACCESS = (
    Flaw(
        name="any-password",
        says="A till that is known gets in with any password.",
        names=_CREDENTIALS,
        needs="reads",
        make=deployed(_admitting(_of_known_till)),
        shown_by=(_with(_READ, _WRONG),),
    ),
    Flaw(
        name="any-till",
        says="Whoever knows a till's password gets in under any other name.",
        names=_CREDENTIALS,
        needs="reads",
        make=deployed(_admitting(_right_password_of_any_till)),
        shown_by=(_with(_READ, _basic("nobody", _HASH)),),
    ),
    Flaw(
        name="empty-password",
        says="A till that is known gets in with an empty password.",
        names=_CREDENTIALS,
        needs="reads",
        make=deployed(_admitting(_without_password)),
        shown_by=(_with(_READ, _basic(TILL, "")),),
    ),
    Flaw(
        name="plain-password",
        says="The password is taken in clear, too, in place of its MD5.",
        names=_CREDENTIALS,
        needs="reads",
        make=deployed(_admitting(_with_plain_password)),
        shown_by=(_with(_READ, _basic(TILL, PASSWORD)),),
    ),
    Flaw(
        name="any-scheme",
        says="Another scheme than Basic gets in, whatever stands behind it.",
        names=_CREDENTIALS,
        needs="reads",
        make=deployed(_admitting(_with_other_scheme)),
        shown_by=(_with(_READ, "Bearer anything"),),
    ),
    Flaw(
        name="undecodable-credentials",
        says="Basic credentials that do not decode get in.",
        names=_CREDENTIALS,
        needs="reads",
        make=deployed(_admitting(_with_undecodable)),
        shown_by=(_with(_READ, "Basic dGVzdiNmY2OWZmZmRkYg=="),),
    ),
    Flaw(
        name="any-token",
        says="Any token gets in, without other credentials.",
        names=_CREDENTIALS,
        needs="reads",
        make=deployed(_admitting(_with_any_token)),
        shown_by=(with_header(_with(_READ, None), "x-cap-api-oauth-token", "anything"),),
    ),
    Flaw(
        name="small-basic-refused",
        says="The scheme must be spelt Basic: basic is refused, though schemes have no case.",
        names=_CREDENTIALS,
        needs="reads",
        make=deployed(_refuses_small_basic),
        shown_by=(_with(_READ, AUTHORIZATION.replace("Basic", "basic")),),
    ),
    Flaw(
        name="wrong-password-writes",
        says="Updates take a known till with any password; reads do not.",
        names=_CREDENTIALS,
        needs="writes",
        make=deployed(_admitting(lambda request, given: request.method == "PUT" and _of_known_till(request, given))),
        shown_by=(_with(_WRITE, _WRONG),),
    ),
    Flaw(
        name="wrong-password-reads",
        says="Reads take a known till with any password; updates do not.",
        names=_CREDENTIALS,
        needs="reads",
        make=deployed(_admitting(lambda request, given: request.method == "GET" and _of_known_till(request, given))),
        shown_by=(_with(_READ, _WRONG),),
    ),
    Flaw(
        name="details-for-all",
        says="Loyalty details need no credentials.",
        names=_CREDENTIALS,
        needs="reads",
        make=deployed(_admitting(lambda request, _: request.path.endswith("/loyaltyDetails"))),
        shown_by=(_with(standing(ASHA), None),),
    ),
    Flaw(
        name="unknown-told-to-all",
        says="That there is no such customer is told without credentials.",
        names=_CREDENTIALS,
        needs="reads",
        make=deployed(_tells_of_nobody),
        shown_by=(_with(get(UNKNOWN), None),),
    ),
    Flaw(
        name="async-for-all",
        says="Updates with use_async=true need no credentials.",
        names=(*_CREDENTIALS, "UPD-QRY-3"),
        needs="writes",
        make=deployed(_admitting(lambda request, _: request.method == "PUT" and is_async(request))),
        shown_by=(_with(put_async(ASHA, {}), None),),
    ),
    Flaw(
        name="once-per-connection",
        says="A connection on which credentials were right once needs none any more.",
        names=_CREDENTIALS,
        needs="reads",
        make=lambda: Deployment(_OncePerConnection()),
        shown_by=(over(1, _READ), over(1, _with(_READ, None))),
    ),
    Flaw(
        name="refused-credentials-executed",
        says="An update without right credentials is answered 401, and done.",
        names=_CREDENTIALS,
        needs="writes",
        make=deployed(_executes_all_the_same),
        shown_by=(_with(_WRITE, _WRONG), _READ),
    ),
)
