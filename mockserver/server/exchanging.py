"""Vendor traffic: one request of a world is decided by the core, what it changes is saved, and the journal keeps it."""

import asyncio
import time

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.outcome import Basis, Refusal
from mockserver.exchange import Reply, respond
from mockserver.exchange.rendering import render_refusal
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
from mockserver.storage import MOST_RECORD, MOST_WAITING, Oversized

MOST_TRIES = 10  # of one update that others overtake; then 521
_TRIES = range(MOST_TRIES)


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
    reply, loaded, is_again = _decide(world, request, now)
    kept = world.hiding.hide(request)
    if key is not None and is_again:
        world.memory.keep(key, Remembered(world.setting, now, loaded, request.headers, kept, reply))
    return kept, reply, loaded


def _decide(world: ServedWorld, request: Request, now: str) -> tuple[Reply, Loaded, bool]:
    """Load, decide, save; return the customers that were loaded, and whether asking again would change nothing, either.

    Nothing awaits in between, so the first try saves; a store that others share may need more.
    """
    loaded: dict[CustomerId, Customer | None] = {}
    versions: dict[CustomerId, int] = {}

    def load(key: CustomerId) -> Customer | None:
        customer, versions[key] = world.store.load(key)
        loaded[key] = customer
        return customer

    for _ in _TRIES:
        reply = respond(world.setting, request, load=load, now=now)
        if not reply.changed and reply.later is None:
            return reply, loaded, True
        saved = _save(world, request, reply, versions)
        if saved is not None:
            return saved, loaded, False
        loaded.clear()
        versions.clear()
    why = f"others saved the customer first, {MOST_TRIES} times; send the update again"
    return _refuse(world, reply, "521", why, question="concurrent-update"), loaded, False


def _save(world: ServedWorld, request: Request, reply: Reply, versions: dict[CustomerId, int]) -> Reply | None:
    """Save what an answer changed, all or nothing, and return it; or a refusal, or None where others saved first."""
    size = len(request.body)
    if reply.later is not None and not world.may_wait(size):
        why = (
            f"{len(world.due)} updates wait for the clock of world {world.name}, and {MOST_WAITING} or 2 MiB of them "
            "may; POST /_mock/settle, or let the clock go on"
        )
        return _refuse(world, reply, "503", why)
    saved = world.save(reply.changed, versions, size=size)
    if isinstance(saved, Oversized):
        why = f"the customer would have more than {MOST_RECORD >> 20} MiB as JSON; put it anew, or reset the world"
        return _refuse(world, reply, "413", why)
    if not saved:
        return None
    if reply.later is not None:
        world.defer(reply.later, size=size)
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, world.work)  # behind the answer, which goes out when this turn ends
    return reply


def _refuse(world: ServedWorld, reply: Reply, code: str, why: str, *, question: str = "") -> Reply:
    """Refuse what the core has granted, for what it cannot know."""
    basis = Basis(questions=(question,) if question else ())
    refusal = Refusal(code=code, place="path/userId", why=why)
    return render_refusal(world.setting, refusal, basis, operation=reply.operation, customer=reply.customer)


def _decide_disturbed(world: ServedWorld, request: Request, now: str, disturbance: Disturbance) -> tuple[Reply, Loaded]:
    """Decide as the faults want it, or not at all."""
    if is_never_decided(disturbance):
        return undecided(disturbance), {}
    reply, loaded, _ = _decide(world, as_asked(request, disturbance), now)
    return labelled(reply, disturbance), loaded
