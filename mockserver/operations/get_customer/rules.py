"""Find the profiles of a customer in the source asked for, or in all of them."""

from mockserver.domain.citations import Citations
from mockserver.domain.customer import Customer, Profile
from mockserver.domain.judgement import Judgement
from mockserver.domain.keys import Keys
from mockserver.domain.outcome import Found, Rejected
from mockserver.domain.sources import find_account, find_read
from mockserver.operations.get_customer.command import ReadCustomer
from mockserver.operations.operation import ByPathId, Loaded

ALL = "ALL"
_PUBLISHED_SOURCES = frozenset({"INSTORE", "MARTJACK", "WECHAT", "LINE", ALL})  # of the page that describes the read
SUBJECT = ByPathId("userId")
# No page of the read says these; the update's does, of the same customers, sources and accounts.
CITES = Citations(
    customer_place=SUBJECT.place,
    unknown_customer="UPD-ERR-1",
    unsupported_account="UPD-ERR-2",
    account="UPD-QRY-2",
)


def keys(command: ReadCustomer) -> Keys:
    """Return whom a read needs loaded."""
    return Keys(customers=(command.customer,))


def decide(judgement: Judgement, command: ReadCustomer, loaded: Loaded) -> Found | Rejected:
    """Find a customer and the profiles that are asked for."""
    judgement.meet_form(command.form, command.unknown)
    if command.source not in _PUBLISHED_SOURCES:
        judgement.asks("get-source-values", refusing="8012")
    known = find_read(command.customer, loaded.customers[command.customer], judgement)
    if isinstance(known, Rejected):
        return known
    profiles = _find_profiles(known, command, judgement)
    if isinstance(profiles, Rejected):
        return profiles
    return Found(customer=known, profiles=profiles, ignored=tuple(judgement.ignored), basis=judgement.basis)


def _find_profiles(customer: Customer, command: ReadCustomer, judgement: Judgement) -> tuple[Profile, ...] | Rejected:
    if command.source == ALL:
        return customer.profiles
    account = find_account(customer, command.source, command.account, judgement, if_missing="get-account-missing")
    if isinstance(account, Rejected):
        return account
    profile = customer.profile_of(command.source, account)
    if profile is not None:
        return (profile,)
    where = command.source if account is None else f"{command.source} account {account}"
    return judgement.refuse("8065", judgement.cites.source_place, f"the customer has no profile in {where}")
