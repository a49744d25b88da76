"""Flaws that show where two parts of a request meet, each of which is well alone."""

from mockserver.domain.customer import Customer, Enrolment
from mockserver.exchange import Reply, refuse
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import (
    ASHA,
    GRACE,
    RAVI,
    enrolment,
    get,
    is_async,
    parameter_of,
    profile,
    put,
    put_async,
    standing,
    upgrade,
    with_header,
    with_query,
)
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import (
    Sent,
    before_and_after,
    is_update,
    items_of,
    receiving,
    saving,
    sent_by,
)

_TWO = [{"programId": 699, "tierNumber": 1, "loyaltyPoints": 5}, {"programId": 1016, "tierNumber": 2}]


def _async_enrolment_loses_profile(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    is_met = is_update(reply) and is_async(request) and items_of(sent_by(request), "loyaltyProgramEnrollments")
    if not is_met:
        return reply
    before, after = before_and_after(deployment, reply)
    return replace(reply, changed=(replace(after, profiles=before.profiles),))


def _extended_lost_beside_null(before: Customer, after: Customer, sent: Sent) -> Customer:
    fields = sent.get("extendedFields")
    has_null = isinstance(fields, dict) and None in fields.values()
    return replace(after, extended_fields=before.extended_fields) if has_null else after


def _other_account_where_it_stands_first(request: Request) -> Request:
    if not request.query.startswith("accountId="):
        return request
    others = {"22232": "1234", "1234": "22232", "fb-1": "fb-2", "fb-2": "fb-1"}
    account = parameter_of(request, "accountId") or ""
    return with_query(request, accountId=others.get(account, account))


def _one_enrolment(before: Customer, after: Customer, sent: Sent) -> Customer:
    def is_old(held: Enrolment) -> bool:
        return before.enrolment_in(held.program) is not None

    asked = [item.get("programId") for item in items_of(sent, "loyaltyProgramEnrollments")]
    lost = [number for number in asked if number is not None][1:]
    kept = tuple(held for held in after.enrolments if is_old(held) or held.program not in lost)
    return replace(after, enrolments=kept)


def _no_upgrade_beside_enrolment(before: Customer, after: Customer, sent: Sent) -> Customer:
    is_met = items_of(sent, "loyaltyProgramEnrollments")
    return replace(after, loyalty_type=before.loyalty_type) if is_met else after


def _known_lost_beside_unknown(deployment: Deployment, request: Request) -> Reply:
    reply, sent = deployment.ask(request), sent_by(request).get("extendedFields")
    if not is_update(reply) or not isinstance(sent, dict):
        return reply
    known = deployment.setting.organisation.extended_fields
    if all(name.lower() in known for name in sent):
        return reply
    before, after = before_and_after(deployment, reply)
    return replace(reply, changed=(replace(after, extended_fields=before.extended_fields),))


def _nothing_beside_a_warning(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    return replace(reply, changed=()) if is_update(reply) and reply.warnings else reply


def _fails_on_async_context(deployment: Deployment, request: Request) -> Reply:
    has_context = any(name.startswith("user-context") for name in request.headers)
    return refuse(deployment.setting, "500", "flawed") if has_context and is_async(request) else deployment.ask(request)


def _async_account(request: Request) -> Request:
    others = {"fb-1": "fb-2", "fb-2": "fb-1", "1234": "22232", "22232": "1234"}
    account = parameter_of(request, "accountId") or ""
    return with_query(request, accountId=others[account]) if is_async(request) and account in others else request


COMBINATIONS = (
    Flaw(
        name="async-enrolment-loses-profile",
        says="With use_async=true a profile is not stored where an enrolment is sent too.",
        names=("UPD-QRY-3", "async-scope", "UPD-USE-2", "UPD-BODY-2", "UPD-BODY-3"),
        needs="irreversible",
        make=deployed(_async_enrolment_loses_profile),
        shown_by=(put_async(RAVI, {**enrolment(), **profile(firstName="Tom")}), get(RAVI)),
    ),
    Flaw(
        name="second-enrolment-lost",
        says="Of two enrolments in a request the second is not done, though its points are listed.",
        names=("UPD-BODY-19", "UPD-BODY-20", "UPD-BODY-23"),
        needs="irreversible",
        make=deployed(saving(_one_enrolment)),
        shown_by=(put(ASHA, {"loyaltyProgramEnrollments": _TWO}), standing(ASHA)),
    ),
    Flaw(
        name="upgrade-lost-beside-enrolment",
        says="A customer who is enrolled in the same request does not become loyalty.",
        names=("UPD-USE-3", "UPD-LIM-4", "UPD-BODY-15", "UPD-BODY-19"),
        needs="irreversible",
        make=deployed(saving(_no_upgrade_beside_enrolment)),
        shown_by=(put(ASHA, upgrade(**enrolment())), get(ASHA)),
    ),
    Flaw(
        name="known-field-lost-beside-unknown",
        says="Extended fields are not stored where one of them is unknown, and warned of.",
        names=("UPD-BODY-16", "UPD-USE-6", "UPD-BODY-30", "extended-field-unknown"),
        needs="irreversible",
        make=deployed(_known_lost_beside_unknown),
        shown_by=(put(ASHA, {"extendedFields": {"city": "Bangalore", "shoe_size": "42"}}), get(ASHA)),
    ),
    Flaw(
        name="extended-lost-beside-null",
        says="Extended fields are not stored where one of them is null.",
        names=("UPD-BODY-16", "UPD-USE-6", "UPD-BODY-30", "null-value"),
        needs="writes",
        make=deployed(saving(_extended_lost_beside_null)),
        shown_by=(put(RAVI, {"extendedFields": {"city": "Bangalore", "gender": None}}), get(RAVI)),
    ),
    Flaw(
        name="account-first-goes-elsewhere",
        says="An accountId that stands before the source in the query is taken for the other account.",
        names=("UPD-QRY-2", "UPD-QRY-6", "UPD-QRY-1", "UPD-ERR-2"),
        needs="writes",
        make=deployed(receiving(_other_account_where_it_stands_first)),
        shown_by=(put(GRACE, profile(firstName="Tom"), "accountId=fb-1&source=FACEBOOK"), get(GRACE)),
    ),
    Flaw(
        name="change-lost-beside-warning",
        says="An update that is answered with a warning is not stored at all.",
        names=(
            "UPD-RSP-2",
            "UPD-USE-1",
            "UPD-USE-2",
            "UPD-USE-7",
            "UPD-BODY-9",
            "UPD-EX-1",
            "UPD-EX-6",
            "channel-value-invalid",
            "already-enrolled",
        ),
        needs="writes",
        make=deployed(_nothing_beside_a_warning),
        shown_by=(
            put(ASHA, profile(firstName="Tom", commChannels=[{"type": "email", "value": "no address"}])),
            get(ASHA),
        ),
    ),
    Flaw(
        name="async-context-crashes",
        says="Headers of the user context with use_async=true are answered 500.",
        names=("UPD-HDR-1", "UPD-QRY-3", "attribution-headers"),
        needs="writes",
        make=deployed(_fails_on_async_context),
        shown_by=(with_header(put_async(ASHA, {}), "user-context-entity-type", "TILL"),),
    ),
    Flaw(
        name="async-at-the-other-account",
        says="With use_async=true an update goes to the other account of its source.",
        names=("UPD-QRY-2", "UPD-QRY-3", "UPD-PRE-3"),
        needs="irreversible",
        make=deployed(receiving(_async_account)),
        shown_by=(put(GRACE, profile(firstName="Tom"), "source=FACEBOOK&accountId=fb-1&use_async=true"), get(GRACE)),
    ),
)
