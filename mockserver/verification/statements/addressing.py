"""Whom and where an update means: customer, source, account."""

from urllib.parse import quote

from mockserver.messages import Request
from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.expectation import Expectation
from mockserver.verification.findings import Step
from mockserver.verification.reader import customer_request
from mockserver.verification.statements.asking import at, granted, held_name, profile, put, put_to, refused, step
from mockserver.verification.target import Leave

SOURCES = (
    "FACEBOOK",
    "WEB_ENGAGE",
    "WECHAT",
    "INSTORE",
    "MARTJACK",
    "TMALL",
    "TAOBAO",
    "JD",
    "ECOMMERCE",
    "WEBSITE",
    "LINE",
    "MOBILE_APP",
)
_NOBODY = Unfit("no id was found that the target does not have")


def _refused_at(situation: Situation, query: str, *codes: int) -> Plan:
    """An update of a name that is refused for its address, and does not show."""
    member = held_name(situation)
    if isinstance(member, Unfit):
        return member
    return (step(put(situation.place, profile(**{member: situation.word}), query=query), refused(*codes)),)


def _without_source(situation: Situation) -> Plan:
    return _refused_at(situation, "use_async=false", 8003)


def _with_unknown_source(situation: Situation) -> Plan:
    return _refused_at(situation, "source=FAX", 8003)


def _with_small_letters(situation: Situation) -> Plan:
    return _refused_at(situation, f"source={situation.place.source.lower()}", 8003)


def _every_source(situation: Situation) -> Plan:
    if not situation.unknown:
        return _NOBODY

    def ask(source: str) -> Step:
        request = put_to(situation.unknown, {}, query=f"source={source}")
        return step(request, Expectation(status=400, code=8015))

    return tuple(ask(source) for source in SOURCES)


def _unknown_customer(situation: Situation) -> Plan:
    if not situation.unknown:
        return _NOBODY
    query = situation.place.query
    update = put_to(situation.unknown, profile(firstName=situation.word), query=query)
    read = Request(method="GET", path=f"/v2/customers/{situation.unknown}", query=query)
    nobody = Expectation(status=400, code=8015)
    return step(update, nobody), step(read, nobody)


def _without_account(situation: Situation) -> Plan:
    if situation.place.account is None:
        return Unfit("no customer is named in a source with several accounts")
    return _refused_at(situation, f"source={situation.place.source}", 8045)


def _with_unknown_account(situation: Situation) -> Plan:
    if situation.place.account is None:
        return Unfit("no customer is named in a source with several accounts")
    return _refused_at(situation, f"source={situation.place.source}&accountId={situation.word}", 3217)


def _with_unsupported_account(situation: Situation) -> Plan:
    if situation.place.account is not None:
        return Unfit("no customer is named in a source with one account")
    return _refused_at(situation, f"source={situation.place.source}&accountId={situation.word}", 3217)


def _in_the_account(situation: Situation) -> Plan:
    """Name the account behind its source and before it: the order of parameters means nothing."""
    if situation.place.account is None:
        return Unfit("no customer is named in a source with several accounts")
    member = held_name(situation)
    if isinstance(member, Unfit):
        return member
    turned = f"accountId={quote(situation.place.account)}&source={situation.place.source}"
    asked = ((situation.word, situation.place.query), (f"{situation.word}x", turned))
    return tuple(
        step(
            put(situation.place, profile(**{member: text}), query=query),
            granted(at(situation.place, **{member: text})),
        )
        for text, query in asked
    )


def _with_another_source(situation: Situation) -> Plan:
    """The body names another source; the profile stays where it is, and no other one changes."""
    member = held_name(situation)
    if isinstance(member, Unfit):
        return member
    single = (name for name, source in situation.organisation.sources.items() if not source.accounts)
    other = next(name for name in (*single, "JD", "INSTORE") if name != situation.place.source)
    body = profile(source=other, **{member: situation.word})
    return (step(put(situation.place, body), granted(at(situation.place, **{member: situation.word}))),)


def _others_stay(situation: Situation) -> Plan:
    """After an update of one customer, another one is read, who must be as before."""
    member = held_name(situation)
    other = next((place for place in situation.states if place.customer != situation.place.customer), None)
    if isinstance(member, Unfit) or other is None:
        return member if isinstance(member, Unfit) else Unfit("only one customer is named")
    update = put(situation.place, profile(**{member: situation.word}))
    return (
        step(update, granted(at(situation.place, **{member: situation.word}))),
        step(customer_request(other), Expectation(status=200, changes={})),
    )


CHECKS = (
    Check(
        id="source-is-required",
        law="An update without a source is refused and changes nothing",
        statements=("UPD-QRY-1", "UPD-PRE-2"),
        questions=("source-missing",),
        leave=Leave.WRITES,
        plan=_without_source,
    ),
    Check(
        id="source-is-one-of-twelve",
        law="An update in an unknown source is refused and changes nothing",
        statements=("UPD-QRY-1",),
        questions=("source-unknown",),
        leave=Leave.WRITES,
        plan=_with_unknown_source,
    ),
    Check(
        id="source-is-spelt-in-capitals",
        law="A source in small letters is an unknown one",
        statements=("UPD-QRY-1",),
        questions=("source-unknown",),
        leave=Leave.WRITES,
        plan=_with_small_letters,
    ),
    Check(
        id="twelve-sources-are-known",
        law="Each of the twelve sources is known: what is refused is the customer, with 8015",
        statements=("UPD-QRY-1", "UPD-ERR-1", "UPD-USE-1"),
        questions=("source-unknown", "error-status"),
        leave=Leave.WRITES,
        plan=_every_source,
    ),
    Check(
        id="unknown-customer-is-refused",
        law="An update of a customer who is not there is refused with 8015, and creates nobody",
        statements=("UPD-ERR-1", "UPD-PATH-1", "UPD-PRE-1"),
        questions=("error-status",),
        leave=Leave.WRITES,
        plan=_unknown_customer,
    ),
    Check(
        id="account-is-required",
        law="A source with several accounts needs an account",
        statements=("UPD-QRY-6", "UPD-PRE-3"),
        questions=("account-missing",),
        leave=Leave.WRITES,
        plan=_without_account,
    ),
    Check(
        id="account-is-known",
        law="An account that the source does not have is refused with 3217",
        statements=("UPD-ERR-2", "UPD-QRY-2"),
        questions=("account-unknown",),
        leave=Leave.WRITES,
        plan=_with_unknown_account,
    ),
    Check(
        id="account-is-supported",
        law="An account in a source that has one only is refused with 3217",
        statements=("UPD-ERR-2", "UPD-QRY-6"),
        questions=("account-on-single-account-source",),
        leave=Leave.WRITES,
        plan=_with_unsupported_account,
    ),
    Check(
        id="account-is-the-one-updated",
        law="An update changes the profile of the account that it names, and no other",
        statements=("UPD-QRY-2",),
        leave=Leave.WRITES,
        plan=_in_the_account,
    ),
    Check(
        id="other-customers-stay",
        law="An update changes one customer, and no other",
        statements=("UPD-PATH-1", "UPD-RES-5"),
        leave=Leave.WRITES,
        plan=_others_stay,
    ),
    Check(
        id="source-stays",
        law="A profile's source cannot be changed, whatever the body names",
        statements=("UPD-LIM-2",),
        questions=("source-in-body",),
        leave=Leave.IRREVERSIBLE,
        plan=_with_another_source,
    ),
)
