"""Flaws in refusals: half of what was refused is done, or something else is; one code is wrong."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from mockserver.domain.customer import Customer, CustomerId, Profile
from mockserver.exchange import Reply, refuse
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import (
    ASHA,
    GRACE,
    LI,
    RAVI,
    channel,
    downgrade,
    enrolment,
    get,
    parameter_of,
    profile,
    put,
    standing,
    upgrade,
    with_header,
    with_query,
)
from tests.flawed.deployment import Deployment, Twist, read_demo
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import (
    Sent,
    items_of,
    nobody,
    sends,
    sent_by,
    with_body,
    with_enrolments,
)

_Mend: TypeAlias = Callable[[Request], Request]
_SOURCES = read_demo().organisation.sources
_UNTOUCHED = ("UPD-USE-1", "UPD-USE-2")
_FAX = {"type": "fax", "value": "919999001944"}
_TOM = profile(firstName="Tom")


def _doing(code: int, mend: _Mend) -> Twist:
    """Refuse with a code as ever, and do what the request would do if it were mended."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        if reply.code != code or request.method != "PUT":
            return reply
        done = deployment.ask(mend(request))
        return replace(reply, changed=done.changed, later=done.later)

    return twist


def _touching(code: int, change: Callable[[Customer], Customer]) -> Twist:
    """Refuse with a code as ever, and change the customer."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        held = deployment.customers.get(CustomerId(reply.customer or 0))
        is_met = reply.code == code and request.method == "PUT" and held is not None
        return replace(reply, changed=(change(held),)) if is_met and held is not None else reply

    return twist


def _coded(before: int, after: str) -> Twist:
    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        return refuse(deployment.setting, after, "flawed") if reply.code == before else reply

    return twist


def _body(change: Callable[[Sent], Sent]) -> _Mend:
    return lambda request: sends(request, change(sent_by(request)))


def _only(*members: str) -> _Mend:
    """Keep of the body these members alone."""
    return _body(lambda sent: {name: sent[name] for name in sent if name in members})


def _in_the_lowest_tier(sent: Sent) -> Sent:
    items = items_of(sent, "loyaltyProgramEnrollments")
    return {"loyaltyProgramEnrollments": [{**item, "tierNumber": 1, "loyaltyPoints": 0} for item in items]}


def _texts_only(sent: Sent) -> Sent:
    """Keep of each profile the names that are text."""
    names = ("firstName", "lastName")
    profiles = [
        {name: item[name] for name in item if name in names and isinstance(item[name], str)}
        for item in items_of(sent, "profiles")
    ]
    return {"profiles": profiles}


def _in_the_till(request: Request) -> Request:
    return with_query(request, source="INSTORE")


def _at_the_first_account(request: Request) -> Request:
    source = _SOURCES.get(parameter_of(request, "source") or "")
    accounts = sorted(source.accounts) if source else []
    return with_query(request, accountId=accounts[0]) if accounts else request


def _as_json(request: Request) -> Request:
    return with_header(request, "content-type", "application/json")


def _as_far_as_it_is_json(request: Request) -> Request:
    """Return the request with the JSON with which its body begins, whatever comes behind it."""
    try:
        sent, _ = json.JSONDecoder().raw_decode(request.body.decode().lstrip())
    except ValueError:  # it does not even begin with JSON
        return request
    return sends(request, sent) if isinstance(sent, dict) else request


def _with_empty_profile(customer: Customer) -> Customer:
    held = customer.profile_of("WEBSITE", None)
    added = () if held else (Profile(source="WEBSITE", attribution=nobody()),)
    return replace(customer, profiles=(*customer.profiles, *added))


def _with_a_point_more(customer: Customer) -> Customer:
    return with_enrolments(customer, lambda held: replace(held, points=held.points + 1))


def _both(deployment: Deployment, request: Request) -> Reply:
    """Tell a skipped channel as a warning, and as an error beside it."""
    reply = deployment.ask(request)
    if reply.operation != "updateCustomer" or 8057 not in reply.warnings:
        return reply
    body: Any = json.loads(reply.response.body)
    errors = [each for each in body["warnings"] if each["code"] == 8057]
    return with_body(reply, {**body, "errors": errors})


def _by_fax(**more: object) -> dict[str, object]:
    return {**profile(firstName="Tom", commChannels=[_FAX]), **more}


REFUSALS = (
    Flaw(
        name="refused-source-stored",
        says="A source that is missing or unknown is refused with 8003, and the names are stored at INSTORE.",
        names=("UPD-QRY-1", "UPD-PRE-2", "source-missing", "source-unknown", *_UNTOUCHED),
        needs="writes",
        make=deployed(_doing(8003, _in_the_till)),
        shown_by=(put(ASHA, _TOM, "source=ORKUT"), get(ASHA)),
    ),
    Flaw(
        name="missing-account-stored",
        says="A missing account is refused with 8045, and the update done at the first account.",
        names=("UPD-QRY-6", "UPD-QRY-2", "UPD-PRE-3", "UPD-QRY-5", "account-missing", "account-empty", *_UNTOUCHED),
        needs="writes",
        make=deployed(_doing(8045, _at_the_first_account)),
        shown_by=(put(GRACE, _TOM, "source=FACEBOOK"), get(GRACE)),
    ),
    Flaw(
        name="refused-tier-profile-stored",
        says="An unknown tier is refused, and the profile in the same request stored.",
        names=("tier-unknown", "UPD-BODY-22", "UPD-BODY-19", *_UNTOUCHED),
        needs="writes",
        make=deployed(_doing(10002, _only("profiles"))),
        shown_by=(put(RAVI, {**enrolment(tier=99), **_TOM}), get(RAVI)),
    ),
    Flaw(
        name="refused-tier-enrols",
        says="An unknown tier is refused, and the customer enrolled in the lowest.",
        names=("tier-unknown", "UPD-BODY-22", "UPD-BODY-19", "UPD-BODY-20"),
        needs="irreversible",
        make=deployed(_doing(10002, _body(_in_the_lowest_tier))),
        shown_by=(put(RAVI, enrolment(tier=99)), standing(RAVI)),
    ),
    Flaw(
        name="refused-channel-fields-stored",
        says="An unknown channel type is refused, and the extended fields in the same request are stored.",
        names=("UPD-BODY-8", "channel-type-elsewhere", "UPD-USE-6", "UPD-USE-7", "UPD-USE-1"),
        needs="writes",
        make=deployed(_doing(8010, _only("extendedFields"))),
        shown_by=(put(RAVI, _by_fax(extendedFields={"city": "Bangalore"})), get(RAVI)),
    ),
    Flaw(
        name="refused-channel-upgrades",
        says="An unknown channel type is refused, and the customer in the same request becomes loyalty.",
        names=("UPD-BODY-8", "channel-type-elsewhere", "UPD-USE-3", "UPD-USE-7", "UPD-USE-1"),
        needs="irreversible",
        make=deployed(_doing(8010, _only("loyaltyInfo"))),
        shown_by=(put(ASHA, _by_fax(**upgrade())), get(ASHA)),
    ),
    Flaw(
        name="refused-program-fields-stored",
        says="An unknown program is refused, and the extended fields in the same request are stored.",
        names=("program-unknown", "UPD-BODY-20", "UPD-BODY-19", "UPD-USE-6", "UPD-USE-1"),
        needs="writes",
        make=deployed(_doing(1101, _only("extendedFields"))),
        shown_by=(put(RAVI, {**enrolment(program=4711), "extendedFields": {"city": "Bangalore"}}), get(RAVI)),
    ),
    Flaw(
        name="refused-downgrade-enrols",
        says="A downgrade is refused, and the enrolment in the same request done.",
        names=("UPD-LIM-3", "UPD-USE-3", "loyalty-downgrade", "UPD-BODY-19", "UPD-USE-1"),
        needs="irreversible",
        make=deployed(_doing(8018, _only("loyaltyProgramEnrollments"))),
        shown_by=(put(RAVI, downgrade(**enrolment())), standing(RAVI)),
    ),
    Flaw(
        name="refused-type-other-name-stored",
        says="A name that is no text is refused with 400, and the other name, which is, is stored.",
        names=("UPD-BODY-2", "UPD-BODY-3", *_UNTOUCHED),
        needs="writes",
        make=deployed(_doing(400, _body(_texts_only))),
        shown_by=(put(RAVI, profile(firstName=5, lastName="Sawyer")), get(RAVI)),
    ),
    Flaw(
        name="refused-content-type-executed",
        says="An update that is not sent as JSON is refused with 415, and done.",
        names=("UPD-EX-3", "UPD-USE-1"),
        needs="writes",
        make=deployed(_doing(415, _as_json)),
        shown_by=(with_header(put(ASHA, _TOM), "content-type", "text/plain"), get(ASHA)),
    ),
    Flaw(
        name="broken-json-executed",
        says="A body with something behind its JSON is refused with 400, and what it begins with is done.",
        names=("UPD-EX-3", "UPD-USE-1"),
        needs="writes",
        make=deployed(_doing(400, _as_far_as_it_is_json)),
        shown_by=(replace(put(ASHA, _TOM), body=put(ASHA, _TOM).body + b" x"), get(ASHA)),
    ),
    Flaw(
        name="refused-account-makes-profile",
        says="An account that is refused with 3217 leaves an empty profile in WEBSITE.",
        names=("UPD-ERR-2", "UPD-QRY-2", "account-unknown", "account-on-single-account-source", "UPD-USE-1"),
        needs="irreversible",
        make=deployed(_touching(3217, _with_empty_profile)),
        shown_by=(put(LI, _TOM, "source=WECHAT&accountId=nowhere"), get(LI)),
    ),
    Flaw(
        name="refused-source-pays",
        says="An update that is refused with 8003 pays a point in each program of the customer.",
        names=("UPD-QRY-1", "UPD-PRE-2", "source-missing", "source-unknown", "UPD-USE-1", "UPD-BODY-23"),
        needs="irreversible",
        make=deployed(_touching(8003, _with_a_point_more)),
        shown_by=(put(RAVI, _TOM, "source=ORKUT"), standing(RAVI)),
    ),
    Flaw(
        name="unknown-account-as-8015",
        says="An unknown account is refused with 8015, as if the customer were unknown.",
        names=("UPD-ERR-2", "UPD-QRY-2", "account-unknown"),
        needs="writes",
        make=deployed(_coded(3217, "8015")),
        shown_by=(put(LI, {}, "source=WECHAT&accountId=nowhere"),),
    ),
    Flaw(
        name="unknown-tier-as-500",
        says="An unknown tier is answered 500.",
        names=("tier-unknown", "UPD-BODY-22"),
        needs="writes",
        make=deployed(_coded(10002, "500")),
        shown_by=(put(RAVI, enrolment(tier=99)),),
    ),
    Flaw(
        name="warned-and-refused",
        says="An invalid e-mail address is told as a warning and as an error, in one answer of status 200.",
        names=("channel-value-invalid", "UPD-RSP-2", "error-envelope", "UPD-EX-6", "UPD-BODY-9"),
        needs="writes",
        make=deployed(_both),
        shown_by=(put(ASHA, channel("email", "no address")),),
    ),
)
