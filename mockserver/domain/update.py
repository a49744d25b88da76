"""The update of a customer: all rules in the order of judgement, joined to one outcome.

A PUT never creates a customer. What is refused changes nothing: the rules build a new customer value, and a
refusal throws it away.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from mockserver.domain.audit import list_changes
from mockserver.domain.command import UpdateCustomer
from mockserver.domain.customer import AuditEntry, Customer
from mockserver.domain.dialect import Dialect
from mockserver.domain.extended_fields import update_extended_fields
from mockserver.domain.judgement import Judgement
from mockserver.domain.loyalty import LoyaltyUpdate, asked_points, credit, update_loyalty
from mockserver.domain.organisation import Organisation
from mockserver.domain.outcome import Accepted, Later, PointsAwarded, Rejected
from mockserver.domain.profiles import choose_place, update_profile
from mockserver.domain.sources import find_account, refuse_merged, refuse_unknown

_ATTRIBUTION = "X-CAP-API-ATTRIBUTION-"
AUDIT_LENGTH = 100  # entries that a customer keeps; the oldest go


def update_customer(
    customer: Customer | None,
    command: UpdateCustomer,
    organisation: Organisation,
    dialect: Dialect,
    *,
    survivor: Customer | None = None,
) -> Accepted | Rejected:
    """Decide an update: the customer as it will be, or why it stays as it is.

    `survivor` is the one into whom the customer was merged, where there is one.
    """
    judgement = Judgement(organisation, dialect)
    _meet_form(command, judgement)
    known = _find_customer(customer, survivor, command, judgement)
    if isinstance(known, Rejected):
        return known
    meant = choose_place(command, judgement)
    updated = meant if isinstance(meant, Rejected) else _apply(known, meant, judgement)
    if isinstance(updated, Rejected):
        return updated
    return _accept(known, updated, command, judgement)


def finish(customer: Customer, later: Later, organisation: Organisation, dialect: Dialect) -> Customer:
    """Return a customer as it is when the work that came after an answer is done."""
    if later.update is None:
        return credit(customer, later)
    outcome = update_customer(customer, replace(later.update, use_async=False), organisation, dialect)
    return outcome.customer if isinstance(outcome, Accepted) else customer


def _meet_form(command: UpdateCustomer, judgement: Judgement) -> None:
    judgement.meet_form(command.form, command.unknown)
    if judgement.answers["attribution-headers"] == "ignore" and _attributions(command):
        judgement.asks("attribution-headers", refusing="any")


def _find_customer(
    customer: Customer | None, survivor: Customer | None, command: UpdateCustomer, judgement: Judgement
) -> Customer | Rejected:
    if customer is None:
        return refuse_unknown(command.customer, judgement)
    if customer.merged_into is None:
        return customer
    if survivor is None or judgement.answers["update-of-merged"] == "8067":
        questions = () if survivor is None else ("update-of-merged",)
        return refuse_merged(customer, "8067", judgement, *questions)
    judgement.asks("update-of-merged", refusing="8067")
    judgement.ignore("path/userId", f"customer {customer.id} was merged into {survivor.id}, who is updated")
    return survivor


def _apply(customer: Customer, command: UpdateCustomer, judgement: Judgement) -> LoyaltyUpdate | Rejected:
    account = find_account(customer, command.source, command.account, judgement)
    if isinstance(account, Rejected):
        return account
    judgement.says("UPD-USE-1")
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
    judgement.says("UPD-QRY-3" if background else "UPD-QRY-4")
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
    attributions = _attributions(command) if command.context else ()
    if not attributions or judgement.asks("attribution-headers") == "record":
        return command.context
    return {name: value for name, value in command.context.items() if name not in attributions}


def _attributions(command: UpdateCustomer) -> frozenset[str]:
    return frozenset(name for name in command.context if name.startswith(_ATTRIBUTION))
