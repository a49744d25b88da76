"""The update of a customer: all rules in the order of judgement, joined to one outcome.

A PUT never creates a customer. What is refused changes nothing: the rules build a new customer value, and a
refusal throws it away.
"""

from dataclasses import replace

from mockserver.domain.audit import list_changes
from mockserver.domain.command import UpdateCustomer
from mockserver.domain.customer import AuditEntry, Customer
from mockserver.domain.dialect import Dialect
from mockserver.domain.extended_fields import update_extended_fields
from mockserver.domain.judgement import Judgement
from mockserver.domain.loyalty import LoyaltyUpdate, asked_points, credit, update_loyalty
from mockserver.domain.organisation import Organisation
from mockserver.domain.outcome import Accepted, Later, Rejected
from mockserver.domain.profiles import update_profile
from mockserver.domain.sources import find_account


def update_customer(
    customer: Customer | None, command: UpdateCustomer, organisation: Organisation, dialect: Dialect
) -> Accepted | Rejected:
    """Decide an update: the customer as it will be, or why it stays as it is."""
    judgement = Judgement(organisation, dialect)
    refused = _judge_form(command, judgement)
    if refused is not None:
        return refused
    known = find_customer(customer, command.customer, judgement, merged_code="8067")
    if isinstance(known, Rejected):
        return known
    updated = _apply(known, command, judgement)
    if isinstance(updated, Rejected):
        return updated
    return _accept(known, updated, command, judgement)


def find_customer(
    customer: Customer | None, asked: int, judgement: Judgement, *, merged_code: str
) -> Customer | Rejected:
    """Refuse an unknown customer (8015) and one that was merged into another."""
    if customer is None:
        return judgement.refuse("8015", "path/userId", f"there is no customer {asked}", statements=("UPD-ERR-1",))
    if customer.merged_into is None:
        return customer
    survivor = str(customer.merged_into)
    why = f"customer {asked} was merged into {survivor}"
    return judgement.refuse(merged_code, "path/userId", why, words=(survivor,), questions=("update-of-merged",))


def _judge_form(command: UpdateCustomer, judgement: Judgement) -> Rejected | None:
    """Judge the request as a whole: the questions of which another answer refuses it whatever it asks."""
    if command.is_empty:
        judgement.asks("empty-body", refusing=True)
    if command.sent_null and judgement.asks("null-value", refusing=True) == "reject":
        return judgement.refuse("400", "body", "holds null; leave the member out", questions=("null-value",))
    if command.unknown_members:
        judgement.asks("unknown-body-member", refusing=True)
    if command.unknown_query:
        judgement.asks("unknown-query-parameter", refusing=True)
    for place in (*command.unknown_query, *command.unknown_members):
        judgement.ignore(place, "is not part of the contract")
    return None


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
    return update_loyalty(replace(updated, extended_fields=fields), command, judgement)


def _accept(before: Customer, updated: LoyaltyUpdate, command: UpdateCustomer, judgement: Judgement) -> Accepted:
    background = _runs_in_background(command, updated, judgement)
    later = Later(customer=before.id, credits=updated.credits) if updated.credits else None
    after = updated.customer
    recorded = after if after == before else _recorded(before, after, command, judgement)
    if later is not None and not background:
        recorded = credit(recorded, later)
    return Accepted(
        customer=recorded,
        changed=() if recorded == before else (recorded,),
        warnings=tuple(judgement.warnings),
        effects=None if background else updated.credits,
        later=later if background else None,
        ignored=tuple(judgement.ignored),
        basis=judgement.basis,
    )


def _runs_in_background(command: UpdateCustomer, updated: LoyaltyUpdate, judgement: Judgement) -> bool:
    background = command.use_async
    if background is None:
        background = judgement.dialect["use-async-default"] == "true"
        if updated.credits:
            judgement.asks("use-async-default")
    judgement.says("UPD-QRY-3" if background else "UPD-QRY-4")
    return background


def _recorded(before: Customer, after: Customer, command: UpdateCustomer, judgement: Judgement) -> Customer:
    """Stamp a changed customer and add to its audit who changed what, and when."""
    entry = AuditEntry(
        at=command.now,
        context=command.context,
        changes=list_changes(before, after, asked_points(command)),
    )
    stamp = replace(after.attribution, modified=command.now, modified_by=judgement.organisation.till)
    return replace(after, attribution=stamp, audit=(*after.audit, entry))
