"""Flaws in whether an update is stored, where, and whether a read shows it."""

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Reply, refuse
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import ASHA, GRACE, TOMAS, get, parameter_of, profile, put, put_async
from tests.flawed.deployment import Deployment, read_demo
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import (
    Sent,
    before_and_after,
    is_update,
    items_of,
    names_of,
    refusing,
    saving,
    sent_by,
    with_profiles,
)

_RENAME = put(ASHA, profile(firstName="Tom", lastName="Sawyer"))
_RENAMED = (_RENAME, get(ASHA))


class _OneBehind:
    """Reads show each customer as it was before the last update."""

    def __init__(self) -> None:
        self._previous: dict[CustomerId, Customer] = {}

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        if request.method != "PUT":
            return deployment.ask(request, {**deployment.customers, **self._previous})
        reply = deployment.ask(request)
        for customer in reply.changed:
            self._previous[customer.id] = deployment.customers[customer.id]
        return reply


class _OnceOnly:
    """Refuses an update that is the same as the last one."""

    def __init__(self) -> None:
        self._last: tuple[str, str, bytes] | None = None

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        if request.method != "PUT":
            return deployment.ask(request)
        asked = request.path, request.query, request.body
        is_repeated, self._last = asked == self._last, asked
        return refuse(deployment.setting, "10002", "flawed") if is_repeated else deployment.ask(request)


def _reads_the_seed(deployment: Deployment, request: Request) -> Reply:
    return deployment.ask(request, read_demo().customers if request.method == "GET" else None)


def _renames_all(customer: Customer, sent: Sent) -> Customer:
    names = [(item.get("firstName"), item.get("lastName")) for item in items_of(sent, "profiles")]
    first, last = names[0] if names else (None, None)
    return with_profiles(
        customer,
        lambda held: replace(
            held,
            first_name=first if isinstance(first, str) else held.first_name,
            last_name=last if isinstance(last, str) else held.last_name,
        ),
    )


def _renames_the_others(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    if not is_update(reply) or not names_of(sent_by(request)):
        return reply
    others = [deployment.customers[CustomerId(each)] for each in range(ASHA, TOMAS + 1) if each != reply.customer]
    return replace(reply, changed=(*reply.changed, *(_renames_all(other, sent_by(request)) for other in others)))


def _forgets_async_profiles(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    if not is_update(reply) or parameter_of(request, "use_async") != "true":
        return reply
    before, after = before_and_after(deployment, reply)
    return replace(reply, changed=(replace(after, profiles=before.profiles),))


FLAWS_OF_STORING = (
    Flaw(
        name="not-stored",
        says="An update is answered 200 and nothing of it is stored.",
        names=(
            "UPD-USE-1",
            "UPD-USE-2",
            "UPD-BODY-2",
            "UPD-BODY-3",
            "UPD-BODY-4",
            "UPD-USE-6",
            "UPD-USE-7",
            "UPD-USE-8",
        ),
        needs="writes",
        make=deployed(saving(lambda before, _after, _sent: before)),
        shown_by=_RENAMED,
    ),
    Flaw(
        name="one-behind",
        says="Reads show a customer as it was before the last update.",
        names=(
            "UPD-USE-1",
            "UPD-USE-2",
            "UPD-BODY-2",
            "UPD-BODY-3",
            "UPD-BODY-4",
            "UPD-USE-6",
            "UPD-USE-7",
            "UPD-USE-8",
        ),
        needs="writes",
        make=lambda: Deployment(_OneBehind()),
        shown_by=_RENAMED,
    ),
    Flaw(
        name="stale-for-ever",
        says="Reads show a customer as it was on the first day.",
        names=(
            "UPD-USE-1",
            "UPD-USE-2",
            "UPD-BODY-2",
            "UPD-BODY-3",
            "UPD-BODY-4",
            "UPD-USE-6",
            "UPD-USE-7",
            "UPD-USE-8",
        ),
        needs="writes",
        make=deployed(_reads_the_seed),
        shown_by=_RENAMED,
    ),
    Flaw(
        name="repeat-refused",
        says="An update that is sent a second time is refused with 10002.",
        names=("UPD-USE-1", "UPD-USE-2", "UPD-RES-2"),
        needs="writes",
        make=lambda: Deployment(_OnceOnly()),
        shown_by=(_RENAME, _RENAME),
    ),
    Flaw(
        name="every-source-changed",
        says="Names are changed in every profile of the customer, not in the source of the query alone.",
        names=("UPD-PRE-2", "UPD-QRY-1", "UPD-QRY-2", "UPD-USE-1", "UPD-USE-2", "UPD-BODY-1", "UPD-LIM-2"),
        needs="writes",
        make=deployed(saving(lambda _, after, sent: _renames_all(after, sent))),
        shown_by=(put(TOMAS, profile(firstName="Tom")), get(TOMAS)),
    ),
    Flaw(
        name="others-changed",
        says="Names are changed of the other named customers too.",
        names=("UPD-PATH-1", "UPD-PRE-1", "UPD-RES-5", "UPD-USE-1", "UPD-USE-2"),
        needs="writes",
        make=deployed(_renames_the_others),
        shown_by=(put(ASHA, profile(firstName="Tom")), get(GRACE)),
    ),
    Flaw(
        name="empty-body-crashes",
        says="An update that asks for nothing is answered 500.",
        names=("empty-body", "UPD-USE-1"),
        needs="writes",
        make=deployed(refusing(lambda sent: not sent)),
        shown_by=(put(ASHA, {}),),
    ),
    Flaw(
        name="async-profile-lost",
        says="With use_async=true a profile is not stored, neither at once nor later.",
        names=("UPD-QRY-3", "UPD-USE-1", "UPD-USE-2", "async-scope"),
        needs="writes",
        make=deployed(_forgets_async_profiles),
        shown_by=(put_async(ASHA, profile(firstName="Tom")), get(ASHA)),
    ),
)
