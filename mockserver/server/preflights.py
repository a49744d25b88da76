"""CORS preflights: a browser asks whether a page may send a request. They are kept in the journal of the world.

A page never learns why a browser blocked it, so a refusal says it in the log, in the journal and in X-Mock-Why.
"""

import time

from mockserver.exchange import Reply, Setting, refuse
from mockserver.messages import Request, Response
from mockserver.server.cors import permissions
from mockserver.server.journal import Exchange
from mockserver.server.origins import Origins
from mockserver.server.served import ServedWorld


def answer_preflight(setting: Setting, request: Request, allowed: Origins, *, is_vendors: bool) -> Reply:
    """Answer a preflight: with all that it asks for, or 403 where the origin is not allowed.

    `is_vendors` tells that it asks for one of the vendor's paths, not for the control plane.
    """
    origin = request.headers["origin"]
    if allowed.admit(origin):
        return Reply(response=Response(status=204, headers=permissions(request.headers)))
    return refuse(setting, "403", _why(origin[:100], is_vendors=is_vendors), place="header/Origin")


def _why(origin: str, *, is_vendors: bool) -> str:
    if is_vendors:
        return f"pages of {origin} may not ask; allow them with serve --cors {origin}"
    return f"pages of {origin} may not use /_mock; use a page of this machine (--cors opens the vendor's paths only)"


def keep_preflight(world: ServedWorld, request: Request, reply: Reply, exchange_id: str, started: float) -> Exchange:
    """Keep a preflight in a world's journal; `started` is of `time.perf_counter`."""
    exchange = Exchange(
        id=exchange_id,
        time=world.clock.text(),
        world=world.name,
        request=world.hiding.hide(request),
        reply=reply,
        milliseconds=round((time.perf_counter() - started) * 1000, 3),
        setting=world.setting,
        preflight=True,
    )
    world.journal.add(exchange)
    return exchange
