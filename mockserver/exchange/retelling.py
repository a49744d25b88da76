"""What is said of a request that held secrets: what would have been said of it without them.

An answer may echo what was sent, in why it was refused and in its body. So whatever is told of such a request comes
from asking the core again, with the redacted request; only what was decided stays. Where that would be decided
otherwise, since what was hidden mattered, nothing is told but the decision itself.
"""

from mockserver.exchange.passage import Load
from mockserver.exchange.rendering import explained
from mockserver.exchange.reply import Reply, Setting
from mockserver.exchange.respond import respond
from mockserver.exchange.secrecy import HIDDEN, hide_in_text
from mockserver.messages import Request
from mockserver.values import replace

_UNAUTHORIZED = 401


def retell(setting: Setting, redacted: Request, reply: Reply, *, load: Load, now: str) -> Reply:
    """Return the reply to a request that held secrets, telling no more than what its redacted form shows.

    The body stays as it goes out to the client. `load` gives the customers as they were when the request was answered,
    `now` the time of that (RFC 3339).
    """
    if reply.code == _UNAUTHORIZED and not reply.forced:  # which says nothing of what was sent
        return reply
    again = respond(replace(setting, auth="off"), redacted, load=load, now=now)
    told = again if is_alike(again, reply) else _withheld(reply)
    return replace(
        explained(reply, told.why, told.reason),
        place=told.place,
        repair=told.repair,
        violation=told.violation,
        misspelt=told.misspelt,
    )


def is_alike(reply: Reply, other: Reply) -> bool:
    """Tell whether two replies decide alike, whatever they say."""
    return _decision(reply) == _decision(other)


def _decision(reply: Reply) -> tuple[object, ...]:
    return reply.response.status, reply.code, reply.warnings, reply.forced


def _withheld(reply: Reply) -> Reply:
    """Return a reply that tells where it was refused, and nothing of what was sent."""
    place = hide_in_text(reply.place)
    why = f"{place}: {HIDDEN}" if place else HIDDEN if reply.why else ""
    violation = reply.violation
    if violation is not None:
        violation = replace(violation, place=hide_in_text(violation.place), problem=HIDDEN, repair="")
    reason = HIDDEN if place else ""
    return replace(reply, why=why, reason=reason, place=place, repair="", violation=violation, misspelt=())
