"""The steps after the contract, the same for every operation: what is asked is read as a command, decided, and shown.

The operation reads, decides and shows; here stands what loads for it, and what makes a reply of an outcome.
"""

from mockserver.contract import CatalogueEntry
from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.judgement import Judgement
from mockserver.domain.outcome import Accepted, Granted, Needs, Rejected, Remark
from mockserver.exchange.misspelling import tell_misspelt
from mockserver.exchange.passage import Passage
from mockserver.exchange.rendering import ground, render_json, render_refusal, say, show_refusal
from mockserver.exchange.reply import Reply, Setting
from mockserver.operations.operation import Body


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
    keys: tuple[CustomerId, ...] = operation.keys(command)
    loaded: dict[CustomerId, Customer | None] = {}
    while True:
        for key in keys:
            loaded[key] = load(key)
        judgement = Judgement(setting.organisation, setting.dialect, operation.cites)
        outcome: Granted | Rejected | Needs = operation.decide(judgement, command, loaded)
        if not isinstance(outcome, Needs):
            return outcome
        keys = tuple(key for key in outcome.keys if key not in loaded)
        if not keys:
            raise AssertionError(f"{operation} needs what it has: {outcome.keys}")


def show(passage: Passage) -> Reply:
    """Have the operation show what was granted."""
    outcome, setting, operation = passage.outcome, passage.setting, passage.operation
    entries, warnings, remarks = _warned(outcome, setting) if outcome.warnings else ((), [], outcome.ignored)
    grounds = ground(outcome.basis, setting.dialect, *entries, published=operation.published)
    why = say(remarks) if remarks else ""
    body = operation.shape(operation.show(outcome, warnings, setting), setting.dialect)
    is_change = isinstance(outcome, Accepted)
    reply = Reply(
        response=render_json(body, basis=grounds.text, why=why),
        operation=operation.id,
        customer=None if outcome.customer is None else outcome.customer.id,
        warnings=tuple(entry.code for entry in entries) if entries else (),
        rests_on=grounds.items,
        remarks=remarks,
        basis=grounds.text,
        why=why,
        changed=outcome.changed if is_change else (),
        later=outcome.later if is_change else None,
    )
    return tell_misspelt(reply, passage.misspelt) if passage.misspelt else reply


def _warned(outcome: Granted, setting: Setting) -> tuple[tuple[CatalogueEntry, ...], list[Body], tuple[Remark, ...]]:
    """Return what the catalogue has on the warnings, these as they are shown, and what is said of the request."""
    entries = tuple(setting.contract.catalogue.warning(item.code) for item in outcome.warnings)
    shown: list[Body] = [show_refusal(entry, item.words) for entry, item in zip(entries, outcome.warnings, strict=True)]
    warned = (Remark(item.place, item.why) for item in outcome.warnings)
    return entries, shown, (*warned, *outcome.ignored)
