"""Doing the work that is due: claim it, run the rule that the caller brings, save what comes of it, once."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from mockserver.domain.customer import Customer
from mockserver.domain.keys import NO_KEYS, Keys
from mockserver.domain.outcome import Later
from mockserver.storage.decisions import Decided, Loaded, Reason, Unsaved
from mockserver.storage.due import Busy, Claim
from mockserver.storage.soon import soon
from mockserver.storage.store import World

Finish: TypeAlias = Callable[[Customer, Later, Loaded], Customer]  # the pure rule


async def work_off(world: World, finish: Finish, *, ahead: bool = False) -> None:
    """Do all that is due in a world; a clock that stands still holds it back, unless `ahead`.

    Work that somebody else has claimed is waited for: either it is done then, or the claim is lost. Work that the rule
    fails on is dropped, so that what comes after it goes on, and the failure is raised.
    """
    while True:
        claim = await soon(world.claim(ahead=ahead))
        if claim is None:
            return
        if isinstance(claim, Busy):
            await asyncio.sleep(claim.seconds)
        else:
            await _work(world, claim, finish)


async def _work(world: World, claim: Claim, finish: Finish) -> None:
    def decide(loaded: Loaded, now: str) -> Decided:
        del now  # the work has the time of its request
        customer = loaded.customers[claim.later.customer]
        changed = () if customer is None else (finish(customer, claim.later, loaded),)
        return Decided(changed=changed, size=claim.size, done=claim.token)

    keys, is_overtaken = Keys(customers=(claim.later.customer,)), True
    try:
        while is_overtaken:
            saved = await soon(world.transact(keys, decide))
            is_overtaken = isinstance(saved, Unsaved) and saved.reason is Reason.OVERTAKEN
    except Exception:
        await soon(world.transact(NO_KEYS, lambda *_: Decided(done=claim.token)))
        raise
