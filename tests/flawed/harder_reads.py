"""Flaws in one form of read, on one connection, or in one of two answers that say the same thing."""

from collections.abc import Callable
from typing import Any

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Reply
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import ASHA, GRACE, RAVI, TOMAS, enrolment, get, parameter_of, profile, put, standing, upgrade
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import is_customer, is_standing, showing
from tests.flawed.wire import connection_of, over

STALE = (
    "UPD-USE-1",
    "UPD-USE-2",
    "UPD-USE-6",
    "UPD-USE-7",
    "UPD-USE-8",
    "UPD-BODY-2",
    "UPD-BODY-3",
    "UPD-BODY-4",
    "UPD-PRE-1",
)
_FORMS = ("UPD-PRE-1", "UPD-PRE-2", "UPD-USE-1", "get-source-values")
_RENAME = put(ASHA, profile(firstName="Tom"))


class _Behind:
    """Some reads show each customer as it was before the last update that changed it."""

    def __init__(self, is_behind: Callable[[Request], bool]) -> None:
        self._is_behind = is_behind
        self._previous: dict[CustomerId, Customer] = {}

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        if request.method == "GET" and self._is_behind(request):
            return deployment.ask(request, {**deployment.customers, **self._previous})
        reply = deployment.ask(request)
        for customer in reply.changed:
            self._previous[customer.id] = deployment.customers[customer.id]
        return reply


