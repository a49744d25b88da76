"""Flaws that need time to pass: what was stored changes by itself, or is shown rightly at first only."""

from collections.abc import Callable
from typing import TypeAlias

from mockserver.domain.customer import NON_LOYALTY, CommChannel, Customer, CustomerId, Profile
from mockserver.domain.outcome import Later
from mockserver.exchange import Reply
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import (
    ASHA,
    RAVI,
    channel,
    enrolment,
    get,
    is_async,
    profile,
    put,
    put_async,
    standing,
    upgrade,
)
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw
from tests.flawed.harder_caches import STALE
from tests.flawed.twists import is_update, with_enrolments, with_profiles

_LOYALTY = ("UPD-USE-3", "UPD-LIM-3", "UPD-LIM-4", "UPD-BODY-15")
_ENROLMENTS = ("UPD-BODY-19", "UPD-BODY-20", "UPD-BODY-21", "UPD-BODY-22", "UPD-BODY-23")
_RENAME = put(ASHA, profile(firstName="Tom"))
_EMAIL = "asha.menon@example.com"
_Change: TypeAlias = Callable[[Customer, Customer, Customer], Customer]


class _Comes:
    """Some seconds after an update something becomes of the customer: `change` gets it as it was, became, and is."""

    def __init__(
        self, seconds: float, change: _Change, *, is_meant: Callable[[Request], bool] = lambda _: True
    ) -> None:
        self._seconds = seconds
        self._change = change
        self._is_meant = is_meant
        self._due: list[tuple[float, Customer, Customer]] = []

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        now = deployment.clock.now()
        self._do(deployment, now)
        reply = deployment.ask(request)
        for after in reply.changed if self._is_meant(request) else ():
            self._due.append((now + self._seconds, deployment.customers[after.id], after))
        return reply

    def _do(self, deployment: Deployment, now: float) -> None:
        for at, before, after in self._due:
            if at <= now:
                held = deployment.customers[after.id]
                deployment.customers[after.id] = self._change(before, after, held)
        self._due = [each for each in self._due if each[0] > now]


class _GoesBack:
    """A read that shows an update is followed, between half a second and five, by reads that do not."""

    def __init__(self) -> None:
        self._updates: dict[CustomerId, tuple[float, Customer]] = {}

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        now = deployment.clock.now()
        if request.method == "GET":
            old = {key: held for key, (at, held) in self._updates.items() if 0.5 <= now - at <= 5}
            return deployment.ask(request, {**deployment.customers, **old})
        reply = deployment.ask(request)
        for after in reply.changed:
            self._updates[after.id] = now, deployment.customers[after.id]
        return reply


class _WrittenLater:
    """Work in the background takes a second, and writes back the customer as it was when the update was answered."""

    def __init__(self) -> None:
        self._due: list[tuple[float, Later, Customer]] = []

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        now = deployment.clock.now()
        for _, later, then in [each for each in self._due if each[0] <= now]:
            deployment.customers[then.id] = then
            deployment.finish(later)
        self._due = [each for each in self._due if each[0] > now]
        reply = deployment.ask(request)
        if reply.later is not None:
            number = reply.later.customer
            self._due.append((now + 1.0, reply.later, next(iter(reply.changed), deployment.customers[number])))
        return replace(reply, later=None)


class _LostWhenBusy:
    """Work in the background takes half a second, and is lost where the customer is updated again meanwhile."""

    def __init__(self) -> None:
        self._due: dict[CustomerId, tuple[float, Later]] = {}

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        now = deployment.clock.now()
        for number, (at, later) in list(self._due.items()):
            if at <= now:
                deployment.finish(later)
                del self._due[number]
        reply = deployment.ask(request)
        if is_update(reply):
            self._due.pop(CustomerId(reply.customer or 0), None)
        if reply.later is not None:
            self._due[reply.later.customer] = now + 0.5, reply.later
        return replace(reply, later=None)


