"""Flaws that show now and then only: every so many requests, at first, after a while, for some customers."""

from collections import Counter
from collections.abc import Callable

from mockserver.domain.customer import Customer, CustomerId, Profile
from mockserver.exchange import Reply, refuse
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import ASHA, LI, RAVI, TOMAS, channel, get, profile, put, standing, upgrade
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.flaw import Flaw, Make
from tests.flawed.harder_caches import STALE
from tests.flawed.twists import (
    Keep,
    before_and_after,
    channels_of,
    is_customer,
    is_standing,
    is_update,
    profile_before,
    saving,
    sent_by,
    showing,
    with_profiles,
)

_NAMES = ("UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2", "UPD-USE-1")
_EMAIL = "asha.menon@example.com"


def _rename(number: int, customer: int = ASHA) -> Request:
    return put(customer, profile(firstName=f"Tom {number}"))


class _Now:
    """A twist that is there for some requests only, as `is_due` says of the number of those that it is about."""

    def __init__(self, twist: Twist, is_meant: Callable[[Request], bool], is_due: Callable[[int], bool]) -> None:
        self._twist = twist
        self._is_meant = is_meant
        self._is_due = is_due
        self._met = 0

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        if not self._is_meant(request):
            return deployment.ask(request)
        self._met += 1
        return self._twist(deployment, request) if self._is_due(self._met) else deployment.ask(request)


class _StaleNowAndThen:
    """Every third read shows the customers as they were before the last update."""

    def __init__(self) -> None:
        self._reads = 0
        self._previous: dict[CustomerId, Customer] = {}

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        self._reads += request.method == "GET"
        if request.method == "GET" and self._reads % 3 == 0:
            return deployment.ask(request, {**deployment.customers, **self._previous})
        reply = deployment.ask(request)
        for customer in reply.changed:
            self._previous[customer.id] = deployment.customers[customer.id]
        return reply


class _FirstOfEach:
    """The first update of each customer that would change something changes nothing."""

    def __init__(self) -> None:
        self._met: Counter[int | None] = Counter()

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        if not reply.changed:
            return reply
        self._met[reply.customer] += 1
        return replace(reply, changed=(), later=None) if self._met[reply.customer] == 1 else reply


def _now(twist: Twist, is_meant: Callable[[Request], bool], is_due: Callable[[int], bool]) -> Make:
    return lambda: Deployment(_Now(twist, is_meant, is_due))


def _is_write(request: Request) -> bool:
    return request.method == "PUT"


def _is_channel_write(request: Request) -> bool:
    return request.method == "PUT" and bool(channels_of(sent_by(request)))


def _is_details(request: Request) -> bool:
    return request.path.endswith("/loyaltyDetails")


def _is_read(request: Request) -> bool:
    return request.method == "GET" and not _is_details(request)


def _nth(number: int) -> Callable[[int], bool]:
    return lambda met: met % number == 0


def _lost(deployment: Deployment, request: Request) -> Reply:
    return replace(deployment.ask(request), changed=(), later=None)


def _crashes(deployment: Deployment, _: Request) -> Reply:
    return refuse(deployment.setting, "500", "flawed")


