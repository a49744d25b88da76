"""The steps after the contract, the same for every operation: what is asked is read as a command, decided, and shown.

The operation reads, decides and shows; here stands what loads for it, and what makes a reply of an outcome.
"""

from collections.abc import Mapping, Sequence
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
from mockserver.operations.operation import Loaded
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
        return _refuse(passage, outcome)
    passage.outcome = outcome
    return None


def decide_on(passage: Passage, loaded: Loaded) -> Reply | Needs:
    """Have the operation decide on what was loaded, and show what it grants."""
    setting, operation = passage.setting, passage.operation
    judgement = Judgement(setting.organisation, setting.dialect, operation.cites)
    outcome: Granted | Rejected | Needs = operation.decide(judgement, passage.command, loaded)
    if isinstance(outcome, Granted):
        passage.outcome = outcome
        return show(passage)
    return _refuse(passage, outcome) if isinstance(outcome, Rejected) else outcome


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
        if keys.are_within(customers, loaded.holders, loaded.new):
            raise AssertionError(f"{operation} has all that it needs: {keys}")


def _refuse(passage: Passage, rejected: Rejected) -> Reply:
    reply = render_refusal(
        passage.setting,
        rejected.refusal,
        rejected.basis,
        operation=passage.operation.id,
        customer=passage.command.customer,
    )
    return tell_misspelt(reply, passage.misspelt) if passage.misspelt else reply


def show(passage: Passage) -> Reply:
    """Have the operation show what was granted."""
    outcome, setting, operation = passage.outcome, passage.setting, passage.operation
    entries, shown, said = _warned(outcome, setting) if outcome.warnings else ((), [], outcome.ignored)
    why = say(said) if said else ""
    bases = tuple([entry.basis for entry in entries]) if entries else ()
    grounds = ground(outcome.basis, setting.dialect, bases, operation.published)
    body = operation.shape(operation.show(outcome, shown, setting), setting.dialect)
    is_change = isinstance(outcome, Accepted)
    reply = Reply(
        response=render_json(body, basis=grounds.text, why=why),
        operation=operation.id,
        customer=None if outcome.customer is None else outcome.customer.id,
        warnings=tuple([entry.code for entry in entries]) if entries else (),
        rests_on=grounds.items,
        why=why,
        changed=outcome.changed if is_change else (),
        later=outcome.later if is_change else None,
    )
    return tell_misspelt(reply, passage.misspelt) if passage.misspelt else reply


def _warned(
    outcome: Granted, setting: Setting
) -> tuple[Sequence[CatalogueEntry], list[dict[str, object]], Sequence[Remark]]:
    """Return what the catalogue has on warnings, how they are shown, and all that is said of the request."""
    entries: list[CatalogueEntry] = []
    shown: list[dict[str, object]] = []
    said: list[Remark] = []
    catalogue = setting.contract.catalogue
    for item in outcome.warnings:
        entry = catalogue.warning(item.code)
        entries.append(entry)
        shown.append(show_refusal(entry, item.words))
        said.append(Remark(item.place, item.why))
    return entries, shown, (*said, *outcome.ignored)
