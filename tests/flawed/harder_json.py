"""Flaws in the JSON of an answer."""

import json
import re
from collections.abc import Callable
from typing import Any

from mockserver.exchange import Reply
from mockserver.messages import Request, Response
from mockserver.values import replace
from tests.flawed.asking import ASHA, RAVI, UNKNOWN, enrolment, get, profile, put, standing
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.harder_protocol import OF_DETAILS, OF_READS, OF_REFUSALS, OF_UPDATES, is_error
from tests.flawed.twists import (
    answered,
    is_customer,
    is_standing,
    is_update,
    showing,
)

_NOTHING = (put(ASHA, {}),)


def _changing_bytes(change: Callable[[bytes], bytes]) -> Callable[[Response], Response]:
    return lambda response: replace(response, body=change(response.body))


def _name_twice(body: bytes) -> bytes:
    return body.replace(b'"lastName":', b'"lastName":"","lastName":')


def _id_twice(body: bytes) -> bytes:
    return b'{"createdId":0,' + body[1:]


def _not_a_number(body: bytes) -> bytes:
    return body.replace(b'"cumulativePurchases":0.0', b'"cumulativePurchases":NaN')


def _half_of_pairs(body: bytes) -> bytes:
    """Leave out the second half of each surrogate pair, as who cuts a text of UTF-16 does."""
    return re.sub(rb"(\\ud8[0-9a-f]{2})\\ud[c-f][0-9a-f]{2}", rb"\1", json.dumps(json.loads(body)).encode())


def _tabs_as_they_are(body: bytes) -> bytes:
    return body.replace(b"\\t", b"\t")


def _warnings_null(body: Any) -> Any:
    return {**body, "warnings": body["warnings"] or None}


def _empty_where_nothing_changed(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    is_met = is_update(reply) and not reply.changed and not reply.warnings
    return replace(reply, response=replace(reply.response, body=b"")) if is_met else reply


def _points_as_text(body: Any) -> Any:
    return {**body, "data": [{**item, "loyaltyPoints": f"{item['loyaltyPoints']:g}"} for item in body["data"]]}


def _one_program_as_object(body: Any) -> Any:
    return {**body, "data": body["data"][0]} if len(body["data"]) == 1 else body


JSON = (
    Flaw(
        name="last-name-twice",
        says="In reads each lastName stands twice, the first time empty.",
        names=(*OF_READS, "UPD-BODY-3"),
        needs="reads",
        make=deployed(answered(is_customer, _changing_bytes(_name_twice))),
        shown_by=(get(ASHA),),
    ),
    Flaw(
        name="created-id-twice",
        says="In the answer to an update createdId stands twice, the first time as 0.",
        names=OF_UPDATES,
        needs="writes",
        make=deployed(answered(is_update, _changing_bytes(_id_twice))),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="byte-order-mark",
        says="Answers to updates begin with a byte order mark.",
        names=OF_UPDATES,
        needs="writes",
        make=deployed(answered(is_update, _changing_bytes(lambda body: b"\xef\xbb\xbf" + body))),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="comment-behind-json",
        says="Loyalty details end with a comment of HTML behind the JSON.",
        names=OF_DETAILS,
        needs="reads",
        make=deployed(answered(is_standing, _changing_bytes(lambda body: body + b"\n<!-- 12 ms -->"))),
        shown_by=(standing(RAVI),),
    ),
    Flaw(
        name="zero-behind-json",
        says="Refusals end with a zero byte behind the JSON, as of a text of C.",
        names=OF_REFUSALS,
        needs="reads",
        make=deployed(answered(is_error, _changing_bytes(lambda body: body + b"\0"))),
        shown_by=(put(UNKNOWN, {}),),
    ),
    Flaw(
        name="empty-where-nothing-changed",
        says="An update that changes nothing is answered 200, with an empty body.",
        names=OF_UPDATES,
        needs="writes",
        make=deployed(_empty_where_nothing_changed),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="not-a-number",
        says="Loyalty details have NaN for a number, which JSON does not know.",
        names=OF_DETAILS,
        needs="reads",
        make=deployed(answered(is_standing, _changing_bytes(_not_a_number))),
        shown_by=(standing(RAVI),),
    ),
    Flaw(
        name="half-of-an-emoji",
        says="Reads have the first half alone of what UTF-16 writes as two, which no UTF-8 can say.",
        names=(*OF_READS, "UPD-BODY-2", "UPD-BODY-3", "UPD-USE-6", "UPD-USE-8"),
        needs="writes",
        make=deployed(answered(is_customer, _changing_bytes(_half_of_pairs))),
        shown_by=(put(ASHA, profile(firstName="Tom 😀")), get(ASHA)),
    ),
    Flaw(
        name="tabs-unescaped",
        says="A tab in a name stands in the JSON of reads as it is, which JSON forbids.",
        names=(*OF_READS, "name-characters", "name-whitespace", "UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2"),
        needs="writes",
        make=deployed(answered(is_customer, _changing_bytes(_tabs_as_they_are))),
        shown_by=(put(ASHA, profile(firstName="Tom\tSawyer")), get(ASHA)),
    ),
    Flaw(
        name="details-points-as-text",
        says="Loyalty details have loyaltyPoints as text; the other counts are numbers.",
        names=OF_DETAILS,
        needs="reads",
        make=deployed(showing(is_standing, _points_as_text)),
        shown_by=(standing(RAVI),),
    ),
    Flaw(
        name="one-program-as-object",
        says="Loyalty details of a customer in one program are an object in place of a list.",
        names=OF_DETAILS,
        needs="reads",
        make=deployed(showing(is_standing, _one_program_as_object)),
        shown_by=(standing(RAVI), put(RAVI, enrolment()), standing(RAVI)),
    ),
    Flaw(
        name="warnings-null",
        says="Where there are no warnings, the answer to an update has null for them.",
        names=("UPD-RSP-2", "UPD-RSP-9", "warnings-type"),
        needs="writes",
        make=deployed(showing(is_update, _warnings_null)),
        shown_by=_NOTHING,
    ),
)
