"""Flaws in the points that are credited, and in the side effects that tell of them."""

import json
from collections.abc import Callable
from typing import Any

from mockserver.domain.customer import Customer, Enrolment
from mockserver.exchange import Reply
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import (
    ASHA,
    RAVI,
    enrolment,
    get,
    parameter_of,
    put,
    put_async,
    standing,
    upgrade,
    with_query,
)
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import (
    Sent,
    is_update,
    saving,
    saving_new_enrolments,
    showing,
    with_body,
    with_enrolments,
)

_UPGRADED = (put(ASHA, upgrade()), get(ASHA), standing(ASHA))
_UPGRADED_LATER = (put_async(ASHA, upgrade()), standing(ASHA))
_ENROLLED = (put(RAVI, enrolment()), standing(RAVI))


def _credits_twice(before: Customer, after: Customer, sent: Sent) -> Customer:
    def twice(held: Enrolment) -> Enrolment:
        old = before.enrolment_in(held.program)
        return replace(held, points=2 * held.points - (old.points if old else 0))

    return with_enrolments(after, twice)


def _credits_elsewhere(before: Customer, after: Customer, _: Sent) -> Customer:
    new = [held for held in after.enrolments if not before.enrolment_in(held.program)]
    if not new or not before.enrolments:
        return after
    first, surplus = before.enrolments[0].program, sum(held.points for held in new)

    def moved(held: Enrolment) -> Enrolment:
        if held in new:
            return replace(held, points=0)
        return replace(held, points=held.points + surplus) if held.program == first else held

    return with_enrolments(after, moved)


def _loses_later(deployment: Deployment, request: Request) -> Reply:
    return replace(deployment.ask(request), later=None)


def _shows_effects_of_background(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    if not is_update(reply) or parameter_of(request, "use_async") != "true":
        return reply
    waiting = deployment.ask(with_query(request, use_async="false"))
    body, shown = json.loads(reply.response.body), json.loads(waiting.response.body)
    return with_body(reply, {**body, "sideEffects": shown["sideEffects"]})


def _with_summed_effects(body: Any) -> Any:
    effects = body.get("sideEffects", [])
    if len(effects) < 2:
        return body
    sums = {name: sum(effect[name] for effect in effects) for name in ("rawAwardedPoints", "awardedPoints")}
    return {**body, "sideEffects": [{**effects[0], **sums}]}


def _each_effect(change: Callable[[Any], Any]) -> Twist:
    def changed(body: Any) -> Any:
        if "sideEffects" not in body:
            return body
        return {**body, "sideEffects": [change(effect) for effect in body["sideEffects"]]}

    return showing(is_update, changed)


def _without(member: str) -> Twist:
    return _each_effect(lambda effect: {name: value for name, value in effect.items() if name != member})


FLAWS_OF_POINTS = (
    Flaw(
        name="points-twice",
        says="Points are credited twice, though the answer says once.",
        names=("UPD-BODY-23", "UPD-RSP-6", "UPD-RSP-5", "UPD-QRY-4"),
        needs="irreversible",
        make=deployed(saving(_credits_twice)),
        shown_by=_ENROLLED,
    ),
    Flaw(
        name="points-not-credited",
        says="The answer lists points that are never credited.",
        names=("UPD-BODY-23", "UPD-RSP-6", "UPD-RSP-5", "UPD-QRY-4"),
        needs="irreversible",
        make=deployed(saving_new_enrolments(lambda held: replace(held, points=0))),
        shown_by=_ENROLLED,
    ),
    Flaw(
        name="points-elsewhere",
        says="The points of an enrolment are credited in another program that the customer is in.",
        names=("UPD-BODY-23", "UPD-BODY-20"),
        needs="irreversible",
        make=deployed(saving(_credits_elsewhere)),
        shown_by=_ENROLLED,
    ),
    Flaw(
        name="background-work-lost",
        says="With use_async=true points are never credited.",
        names=("UPD-QRY-3", "UPD-BODY-23"),
        needs="irreversible",
        make=deployed(_loses_later),
        shown_by=(put_async(RAVI, enrolment()), standing(RAVI)),
    ),
    Flaw(
        name="effects-of-background-work",
        says="With use_async=true side effects are listed in the answer.",
        names=("UPD-QRY-3", "async-side-effects"),
        needs="irreversible",
        make=deployed(_shows_effects_of_background),
        shown_by=_UPGRADED_LATER,
    ),
    Flaw(
        name="effects-empty",
        says="With use_async=false points are credited, but the list of side effects is empty.",
        names=("UPD-QRY-4", "UPD-RSP-3", "enrolment-points-effect"),
        needs="irreversible",
        make=deployed(showing(is_update, lambda body: {**body, "sideEffects": []} if "sideEffects" in body else body)),
        shown_by=_UPGRADED,
    ),
    Flaw(
        name="effects-left-out",
        says="With use_async=false the answer has no side effects at all.",
        names=("UPD-QRY-4", "UPD-RSP-3"),
        needs="writes",
        make=deployed(showing(is_update, lambda body: {name: body[name] for name in body if name != "sideEffects"})),
        shown_by=(put(ASHA, {}),),
    ),
    Flaw(
        name="effects-summed",
        says="The points of an enrolment and of an incentive are one side effect, with their sum.",
        names=("UPD-BODY-23", "UPD-RSP-6", "UPD-RSP-5", "UPD-RSP-3", "UPD-QRY-4"),
        needs="irreversible",
        make=deployed(showing(is_update, _with_summed_effects)),
        shown_by=(put(ASHA, upgrade(**enrolment(program=699, points=75))),),
    ),
    Flaw(
        name="effect-without-entity",
        says="Side effects name no entityType.",
        names=("UPD-RSP-4", "UPD-RSP-3"),
        needs="irreversible",
        make=deployed(_without("entityType")),
        shown_by=_UPGRADED,
    ),
    Flaw(
        name="effect-without-type",
        says="Side effects name no type.",
        names=("UPD-RSP-7", "UPD-RSP-3"),
        needs="irreversible",
        make=deployed(_without("type")),
        shown_by=_UPGRADED,
    ),
    Flaw(
        name="effect-without-raw-points",
        says="Side effects have no rawAwardedPoints.",
        names=("UPD-RSP-5", "UPD-RSP-3"),
        needs="irreversible",
        make=deployed(_without("rawAwardedPoints")),
        shown_by=_UPGRADED,
    ),
    Flaw(
        name="awarded-points-as-text",
        says="Side effects have awardedPoints as text.",
        names=("UPD-RSP-6", "UPD-RSP-3"),
        needs="irreversible",
        make=deployed(_each_effect(lambda effect: {**effect, "awardedPoints": str(effect["awardedPoints"])})),
        shown_by=_UPGRADED,
    ),
)
