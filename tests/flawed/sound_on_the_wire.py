"""Sound deployments that look like flaws to whoever looks at bytes, headers, connections or two updates at once."""

import gzip
import json
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Reply, refuse
from mockserver.lossless_json import as_decimal_point, write_json
from mockserver.messages import Request, Response
from mockserver.values import replace
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.flaw import Sound, deployed
from tests.flawed.racing import Held, Racing, is_raced
from tests.flawed.twists import answered
from tests.flawed.wire import chunked, connection_of, framed

_LAG_SECONDS = 0.3
_MOST_OF_A_CONNECTION = 3
_NUMBERS = ("awardedPoints", "rawAwardedPoints", "kids", "loyaltyPoints", "lifetimePoints", "totalAvailablePoints")


class _Cookies:
    """Each connection is a session of its own, and each answer has a number."""

    def __init__(self) -> None:
        self._answers = count(1)

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        session = f"JSESSIONID=node{connection_of(request)}; Path=/; HttpOnly"
        return _with_headers(deployment.ask(request), {"Set-Cookie": session, "X-Answer": str(next(self._answers))})


class _Closes:
    """A connection ends after so many answers, the last of which says so."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: Counter[int] = Counter()

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        connection = connection_of(request)
        self._answers[connection] += 1
        left = self._most - self._answers[connection]
        said = {"Keep-Alive": f"timeout=5, max={left}"} if left > 0 else {"Connection": "close"}
        return _with_headers(deployment.ask(request), said)


class _Lags:
    """An update shows at once on its own connection, and on the others 300 ms later."""

    def __init__(self) -> None:
        self._before: list[tuple[float, int, CustomerId, Customer]] = []

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        now, connection = deployment.clock.now(), connection_of(request)
        self._before = [each for each in self._before if each[0] > now - _LAG_SECONDS]
        if request.method == "GET":
            mine = {number for _, writer, number, _ in self._before if writer == connection}
            lagging = {number: held for _, _, number, held in reversed(self._before) if number not in mine}
            return deployment.ask(request, {**deployment.customers, **lagging})
        reply = deployment.ask(request)
        for after in reply.changed:
            self._before.append((now, connection, after.id, deployment.customers[after.id]))
        return reply


def _with_headers(reply: Reply, headers: dict[str, str]) -> Reply:
    return replace(reply, response=replace(reply.response, headers={**reply.response.headers, **headers}))


def _packed_when_asked(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    if "gzip" not in request.headers.get("accept-encoding", "") or not reply.response.body:
        return reply
    packed = replace(reply.response, body=gzip.compress(reply.response.body, mtime=0))
    return _with_headers(replace(reply, response=packed), {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})


def _in_chunks(response: Response) -> Response:
    return framed(response, {"Transfer-Encoding": "chunked"}, chunked(response.body), ends=False)


def _with_shouted_names(response: Response) -> Response:
    headers = {name.upper(): value for name, value in reversed([*response.headers.items()])}
    return replace(response, headers={**headers, "CONTENT-TYPE": 'Application/JSON; charset="UTF-8"'})


def _with_validators(response: Response) -> Response:
    said = {"ETag": 'W/"7"', "Last-Modified": "Mon, 15 Jan 2024 09:30:00 GMT", "Cache-Control": "no-cache, no-store"}
    return replace(response, headers={**response.headers, **said})


def _spelt_out(response: Response) -> Response:
    text = json.dumps(json.loads(response.body), indent=4, separators=(" , ", " : "))
    return replace(response, body=f"\r\n\t{text}\r\n\r\n".encode())


def _with_other_401(response: Response) -> Response:
    body = b'{"timestamp":"2026-01-01T00:00:00Z","status":401,"error":"Unauthorized","path":"/"}'
    return replace(response, headers={**response.headers, "WWW-Authenticate": 'basic realm="vendor"'}, body=body)


def _with_other_numbers(response: Response) -> Response:
    return replace(response, body=write_json(_other_numbers(json.loads(response.body))))


def _other_numbers(value: Any) -> Any:
    """Write integers as 25.0, and such numbers as integers."""
    if isinstance(value, list):
        return [_other_numbers(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _other_form(each) if name in _NUMBERS else _other_numbers(each) for name, each in value.items()}


def _other_form(value: Any) -> Any:
    if isinstance(value, int):
        return as_decimal_point(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _busy(deployment: Racing, request: Request, held: Held) -> Reply:
    reply = deployment.ask(request)
    is_met = is_raced(deployment, reply, held)
    return refuse(deployment.setting, "521", "another action is running for this customer") if is_met else reply


def _answering(change: Callable[[Response], Response]) -> Twist:
    return answered(lambda reply: bool(reply.response.body), change)


ON_THE_WIRE = (
    Sound(
        name="cookies",
        says="Each connection gets a cookie of its own, and each answer a number.",
        make=lambda: Deployment(_Cookies()),
    ),
    Sound(name="chunked", says="Answers come in chunks of 64 bytes.", make=deployed(_answering(_in_chunks))),
    Sound(
        name="packed-when-asked",
        says="Answers are packed with gzip where the client takes that.",
        make=deployed(_packed_when_asked),
    ),
    Sound(
        name="shouted-headers",
        says="Header names are in capitals and in another order, the content type has a charset in quotes.",
        make=deployed(_answering(_with_shouted_names)),
    ),
    Sound(
        name="closes-each",
        says="The connection is closed after each answer, as in HTTP/1.0.",
        make=lambda: Deployment(_Closes(1)),
    ),
    Sound(
        name="closes-after-three",
        says="A connection is closed after three answers, the last of which says so.",
        make=lambda: Deployment(_Closes(_MOST_OF_A_CONNECTION)),
    ),
    Sound(
        name="validators",
        says="Answers have a weak ETag that never changes, Last-Modified and Cache-Control.",
        make=deployed(_answering(_with_validators)),
    ),
    Sound(
        name="spelt-out",
        says="JSON has blanks and lines around it and within, and escapes for all beyond ASCII.",
        make=deployed(_answering(_spelt_out)),
    ),
    Sound(
        name="vendor-401",
        says="A request without credentials is refused with 401 and another JSON than the envelope.",
        make=deployed(answered(lambda reply: reply.code == 401, _with_other_401)),
    ),
    Sound(
        name="other-numbers",
        says="Whole numbers are written as 25.0 where the samples have 25, and the other way round.",
        make=deployed(_answering(_with_other_numbers)),
    ),
    Sound(
        name="lags-elsewhere",
        says="An update shows at once on its own connection, and on the others 300 ms later.",
        make=lambda: Deployment(_Lags()),
        settles_in=_LAG_SECONDS,
    ),
    Sound(
        name="busy",
        says="Of two updates of a customer at once the second is refused with 521, and not done.",
        make=lambda: Racing(_busy),
    ),
)
