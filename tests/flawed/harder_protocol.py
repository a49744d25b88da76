"""Flaws in the bytes of an answer: its encoding, its frame, its JSON."""

import gzip
import json
from collections.abc import Callable
from typing import Any

from mockserver.exchange import Reply
from mockserver.messages import Request, Response
from mockserver.values import replace
from tests.flawed.asking import ASHA, RAVI, UNKNOWN, channel, enrolment, get, profile, put, standing
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import (
    answered,
    is_customer,
    is_refusal,
    is_standing,
    is_update,
    sent_by,
    showing,
    with_body,
)
from tests.flawed.wire import chunked, framed

_OF_READS = ("UPD-PRE-1", "UPD-EX-3", "UPD-USE-1")
_OF_UPDATES = ("UPD-RSP-1", "UPD-RSP-2", "UPD-RSP-3", "UPD-EX-3", "UPD-USE-1")
_OF_REFUSALS = ("UPD-ERR-1", "UPD-ERR-2", "UPD-EX-3", "UPD-EX-11", "error-envelope")
_NOTHING = (put(ASHA, {}),)
_BAD_EMAIL = (put(ASHA, channel("email", "no address")),)


def _changing_bytes(change: Callable[[bytes], bytes]) -> Callable[[Response], Response]:
    return lambda response: replace(response, body=change(response.body))


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


def _name_twice(body: bytes) -> bytes:
    return body.replace(b'"lastName":', b'"lastName":"","lastName":')


def _id_twice(body: bytes) -> bytes:
    return b'{"createdId":0,' + body[1:]


def _not_a_number(body: bytes) -> bytes:
    return body.replace(b'"cumulativePurchases":0.0', b'"cumulativePurchases":NaN')


def _tabs_as_they_are(body: bytes) -> bytes:
    return body.replace(b"\\t", b"\t")


def _is_warned(reply: Reply) -> bool:
    return is_update(reply) and bool(reply.warnings)


def _is_refused_update(reply: Reply) -> bool:
    return is_refusal(reply) and reply.operation == "updateCustomer"


def _is_error(reply: Reply) -> bool:
    return is_refusal(reply) and reply.code != 401


def _warnings_null(body: Any) -> Any:
    return {**body, "warnings": body["warnings"] or None}


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


