"""The control plane, `/_mock`: see and set the state, reset it, read the journal, fork worlds.

It needs no vendor credentials. It is reachable from this machine, or with the control token; it is refused to
pages of a foreign origin, and to a foreign Host, which is how DNS rebinding comes in. `openapi/control.yaml`
describes it.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from hmac import compare_digest
from typing import Any, TypeAlias
from urllib.parse import parse_qs

import orjson
import yaml
from aiohttp import web

from mockserver import __version__
from mockserver.contract import Violation, read_json
from mockserver.domain.customer import Attribution, CustomerId
from mockserver.domain.record import RecordProblem, read_customer, write_customer
from mockserver.messages import Request, Response
from mockserver.server.cors import is_loopback_origin
from mockserver.server.journal import Journal
from mockserver.storage import HeldWorld, Worlds

_JSON = {"Content-Type": "application/json"}
_WORLD_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_COUNT = re.compile(r"[0-9]{1,9}\Z")
_SEEDED = "2024-01-01T00:00:00Z"  # attribution of a customer that is put without one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One control request: the world it acts on, what follows its path, its query and body."""

    world: HeldWorld
    argument: str
    request: Request

    def query(self, name: str) -> str | None:
        """Return a query parameter, or None."""
        return parse_qs(self.request.query, keep_blank_values=True).get(name, [None])[0]


_Action: TypeAlias = Callable[[_Call], Response]