def _of_some(is_one: Callable[[int], bool], keep: Keep) -> Twist:
    """Save otherwise what updates make of the customers whose id is so."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        if not is_update(reply) or not is_one(reply.customer or 0):
            return reply
        before, after = before_and_after(deployment, reply)
        return replace(reply, changed=(keep(before, after, sent_by(request)),))

    return twist


def _names_stay(before: Customer, after: Customer, _: object) -> Customer:
    def named_before(item: Profile) -> Profile:
        old = profile_before(before, item)
        return replace(item, first_name=old.first_name, last_name=old.last_name)

    return with_profiles(after, named_before)


def _fields_stay(before: Customer, after: Customer, _: object) -> Customer:
    return replace(after, extended_fields=before.extended_fields)


def _loyalty_stays(before: Customer, after: Customer, _: object) -> Customer:
    return replace(after, loyalty_type=before.loyalty_type)


INTERMITTENT = (
    Flaw(
        name="every-fifth-update-lost",
        says="Every fifth update is answered 200, and not stored.",
        names=STALE,
        needs="writes",
        make=_now(_lost, _is_write, _nth(5)),
        shown_by=(*(_rename(number) for number in range(5)), get(ASHA)),
    ),
    Flaw(
        name="every-seventh-channel-update-lost",
        says="Of the updates with channels every seventh is answered 200, and not stored.",
        names=("UPD-USE-7", "UPD-BODY-7", "UPD-BODY-9", "UPD-BODY-11", "UPD-BODY-12", "UPD-BODY-13", "UPD-USE-1"),
        needs="writes",
        make=_now(_lost, _is_channel_write, _nth(7)),
        shown_by=(
            *(put(ASHA, channel("email", _EMAIL, meta={"office": bool(number % 2)})) for number in range(8)),
            get(ASHA),
        )[1:],
    ),
    Flaw(
        name="every-third-read-stale",
        says="Every third read shows the customer as it was before the last update.",
        names=STALE,
        needs="writes",
        make=lambda: Deployment(_StaleNowAndThen()),
        shown_by=(_rename(1), get(ASHA), get(ASHA), get(ASHA)),
    ),
    Flaw(
        name="first-update-of-each-lost",
        says="The first change of each customer is answered 200, and not stored; all later ones are.",
        names=STALE,
        needs="writes",
        make=lambda: Deployment(_FirstOfEach()),
        shown_by=(_rename(1), get(ASHA)),
    ),
    Flaw(
        name="names-lost-after-twenty",
        says="After twenty updates names are not stored any more.",
        names=_NAMES,
        needs="writes",
        make=_now(saving(_names_stay), _is_write, lambda met: met > 20),
        shown_by=(*(_rename(number) for number in range(21)), get(ASHA)),
    ),
    Flaw(
        name="every-eleventh-update-crashes",
        says="Every eleventh update is answered 500, and not done.",
        names=("UPD-USE-1", "UPD-RES-2", "request-level-code"),
        needs="writes",
        make=_now(_crashes, _is_write, _nth(11)),
        shown_by=tuple(put(ASHA, {}) for _ in range(11)),
    ),
    Flaw(
        name="names-of-one-customer",
        says="The names of customer 171891948 are never stored, those of others are.",
        names=_NAMES,
        needs="writes",
        make=lambda: Deployment(_of_some(lambda number: number == TOMAS, _names_stay)),
        shown_by=(_rename(1, TOMAS), get(TOMAS)),
    ),
    Flaw(
        name="extended-fields-of-odd-ids",
        says="The extended fields of customers with an odd id are not stored.",
        names=("UPD-USE-6", "UPD-BODY-16", "UPD-BODY-17", "UPD-BODY-18", "UPD-BODY-30"),
        needs="writes",
        make=lambda: Deployment(_of_some(lambda number: number % 2 == 1, _fields_stay)),
        shown_by=(put(RAVI, {"extendedFields": {"city": "Bangalore"}}), get(RAVI)),
    ),
    Flaw(
        name="upgrade-of-one-customer",
        says="Customer 171891946 never becomes loyalty, others do.",
        names=("UPD-USE-3", "UPD-LIM-4", "UPD-BODY-15"),
        needs="irreversible",
        make=lambda: Deployment(_of_some(lambda number: number == LI, _loyalty_stays)),
        shown_by=(put(LI, upgrade(), "source=WECHAT&accountId=1234"), get(LI)),
    ),
    Flaw(
        name="every-second-answer-without-warnings",
        says="Every second answer to an update has no warnings.",
        names=("UPD-RSP-2", "UPD-RSP-9", "warnings-type"),
        needs="writes",
        make=_now(
            showing(is_update, lambda body: {name: body[name] for name in body if name != "warnings"}),
            _is_write,
            _nth(2),
        ),
        shown_by=(put(ASHA, {}), put(ASHA, {})),
    ),
    Flaw(
        name="every-sixth-details-empty",
        says="Every sixth read of loyalty details shows no program.",
        names=("UPD-BODY-19", "UPD-BODY-23", "UPD-PRE-1", "UPD-USE-1"),
        needs="reads",
        make=_now(showing(is_standing, lambda body: {**body, "data": []}), _is_details, _nth(6)),
        shown_by=tuple(standing(RAVI) for _ in range(6)),
    ),
    Flaw(
        name="every-tenth-read-without-fields",
        says="Every tenth read of a customer shows no extended fields.",
        names=("UPD-USE-6", "UPD-BODY-16", "UPD-BODY-30", "UPD-PRE-1", "UPD-USE-1"),
        needs="reads",
        make=_now(showing(is_customer, lambda body: {**body, "extendedFields": {}}), _is_read, _nth(10)),
        shown_by=tuple(get(ASHA) for _ in range(10)),
    ),
)