class _Drifts:
    """Every two seconds everybody loses a point in each program."""

    def __init__(self) -> None:
        self._since: float | None = None

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        now = deployment.clock.now()
        self._since = now if self._since is None else self._since
        points = int((now - self._since) // 2)
        if points:
            self._since += 2 * points
            deployment.customers.update({key: _poorer(held, points) for key, held in deployment.customers.items()})
        return deployment.ask(request)


def _poorer(customer: Customer, points: int) -> Customer:
    return with_enrolments(customer, lambda held: replace(held, points=max(held.points - points, 0)))


def _undone(before: Customer, _: Customer, held: Customer) -> Customer:
    return replace(before, attribution=held.attribution)


def _names_undone(before: Customer, _: Customer, held: Customer) -> Customer:
    def renamed(item: Profile) -> Profile:
        old = before.profile_of(item.source, item.account) or item
        return replace(item, first_name=old.first_name, last_name=old.last_name)

    return with_profiles(held, renamed)


def _unverified(_: Customer, __: Customer, held: Customer) -> Customer:
    def asked_again(each: CommChannel) -> CommChannel:
        return replace(each, verified=False) if each.type == "email" else each

    return with_profiles(held, lambda item: replace(item, channels=tuple(map(asked_again, item.channels))))


def _lapsed(before: Customer, _: Customer, held: Customer) -> Customer:
    return replace(held, loyalty_type=NON_LOYALTY) if before.loyalty_type == NON_LOYALTY else held


def _left(before: Customer, _: Customer, held: Customer) -> Customer:
    kept = tuple(each for each in held.enrolments if before.enrolment_in(each.program))
    return replace(held, enrolments=kept)


def _fields_undone(before: Customer, _: Customer, held: Customer) -> Customer:
    return replace(held, extended_fields=before.extended_fields)


def _tiers_lowered(before: Customer, _: Customer, held: Customer) -> Customer:
    return with_enrolments(held, lambda each: each if before.enrolment_in(each.program) else replace(each, tier=1))


TIME = (
    Flaw(
        name="undone-after-two-seconds",
        says="Two seconds after an update the customer is as before it.",
        names=STALE,
        needs="writes",
        make=lambda: Deployment(_Comes(2.0, _undone)),
        shown_by=(_RENAME, get(ASHA)),
        pause=2.5,
    ),
    Flaw(
        name="names-undone",
        says="Three seconds after an update the names are those of before it, as by a synchronisation.",
        names=("UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2", "UPD-USE-1"),
        needs="writes",
        make=lambda: Deployment(_Comes(3.0, _names_undone)),
        shown_by=(_RENAME, get(ASHA)),
        pause=3.5,
    ),
    Flaw(
        name="extended-fields-undone",
        says="One and a half seconds after an update the extended fields are those of before it.",
        names=("UPD-USE-6", "UPD-BODY-16", "UPD-BODY-17", "UPD-BODY-18", "UPD-BODY-30", "UPD-USE-1"),
        needs="writes",
        make=lambda: Deployment(_Comes(1.5, _fields_undone)),
        shown_by=(put(ASHA, {"extendedFields": {"city": "Bangalore"}}), get(ASHA)),
        pause=2.0,
    ),
    Flaw(
        name="emails-unverified",
        says="Two seconds after an update the e-mail addresses of the customer are unverified.",
        names=("UPD-BODY-12", "UPD-BODY-29", "UPD-USE-7", "UPD-BODY-7", "UPD-USE-1"),
        needs="writes",
        make=lambda: Deployment(_Comes(2.0, _unverified)),
        shown_by=(put(ASHA, channel("email", _EMAIL, verified=True)), get(ASHA)),
        pause=2.5,
    ),
    Flaw(
        name="async-undone",
        says="An update with use_async=true is undone a second later.",
        names=(*STALE, "UPD-QRY-3", "async-scope"),
        needs="writes",
        make=lambda: Deployment(_Comes(1.0, _undone, is_meant=is_async)),
        shown_by=(put_async(ASHA, profile(firstName="Tom")), get(ASHA)),
        pause=1.5,
    ),
    Flaw(
        name="loyalty-lapses",
        says="Two seconds after a customer became loyalty it is non-loyalty again.",
        names=_LOYALTY,
        needs="irreversible",
        make=lambda: Deployment(_Comes(2.0, _lapsed)),
        shown_by=(put(ASHA, upgrade()), get(ASHA)),
        pause=2.5,
    ),
    Flaw(
        name="enrolments-lapse",
        says="Two seconds after an enrolment the customer has left the program.",
        names=_ENROLMENTS,
        needs="irreversible",
        make=lambda: Deployment(_Comes(2.0, _left)),
        shown_by=(put(RAVI, enrolment()), standing(RAVI)),
        pause=2.5,
    ),
    Flaw(
        name="tiers-lapse",
        says="A second after an enrolment the customer is in the lowest tier.",
        names=_ENROLMENTS,
        needs="irreversible",
        make=lambda: Deployment(_Comes(1.0, _tiers_lowered)),
        shown_by=(put(RAVI, enrolment()), standing(RAVI)),
        pause=1.5,
    ),
    Flaw(
        name="points-drift",
        says="Every two seconds everybody loses a point in each program.",
        names=("UPD-BODY-23", "UPD-USE-1", "UPD-BODY-21", "UPD-BODY-19"),
        needs="reads",
        make=lambda: Deployment(_Drifts()),
        shown_by=(standing(RAVI), standing(RAVI)),
        pause=2.5,
    ),
    Flaw(
        name="reads-go-back",
        says="A read shows an update at once; those of half a second to five later show what was before it.",
        names=STALE,
        needs="writes",
        make=lambda: Deployment(_GoesBack()),
        shown_by=(_RENAME, get(ASHA)),
        pause=1.0,
    ),
    Flaw(
        name="background-writes-all",
        says="Work in the background ends a second later, and takes back what other updates did meanwhile.",
        names=(*STALE, "UPD-QRY-3", "async-scope", "concurrent-update"),
        needs="irreversible",
        make=lambda: Deployment(_WrittenLater()),
        shown_by=(put_async(RAVI, enrolment()), _RENAME, put(RAVI, profile(firstName="Tom")), get(RAVI)),
        pause=0.4,
    ),
    Flaw(
        name="background-lost-when-busy",
        says="Work in the background is lost where the customer is updated again within half a second.",
        names=("UPD-QRY-3", "UPD-BODY-23", "UPD-USE-3", "concurrent-update"),
        needs="irreversible",
        make=lambda: Deployment(_LostWhenBusy()),
        shown_by=(put_async(RAVI, enrolment()), put(RAVI, profile(firstName="Tom")), standing(RAVI), standing(RAVI)),
        pause=0.3,
    ),
)
