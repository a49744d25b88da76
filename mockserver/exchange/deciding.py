"""The steps after the contract, the same for every operation: what is asked is read as a command, decided, and shown.

The operation reads, decides and shows; here stands what loads for it, and what makes a reply of an outcome.
"""

from collections.abc import Mapping
from types import MappingProxyType

from mockserver.contract import CatalogueEntry
from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.judgement import Judgement
from mockserver.domain.keys import IdentifierKey, Keys, Needs
from mockserver.domain.outcome import Accepted, Granted, Rejected, Remark
from mockserver.exchange.misspelling import tell_misspelt
from mockserver.exchange.passage import Passage
from mockserver.exchange.rendering import ground, render_json, render_refusal, say, show_refusal
from mockserver.exchange.reply import Reply, Setting
from mockserver.operations.operation import Body
from mockserver.values import Value


class _Loaded(Value, frozen=True):
    """Customers that were loaded; identifiers come with the store that has an index of them."""

    customers: Mapping[CustomerId, Customer | None]
    holders: Mapping[IdentifierKey, tuple[CustomerId, ...]] = MappingProxyType({})
    new: tuple[CustomerId, ...] = ()


def decide(passage: Passage) -> Reply | None:
    """Have the operation decide on the customers that it needs."""
    outcome = _decide(passage)
    if isinstance(outcome, Rejected):
        reply = render_refusal(
            passage.setting,
            outcome.refusal,
            outcome.basis,
            operation=passage.endpoint.id,
            customer=passage.command.customer,
        )
        return tell_misspelt(reply, passage.misspelt) if passage.misspelt else reply
    passage.outcome = outcome
    return None


def _decide(passage: Passage) -> Granted | Rejected:
    """Load what the command names, and what the rules find that they need besides; each time they begin anew."""
    operation, setting, command, load = passage.operation, passage.setting, passage.command, passage.load
    keys: Keys = operation.keys(command)
    customers: dict[CustomerId, Customer | None] = {}
    loaded = _Loaded(customers)
    while True:
        for key in keys.customers:
            customers[key] = load(key)
        judgement = Judgement(setting.organisation, setting.dialect, operation.cites)
        outcome: Granted | Rejected | Needs = operation.decide(judgement, command, loaded)
        if not isinstance(outcome, Needs):
            return outcome
        keys = outcome.keys
        if customers.keys() >= {*keys.customers}:
            raise AssertionError(f"{operation} has all that it needs: {keys}")


def show(passage: Passage) -> Reply:
    """Have the operation show what was granted."""
    outcome, setting, operation = passage.outcome, passage.setting, passage.operation
    warned = _warned(outcome, setting) if outcome.warnings else _Warned([], [], [])
    grounds = ground(outcome.basis, setting.dialect, *warned.entries, published=operation.published)
    why = say((*warned.remarks, *outcome.ignored)) if warned.remarks or outcome.ignored else ""
    body = operation.shape(operation.show(outcome, warned.shown, setting), setting.dialect)
    is_change = isinstance(outcome, Accepted)
    reply = Reply(
        response=render_json(body, basis=grounds.text, why=why),
        operation=operation.id,
        customer=None if outcome.customer is None else outcome.customer.id,
        warnings=tuple([entry.code for entry in warned.entries]) if warned.entries else (),
        rests_on=grounds.items,
        why=why,
        changed=outcome.changed if is_change else (),
        later=outcome.later if is_change else None,
    )
    return tell_misspelt(reply, passage.misspelt) if passage.misspelt else reply


class _Warned(Value, frozen=True):
    """What the catalogue has on warnings, how they are shown, and what they say of the request."""

    entries: list[CatalogueEntry]
    shown: list[Body]
    remarks: list[Remark]


def _warned(outcome: Granted, setting: Setting) -> _Warned:
    warned = _Warned([], [], [])
    for item in outcome.warnings:
        entry = setting.contract.catalogue.warning(item.code)
        warned.entries.append(entry)
        warned.shown.append(show_refusal(entry, item.words))
        warned.remarks.append(Remark(item.place, item.why))
    return warned
