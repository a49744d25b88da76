"""What `serve` says on stderr when it is up: what is served, where the console is, and a request that succeeds."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from shlex import quote as quoted
from urllib.parse import urlencode

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Setting, respond
from mockserver.messages import Request
from mockserver.server.running import RunningServer
from mockserver.server.served import ServedWorld
from mockserver.storage import at_once
from mockserver.version import __version__

_MOST_TRIED = 50  # customers of whom one is to be readable
_ANY_CREDENTIALS = "Basic dGVzdA=="
_READ = "/v2/customers/{}"
_DETAILS = "/v2/customers/{}/loyaltyDetails"


def banner(server: RunningServer, *, has_token: bool) -> Iterator[str]:
    """Yield the lines for a server that answers; `has_token` tells that a control token is set."""
    world = server.worlds.default
    customers, dialect = at_once(world.state.count()), world.setting.dialect.name
    yield f"mockserver {__version__}: world {world.name} ({customers} customers), dialect {dialect}"
    yield _console(server, has_token=has_token)
    yield _first_request(world, server.public_url)
    if not server.is_local:
        control = "with the control token" if has_token else "only with --control-token"
        yield f"Other machines can reach the mock; /_mock answers them {control}."


def _console(server: RunningServer, *, has_token: bool) -> str:
    if has_token:
        return f"Console: {server.public_url}/_mock/ (needs the control token)"
    if server.has_loopback:
        return f"Console: {server.public_url}/_mock/"
    return "Console: none, since /_mock answers loopback only; serve --host 127.0.0.1 or 0.0.0.0, or --control-token."


def _first_request(world: ServedWorld, url: str) -> str:
    found = find_read(world)
    if found is not None:
        headers = "".join(f" -H {quoted(f'{name}: {value}')}" for name, value in found.headers.items())
        target = f"{found.path}?{found.query}" if found.query else found.path
        return f"Try: curl -i '{url}{target}'{headers}"
    if not at_once(world.state.count()):
        return "There are no customers yet: add one in the console, or with PUT /_mock/customers/ID."
    lacks = "credentials to ask with" if find_credentials(world.setting) is None else "customers that can be read"
    return f"World {world.name} has no {lacks}; see the console."


def find_read(world: ServedWorld) -> Request | None:
    """Return a read that the world answers with 200, with headers as they are sent; None where it has none."""
    credentials = find_credentials(world.setting)
    if credentials is None:
        return None
    headers = {name.lower(): value for name, value in credentials.items()}
    customers = at_once(world.state.recent(_MOST_TRIED))
    for path, query in _targets(customers):
        request = Request(method="GET", path=path, query=query, headers=headers)
        reply = respond(world.setting, request, load=customers.get, now=world.state.settings.clock.text())
        if reply.code is None:
            return Request(method="GET", path=path, query=query, headers=credentials)
    return None


def _targets(customers: Mapping[CustomerId, Customer]) -> Iterator[tuple[str, str]]:
    """Yield paths and queries of reads: profiles first, then the programs, which need no source."""
    for customer in customers.values():
        for profile in customer.profiles:
            named = {"source": profile.source, "accountId": profile.account}
            yield _READ.format(customer.id), urlencode({name: value for name, value in named.items() if value})
    yield from ((_DETAILS.format(one), "") for one in customers)


def find_credentials(setting: Setting) -> dict[str, str] | None:
    """Return the header that the setting asks for, if any; None where it asks for one that its world does not have."""
    if setting.auth == "off":
        return {}
    if setting.auth == "any":
        return {"Authorization": _ANY_CREDENTIALS}
    known = setting.organisation.credentials
    if known.basic:
        return {"Authorization": f"Basic {b64encode(min(known.basic).encode()).decode()}"}
    return {"X-CAP-API-OAUTH-TOKEN": min(known.tokens)} if known.tokens else None
