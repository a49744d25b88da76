"""Secrets are hidden once, where an exchange enters the journal: whoever shows it sees what is left.

So the journal, its list, events, HAR, copied commands, the log and what a failed test reports hold no secret, whatever
they show, and need not know what one is.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from mockserver.exchange import Reply, Setting
from mockserver.exchange.hiding import hide_headers, hide_path, hide_query
from mockserver.exchange.hiding_bodies import hide_body, is_unsuspected
from mockserver.exchange.hiding_json import NOTHING
from mockserver.exchange.passage import Loaded
from mockserver.exchange.secrecy import hide_in_text, is_secret_header
from mockserver.messages import Obstacle, Request
from mockserver.operations.operation import NO_SECRETS
from mockserver.server.weighing import weigh, weigh_headers
from mockserver.values import Value

_TOKEN_KEY = frozenset({"key"})  # of a request for a token, at any address
_HEADERS_KEPT = 128  # of a world's latest requests


class Told(Value, frozen=True, gc=False):  # in no circle
    """What the journal may keep of a request and its reply, how many bytes that is, and the reply that goes out.

    The latter tells no more than what is kept, but its body is the client's: what a customer has is read back as it is.
    """

    request: Request
    reply: Reply
    size: int
    sent: Reply


class _Headers(Value, frozen=True):
    """Headers that were hidden, and how many bytes they had.

    `are_meant` tells that one lost its value which is not secret by its name.
    """

    sent: Mapping[str, str]  # held, since its identity is what it is found by
    hidden: Mapping[str, str]
    size: int
    are_meant: bool


class Hiding:
    """Hides secrets. Headers that were read once are hidden once: the same mapping comes with the next request."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[int, _Headers] = {}

    def hide(self, request: Request) -> Request:
        """Return the request as the journal may keep it, the same value where it holds no secret."""
        headers, redacted = self._hide_headers(request.headers), _redacted(request)
        return redacted if headers.hidden is headers.sent else replace(redacted, headers=headers.hidden)

    def tell(self, setting: Setting, request: Request, reply: Reply, loaded: Loaded, now: str) -> Told:
        """Return what may be told of a request and its reply.

        `loaded` are the customers that it was decided on, and `now` is when that was.
        """
        sent = request.headers
        headers = self._kept.get(id(sent)) or self._hide_headers(sent)
        bodies = (request.body + reply.response.body).decode("latin-1")
        text = f"{request.path}?{request.query} {reply.why} {bodies}"
        size = weigh(headers.size + len(text), loaded, reply.changed)
        secrets = NO_SECRETS if reply.operation is None else setting.operations[reply.operation].secrets
        if headers.are_meant or secrets is not NO_SECRETS or not is_unsuspected(text):
            kept, told = self._retell(setting, request, reply, loaded, now)
            return Told(kept, _without_secrets(told, secrets.answer), size, told)
        hidden = headers.hidden
        return Told(request if hidden is sent else replace(request, headers=hidden), reply, size, reply)

    def _retell(
        self, setting: Setting, request: Request, reply: Reply, loaded: Loaded, now: str
    ) -> tuple[Request, Reply]:
        """Hide what is secret of a request, and tell of its reply what may be told then."""
        secrets = NO_SECRETS if reply.operation is None else setting.operations[reply.operation].secrets
        redacted, headers = _redacted(request, secrets.body), self._hide_headers(request.headers)
        kept = replace(redacted, headers=headers.hidden)
        if redacted is request and not headers.are_meant:
            return kept, reply
        from mockserver.exchange.retelling import retell  # few requests hold a secret

        return kept, retell(setting, kept, reply, load=loaded.get, now=now)

    def _hide_headers(self, headers: Mapping[str, str]) -> _Headers:
        known = self._kept.get(id(headers))
        if known is None:
            if len(self._kept) >= _HEADERS_KEPT:
                self._kept.clear()
            hidden = hide_headers(headers)
            are_meant = any(hidden[name] != text and not is_secret_header(name) for name, text in headers.items())
            known = self._kept[id(headers)] = _Headers(headers, hidden, weigh_headers(headers), are_meant)
        return known


def _redacted(request: Request, besides: frozenset[str] = NOTHING) -> Request:
    """Return a request without secrets in its path, query and body, the same value where there are none."""
    path, query = hide_path(request.path), hide_query(request.query)
    body = hide_body(request.body, besides=besides | _TOKEN_KEY if "token" in request.path else besides)
    obstacle = _without_sent(request.obstacle)
    is_same = (path, query, obstacle) == (request.path, request.query, request.obstacle) and body is request.body
    return request if is_same else replace(request, path=path, query=query, body=body, obstacle=obstacle)


def _without_sent(met: Obstacle | None) -> Obstacle | None:
    """Return what kept a request from being judged, without secrets of what could not be read."""
    return None if met is None else replace(met, why=hide_in_text(met.why))


def _without_secrets(reply: Reply, besides: frozenset[str]) -> Reply:
    """Return a reply whose body shows no secret, sent or of a customer."""
    response = reply.response
    body = hide_body(response.body, besides=besides)
    return reply if body is response.body else replace(reply, response=replace(response, body=body))
