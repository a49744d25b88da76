"""Vendor traffic: one request of a world is decided by the core, what it changes is saved, and the journal keeps it."""

import asyncio
import time

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Reply, respond
from mockserver.messages import Request
from mockserver.real_time import monotonic
from mockserver.server.disturbing import (
    Disturbed,
    as_asked,
    distort,
    is_never_decided,
    labelled,
    outcome_of,
    time_of,
    undecided,
)
from mockserver.server.faults import Disturbance
from mockserver.server.journal import Exchange
from mockserver.server.remembering import Loaded, Remembered, key_of
from mockserver.server.served import ServedWorld


def exchange_with(world: ServedWorld, request: Request, exchange_id: str) -> Exchange:
    """Answer a request, whose path is the one within the world, and keep what came of it.

    It runs in the event loop, since that does the work that comes later.
    """
    started = monotonic()
    now = world.clock.text()
    request, reply, loaded = _answer(world, request, now)
    exchange = Exchange(
        id=exchange_id,
        time=now,
        world=world.name,
        request=request,
        reply=reply,
        milliseconds=round((monotonic() - started) * 1000, 3),
        setting=world.setting,
        loaded=loaded,
    )
    world.journal.add(exchange)
    return exchange


def exchange_under(met: Disturbed, exchange_id: str, *, is_gone: bool) -> Exchange:
    """Answer a request as the faults that met it want, and keep that and what its client will see.

    The milliseconds of the disturbance have been waited; `is_gone` tells that the client has left meanwhile.
    """
    started = monotonic()
    world, disturbance, now = met.world, met.disturbance, met.world.clock.text()
    reply, loaded = _decide_disturbed(world, met.request, now, disturbance)
    effect, sent = disturbance.effect, distort(reply.response, disturbance.effect)
    exchange = Exchange(
        id=exchange_id,
        time=now,
        world=world.name,
        request=world.hiding.hide(met.request),
        reply=reply,
        milliseconds=round((monotonic() - started) * 1000, 3),
        setting=world.setting,
        loaded=loaded,
        came=time.time() - disturbance.milliseconds / 1000,
        faults=disturbance.applied,
        delayed=disturbance.milliseconds + (0 if is_gone else time_of(effect, met.request, sent)),
        outcome="unknown" if is_gone else outcome_of(effect, met.request, sent),
    )
    world.journal.add(exchange)
    return exchange


def _answer(world: ServedWorld, request: Request, now: str) -> tuple[Request, Reply, Loaded]:
    """Answer from memory, or decide; return the request as the journal may keep it, too."""
    key = key_of(request)
    known = None if key is None else world.memory.find(key, world.setting, now, world.store)
    if known is not None:
        return known.request, known.reply, known.loaded
    reply, loaded = _decide(world, request, now)
    kept = world.hiding.hide(request)
    if key is not None and not reply.changed and reply.later is None:
        world.memory.keep(key, Remembered(world.setting, now, loaded, request.headers, kept, reply))
    return kept, reply, loaded


def _decide(world: ServedWorld, request: Request, now: str) -> tuple[Reply, Loaded]:
    """Load, decide, save; return the customers that were loaded, too.

    Nothing awaits in between, so the first try saves; another store may need the second.
    """
    loaded: dict[CustomerId, Customer | None] = {}
    versions: dict[CustomerId, int] = {}

    def load(key: CustomerId) -> Customer | None:
        customer, versions[key] = world.store.load(key)
        loaded[key] = customer
        return customer

    reply = respond(world.setting, request, load=load, now=now)
    while reply.changed and not world.apply(reply.changed, versions):
        loaded.clear()
        reply = respond(world.setting, request, load=load, now=now)
    if reply.later is not None:
        world.due.append(reply.later)
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, world.work)  # behind the answer, which goes out when this turn ends
    return reply, loaded


def _decide_disturbed(world: ServedWorld, request: Request, now: str, disturbance: Disturbance) -> tuple[Reply, Loaded]:
    """Decide as the faults want it, or not at all."""
    if is_never_decided(disturbance):
        return undecided(disturbance), {}
    reply, loaded = _decide(world, as_asked(request, disturbance), now)
    return labelled(reply, disturbance), loaded
