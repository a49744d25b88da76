"""What faults do to an exchange: what is asked, what is answered, and what a client sees of it.

Values only; `sending` does it to the connection.
"""

import math

from mockserver.domain.outcome import BasisItem
from mockserver.exchange import Reply
from mockserver.exchange.rendering import explained
from mockserver.exchange.reply import FORCED
from mockserver.messages import Request, Response
from mockserver.server.fault_rules import (
    MOST_MILLISECONDS,
    Answer,
    Close,
    Dribble,
    Drop,
    Effect,
    Garble,
    Mistype,
    Reset,
    Truncate,
)
from mockserver.server.faults import Disturbance
from mockserver.server.journal import Outcome
from mockserver.server.served import ServedWorld
from mockserver.values import Value, replace


class Disturbed(Value, frozen=True, kw_only=True):
    """Vendor traffic that faults of its world meet; the request's path is the one within the world."""

    world: ServedWorld
    request: Request
    disturbance: Disturbance


def is_never_decided(disturbance: Disturbance) -> bool:
    """Tell whether the connection is cut before anything is decided."""
    effect = disturbance.effect
    return isinstance(effect, Reset | Close) or (isinstance(effect, Drop) and not effect.is_done)


def undecided(disturbance: Disturbance) -> Reply:
    """Return what the journal keeps of a request that nothing was decided on: no answer (status 0), and why."""
    facts, sent = disturbance.facts, "whole" if disturbance.effect is None else disturbance.effect.sent
    return Reply(
        response=Response(status=0),
        operation=facts.operation,
        customer=facts.customer,
        rests_on=(BasisItem(FORCED, sent),),
        why=f"forced: the connection was {sent} by fault {disturbance.by} before anything was decided",
    )


def as_asked(request: Request, disturbance: Disturbance) -> Request:
    """Return the request that the core decides on: where a rule wants an answer, one that prefers it."""
    effect = disturbance.effect
    if not isinstance(effect, Answer):
        return request
    return replace(request, headers={**request.headers, "prefer": effect.prefer})


def labelled(reply: Reply, disturbance: Disturbance) -> Reply:
    """Return a reply that says which fault asked for it, or disturbed it."""
    effect, by = disturbance.effect, f"by fault {disturbance.by}"
    if isinstance(effect, Answer) and not reply.forced:  # the dialect or the credentials changed during a delay
        return reply
    if isinstance(effect, Answer):
        why = ": ".join(filter(None, (f"{reply.why} {by}", effect.because)))
    elif isinstance(effect, Truncate | Garble | Mistype):
        why = "; ".join(filter(None, (f"{effect.sent} {by}", reply.why)))
    else:
        return reply
    told = explained(reply, why)
    if not isinstance(effect, Answer) or effect.retry_after is None:
        return told
    headers = {**told.response.headers, "Retry-After": str(effect.retry_after)}
    return replace(told, response=replace(told.response, headers=headers))


def distort(response: Response, effect: Effect | None) -> Response:
    """Return the answer that goes out, where an effect changes its type or its body."""
    match effect:
        case Garble():
            return replace(response, body=b"{" + response.body)  # no JSON value can follow an opening brace
        case Mistype(content_type=content_type):
            return replace(response, headers={**response.headers, "Content-Type": content_type})
        case _:
            return response


def outcome_of(effect: Effect | None, request: Request, response: Response) -> Outcome:
    """Return what a client will see of an answer: what the effect says, where there is something to cut."""
    if effect is None or (isinstance(effect, Truncate) and not has_body(request.method, response.body)):
        return "answered"
    return effect.outcome


def time_of(effect: Effect | None, request: Request, response: Response) -> int:
    """Return how many milliseconds it takes to send an answer as an effect wants it."""
    if not isinstance(effect, Dribble) or not has_body(request.method, response.body):
        return 0
    length = len(response.body)
    return (math.ceil(length / piece_size(length, effect)) - 1) * effect.milliseconds


def has_body(method: str, body: bytes) -> bool:
    """Tell whether an answer goes out with a body, which effects on bodies need."""
    return method != "HEAD" and bool(body)


def piece_size(length: int, effect: Dribble) -> int:
    """Return how many bytes a piece has: as many as asked, or more where that would take too long in all."""
    most_pauses = MOST_MILLISECONDS // effect.milliseconds if effect.milliseconds else length
    return max(effect.size, math.ceil(length / (most_pauses + 1)))
