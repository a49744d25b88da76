"""Vendor traffic: one request of a world is decided by the core, what it changes is saved, and the journal keeps it."""

import asyncio
import time
from functools import partial

from mockserver.domain.keys import Needs
from mockserver.domain.outcome import Basis, Refusal
from mockserver.exchange import Pending, Reply, Setting, read
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
from mockserver.server.remembering import Answered, RequestKey, key_of
from mockserver.server.served import ServedWorld
from mockserver.server.weighing import weigh_request
from mockserver.storage import (
    MOST_CONFLICTS,
    MOST_RECORD,
    MOST_WAITING,
    Decided,
    Loaded,
    Reason,
    Soon,
    Unsaved,
    WorldSettings,
    eager,
    soon,
)
from mockserver.values import replace


class _Made(Decided, frozen=True):
    """What the core made of a request: the reply, what it was decided under and on, and when."""

    reply: Reply
    setting: Setting
    loaded: Loaded
    now: str


def exchange_with(world: ServedWorld, request: Request, exchange_id: str) -> Soon[tuple[Exchange, Response]]:
    """Answer a request, whose path is the one within the world, and keep what came of it; return that, and the answer.

    What is kept holds no secrets. It runs in the event loop, since that does the work that comes later.
    """
    started = monotonic()
    key = key_of(request)
    if key is not None:
        known = world.memory.find(key, world.state)
        if known is not None:
            return _keep(world, known, exchange_id, started)
    saved = _transact(world, request)
    if isinstance(saved, _Made):
        return _keep(world, _answer(world, request, key, saved), exchange_id, started)
    return eager(_exchange(world, request, key, saved, exchange_id, started))


async def _exchange(
    world: ServedWorld,
    request: Request,
    key: RequestKey | None,
    saving: Soon[_Made | Unsaved[_Made]],
    exchange_id: str,
    started: float,
) -> tuple[Exchange, Response]:
    """Go on where a decision was not saved, or the store has to be waited for."""
    saved: _Made | Unsaved[_Made] = await soon(saving)
    return _keep(world, _told(world, request, key, saved), exchange_id, started)


def _told(world: ServedWorld, request: Request, key: RequestKey | None, saved: _Made | Unsaved[_Made]) -> Answered:
    if isinstance(saved, _Made):
        return _answer(world, request, key, saved)
    return _answer(world, request, None, _refused(world, saved))


def exchange_unread(world: ServedWorld, request: Request, exchange_id: str) -> tuple[Exchange, Response]:
    """Refuse a request that was not received whole, and keep it; nothing of the store has to be seen for that."""
    started, settings = monotonic(), world.state.settings
    now = settings.clock.text()
    pending = read(world.setting_of(settings), request, now)
    made = _decide(world, request, pending, settings.version, _nothing(settings), now)
    if isinstance(made, Needs):
        raise AssertionError(f"what was not received whole is refused whatever the customers are: {made}")
    return _keep(world, _answer(world, request, None, made), exchange_id, started)


def _nothing(settings: WorldSettings) -> Loaded:
    return Loaded(settings, {}, settings.version)


def _keep(world: ServedWorld, answered: Answered, exchange_id: str, started: float) -> tuple[Exchange, Response]:
    told = answered.told
    exchange = Exchange(
        id=exchange_id,
        time=answered.now,
        world=world.state.name,
        request=told.request,
        reply=told.reply,
        milliseconds=round((monotonic() - started) * 1000, 3),
        setting=answered.setting,
        loaded=answered.loaded,
        size=told.size,
    )
    world.journal.add(exchange)
    return exchange, told.sent.response


async def exchange_under(met: Disturbed, exchange_id: str, *, is_gone: bool) -> tuple[Exchange, Response]:
    """Answer a request as the faults that met it want, and keep that and what its client will see.

    The milliseconds of the disturbance have been waited; `is_gone` tells that the client has left meanwhile.
    """
    started = monotonic()
    world, disturbance = met.world, met.disturbance
    answered = await _answer_disturbed(world, met.request, disturbance)
    told, effect = answered.told, disturbance.effect
    sent = distort(told.sent.response, effect)
    exchange = Exchange(
        id=exchange_id,
        time=answered.now,
        world=world.state.name,
        request=told.request,
        reply=told.reply,
        milliseconds=round((monotonic() - started) * 1000, 3),
        setting=answered.setting,
        loaded=answered.loaded,
        came=time.time() - disturbance.milliseconds / 1000,
        faults=disturbance.applied,
        delayed=disturbance.milliseconds + (0 if is_gone else time_of(effect, met.request, sent)),
        outcome="unknown" if is_gone else outcome_of(effect, met.request, sent),
        size=told.size,
    )
    world.journal.add(exchange)
    return exchange, told.sent.response


