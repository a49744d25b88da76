"""One call of the control plane, and how it is answered: JSON, or the vendor's envelope with what is wrong."""

import re
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qs, quote, unquote

from mockserver.contract import Violation, read_json
from mockserver.lossless_json import write_json
from mockserver.messages import Request, Response
from mockserver.server.events import Stream
from mockserver.server.journal import Exchange
from mockserver.server.served import ServedWorld, ServedWorlds
from mockserver.values import Value

if TYPE_CHECKING:
    from mockserver.atlas import AtlasEntry

JSON = {"Content-Type": "application/json"}
_DIGITS = re.compile(r"[0-9]+\Z")
LARGEST_COUNT = 999_999_999


class Call(Value, frozen=True, kw_only=True):
    """One control request: the world it acts on, all worlds, the errors, and what stood for `*` in its path."""

    world: ServedWorld
    worlds: ServedWorlds
    atlas: "Callable[[], tuple[AtlasEntry, ...]]"
    request: Request
    argument: str = ""
    public_url: str | None = None

    def query(self, name: str) -> str | None:
        """Return a query parameter, or None."""
        return parse_qs(self.request.query, keep_blank_values=True).get(name, [None])[0]

    @property
    def base_url(self) -> str:
        """Where the call's world answers, as others or its caller reach this server; no slash at the end."""
        path = "" if self.world is self.worlds.default else f"/_mock/w/{quote(self.world.name, safe='')}"
        return f"{self.public_url or 'http://' + self.request.headers.get('host', '127.0.0.1')}{path}"

    def count(self, name: str, *, digits: int = 9) -> int | None | Response:
        """Return a query parameter that is a whole number, None where it is left out, a refusal where it is none."""
        sent = self.query(name)
        if sent is not None and not (_DIGITS.match(sent) and len(sent) <= digits):
            return refuse(400, f"query/{name}: {sent[:20]} is no whole number of at most {digits} digits")
        return None if sent is None else int(sent)

    def exchanges(self) -> tuple[Exchange, ...] | Response:
        """Return the exchanges of the world's journal, newest first; preflights too where the query asks for them."""
        asked = self.query("preflight")
        if asked not in (None, "yes", "no"):
            return refuse(400, f"query/preflight: {asked[:20]} is neither yes nor no")
        return self.world.journal.exchanges(with_preflights=asked == "yes")

    def body(self) -> Any | Response:  # Any: any JSON value
        """Return the body, or the refusal of one that is no JSON."""
        parsed = read_json(self.request.body)
        return refuse(400, str(parsed)) if isinstance(parsed, Violation) else parsed.value

    def record(
        self, known: Mapping[str, str], example: str, *, may_be_left_out: bool = False
    ) -> Mapping[str, Any] | Response:
        """Return a body that is an object of known members, named with what each is, or a refusal."""
        body = self.body() if self.request.body or not may_be_left_out else {}
        if isinstance(body, Response):
            return body
        if not isinstance(body, dict):
            return refuse(400, f"body: is no object; send {example}")
        for name in body:
            if name not in known:
                members = ", ".join(f"{member} ({what})" for member, what in known.items())
                return refuse(400, f"body/{name[:40]}: is no member; there are {members}")
        return body


# An answer that takes long. It yields None wherever others may go first, and what it waits for.
Work: TypeAlias = Generator[Awaitable[Any] | None, Any, Response]
Answer: TypeAlias = Response | Stream | Work
Action: TypeAlias = Callable[[Call], Answer | Coroutine[Any, Any, Answer]]
Routes: TypeAlias = Mapping[str, Mapping[str, Action]]  # path after /_mock/, `*` for one segment → method → action


def show(value: object, *, status: int = 200) -> Response:
    """Return a value as JSON."""
    return Response(status=status, headers=JSON, body=write_json(value))


def done() -> Response:
    """Say that it is done, where there is nothing to show."""
    return Response(status=204)


def refuse(status: int, why: str, **headers: str) -> Response:
    """Refuse a call; `why` names the value, the place and the cure."""
    envelope = {"errors": [{"status": False, "code": status, "message": why}]}
    return Response(status=status, headers={**JSON, **headers}, body=write_json(envelope))


def decoded(segment: str) -> str:
    """Return a segment of a path without its percent-encoding."""
    return unquote(segment)
