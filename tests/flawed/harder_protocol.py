"""Flaws in the bytes of an answer: its encoding, its frame, its type."""

import gzip
import json
from collections.abc import Callable

from mockserver.exchange import Reply
from mockserver.messages import Request, Response
from mockserver.values import replace
from tests.flawed.asking import ASHA, RAVI, UNKNOWN, channel, get, put, standing
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import (
    answered,
    is_customer,
    is_refusal,
    is_standing,
    is_update,
    sent_by,
    with_body,
)
from tests.flawed.wire import chunked, framed

OF_READS = ("UPD-PRE-1", "UPD-EX-3", "UPD-USE-1")
OF_DETAILS = (*OF_READS, "UPD-BODY-19", "UPD-BODY-22", "UPD-BODY-23")  # the tier and the points of each program
OF_UPDATES = ("UPD-RSP-1", "UPD-RSP-2", "UPD-RSP-3", "UPD-EX-3", "UPD-USE-1")
OF_REFUSALS = ("UPD-ERR-1", "UPD-ERR-2", "UPD-EX-3", "UPD-EX-11", "error-envelope")
_BAD_EMAIL = (put(ASHA, channel("email", "no address")),)


def _typed(content_type: str, encoding: str) -> Callable[[Response], Response]:
    """Return what encodes an answer otherwise, and says so."""

    def change(response: Response) -> Response:
        text = json.dumps(json.loads(response.body), ensure_ascii=False)
        headers = {**response.headers, "Content-Type": content_type}
        return replace(response, headers=headers, body=text.encode(encoding, "replace"))

    return change


def _without_type(response: Response) -> Response:
    headers = {name: value for name, value in response.headers.items() if name.lower() != "content-type"}
    return replace(response, headers=headers)


def _with_type_of_text(response: Response) -> Response:
    return replace(response, headers={**response.headers, "Content-Type": "text/plain"})


def _is_warned(reply: Reply) -> bool:
    return is_update(reply) and bool(reply.warnings)


def _is_refused_update(reply: Reply) -> bool:
    return is_refusal(reply) and reply.operation == "updateCustomer"


def is_error(reply: Reply) -> bool:
    """Tell a refusal that is not for want of credentials."""
    return is_refusal(reply) and reply.code != 401


def _too_short(response: Response) -> Response:
    return framed(response, {"Content-Length": str(len(response.body) - 2)}, response.body)


def _too_long(response: Response) -> Response:
    return framed(response, {"Content-Length": str(len(response.body) + 2)}, response.body)


def _packed_silently(response: Response) -> Response:
    return replace(response, body=gzip.compress(response.body, mtime=0))


def _cut_behind_extended_fields(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    if not is_update(reply) or not sent_by(request).get("extendedFields"):
        return reply
    body = chunked(reply.response.body, is_whole=False)
    return replace(reply, response=framed(reply.response, {"Transfer-Encoding": "chunked"}, body))


def _errors_in_200(code: int) -> Twist:
    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        return with_body(reply, json.loads(reply.response.body), 200) if reply.code == code else reply

    return twist


PROTOCOL = (
    Flaw(
        name="refusals-cut-short",
        says="The Content-Length of a refused update is two bytes less than its body.",
        names=OF_REFUSALS,
        needs="writes",
        make=deployed(answered(_is_refused_update, _too_short)),
        shown_by=(put(UNKNOWN, {}),),
    ),
    Flaw(
        name="warned-promises-too-much",
        says="The Content-Length of an answer with warnings is two bytes more than its body, and the connection ends.",
        names=OF_UPDATES,
        needs="writes",
        make=deployed(answered(_is_warned, _too_long)),
        shown_by=_BAD_EMAIL,
    ),
    Flaw(
        name="chunks-cut",
        says="The answer to an update with extended fields comes in chunks, of which the last is missing.",
        names=(*OF_UPDATES, "UPD-USE-6", "UPD-BODY-16", "UPD-BODY-30"),
        needs="writes",
        make=deployed(_cut_behind_extended_fields),
        shown_by=(put(ASHA, {"extendedFields": {"city": "Bangalore"}}),),
    ),
    Flaw(
        name="reads-in-utf-16",
        says="Loyalty details are sent in UTF-16, and say so.",
        names=OF_DETAILS,
        needs="reads",
        make=deployed(answered(is_standing, _typed("application/json; charset=utf-16", "utf-16"))),
        shown_by=(standing(RAVI),),
    ),
    Flaw(
        name="reads-in-declared-latin-1",
        says="Reads are sent in Latin-1, and say so; what Latin-1 lacks comes as question marks.",
        names=(*OF_READS, "name-characters", "UPD-USE-2", "UPD-BODY-2", "UPD-BODY-3"),
        needs="reads",
        make=deployed(answered(is_customer, _typed("application/json; charset=iso-8859-1", "latin-1"))),
        shown_by=(get(ASHA),),
    ),
    Flaw(
        name="details-as-text",
        says="Loyalty details have the content type of plain text.",
        names=OF_DETAILS,
        needs="reads",
        make=deployed(answered(is_standing, _with_type_of_text)),
        shown_by=(standing(RAVI),),
    ),
    Flaw(
        name="warned-without-type",
        says="The answer to an update has no content type where there are warnings.",
        names=OF_UPDATES,
        needs="writes",
        make=deployed(answered(_is_warned, _without_type)),
        shown_by=_BAD_EMAIL,
    ),
    Flaw(
        name="errors-without-type",
        says="Refusals, but for those of credentials, have no content type.",
        names=OF_REFUSALS,
        needs="reads",
        make=deployed(answered(is_error, _without_type)),
        shown_by=(put(UNKNOWN, {}),),
    ),
    Flaw(
        name="channel-errors-in-200",
        says="An unknown channel type is refused with the code 8010 and the status 200; other refusals have 400.",
        names=("error-status", "UPD-BODY-8", "channel-type-elsewhere", "UPD-EX-11"),
        needs="writes",
        make=deployed(_errors_in_200(8010)),
        shown_by=(put(ASHA, channel("fax", "1")),),
    ),
    Flaw(
        name="packed-unsaid",
        says="Answers with warnings are packed with gzip, and do not say so.",
        names=OF_UPDATES,
        needs="writes",
        make=deployed(answered(_is_warned, _packed_silently)),
        shown_by=_BAD_EMAIL,
    ),
)