def _transact(world: ServedWorld, request: Request) -> Soon[_Made | Unsaved[_Made]]:
    """Have the store decide on a request, with what its command needs loaded, and save what that changes."""
    settings = world.state.settings
    pending = read(world.setting_of(settings), request, settings.clock.text())
    return world.state.transact(pending.keys, partial(_decide, world, request, pending, settings.version))


def _decide(
    world: ServedWorld, request: Request, pending: Pending, version: int, loaded: Loaded, now: str
) -> _Made | Needs:
    """Decide on a request, as a store runs it: purely, and maybe more than once.

    `version` is that of the settings under which the request was read.
    """
    is_same = loaded.settings.version == version
    setting = pending.passage.setting if is_same else world.setting_of(loaded.settings)
    reply = pending.decide(setting, loaded, now)
    if isinstance(reply, Needs):
        return reply
    return _Made(reply, setting, loaded, now, changed=reply.changed, later=reply.later, size=len(request.body))


def _answer(world: ServedWorld, request: Request, key: RequestKey | None, made: _Made) -> Answered:
    """Return what is told of a decision; what changed nothing is remembered, if it has a key."""
    setting, loaded, now = made.setting, made.loaded, made.now
    told = world.hiding.tell(setting, request, made.reply, loaded.customers, now)
    answered = Answered(setting, now, loaded.customers, loaded.latest, request.headers, told)
    if made.later is not None:
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, world.begin_work)  # behind the answer, which goes out when this turn ends
    elif key is not None and not made.changed:
        world.memory.keep(key, answered)
    return answered


def _refused(world: ServedWorld, unsaved: Unsaved[_Made]) -> _Made:
    """Refuse what the core has granted, for what it cannot know."""
    made, (refusal, basis) = unsaved.decided, _refusal_of(world, unsaved)
    if made is not None:
        operation, customer = made.reply.operation, made.reply.customer
        reply = render_refusal(made.setting, refusal, basis, operation=operation, customer=customer)
        return _Made(reply, made.setting, made.loaded, made.now)
    settings = world.state.settings  # the decision asked for more customers, again and again
    reply = render_refusal(world.setting, refusal, basis)
    return _Made(reply, world.setting, _nothing(settings), settings.clock.text())


def _refusal_of(world: ServedWorld, unsaved: Unsaved[_Made]) -> tuple[Refusal, Basis]:
    place = _place_of(unsaved.decided)
    match unsaved.reason:
        case Reason.FULL:
            why = (
                f"{unsaved.waiting} updates wait for the clock of world {world.name}, and {MOST_WAITING} or 2 MiB of "
                "them may; POST /_mock/settle, or let the clock go on"
            )
            return Refusal(code="503", place=place, why=why), Basis()
        case Reason.OVERSIZED:
            why = f"the customer would have more than {MOST_RECORD >> 20} MiB as JSON; put it anew, or reset the world"
            return Refusal(code="413", place=place, why=why), Basis()
        case _:
            why = f"others saved the customer first, {MOST_CONFLICTS} times; send the update again"
            return Refusal(code="521", place=place, why=why), Basis(questions=("concurrent-update",))


def _place_of(made: _Made | None) -> str:
    """Return the place of whom a request is about; of one that was never decided, the request itself."""
    if made is None or made.reply.operation is None:
        return "request"
    return made.setting.operations[made.reply.operation].subject.place


async def _answer_disturbed(world: ServedWorld, request: Request, disturbance: Disturbance) -> Answered:
    """Decide as the faults want it, or not at all."""
    if is_never_decided(disturbance):
        kept, reply = world.hiding.hide(request), undecided(disturbance)
        told = Told(kept, reply, weigh_request(kept), reply)
        return Answered(world.setting, world.state.settings.clock.text(), {}, 0, request.headers, told)
    asked = as_asked(request, disturbance)
    saved: _Made | Unsaved[_Made] = await soon(_transact(world, asked))
    answered = _told(world, asked, None, saved)
    told = answered.told
    kept = told.request if asked is request else world.hiding.hide(request)
    told = Told(kept, labelled(told.reply, disturbance), told.size, labelled(told.sent, disturbance))
    return replace(answered, told=told)
