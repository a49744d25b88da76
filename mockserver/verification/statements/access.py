"""Who may ask, and how a refusal looks: credentials, envelope, content type, bodies that are no update."""

from mockserver.messages import Request
from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.expectation import Expectation, Pattern
from mockserver.verification.findings import Grade
from mockserver.verification.reader import customer_request
from mockserver.verification.statements.asking import at, granted, held_name, profile, put, put_to, refused, step
from mockserver.verification.target import Leave

_ENVELOPE: Pattern = {
    "errors": [{"status": False, "code": {"$type": "integer"}, "message": {"$type": "string"}}],
    "createdId": {"$absent": True},
}
_NOBODY = Unfit("no id was found that the target does not have")


def _read_anonymously(situation: Situation) -> Plan:
    return (step(customer_request(situation.place), Expectation(status=401, valid=False), anonymous=True),)


def _update_anonymously(situation: Situation) -> Plan:
    member = held_name(situation)
    if isinstance(member, Unfit):
        return member
    request = put(situation.place, profile(**{member: situation.word}))
    return (step(request, Expectation(status=401, changes={}, valid=False), anonymous=True),)


def _read(situation: Situation) -> Plan:
    shows = {"id": {"$id": situation.place.customer}, "profiles": {"$type": "array"}}
    return (step(customer_request(situation.place), Expectation(status=200, body=shows)),)


def _unknown_read(situation: Situation) -> Request:
    return Request(method="GET", path=f"/v2/customers/{situation.unknown}", query=situation.place.query)


def _read_nobody(situation: Situation) -> Plan:
    if not situation.unknown:
        return _NOBODY
    return (step(_unknown_read(situation), Expectation(status=400, code=8015)),)


def _envelope_of_a_read(situation: Situation) -> Plan:
    if not situation.unknown:
        return _NOBODY
    return (step(_unknown_read(situation), Expectation(status=400, body=_ENVELOPE)),)


def _envelope_of_an_update(situation: Situation) -> Plan:
    if not situation.unknown:
        return _NOBODY
    request = put_to(situation.unknown, {}, query=situation.place.query)
    return (step(request, Expectation(status=400, body=_ENVELOPE)),)


def _shape_of_an_answer(situation: Situation) -> Plan:
    shows = {
        "createdId": {"$id": situation.place.customer},
        "warnings": {"$type": "array"},
        "sideEffects": {"$type": "array"},
    }
    request = put(situation.place, {}, query=f"{situation.place.query}&use_async=false")
    return (step(request, granted({}, body=shows)),)


def _not_an_update(body: bytes, content_type: str, status: int) -> Check:
    def plan(situation: Situation) -> Plan:
        request = put(situation.place, body, headers={"content-type": content_type})
        return (step(request, Expectation(status=status, changes={})),)

    name = {415: "content-type-is-json", 400: "body-is-json"}[status]
    return Check(
        id=name,
        law="An update is JSON, and is said to be" if status == 415 else "A body that is no JSON is refused",
        statements=("UPD-EX-3",),
        grade=Grade.UNLIKE,
        leave=Leave.WRITES,
        plan=plan,
    )


def _wrong_type(situation: Situation) -> Plan:
    body = {"profiles": [{"firstName": {"a": 1}}]}
    return (step(put(situation.place, body), refused(400)),)


def _with_user_context(situation: Situation) -> Plan:
    member = held_name(situation)
    if isinstance(member, Unfit):
        return member
    headers = {"USER-CONTEXT-ENTITY-TYPE": "qa", "USER-CONTEXT-ENTITY-ID": "1", "USER-CONTEXT-ENTITY-SOURCE": "API"}
    request = put(situation.place, profile(**{member: situation.word}), headers=headers)
    return (step(request, granted(at(situation.place, **{member: situation.word}))),)


CHECKS = (
    Check(
        id="read-needs-credentials",
        law="A read without credentials is refused with 401",
        statements=("UPD-EX-4",),
        plan=_read_anonymously,
    ),
    Check(
        id="update-needs-credentials",
        law="An update without credentials is refused with 401 and changes nothing",
        statements=("UPD-EX-4",),
        leave=Leave.WRITES,
        plan=_update_anonymously,
    ),
    Check(
        id="customer-is-read",
        law="A customer is read with id and profiles",
        statements=("UPD-PRE-1",),
        grade=Grade.UNLIKE,
        plan=_read,
    ),
    Check(
        id="unknown-customer-is-not-read",
        law="A read of a customer who is not there is refused with 8015",
        statements=("UPD-ERR-1",),
        questions=("error-status",),
        grade=Grade.UNLIKE,
        plan=_read_nobody,
    ),
    Check(
        id="refused-read-has-the-envelope",
        law="A refused read answers with one error of status, code and message",
        statements=("UPD-ERR-1",),
        questions=("error-envelope", "error-status"),
        grade=Grade.UNLIKE,
        plan=_envelope_of_a_read,
    ),
    Check(
        id="refused-update-has-the-envelope",
        law="A refused update answers with one error of status, code and message",
        statements=("UPD-ERR-1",),
        questions=("error-envelope", "error-status"),
        grade=Grade.UNLIKE,
        leave=Leave.WRITES,
        plan=_envelope_of_an_update,
    ),
    Check(
        id="answer-has-its-members",
        law="An accepted update answers with createdId, warnings and sideEffects",
        statements=("UPD-RSP-1", "UPD-RSP-2", "UPD-RSP-3", "UPD-RSP-8", "UPD-RSP-9", "UPD-RSP-10"),
        questions=("created-id-type", "warnings-type", "side-effects-type", "empty-body"),
        leave=Leave.WRITES,
        plan=_shape_of_an_answer,
    ),
    _not_an_update(b'{"profiles": []}', "text/plain", 415),
    _not_an_update(b'{"profiles": [', "application/json", 400),
    Check(
        id="name-is-text",
        law="A name that is no text is refused and changes nothing",
        statements=("UPD-BODY-2",),
        leave=Leave.WRITES,
        plan=_wrong_type,
    ),
    Check(
        id="user-context-is-accepted",
        law="Headers may carry the context of the user",
        statements=("UPD-HDR-1",),
        leave=Leave.WRITES,
        plan=_with_user_context,
    ),
)