class _CachedByQuery:
    """Reads are kept by path and query; an update forgets those of its own source only, so ALL is never forgotten."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str | None, str | None], Reply] = {}

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        key = request.path, parameter_of(request, "source"), parameter_of(request, "accountId")
        if request.method == "PUT":
            self._kept.pop(key, None)
        if request.method != "GET" or key[1] is None:
            return deployment.ask(request)
        if key not in self._kept:
            self._kept[key] = deployment.ask(request)
        return self._kept[key]


class _CachedByConnection:
    """A connection shows what it saw first, and what it changed itself."""

    def __init__(self) -> None:
        self._seen: dict[int, dict[CustomerId, Customer]] = {}

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        seen = self._seen.setdefault(connection_of(request), {})
        reply = deployment.ask(request, {**deployment.customers, **seen} if request.method == "GET" else None)
        for customer in reply.changed:
            seen.pop(customer.id, None)
        number = CustomerId(reply.customer or 0)
        if request.method == "GET" and number in deployment.customers:
            seen.setdefault(number, deployment.customers[number])
        return reply


class _NewConnectionBehind:
    """The first read of a connection comes from a copy that is one update behind."""

    def __init__(self) -> None:
        self._known: set[int] = set()
        self._behind = _Behind(lambda _: True)

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        connection = connection_of(request)
        is_new = connection not in self._known and request.method == "GET"
        self._known.add(connection)
        return self._behind(deployment, request) if is_new or request.method != "GET" else deployment.ask(request)


class _CachedAtTheOther:
    """Loyalty details are kept, until the same customer is read in another form."""

    def __init__(self) -> None:
        self._kept: dict[str, Reply] = {}

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        if not request.path.endswith("/loyaltyDetails"):
            if request.method == "GET":
                self._kept.pop(f"{request.path}/loyaltyDetails", None)
            return deployment.ask(request)
        return self._kept.setdefault(request.path, deployment.ask(request))


def _source(request: Request) -> str | None:
    return parameter_of(request, "source")


def _is_own(request: Request) -> bool:
    return _source(request) not in (None, "ALL")


def _is_details(request: Request) -> bool:
    return request.path.endswith("/loyaltyDetails")


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
    source, reply = _source(request), deployment.ask(request)
    if not is_customer(reply) or parameter_of(request, "accountId") is None:
        return reply
    held = deployment.customers[CustomerId(reply.customer or 0)]
    first = next(each for each in held.profiles if each.source == source)
    return deployment.ask(replace(request, query=f"source={source}&accountId={first.account}"))


def _stuck_at_120(body: Any) -> Any:
    """Show points twice, of which one is not kept up to date."""
    return {**body, "data": [{**item, "loyaltyPoints": min(item["loyaltyPoints"], 120.0)} for item in body["data"]]}


def _own(customer: int, query: str = "source=INSTORE") -> Request:
    return replace(get(customer), query=query)


READS = (
    Flaw(
        name="own-source-behind",
        says="A read of one source shows the customer as it was before the last update; ALL is right.",
        names=(*STALE, "UPD-PRE-2", "get-source-values"),
        needs="writes",
        make=lambda: Deployment(_Behind(_is_own)),
        shown_by=(_RENAME, _own(ASHA)),
    ),
    Flaw(
        name="account-behind",
        says="A read of one account shows the customer as it was before the last update; ALL is right.",
        names=(*STALE, "UPD-PRE-3", "UPD-QRY-2", "get-source-values"),
        needs="writes",
        make=lambda: Deployment(_Behind(lambda request: parameter_of(request, "accountId") is not None)),
        shown_by=(
            put(GRACE, profile(firstName="Tom"), "source=FACEBOOK&accountId=fb-1"),
            _own(GRACE, "source=FACEBOOK&accountId=fb-1"),
        ),
    ),
    Flaw(
        name="details-behind",
        says="Loyalty details show a customer as it was before the last update; other reads are right.",
        names=("UPD-USE-3", "UPD-LIM-4", "UPD-BODY-19", "UPD-BODY-22", "UPD-BODY-23", "UPD-USE-1", "UPD-PRE-1"),
        needs="irreversible",
        make=lambda: Deployment(_Behind(_is_details)),
        shown_by=(put(RAVI, enrolment()), standing(RAVI)),
    ),
    Flaw(
        name="all-lacks-a-profile",
        says="A read of ALL leaves out every profile but the first.",
        names=(*_FORMS, "UPD-BODY-1"),
        needs="reads",
        make=deployed(_showing_where(lambda request: _source(request) == "ALL", _without_last_profile)),
        shown_by=(get(TOMAS),),
    ),
    Flaw(
        name="fields-of-the-first-profile",
        says="A read of ALL shows the custom fields of the first profile in each of them.",
        names=(*_FORMS, "UPD-BODY-4", "UPD-BODY-6", "UPD-USE-8"),
        needs="reads",
        make=deployed(_showing_where(lambda request: _source(request) == "ALL", _fields_of_the_first)),
        shown_by=(get(GRACE),),
    ),
    Flaw(
        name="account-of-the-first-profile",
        says="A read of one account shows the first account of that source that the customer has.",
        names=(*_FORMS, "UPD-PRE-3", "UPD-QRY-2", "account-unknown"),
        needs="reads",
        make=deployed(_account_of_the_first),
        shown_by=(_own(GRACE, "source=FACEBOOK&accountId=fb-2"),),
    ),
    Flaw(
        name="extended-fields-in-all-only",
        says="A read of one source shows no extended fields.",
        names=(*_FORMS, "UPD-USE-6", "UPD-BODY-16", "UPD-BODY-30"),
        needs="reads",
        make=deployed(_showing_where(_is_own, lambda body: {**body, "extendedFields": {}})),
        shown_by=(_own(ASHA),),
    ),
    Flaw(
        name="own-source-never-loyalty",
        says="A read of one source shows everybody as non-loyalty.",
        names=(*_FORMS, "UPD-USE-3", "UPD-BODY-15", "UPD-LIM-4"),
        needs="reads",
        make=deployed(_showing_where(_is_own, _non_loyalty)),
        shown_by=(_own(RAVI),),
    ),
    Flaw(
        name="own-source-verified-channels",
        says="A read of one source shows verified channels only.",
        names=(*_FORMS, "UPD-USE-7", "UPD-BODY-7", "UPD-BODY-12"),
        needs="reads",
        make=deployed(_showing_where(_is_own, _each_profile(_verified_channels_only))),
        shown_by=(_own(ASHA),),
    ),
    Flaw(
        name="cached-by-query",
        says="Reads are cached by their query: an update forgets that of its own source, and never that of ALL.",
        names=(*STALE, "UPD-PRE-2", "get-source-values"),
        needs="writes",
        make=lambda: Deployment(_CachedByQuery()),
        shown_by=(get(ASHA), _RENAME, get(ASHA)),
    ),
    Flaw(
        name="cached-by-connection",
        says="A connection shows a customer as it was read there first; what others change it does not see.",
        names=(*STALE, "concurrent-update"),
        needs="writes",
        make=lambda: Deployment(_CachedByConnection()),
        shown_by=(over(1, get(ASHA)), over(2, _RENAME), over(1, get(ASHA))),
    ),
    Flaw(
        name="new-connection-behind",
        says="The first read of a new connection shows a customer as it was before the last update.",
        names=STALE,
        needs="writes",
        make=lambda: Deployment(_NewConnectionBehind()),
        shown_by=(over(1, get(ASHA)), over(1, _RENAME), over(2, get(ASHA))),
    ),
    Flaw(
        name="details-cached",
        says="Loyalty details are cached until the customer is read in another form.",
        names=("UPD-USE-3", "UPD-LIM-4", "UPD-BODY-19", "UPD-BODY-22", "UPD-BODY-23", "UPD-USE-1", "UPD-PRE-1"),
        needs="irreversible",
        make=lambda: Deployment(_CachedAtTheOther()),
        shown_by=(standing(ASHA), put(ASHA, upgrade()), standing(ASHA)),
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
