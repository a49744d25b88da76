"""The steps after the contract: what a request asks is read as a command, decided by the rules, and shown.

Each operation has three functions, one for each step; what one gives the next takes.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from mockserver.contract import Endpoint, Parameters
from mockserver.domain.command import ReadCustomer, ReadLoyaltyDetails, UpdateCustomer
from mockserver.domain.customer import Customer
from mockserver.domain.outcome import Accepted, Rejected
from mockserver.domain.reading import Found, read_customer, read_loyalty_details
from mockserver.domain.update import update_customer
from mockserver.exchange.members import NO_MEMBERS, UPDATE_MEMBERS, Members
from mockserver.exchange.passage import Load
from mockserver.exchange.reading import read_customer_query, read_loyalty_query, read_update
from mockserver.exchange.rendering import in_words, name_basis, render_json
from mockserver.exchange.reply import Reply, Setting
from mockserver.exchange.showing import show_customer, show_loyalty_details, show_update
from mockserver.values import Value

C = TypeVar("C")
D = TypeVar("D")


class Answering(Value, Generic[C, D], frozen=True, kw_only=True):
    """How one operation is answered: `read` takes parameters, body (None where there is none) and the time.

    `members` are those of its body.
    """

    read: Callable[[Parameters, Any, str], C]  # Any: JSON that the contract has judged
    decide: Callable[[Setting, C, Load], D | Rejected]
    show: Callable[[Setting, Endpoint, D], Reply]
    members: Members = NO_MEMBERS


def _decide_update(setting: Setting, command: UpdateCustomer, load: Load) -> Accepted | Rejected:
    customer = load(command.customer)
    survivor = _find_survivor(customer, load)
    return update_customer(customer, command, setting.organisation, setting.dialect, survivor=survivor)


def _find_survivor(customer: Customer | None, load: Load) -> Customer | None:
    """Follow a merged customer to the one who is left, None where that leads nowhere or in a circle."""
    seen = set()
    while customer is not None and customer.merged_into is not None and customer.id not in seen:
        seen.add(customer.id)
        customer = load(customer.merged_into)
    return customer if seen and customer is not None and customer.merged_into is None else None


def _show_accepted(setting: Setting, operation: Endpoint, outcome: Accepted) -> Reply:
    entries = [setting.contract.catalogue.warning(item.code) for item in outcome.warnings]
    basis = name_basis(outcome.basis, setting.dialect, *entries)
    why = "; ".join([*map(in_words, outcome.warnings), *outcome.ignored])
    body = show_update(outcome, setting.dialect, entries)
    return Reply(
        response=render_json(body, basis=basis, why=why),
        operation=operation.id,
        customer=outcome.customer.id,
        warnings=tuple(entry.code for entry in entries),
        basis=basis,
        why=why,
        changed=outcome.changed,
        later=outcome.later,
    )


def _read_customer_query(parameters: Parameters, body: Any, now: str) -> ReadCustomer:
    del body, now  # a read depends on neither
    return read_customer_query(parameters)


def _decide_customer(setting: Setting, command: ReadCustomer, load: Load) -> Found | Rejected:
    return read_customer(load(command.customer), command, setting.organisation, setting.dialect)


def _show_customer(setting: Setting, operation: Endpoint, found: Found) -> Reply:
    return _show_found(setting, operation, found, show_customer(found))


def _read_loyalty_query(parameters: Parameters, body: Any, now: str) -> ReadLoyaltyDetails:
    del body, now  # a read depends on neither
    return read_loyalty_query(parameters)


def _decide_loyalty(setting: Setting, command: ReadLoyaltyDetails, load: Load) -> Found | Rejected:
    return read_loyalty_details(load(command.customer), command, setting.organisation, setting.dialect)


def _show_loyalty(setting: Setting, operation: Endpoint, found: Found) -> Reply:
    return _show_found(setting, operation, found, show_loyalty_details(found, setting.organisation))


def _show_found(setting: Setting, operation: Endpoint, found: Found, body: Mapping[str, object]) -> Reply:
    """Show what was read; the shape of a read is a published sample's."""
    named = name_basis(found.basis, setting.dialect)
    basis = "; ".join(filter(None, (named, f"published {operation.id}")))
    why = "; ".join(found.ignored)
    return Reply(
        response=render_json(body, basis=basis, why=why),
        operation=operation.id,
        customer=found.customer.id,
        basis=basis,
        why=why,
    )


UPDATE: Answering[UpdateCustomer, Accepted] = Answering(
    read=read_update, decide=_decide_update, show=_show_accepted, members=UPDATE_MEMBERS
)
CUSTOMER: Answering[ReadCustomer, Found] = Answering(
    read=_read_customer_query, decide=_decide_customer, show=_show_customer
)
LOYALTY: Answering[ReadLoyaltyDetails, Found] = Answering(
    read=_read_loyalty_query, decide=_decide_loyalty, show=_show_loyalty
)
