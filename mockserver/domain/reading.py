"""The reads through which an update can be seen: one customer's profiles, and the loyalty details."""

from mockserver.domain.command import ReadCustomer, ReadLoyaltyDetails
from mockserver.domain.customer import NON_LOYALTY, Customer, Profile
from mockserver.domain.dialect import Dialect
from mockserver.domain.judgement import Judgement
from mockserver.domain.organisation import Organisation
from mockserver.domain.outcome import Basis, Rejected
from mockserver.domain.sources import find_account, refuse_merged, refuse_unknown
from mockserver.values import Value, member

ALL = "ALL"
_PUBLISHED_SOURCES = frozenset({"INSTORE", "MARTJACK", "WECHAT", "LINE", ALL})  # of the page that describes the read


class Found(Value, frozen=True, kw_only=True):
    """A customer to show, and which of the profiles were asked for."""

    customer: Customer
    profiles: tuple[Profile, ...] = ()
    ignored: tuple[str, ...] = ()
    basis: Basis = member(default_factory=Basis)


def read_customer(
    customer: Customer | None, command: ReadCustomer, organisation: Organisation, dialect: Dialect
) -> Found | Rejected:
    """Find the profiles of a customer in the source asked for, or in all of them."""
    judgement = Judgement(organisation, dialect)
    judgement.meet_form(command.form, command.unknown)
    if command.source not in _PUBLISHED_SOURCES:
        judgement.asks("get-source-values", refusing="8012")
    known = _find_customer(customer, command.customer, judgement)
    if isinstance(known, Rejected):
        return known
    profiles = _find_profiles(known, command, judgement)
    if isinstance(profiles, Rejected):
        return profiles
    return Found(
        customer=known,
        profiles=profiles,
        ignored=tuple(judgement.ignored),
        basis=judgement.basis,
    )


def read_loyalty_details(
    customer: Customer | None,
    command: ReadLoyaltyDetails,
    organisation: Organisation,
    dialect: Dialect,
) -> Found | Rejected:
    """Find a customer whose standing in the programs is asked for."""
    judgement = Judgement(organisation, dialect)
    judgement.meet_form(command.form, command.unknown)
    known = _find_customer(customer, command.customer, judgement)
    if isinstance(known, Rejected):
        return known
    question = "loyalty-details-of-non-loyalty"
    if (
        known.loyalty_type == NON_LOYALTY
        and not known.enrolments
        and judgement.asks(question, refusing="8089") == "8089"
    ):
        return judgement.refuse("8089", "path/userId", "the customer is in no program", questions=(question,))
    return Found(customer=known, ignored=tuple(judgement.ignored), basis=judgement.basis)


def _find_customer(customer: Customer | None, asked: int, judgement: Judgement) -> Customer | Rejected:
    if customer is None:
        return refuse_unknown(asked, judgement)
    return customer if customer.merged_into is None else refuse_merged(customer, "8069", judgement)


def _find_profiles(customer: Customer, command: ReadCustomer, judgement: Judgement) -> tuple[Profile, ...] | Rejected:
    if command.source == ALL:
        return customer.profiles
    account = find_account(customer, command.source, command.account, judgement, reading=True)
    if isinstance(account, Rejected):
        return account
    profile = customer.profile_of(command.source, account)
    if profile is not None:
        return (profile,)
    where = command.source if account is None else f"{command.source} account {account}"
    return judgement.refuse("8065", "query/source", f"the customer has no profile in {where}")
