"""Exchanges as a journal keeps them, made by the pure core, for tests that need no server."""

import json
from collections.abc import Mapping
from typing import Any

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Setting, respond
from mockserver.files import World
from mockserver.messages import Request
from mockserver.server.hiding import Hiding
from mockserver.server.journal import Exchange

NOW = "2026-01-01T00:00:00Z"


def exchange_of(
    setting: Setting,
    world: World,
    customer: int | str,
    body: Any = None,  # Any: JSON, or bytes as they are
    *,
    number: int = 1,
    method: str = "PUT",
    query: str = "source=INSTORE",
    headers: Mapping[str, str] | None = None,
) -> Exchange:
    """Ask the core about a customer of a world, and return the exchange."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    sent = {"authorization": "Basic dGVzdA==", **({"content-type": "application/json"} if content else {})}
    path = f"/v2/customers/{customer}"
    request = Request(method=method, path=path, query=query, headers={**sent, **(headers or {})}, body=content)
    loaded: dict[CustomerId, Customer | None] = {}

    def load(key: CustomerId) -> Customer | None:
        loaded[key] = world.customers.get(key)
        return loaded[key]

    reply = respond(setting, request, load=load, now=NOW)
    return Exchange(
        id=f"x{number}",
        time=NOW,
        world=world.name,
        request=Hiding().hide(request),
        reply=reply,
        milliseconds=1.5,
        setting=setting,
        loaded=loaded,
        came=1767225600.0,
    )
