"""Flaws in what is refused, and in what a refusal leaves behind."""

from collections.abc import Callable

from mockserver.domain.customer import NON_LOYALTY, Customer, CustomerId
from mockserver.exchange import Reply, refuse
from mockserver.messages import Request, Response
from mockserver.values import replace
from tests.flawed.asking import (
    LI,
    RAVI,
    UNKNOWN,
    get,
    profile,
    put,
)
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.flaws_of_access import at_known_account
from tests.flawed.twists import (
    items_of,
    nobody,
    sends,
    sent_by,
    with_body,
)

_UNKNOWN_RENAMED = (put(UNKNOWN, profile(firstName="Tom")), get(UNKNOWN))
_TOM_BY_FAX = profile(firstName="Tom", commChannels=[{"type": "fax", "value": "919999001945"}])


def _instead_of(code: int, answer: Callable[[Deployment, Request, Reply], Reply]) -> Twist:
    """Answer an update otherwise that is to be refused with a code."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        return answer(deployment, request, reply) if request.method == "PUT" and reply.code == code else reply

    return twist


def _grant(deployment: Deployment, request: Request, reply: Reply) -> Reply:
    return with_body(reply, {"createdId": reply.customer, "warnings": [], "sideEffects": []}, 200)


def _create(deployment: Deployment, request: Request, reply: Reply) -> Reply:
    number = CustomerId(reply.customer or 0)
    deployment.customers[number] = Customer(id=number, loyalty_type=NON_LOYALTY, attribution=nobody())
    return deployment.ask(request)


def _with_html(deployment: Deployment, request: Request, reply: Reply) -> Reply:
    page = Response(status=404, headers={"Content-Type": "text/html"}, body=b"<h1>Not Found</h1>")
    return replace(reply, response=page)


def _keep_names(deployment: Deployment, request: Request, reply: Reply) -> Reply:
    profiles = [{**item, "commChannels": None} for item in items_of(sent_by(request), "profiles")]
    half = deployment.ask(sends(request, {**sent_by(request), "profiles": profiles}))
    return replace(reply, changed=half.changed)


def _store_at_known_account(deployment: Deployment, request: Request, reply: Reply) -> Reply:
    return replace(reply, changed=deployment.ask(at_known_account(request)).changed)


def _refuse_with(code: str) -> Callable[[Deployment, Request, Reply], Reply]:
    return lambda deployment, *_: refuse(deployment.setting, code, "flawed")


FLAWS_OF_REFUSALS = (
    Flaw(
        name="unknown-customer-granted",
        says="An update of a customer who is not there is answered 200.",
        names=("UPD-ERR-1", "UPD-USE-1", "UPD-PATH-1", "UPD-PRE-1"),
        needs="writes",
        make=deployed(_instead_of(8015, _grant)),
        shown_by=_UNKNOWN_RENAMED,
    ),
    Flaw(
        name="unknown-customer-created",
        says="An update of a customer who is not there creates the customer.",
        names=("UPD-ERR-1", "UPD-USE-1", "UPD-PATH-1", "UPD-PRE-1"),
        needs="writes",
        make=deployed(_instead_of(8015, _create)),
        shown_by=_UNKNOWN_RENAMED,
    ),
    Flaw(
        name="unknown-customer-as-html",
        says="A customer who is not there is answered 404, with a page of HTML.",
        names=("UPD-ERR-1", "error-envelope", "error-status", "UPD-EX-11"),
        needs="writes",
        make=deployed(_instead_of(8015, _with_html)),
        shown_by=_UNKNOWN_RENAMED,
    ),
    Flaw(
        name="unknown-customer-as-8065",
        says="A customer who is not there is refused with 8065.",
        names=("UPD-ERR-1",),
        needs="writes",
        make=deployed(_instead_of(8015, _refuse_with("8065"))),
        shown_by=_UNKNOWN_RENAMED,
    ),
    Flaw(
        name="unknown-customer-crashes",
        says="A customer who is not there is answered 500.",
        names=("UPD-ERR-1",),
        needs="writes",
        make=deployed(_instead_of(8015, _refuse_with("500"))),
        shown_by=_UNKNOWN_RENAMED,
    ),
    Flaw(
        name="half-of-refused-channel",
        says="An unknown channel type is refused with 8010, but the names in the same request are stored.",
        names=("UPD-BODY-8", "UPD-USE-2", "UPD-USE-1", "UPD-USE-7", "channel-type-elsewhere"),
        needs="writes",
        make=deployed(_instead_of(8010, _keep_names)),
        shown_by=(put(RAVI, _TOM_BY_FAX), get(RAVI)),
    ),
    Flaw(
        name="half-of-refused-account",
        says="An account that the source lacks is refused with 3217, but the names are stored at its first one.",
        names=("UPD-ERR-2", "UPD-QRY-2", "account-unknown", "UPD-USE-1", "UPD-USE-2"),
        needs="writes",
        make=deployed(_instead_of(3217, _store_at_known_account)),
        shown_by=(put(LI, profile(firstName="Tom"), "source=WECHAT&accountId=nowhere"), get(LI)),
    ),
)
