"""What the tests of the atlas share: its entries, a request put to a mock in memory, and whether that earned a code."""

from collections.abc import Mapping
from functools import cache

from mockserver.atlas import AtlasEntry, Earned, read_atlas
from mockserver.exchange import Setting
from mockserver.exchange.dialects import Dialects
from mockserver.files import World, read_dialect, read_dialects, read_world
from mockserver.messages import Request, Response
from mockserver.values import replace
from mockserver.verification.exchanges import codes_of, read_body
from mockserver.verification.wsgi import HeldWorld, WsgiTransport, hold, wsgi_view

NOW = "2026-11-24T10:00:00Z"
ATLAS = read_atlas()
EARNED = tuple((entry, entry.earned) for entry in ATLAS if entry.earned is not None)


def name_of(value: object) -> str:
    """Name a parameter of a test: an entry, and nothing for what belongs to it."""
    return value.name if isinstance(value, AtlasEntry) else ""


@cache
def the_dialects() -> Dialects:
    """Return all dialects, read once; what is compiled of them is kept."""
    return read_dialects()


@cache
def the_demo() -> World:
    """Return the demo world."""
    return read_world("demo")


def setting_with(answers: Mapping[str, str]) -> Setting:
    """Return the demo world's setting under these answers; what they do not name is our answer."""
    dialects = the_dialects()
    dialect = dialects.with_answers(read_dialect(dialects), *answers.items())
    contract = dialects.contract_of(dialect)
    return Setting(contract=contract, organisation=the_demo().organisation, dialect=dialect, dialects=dialects)


def a_world(answers: Mapping[str, str]) -> HeldWorld:
    """Hold the demo world afresh under these answers."""
    return hold(the_demo(), setting_with(answers))


def send(request: Request, world: HeldWorld) -> Response:
    """Put a request to a mock in memory, as a server would."""
    return WsgiTransport(wsgi_view(world, now=lambda: NOW)).carry(request)


def has_code(entry: AtlasEntry, response: Response) -> bool:
    """Tell whether an answer is the error or has the warning of an entry, and no other."""
    body = read_body(response.body)
    errors, warnings = codes_of(body, "errors"), codes_of(body, "warnings")
    expected = ((), (entry.code,)) if entry.is_warning else ((entry.code,), ())
    return response.status == entry.status and (errors, warnings) == expected


def earns(entry: AtlasEntry, request: Request, earned: Earned) -> bool:
    """Tell whether a request earns the code from a fresh mock under the answers that the entry names."""
    return has_code(entry, send(request, a_world(earned.answers)))


def with_query(request: Request, pairs: list[str]) -> Request:
    """Return a request with these query parameters."""
    return replace(request, query="&".join(pairs))
