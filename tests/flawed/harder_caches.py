"""Flaws of copies and caches: reads that are behind, in one form or on one connection."""

from collections.abc import Callable

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Reply
from mockserver.messages import Request
from tests.flawed.asking import (
    ASHA,
    GRACE,
    RAVI,
    enrolment,
    get,
    get_in,
    is_of_one_source,
    parameter_of,
    profile,
    put,
    standing,
    upgrade,
)
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw
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


def _is_details(request: Request) -> bool:
    return request.path.endswith("/loyaltyDetails")


CACHES = (
    Flaw(
        name="own-source-behind",
        says="A read of one source shows the customer as it was before the last update; ALL is right.",
        names=(*STALE, "UPD-PRE-2", "get-source-values"),
        needs="writes",
        make=lambda: Deployment(_Behind(is_of_one_source)),
        shown_by=(_RENAME, get_in(ASHA)),
    ),
    Flaw(
        name="account-behind",
        says="A read of one account shows the customer as it was before the last update; ALL is right.",
        names=(*STALE, "UPD-PRE-3", "UPD-QRY-2", "get-source-values"),
        needs="writes",
        make=lambda: Deployment(_Behind(lambda request: parameter_of(request, "accountId") is not None)),
        shown_by=(
            put(GRACE, profile(firstName="Tom"), "source=FACEBOOK&accountId=fb-1"),
            get_in(GRACE, "source=FACEBOOK&accountId=fb-1"),
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
)