def _empty_where_nothing_changed(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    is_met = is_update(reply) and not reply.changed and not reply.warnings
    return replace(reply, response=replace(reply.response, body=b"")) if is_met else reply


def _errors_in_200(code: int) -> Twist:
    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        return with_body(reply, json.loads(reply.response.body), 200) if reply.code == code else reply

    return twist


def _points_as_text(body: Any) -> Any:
    return {**body, "data": [{**item, "loyaltyPoints": f"{item['loyaltyPoints']:g}"} for item in body["data"]]}


def _one_program_as_object(body: Any) -> Any:
    return {**body, "data": body["data"][0]} if len(body["data"]) == 1 else body


PROTOCOL = (
    Flaw(
        name="last-name-twice",
        says="In reads each lastName stands twice, the first time empty.",
        names=(*_OF_READS, "UPD-BODY-3"),
        needs="reads",
        make=deployed(answered(is_customer, _changing_bytes(_name_twice))),
        shown_by=(get(ASHA),),
    ),
    Flaw(
        name="created-id-twice",
        says="In the answer to an update createdId stands twice, the first time as 0.",
        names=_OF_UPDATES,
        needs="writes",
        make=deployed(answered(is_update, _changing_bytes(_id_twice))),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="byte-order-mark",
        says="Answers to updates begin with a byte order mark.",
        names=_OF_UPDATES,
        needs="writes",
        make=deployed(answered(is_update, _changing_bytes(lambda body: b"\xef\xbb\xbf" + body))),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="comment-behind-json",
        says="Loyalty details end with a comment of HTML behind the JSON.",
        names=(*_OF_READS, "UPD-BODY-23", "UPD-BODY-19"),
        needs="reads",
        make=deployed(answered(is_standing, _changing_bytes(lambda body: body + b"\n<!-- 12 ms -->"))),
        shown_by=(standing(RAVI),),
    ),
    Flaw(
        name="zero-behind-json",
        says="Refusals end with a zero byte behind the JSON, as of a text of C.",
        names=_OF_REFUSALS,
        needs="reads",
        make=deployed(answered(_is_error, _changing_bytes(lambda body: body + b"\0"))),
        shown_by=(put(UNKNOWN, {}),),
    ),
    Flaw(
        name="refusals-cut-short",
        says="The Content-Length of a refused update is two bytes less than its body.",
        names=_OF_REFUSALS,
        needs="writes",
        make=deployed(answered(_is_refused_update, _too_short)),
        shown_by=(put(UNKNOWN, {}),),
    ),
    Flaw(
        name="warned-promises-too-much",
        says="The Content-Length of an answer with warnings is two bytes more than its body, and the connection ends.",
        names=_OF_UPDATES,
        needs="writes",
        make=deployed(answered(_is_warned, _too_long)),
        shown_by=_BAD_EMAIL,
    ),
    Flaw(
        name="chunks-cut",
        says="The answer to an update with extended fields comes in chunks, of which the last is missing.",
        names=(*_OF_UPDATES, "UPD-USE-6", "UPD-BODY-16", "UPD-BODY-30"),
        needs="writes",
        make=deployed(_cut_behind_extended_fields),
        shown_by=(put(ASHA, {"extendedFields": {"city": "Bangalore"}}),),
    ),
    Flaw(
        name="reads-in-utf-16",
        says="Loyalty details are sent in UTF-16, and say so.",
        names=(*_OF_READS, "UPD-BODY-23", "UPD-BODY-19"),
        needs="reads",
        make=deployed(answered(is_standing, _typed("application/json; charset=utf-16", "utf-16"))),
        shown_by=(standing(RAVI),),
    ),
    Flaw(
        name="reads-in-declared-latin-1",
        says="Reads are sent in Latin-1, and say so; what Latin-1 lacks comes as question marks.",
        names=(*_OF_READS, "name-characters", "UPD-USE-2", "UPD-BODY-2", "UPD-BODY-3"),
        needs="reads",
        make=deployed(answered(is_customer, _typed("application/json; charset=iso-8859-1", "latin-1"))),
        shown_by=(get(ASHA),),
    ),
    Flaw(
        name="details-as-text",
        says="Loyalty details have the content type of plain text.",
        names=_OF_READS,
        needs="reads",
        make=deployed(answered(is_standing, _with_type_of_text)),
        shown_by=(standing(RAVI),),
    ),
    Flaw(
        name="warned-without-type",
        says="The answer to an update has no content type where there are warnings.",
        names=_OF_UPDATES,
        needs="writes",
        make=deployed(answered(_is_warned, _without_type)),
        shown_by=_BAD_EMAIL,
    ),
    Flaw(
        name="errors-without-type",
        says="Refusals, but for those of credentials, have no content type.",
        names=_OF_REFUSALS,
        needs="reads",
        make=deployed(answered(_is_error, _without_type)),
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
        name="empty-where-nothing-changed",
        says="An update that changes nothing is answered 200, with an empty body.",
        names=_OF_UPDATES,
        needs="writes",
        make=deployed(_empty_where_nothing_changed),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="packed-unsaid",
        says="Answers with warnings are packed with gzip, and do not say so.",
        names=_OF_UPDATES,
        needs="writes",
        make=deployed(answered(_is_warned, _packed_silently)),
        shown_by=_BAD_EMAIL,
    ),
    Flaw(
        name="not-a-number",
        says="Loyalty details have NaN for a number, which JSON does not know.",
        names=(*_OF_READS, "UPD-BODY-23", "UPD-BODY-19"),
        needs="reads",
        make=deployed(answered(is_standing, _changing_bytes(_not_a_number))),
        shown_by=(standing(RAVI),),
    ),
    Flaw(
        name="tabs-unescaped",
        says="A tab in a name stands in the JSON of reads as it is, which JSON forbids.",
        names=(*_OF_READS, "name-characters", "name-whitespace", "UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2"),
        needs="writes",
        make=deployed(answered(is_customer, _changing_bytes(_tabs_as_they_are))),
        shown_by=(put(ASHA, profile(firstName="Tom\tSawyer")), get(ASHA)),
    ),
    Flaw(
        name="details-points-as-text",
        says="Loyalty details have loyaltyPoints as text; the other counts are numbers.",
        names=("UPD-BODY-23", "UPD-PRE-1", "UPD-BODY-19"),
        needs="reads",
        make=deployed(showing(is_standing, _points_as_text)),
        shown_by=(standing(RAVI),),
    ),
    Flaw(
        name="one-program-as-object",
        says="Loyalty details of a customer in one program are an object in place of a list.",
        names=("UPD-BODY-19", "UPD-BODY-23", "UPD-PRE-1", "UPD-BODY-22"),
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
