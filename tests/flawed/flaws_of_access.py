"""Flaws in who may ask, and in which source and account an update means."""

from collections.abc import Callable

from mockserver.domain.customer import Identifier
from mockserver.exchange import Reply, refuse
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import (
    ASHA,
    AUTHORIZATION,
    GRACE,
    LI,
    UNKNOWN,
    get,
    parameter_of,
    profile,
    put,
    with_header,
    with_query,
)
from tests.flawed.deployment import Deployment, Twist, read_demo
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import (
    before_and_after,
    is_update,
    items_of,
    receiving,
    sent_by,
    with_profile,
)

_SOURCES = read_demo().organisation.sources
_CREDENTIALS = ("UPD-EX-4", "UPD-HDR-1", "request-level-code", "UPD-USE-1")


def _let_in(request: Request) -> Request:
    return with_header(request, "authorization", AUTHORIZATION)


def _meant(request: Request, is_unmeant: Callable[[str | None], bool], source: str = "INSTORE") -> Request:
    return with_query(request, source=source) if is_unmeant(parameter_of(request, "source")) else request


def _in_capitals(request: Request) -> Request:
    source = parameter_of(request, "source") or ""
    return with_query(request, source=source.upper()) if source.upper() in _SOURCES else request


def _accounts_of(request: Request) -> frozenset[str]:
    source = _SOURCES.get(parameter_of(request, "source") or "")
    return source.accounts if source else frozenset()


def at_known_account(request: Request) -> Request:
    """Return the request with an account that the source has in place of one that it lacks."""
    accounts, account = _accounts_of(request), parameter_of(request, "accountId")
    return with_query(request, accountId=min(accounts)) if account and accounts and account not in accounts else request


def _at_the_other_account(request: Request) -> Request:
    accounts, account = _accounts_of(request), parameter_of(request, "accountId") or ""
    others = sorted(accounts - {account})
    return with_query(request, accountId=others[0]) if account in accounts and others else request


def _not_a_source(name: str) -> Twist:
    def twist(deployment: Deployment, request: Request) -> Reply:
        is_asked = request.method == "PUT" and parameter_of(request, "source") == name
        return refuse(deployment.setting, "8003", "flawed") if is_asked else deployment.ask(request)

    return twist


def _needs_account_everywhere(deployment: Deployment, request: Request) -> Reply:
    is_missing = request.method == "PUT" and not parameter_of(request, "accountId")
    return refuse(deployment.setting, "8045", "flawed") if is_missing else deployment.ask(request)


def _no_account(deployment: Deployment, request: Request) -> Reply:
    is_given = request.method == "PUT" and parameter_of(request, "accountId")
    return refuse(deployment.setting, "3217", "flawed") if is_given else deployment.ask(request)


def _fails_on_context(deployment: Deployment, request: Request) -> Reply:
    has_context = any(name.startswith("user-context") for name in request.headers)
    return refuse(deployment.setting, "500", "flawed") if has_context else deployment.ask(request)


def _stores_identifiers(deployment: Deployment, request: Request) -> Reply:
    reply = deployment.ask(request)
    found = [each for item in items_of(sent_by(request), "profiles") for each in items_of(item, "identifiers")]
    named = tuple(Identifier(type=str(each.get("type")), value=str(each.get("value"))) for each in found)
    if not is_update(reply) or not named:
        return reply
    _, after = before_and_after(deployment, reply)
    return replace(reply, changed=(with_profile(after, request, lambda held: replace(held, identifiers=named)),))


def _moves_source(deployment: Deployment, request: Request) -> Reply:
    reply, asked = deployment.ask(request), parameter_of(request, "source")
    named = [item.get("source") for item in items_of(sent_by(request), "profiles")]
    if not is_update(reply) or not named or named[0] not in _SOURCES or named[0] == asked:
        return reply
    _, after = before_and_after(deployment, reply)
    target = str(named[0])
    account = min(_SOURCES[target].accounts, default=None)
    others = [held for held in after.profiles if held.source not in (asked, target)]
    moved = [replace(held, source=target, account=account) for held in after.profiles if held.source == asked]
    return replace(reply, changed=(replace(after, profiles=(*moved[:1], *others)),))


