"""Whom a request means: the customer (8015, 8067, 8069), and which account of which source (8045, 3217).

Steps 13 and 14 of the order of judgement.
"""

from mockserver.domain.customer import Customer
from mockserver.domain.judgement import Judgement
from mockserver.domain.organisation import Source
from mockserver.domain.outcome import Rejected


def refuse_unknown(customer: int, judgement: Judgement) -> Rejected:
    """Refuse a customer who is not there."""
    cites, why = judgement.cites, f"there is no customer {customer}"
    return judgement.refuse("8015", cites.customer_place, why, statements=(cites.unknown_customer,))


def refuse_merged(customer: Customer, code: str, judgement: Judgement, *questions: str) -> Rejected:
    """Refuse a customer who was merged into another."""
    survivor = str(customer.merged_into)
    why = f"customer {customer.id} was merged into {survivor}"
    return judgement.refuse(code, judgement.cites.customer_place, why, words=(survivor,), questions=questions)


def find_read(asked: int, customer: Customer | None, judgement: Judgement) -> Customer | Rejected:
    """Return the customer that a read asks for; one who was merged is not shown."""
    if customer is None:
        return refuse_unknown(asked, judgement)
    return customer if customer.merged_into is None else refuse_merged(customer, "8069", judgement)


def find_account(
    customer: Customer,
    source_name: str,
    account: str | None,
    judgement: Judgement,
    *,
    if_missing: str = "account-missing",
) -> str | None | Rejected:
    """Return the account that the request means (None: the source's only one), or why it means none.

    `if_missing` is the question of what comes where a source has several accounts and none is named.
    """
    source = judgement.organisation.sources.get(source_name)
    if source is None:
        why = f"{source_name} is no source of this organisation"
        return _refuse_account(judgement, judgement.cites.source_place, why, "3217")
    if account == "":
        account = _read_empty_account(judgement)
    if not source.accounts:
        return _settle_superfluous(source, account, judgement)
    if account is None:
        return _settle_missing(customer, source, if_missing, judgement)
    if account not in source.accounts:
        return _refuse_unlisted(source, account, judgement)
    judgement.says(judgement.cites.account)
    return account


def _refuse_account(judgement: Judgement, place: str, why: str, code: str, *questions: str) -> Rejected:
    cited = judgement.cites.unsupported_account if code == "3217" else judgement.cites.account
    return judgement.refuse(code, place, why, statements=(cited,), questions=questions)


def _read_empty_account(judgement: Judgement) -> str | None:
    """An empty accountId counts as missing, unless the dialect takes it for an account's name."""
    answer = judgement.asks("account-empty", refusing="3217")
    return None if answer == "missing" else ""


def _settle_superfluous(source: Source, account: str | None, judgement: Judgement) -> None | Rejected:
    if account is None:
        return None
    if judgement.asks("account-on-single-account-source", refusing="3217") == "ignore":
        judgement.ignore(judgement.cites.account_place, f"{source.name} has one account only")
        return None
    why = f"{source.name} takes no accountId"
    questions = ("account-on-single-account-source", *_questions_of(account))
    return _refuse_account(judgement, judgement.cites.account_place, why, "3217", *questions)


def _questions_of(account: str) -> tuple[str, ...]:
    """An empty account that is refused would be none at all under another answer."""
    return ("account-empty",) if account == "" else ()


def _settle_missing(customer: Customer, source: Source, question: str, judgement: Judgement) -> str | None | Rejected:
    """A source with several accounts needs one."""
    answer = judgement.answers[question]
    why = f"is missing; {source.name} has the accounts {', '.join(sorted(source.accounts))}"
    if answer != "8054":
        return _refuse_account(judgement, judgement.cites.account_place, why, answer, question)
    judgement.asks(question, refusing="any")
    judgement.warn("8054", judgement.cites.account_place, why)
    held = [profile.account for profile in customer.profiles if profile.source == source.name]
    return held[0] if held else min(source.accounts)


def _refuse_unlisted(source: Source, account: str, judgement: Judgement) -> Rejected:
    why = f'"{account}" is no account of {source.name}; it has {", ".join(sorted(source.accounts))}'
    code = judgement.answers["account-unknown"]
    return _refuse_account(
        judgement, judgement.cites.account_place, why, code, *_questions_of(account), "account-unknown"
    )
