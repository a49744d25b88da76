"""The update of a customer who was found: all rules in the order of judgement, joined to one outcome.

A PUT never creates a customer. What is refused changes nothing: the rules build a new customer value, and a
refusal throws it away.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from mockserver.domain.audit import list_changes
from mockserver.domain.citations import NOTHING_CITED
from mockserver.domain.command import UpdateCustomer
from mockserver.domain.customer import AuditEntry, Customer
from mockserver.domain.dialect import Dialect
from mockserver.domain.extended_fields import update_extended_fields
from mockserver.domain.judgement import Judgement
from mockserver.domain.loyalty import LoyaltyUpdate, asked_points, credit, update_loyalty
from mockserver.domain.organisation import Organisation
from mockserver.domain.outcome import Accepted, Later, PointsAwarded, Rejected
from mockserver.domain.profiles import choose_place, update_profile
from mockserver.domain.sources import find_account

_ATTRIBUTION = "X-CAP-API-ATTRIBUTION-"
AUDIT_LENGTH = 100  # entries that a customer keeps; the oldest go


def update_customer(customer: Customer, command: UpdateCustomer, judgement: Judgement) -> Accepted | Rejected:
    """Decide an update of the customer who was found: as it will be, or why it stays as it is."""
    meant = choose_place(command, judgement)
    updated = meant if isinstance(meant, Rejected) else _apply(customer, meant, judgement)
    if isinstance(updated, Rejected):
        return updated
    return _accept(customer, updated, command, judgement)


def finish(customer: Customer, later: Later, organisation: Organisation, dialect: Dialect) -> Customer:
    """Return a customer as it is when the work that came after an answer is done."""
    if later.update is None:
        return credit(customer, later)
    if customer.merged_into is not None:
        return customer
    judgement = Judgement(organisation, dialect, NOTHING_CITED)
    outcome = update_customer(customer, replace(later.update, use_async=False), judgement)
    return outcome.customer if isinstance(outcome, Accepted) else customer


def _apply(customer: Customer, command: UpdateCustomer, judgement: Judgement) -> LoyaltyUpdate | Rejected:
    account = find_account(customer, command.source, command.account, judgement)
    if isinstance(account, Rejected):
        return account
    judgement.says(judgement.cites.any_source)
    updated = update_profile(customer, command, account, judgement)
    if isinstance(updated, Rejected):
        return updated
    fields = update_extended_fields(updated.extended_fields, command.extended_fields, judgement)
    if isinstance(fields, Rejected):
        return fields
    if fields is not updated.extended_fields:
        updated = replace(updated, extended_fields=fields)
    return update_loyalty(updated, command, judgement)


def _accept(before: Customer, updated: LoyaltyUpdate, command: UpdateCustomer, judgement: Judgement) -> Accepted:
    changes = updated.customer != before
    background = _runs_in_background(command, updated, changes, judgement)
    recorded = _recorded(before, updated.customer, command, judgement) if changes else before
    later = Later(customer=before.id, credits=updated.credits) if updated.credits else None
    if background and changes and judgement.asks("async-scope") == "all":
        recorded, later = before, Later(customer=before.id, update=replace(command, customer=before.id))
    elif later is not None and not background:
        recorded, later = credit(recorded, later), None
    return Accepted(
        customer=recorded,
        changed=() if recorded is before or recorded == before else (recorded,),
        warnings=tuple(judgement.warnings),
        effects=None if background else _listed(updated, judgement),
        later=later,
        ignored=tuple(judgement.ignored),
        basis=judgement.basis,
    )


def _runs_in_background(command: UpdateCustomer, updated: LoyaltyUpdate, changes: bool, judgement: Judgement) -> bool:
    background = command.use_async
    if background is None:
        background = judgement.answers["use-async-default"] == "true"
        if updated.credits or (changes and judgement.answers["async-scope"] == "all"):
            judgement.asks("use-async-default")
    judgement.says(judgement.cites.in_background if background else judgement.cites.at_once)
    return background


def _listed(updated: LoyaltyUpdate, judgement: Judgement) -> tuple[PointsAwarded, ...]:
    """Return the credits that are side effects of the answer; whether an enrolment's points are, is a question."""
    incentives = tuple(credit for credit in updated.credits if credit.by_incentive)
    if incentives == updated.credits or judgement.asks("enrolment-points-effect") == "list":
        return updated.credits
    return incentives


def _recorded(before: Customer, after: Customer, command: UpdateCustomer, judgement: Judgement) -> Customer:
    """Stamp a changed customer and add to its audit who changed what, and when."""
    entry = AuditEntry(
        at=command.now,
        context=_context(command, judgement),
        changes=list_changes(before, after, asked_points(command)),
    )
    stamp = replace(after.attribution, modified=command.now, modified_by=judgement.organisation.till)
    return replace(after, attribution=stamp, audit=(*after.audit[1 - AUDIT_LENGTH :], entry))


def _context(command: UpdateCustomer, judgement: Judgement) -> Mapping[str, str]:
    """Return the headers that the audit keeps; whether those of attribution are among them is a question."""
    attributions = attributions_of(command) if command.context else ()
    if not attributions or judgement.asks("attribution-headers") == "record":
        return command.context
    return {name: value for name, value in command.context.items() if name not in attributions}


def attributions_of(command: UpdateCustomer) -> frozenset[str]:
    """Return the names of the attribution headers that came with an update."""
    return frozenset(name for name in command.context if name.startswith(_ATTRIBUTION))