FLAWS_OF_ACCESS = (
    Flaw(
        name="writes-without-credentials",
        says="Updates need no credentials.",
        names=_CREDENTIALS,
        needs="writes",
        make=deployed(receiving(_let_in)),
        shown_by=(with_header(put(ASHA, {}), "authorization", None),),
    ),
    Flaw(
        name="reads-without-credentials",
        says="Reads need no credentials.",
        names=_CREDENTIALS,
        needs="reads",
        make=deployed(receiving(_let_in, method="GET")),
        shown_by=(with_header(get(ASHA), "authorization", None),),
    ),
    Flaw(
        name="context-headers-crash",
        says="A request with headers of the user context is answered 500.",
        names=("UPD-HDR-1", "attribution-headers"),
        needs="writes",
        make=deployed(_fails_on_context),
        shown_by=(with_header(put(ASHA, {}), "user-context-entity-type", "TILL"),),
    ),
    Flaw(
        name="source-optional",
        says="An update without a source is taken for one of INSTORE.",
        names=("UPD-QRY-1", "UPD-PRE-2", "source-missing"),
        needs="writes",
        make=deployed(receiving(lambda request: _meant(request, lambda source: source is None))),
        shown_by=(put(ASHA, {}, ""),),
    ),
    Flaw(
        name="unknown-source-taken",
        says="An update of a source that is none is taken for one of INSTORE.",
        names=("UPD-QRY-1", "source-unknown"),
        needs="writes",
        make=deployed(
            receiving(lambda request: _meant(request, lambda source: source is not None and source not in _SOURCES))
        ),
        shown_by=(put(ASHA, {}, "source=ORKUT"),),
    ),
    Flaw(
        name="sources-in-lower-case",
        says="Sources are taken in lower case.",
        names=("UPD-QRY-1", "source-unknown"),
        needs="writes",
        make=deployed(receiving(_in_capitals)),
        shown_by=(put(ASHA, {}, "source=instore"),),
    ),
    Flaw(
        name="source-not-served",
        says="WEBSITE, one of the twelve sources, is refused with 8003.",
        names=("UPD-QRY-1", "UPD-USE-1", "UPD-USE-5", "UPD-ERR-1", "source-unknown"),
        needs="writes",
        make=deployed(_not_a_source("WEBSITE")),
        shown_by=(put(UNKNOWN, {}, "source=WEBSITE"),),
    ),
    Flaw(
        name="unknown-account-taken",
        says="An account that the source does not have is taken for its first one.",
        names=("UPD-ERR-2", "UPD-QRY-2", "account-unknown"),
        needs="writes",
        make=deployed(receiving(at_known_account)),
        shown_by=(put(LI, {}, "source=WECHAT&accountId=nowhere"),),
    ),
    Flaw(
        name="account-unused",
        says="An update goes to the other account of the source.",
        names=("UPD-QRY-2", "UPD-PRE-3"),
        needs="writes",
        make=deployed(receiving(_at_the_other_account)),
        shown_by=(put(GRACE, profile(firstName="Tom"), "source=FACEBOOK&accountId=fb-1"), get(GRACE)),
    ),
    Flaw(
        name="account-refused",
        says="Every account is refused with 3217.",
        names=("UPD-QRY-2", "UPD-ERR-2", "UPD-PRE-3", "account-unknown"),
        needs="writes",
        make=deployed(_no_account),
        shown_by=(put(LI, {}, "source=WECHAT&accountId=1234"),),
    ),
    Flaw(
        name="account-needed-everywhere",
        says="Sources with one account need an accountId too.",
        names=("UPD-QRY-6", "UPD-EX-2", "account-missing", "UPD-EX-1"),
        needs="writes",
        make=deployed(_needs_account_everywhere),
        shown_by=(put(ASHA, {}),),
    ),
    Flaw(
        name="identifiers-updated",
        says="The identifiers of a profile become those that are sent.",
        names=("UPD-LIM-1", "identifiers-in-body"),
        needs="irreversible",
        make=deployed(_stores_identifiers),
        shown_by=(put(ASHA, profile(identifiers=[{"type": "mobile", "value": "919999009999"}])), get(ASHA)),
    ),
    Flaw(
        name="source-moved",
        says="A profile moves to the source that the body names.",
        names=("UPD-LIM-2", "source-in-body"),
        needs="irreversible",
        make=deployed(_moves_source),
        shown_by=(put(ASHA, profile(source="MARTJACK", firstName="Tom")), get(ASHA)),
    ),
)
