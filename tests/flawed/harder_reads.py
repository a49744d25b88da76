"""Flaws in one form of read: what it leaves out, or takes from elsewhere."""

from collections.abc import Callable
from typing import Any

from mockserver.domain.customer import CustomerId
from mockserver.exchange import Reply
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import (
    ASHA,
    GRACE,
    RAVI,
    TOMAS,
    enrolment,
    get,
    get_in,
    is_of_one_source,
    parameter_of,
    put,
    standing,
)
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import is_customer, is_standing, showing

_FORMS = ("UPD-PRE-1", "UPD-PRE-2", "UPD-USE-1", "get-source-values")


def _showing_where(is_so: Callable[[Request], bool], change: Callable[[Any], Any]) -> Twist:
    """Show another customer where the request is so."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        shown = showing(is_customer, change) if is_so(request) else Deployment.ask
        return shown(deployment, request)

    return twist


def _each_profile(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda body: {**body, "profiles": [change(item) for item in body["profiles"]]}


def _without_last_profile(body: Any) -> Any:
    return {**body, "profiles": body["profiles"][:1]}


def _fields_of_the_first(body: Any) -> Any:
    fields = body["profiles"][0]["fields"] if body["profiles"] else {}
    return _each_profile(lambda item: {**item, "fields": fields})(body)


def _verified_channels_only(item: Any) -> Any:
    return {**item, "commChannels": [each for each in item["commChannels"] if each["verified"]]}


def _non_loyalty(body: Any) -> Any:
    return {**body, "loyaltyInfo": {**body["loyaltyInfo"], "loyaltyType": "non_loyalty"}}


def _account_of_the_first(deployment: Deployment, request: Request) -> Reply:
    """Read a source with several accounts as if the first of the customer's profiles there had been asked for."""
    source, reply = parameter_of(request, "source"), deployment.ask(request)
    if not is_customer(reply) or parameter_of(request, "accountId") is None:
        return reply
    held = deployment.customers[CustomerId(reply.customer or 0)]
    first = next(each for each in held.profiles if each.source == source)
    return deployment.ask(replace(request, query=f"source={source}&accountId={first.account}"))


def _stuck_at_120(body: Any) -> Any:
    """Show points twice, of which one is not kept up to date."""
    return {**body, "data": [{**item, "loyaltyPoints": min(item["loyaltyPoints"], 120.0)} for item in body["data"]]}


READS = (
    Flaw(
        name="all-lacks-a-profile",
        says="A read of ALL leaves out every profile but the first.",
        names=(*_FORMS, "UPD-BODY-1"),
        needs="reads",
        make=deployed(_showing_where(lambda request: parameter_of(request, "source") == "ALL", _without_last_profile)),
        shown_by=(get(TOMAS),),
    ),
    Flaw(
        name="fields-of-the-first-profile",
        says="A read of ALL shows the custom fields of the first profile in each of them.",
        names=(*_FORMS, "UPD-BODY-4", "UPD-BODY-6", "UPD-USE-8"),
        needs="reads",
        make=deployed(_showing_where(lambda request: parameter_of(request, "source") == "ALL", _fields_of_the_first)),
        shown_by=(get(GRACE),),
    ),
    Flaw(
        name="account-of-the-first-profile",
        says="A read of one account shows the first account of that source that the customer has.",
        names=(*_FORMS, "UPD-PRE-3", "UPD-QRY-2", "account-unknown"),
        needs="reads",
        make=deployed(_account_of_the_first),
        shown_by=(get_in(GRACE, "source=FACEBOOK&accountId=fb-2"),),
    ),
    Flaw(
        name="extended-fields-in-all-only",
        says="A read of one source shows no extended fields.",
        names=(*_FORMS, "UPD-USE-6", "UPD-BODY-16", "UPD-BODY-30"),
        needs="reads",
        make=deployed(_showing_where(is_of_one_source, lambda body: {**body, "extendedFields": {}})),
        shown_by=(get_in(ASHA),),
    ),
    Flaw(
        name="own-source-never-loyalty",
        says="A read of one source shows everybody as non-loyalty.",
        names=(*_FORMS, "UPD-USE-3", "UPD-BODY-15", "UPD-LIM-4"),
        needs="reads",
        make=deployed(_showing_where(is_of_one_source, _non_loyalty)),
        shown_by=(get_in(RAVI),),
    ),
    Flaw(
        name="own-source-verified-channels",
        says="A read of one source shows verified channels only.",
        names=(*_FORMS, "UPD-USE-7", "UPD-BODY-7", "UPD-BODY-12"),
        needs="reads",
        make=deployed(_showing_where(is_of_one_source, _each_profile(_verified_channels_only))),
        shown_by=(get_in(ASHA),),
    ),
    Flaw(
        name="two-counts-of-points",
        says="Of the two counts of points in the loyalty details one stays at 120 whatever is credited.",
        names=("UPD-BODY-23", "UPD-BODY-19", "UPD-PRE-1", "UPD-USE-1"),
        needs="irreversible",
        make=deployed(showing(is_standing, _stuck_at_120)),
        shown_by=(put(RAVI, enrolment(points=500)), standing(RAVI)),
    ),
)
