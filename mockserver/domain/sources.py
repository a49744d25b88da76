"""Which account of which source a request means: codes 8045 and 3217, step 14 of the order of judgement."""

from mockserver.domain.customer import Customer
from mockserver.domain.judgement import Judgement
from mockserver.domain.organisation import Source
from mockserver.domain.outcome import Rejected


def find_account(
    customer: Customer, source_name: str, account: str | None, judgement: Judgement, *, reading: bool = False
) -> str | None | Rejected:
    """Return the account that the request means (None: the source's only one), or why it means none."""
    source = judgement.organisation.sources.get(source_name)
    if source is None:
        return _refuse_account(judgement, "query/source", f"{source_name} is no source of this organisation", "3217")
    if account == "":
        account = _read_empty_account(judgement)
    if not source.accounts:
        return _settle_superfluous(source, account, judgement)
    if account is None:
        return _settle_missing(customer, source, judgement, reading=reading)
    if account not in source.accounts:
        return _refuse_unknown(source, account, judgement)
    judgement.says("UPD-QRY-2")
    return account


def _refuse_account(judgement: Judgement, place: str, why: str, code: str, *questions: str) -> Rejected:
    statements = ("UPD-ERR-2",) if code == "3217" else ("UPD-QRY-2",)
    return judgement.refuse(code, place, why, statements=statements, questions=questions)


def _read_empty_account(judgement: Judgement) -> str | None:
    """An empty accountId counts as missing, unless the dialect takes it for an account's name."""
    answer = judgement.asks("account-empty", refusing=True)
    return None if answer == "missing" else ""


def _settle_superfluous(source: Source, account: str | None, judgement: Judgement) -> None | Rejected:
    if account is None:
        return None
    if judgement.asks("account-on-single-account-source") == "ignore":
        judgement.ignore("query/accountId", f"{source.name} has one account only")
        return None
    why = f"{source.name} takes no accountId"
    return _refuse_account(judgement, "query/accountId", why, "3217", "account-on-single-account-source")


def _settle_missing(
    customer: Customer, source: Source, judgement: Judgement, *, reading: bool
) -> str | None | Rejected:
    """A source with several accounts needs one; GET has a question of its own."""
    question = "get-account-missing" if reading else "account-missing"
    answer = judgement.dialect[question]
    why = f"is missing; {source.name} has the accounts {', '.join(sorted(source.accounts))}"
    if answer != "8054":
        return _refuse_account(judgement, "query/accountId", why, answer, question)
    judgement.asks(question, refusing=True)
    judgement.warn("8054", "query/accountId", why)
    held = [profile.account for profile in customer.profiles if profile.source == source.name]
    return held[0] if held else min(source.accounts)


def _refuse_unknown(source: Source, account: str, judgement: Judgement) -> Rejected:
    why = f'"{account}" is no account of {source.name}; it has {", ".join(sorted(source.accounts))}'
    code = judgement.dialect["account-unknown"]
    questions = ("account-empty", "account-unknown") if account == "" else ("account-unknown",)
    return _refuse_account(judgement, "query/accountId", why, code, *questions)
