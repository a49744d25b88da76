"""Vendor traffic: one request of a world is decided by the core, what it changes is saved, and the journal keeps it."""

import asyncio
import time

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.outcome import Basis, Refusal
from mockserver.exchange import Reply, respond
from mockserver.exchange.passage import Loaded
from mockserver.exchange.rendering import render_refusal
from mockserver.messages import Request, Response
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
from mockserver.server.hiding import Told
from mockserver.server.journal import Exchange
from mockserver.server.remembering import Remembered, key_of
from mockserver.server.served import ServedWorld
from mockserver.server.weighing import weigh_request
from mockserver.storage import MOST_RECORD, MOST_WAITING, Oversized

MOST_TRIES = 10  # of one update that others overtake; then 521
_TRIES = range(MOST_TRIES)


def exchange_with(world: ServedWorld, request: Request, exchange_id: str) -> tuple[Exchange, Response]:
    """Answer a request, whose path is the one within the world, and keep what came of it; return that, and the answer.

    What is kept holds no secrets. It runs in the event loop, since that does the work that comes later.
    """
    started = monotonic()
    now = world.clock.text()
    told, loaded = _answer(world, request, now)
    exchange = Exchange(
        id=exchange_id,
        time=now,
        world=world.name,
        request=told.request,
        reply=told.reply,
        milliseconds=round((monotonic() - started) * 1000, 3),
        setting=world.setting,
        loaded=loaded,
        size=told.size,
    )
    world.journal.add(exchange)
    return exchange, told.sent.response


def exchange_under(met: Disturbed, exchange_id: str, *, is_gone: bool) -> tuple[Exchange, Response]:
    """Answer a request as the faults that met it want, and keep that and what its client will see.

    The milliseconds of the disturbance have been waited; `is_gone` tells that the client has left meanwhile.
    """
    started = monotonic()
    world, disturbance, now = met.world, met.disturbance, met.world.clock.text()
    told, loaded = _decide_disturbed(world, met.request, now, disturbance)
    effect, sent = disturbance.effect, distort(told.sent.response, disturbance.effect)
    exchange = Exchange(
        id=exchange_id,
        time=now,
        world=world.name,
        request=told.request,
        reply=told.reply,
        milliseconds=round((monotonic() - started) * 1000, 3),
        setting=world.setting,
        loaded=loaded,
        came=time.time() - disturbance.milliseconds / 1000,
        faults=disturbance.applied,
        delayed=disturbance.milliseconds + (0 if is_gone else time_of(effect, met.request, sent)),
        outcome="unknown" if is_gone else outcome_of(effect, met.request, sent),
        size=told.size,
    )
    world.journal.add(exchange)
    return exchange, told.sent.response


def _answer(world: ServedWorld, request: Request, now: str) -> tuple[Told, Loaded]:
    """Answer from memory, or decide."""
    key = key_of(request)
    known = None if key is None else world.memory.find(key, world.setting, now, world.store)
    if known is not None:
        return known.told, known.loaded
    reply, loaded, is_again = _decide(world, request, now)
    told = world.hiding.tell(world.setting, request, reply, loaded, world.store.find, now)
    if key is not None and is_again:
        world.memory.keep(key, Remembered(world.setting, now, loaded, request.headers, told))
    return told, loaded


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
    place = "" if reply.operation is None else world.setting.operations[reply.operation].subject.place
    refusal = Refusal(code=code, place=place, why=why)
    return render_refusal(world.setting, refusal, basis, operation=reply.operation, customer=reply.customer)


def _decide_disturbed(world: ServedWorld, request: Request, now: str, disturbance: Disturbance) -> tuple[Told, Loaded]:
    """Decide as the faults want it, or not at all."""
    if is_never_decided(disturbance):
        kept, reply = world.hiding.hide(request), undecided(disturbance)
        return Told(kept, reply, weigh_request(kept), reply), {}
    asked = as_asked(request, disturbance)
    reply, loaded, _ = _decide(world, asked, now)
    told = world.hiding.tell(world.setting, asked, reply, loaded, world.store.find, now)
    kept = told.request if asked is request else world.hiding.hide(request)
    return Told(kept, labelled(told.reply, disturbance), told.size, labelled(told.sent, disturbance)), loaded
