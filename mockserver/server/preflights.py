"""CORS preflights: a browser asks whether a page may send a request.

A page never learns why a browser blocked it, so a refusal says it in the log, in the journal and in X-Mock-Why.
"""

from mockserver.exchange import Reply, Setting, refuse
from mockserver.exchange.secrecy import hide_in_text
from mockserver.messages import Request, Response
from mockserver.real_time import monotonic
from mockserver.server.addressing import is_control
from mockserver.server.cors import permissions
from mockserver.server.journal import Exchange
from mockserver.server.origins import Origins
from mockserver.server.served import ServedWorld
from mockserver.server.weighing import weigh_request

_LONGEST_ORIGIN = 300  # a host has up to 253 characters (RFC 1035 §2.3.4)


def answer_preflight(world: ServedWorld, request: Request, allowed: Origins, exchange_id: str) -> Exchange:
    """Answer a preflight, whose path is the one within the world, and return it as a journal keeps it."""
    started = monotonic()
    reply = _reply(world.setting, request, allowed)
    return Exchange(
        id=exchange_id,
        time=world.state.settings.clock.text(),
        world=world.name,
        request=world.hiding.hide(request),
        reply=reply,
        milliseconds=round((monotonic() - started) * 1000, 3),
        setting=world.setting,
        preflight=True,
        size=weigh_request(request),
    )


def _reply(setting: Setting, request: Request, allowed: Origins) -> Reply:
    """Grant all that a preflight asks for, or refuse it with 403 where its origin is not allowed."""
    origin = request.headers["origin"]
    if allowed.admit(origin):
        return Reply(response=Response(status=204, headers=permissions(request.headers)))
    return refuse(setting, "403", _why(hide_in_text(origin)[:_LONGEST_ORIGIN], request.path), place="header/Origin")


def _why(origin: str, path: str) -> str:
    if is_control(path):
        return f"pages of {origin} may not use /_mock; --cors opens the vendor's paths only, use a page of this machine"
    return f"pages of {origin} may not ask; allow them with serve --cors {origin}"