class Control:
    """The control plane of one server.

    `hosts` are the names it is bound to; empty: to every address, so that any name may be its own and the
    token alone tells a caller from a rebound name.
    """

    def __init__(
        self,
        worlds: Worlds,
        journal: Journal,
        *,
        token: str | None = None,
        hosts: frozenset[str] = frozenset(),
    ) -> None:
        self._worlds = worlds
        self.journal = journal
        self._token = token
        self._hosts = hosts
        self._routes: Mapping[str, Mapping[str, _Action]] = {
            "health": {"GET": self._health},
            "contract": {"GET": self._contract},
            "dialect": {"GET": self._show_dialect, "PUT": self._put_dialect},
            "customers": {"GET": self._list_customers},
            "customers/*": {
                "GET": self._show_customer,
                "PUT": self._put_customer,
                "DELETE": self._delete_customer,
            },
            "reset": {"POST": self._reset},
            "settle": {"POST": self._settle},
            "requests": {"GET": self._list_requests, "DELETE": self._clear_requests},
            "requests/*": {"GET": self._show_request},
            "worlds": {"GET": self._list_worlds, "POST": self._fork_world},
            "worlds/*": {"DELETE": self._delete_world},
        }

    def answer(self, world: HeldWorld, request: Request, path: str, incoming: web.BaseRequest) -> Response:
        """Answer one control request, unless the caller may not ask."""
        fault = self._find_fault(request, incoming)
        if fault is not None:
            return _refuse(403, fault)
        resource, _, argument = path.removeprefix("/_mock").strip("/").partition("/")
        actions = self._routes.get(f"{resource}/*" if argument else resource)
        if actions is None:
            near = get_close_matches(resource, list(self._routes), n=3)
            known = ", ".join(f"/_mock/{name}" for name in near or self._routes)
            return _refuse(404, f"{path[:100]} is no path of the control plane; there are {known}")
        action = actions.get("GET" if request.method == "HEAD" else request.method)
        if action is None:
            allow = ", ".join(sorted(actions))
            return _refuse(405, f"{request.method[:20]} is not among {allow}", Allow=allow)
        if request.oversized or request.undecodable:
            return _refuse(413 if request.oversized else 400, request.undecodable or "the body is larger than 1 MiB")
        return action(_Call(world=world, argument=argument, request=request))

    def _find_fault(self, request: Request, incoming: web.BaseRequest) -> str | None:
        headers = request.headers
        trusted = self._is_trusted(headers.get("x-mock-token", ""))
        origin = headers.get("origin")
        if origin is not None and not is_loopback_origin(origin):
            return f"the control plane is refused to pages of {origin[:80]}; use a page of a loopback origin"
        host = _host_name(headers.get("host", ""))
        if not (_is_loopback(host) or host in self._hosts or (trusted and not self._hosts)):
            return f"the control plane is refused under the host {host[:80]}; use 127.0.0.1"
        if not (trusted or _is_loopback(incoming.remote or "")):
            return "the control plane answers this machine only; send X-Mock-Token (serve --control-token)"
        return None

    def _is_trusted(self, token: str) -> bool:
        return self._token is not None and compare_digest(token.encode(), self._token.encode())

    def _health(self, call: _Call) -> Response:
        del call  # the server's health, whatever the world
        return _show({"product": "customer-mockserver", "version": __version__, "ready": True})

    def _contract(self, call: _Call) -> Response:
        setting = call.world.setting
        dialects = setting.dialects
        document = setting.contract.document if dialects is None else dialects.document_of(setting.dialect)
        if "yaml" in call.request.headers.get("accept", ""):
            text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
            return Response(status=200, headers={"Content-Type": "application/yaml"}, body=text.encode())
        return _show(document)

    def _show_dialect(self, call: _Call) -> Response:
        return _show(call.world.setting.dialect.answers)

    def _put_dialect(self, call: _Call) -> Response:
        """Change the answers that are named; the others stay."""
        parsed = read_json(call.request.body)
        if isinstance(parsed, Violation):
            return _refuse(400, str(parsed))
        setting = call.world.setting
        if setting.dialects is None:
            return _refuse(409, f"world {call.world.name} knows one dialect only")
        dialect = setting.dialects.choose(parsed.value, name=setting.dialect.name, over=setting.dialect)
        if isinstance(dialect, RecordProblem):
            place = "/".join(("body", *(str(segment) for segment in dialect.path)))
            return _refuse(400, f"{place}: {dialect.problem}; {dialect.cure}")
        call.world.setting = setting.under(dialect)
        return self._show_dialect(call)

    def _list_customers(self, call: _Call) -> Response:
        return _show({"customers": [write_customer(item) for item in call.world.store.customers()]})

    def _show_customer(self, call: _Call) -> Response:
        customer = call.world.store.find(_customer_id(call.argument))
        if customer is None:
            return _refuse(404, f"world {call.world.name} has no customer {call.argument[:40]}")
        return _show(write_customer(customer))

    def _put_customer(self, call: _Call) -> Response:
        parsed = read_json(call.request.body)
        if isinstance(parsed, Violation):
            return _refuse(400, str(parsed))
        record: Any = parsed.value
        if isinstance(record, dict):
            record = {"id": _customer_id(call.argument), **record}
        organisation = call.world.setting.organisation
        stamp = Attribution(
            created=_SEEDED, created_by=organisation.till, modified=_SEEDED, modified_by=organisation.till
        )
        customer = read_customer(record, organisation, attribution=stamp)
        if isinstance(customer, RecordProblem):
            return _refuse(400, f"body/{customer}")
        if str(customer.id) != call.argument:
            return _refuse(400, f"body/id: {customer.id} is not the {call.argument[:40]} of the path; leave it out")
        call.world.store.put(customer)
        return _show(write_customer(customer))

    def _delete_customer(self, call: _Call) -> Response:
        if call.world.store.delete(_customer_id(call.argument)):
            return Response(status=204)
        return _refuse(404, f"world {call.world.name} has no customer {call.argument[:40]}")

    def _reset(self, call: _Call) -> Response:
        call.world.reset()
        return Response(status=204)

    def _settle(self, call: _Call) -> Response:
        call.world.settle()
        return Response(status=204)

    def _list_requests(self, call: _Call) -> Response:
        limit = call.query("limit")
        if limit is not None and not _COUNT.match(limit):
            return _refuse(400, f"query/limit: {limit[:20]} is no whole number of at most 9 digits")
        lines = [item.summary() for item in self.journal.of_world(call.world.name)]
        before = call.query("before")
        if before is not None:
            ids = [line["id"] for line in lines]
            if before not in ids:
                return _refuse(400, f"query/before: the journal has no exchange {before[:20]}")
            lines = lines[ids.index(before) + 1 :]
        kept = [line for line in lines if _matches(line, call)]
        return _show({"requests": kept if limit is None else kept[: int(limit)]})

    def _clear_requests(self, call: _Call) -> Response:
        self.journal.clear(call.world.name)
        return Response(status=204)

    def _show_request(self, call: _Call) -> Response:
        exchange = self.journal.find(call.world.name, call.argument)
        if exchange is None:
            return _refuse(404, f"the journal of world {call.world.name} has no exchange {call.argument[:40]}")
        return _show(exchange.whole())

    def _list_worlds(self, call: _Call) -> Response:
        del call  # all worlds, whichever asks
        worlds = [
            {"name": world.name, "customers": len(world.store.customers()), "default": world is self._worlds.default}
            for world in self._worlds
        ]
        return _show({"worlds": worlds})

    def _fork_world(self, call: _Call) -> Response:
        parsed = read_json(call.request.body)
        if isinstance(parsed, Violation) or not isinstance(parsed.value, dict):
            return _refuse(400, 'body: send {"name": "w1", "from": "demo"}')
        name, origin_name = parsed.value.get("name"), parsed.value.get("from", self._worlds.default.name)
        if not isinstance(name, str) or not _WORLD_NAME.match(name):
            return _refuse(400, "body/name: send 1 to 64 letters, digits, dots, hyphens or underscores")
        if self._worlds.find(name) is not None:
            return _refuse(409, f"body/name: there is a world {name} already; delete it or choose another name")
        origin = self._worlds.find(origin_name) if isinstance(origin_name, str) else None
        if origin is None:
            return _refuse(404, f"body/from: {origin_name!r} is not held; there are {', '.join(self._worlds.names())}")
        self._worlds.fork(name, origin)
        return _show({"name": name, "from": origin.name}, status=201)

    def _delete_world(self, call: _Call) -> Response:
        world = self._worlds.find(call.argument)
        if world is None:
            return _refuse(404, f"{call.argument[:60]} is not held; there are {', '.join(self._worlds.names())}")
        if world is self._worlds.default:
            return _refuse(409, f"{world.name} is the default world, it stays; reset it instead")
        self._worlds.delete(world.name)
        self.journal.clear(world.name)
        return Response(status=204)


def _matches(line: Mapping[str, Any], call: _Call) -> bool:
    asked = {name: call.query(name) for name in ("operation", "customer", "code")}
    return all(value is None or str(line[name]) == value for name, value in asked.items())


def _customer_id(text: str) -> CustomerId:
    """Read a customer's id; what is none is an id that no customer has."""
    return CustomerId(int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else -1)


def _show(value: object, *, status: int = 200) -> Response:
    return Response(status=status, headers=_JSON, body=orjson.dumps(value))


def _refuse(status: int, why: str, **headers: str) -> Response:
    envelope = {"errors": [{"status": False, "code": status, "message": why}]}
    return Response(status=status, headers={**_JSON, **headers}, body=orjson.dumps(envelope))


def _host_name(host: str) -> str:
    """Return the name in a Host header, without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, and no other name is known to be this machine
        return False
