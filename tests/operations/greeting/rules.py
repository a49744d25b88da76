"""How a greeting is read, decided and shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.contract import Parameters
from mockserver.domain.citations import Citations
from mockserver.domain.command import Command
from mockserver.domain.customer import NON_LOYALTY, Customer, CustomerId
from mockserver.domain.judgement import Judgement
from mockserver.domain.keys import Keys
from mockserver.domain.outcome import Granted, Rejected
from mockserver.domain.sources import find_read
from mockserver.operations.fields import Members
from mockserver.operations.operation import Body, ByPathId, Loaded, Scenario
from mockserver.operations.reading import Reading

SUBJECT = ByPathId("userId")
CITES = Citations(customer_place=SUBJECT.place, unknown_customer="GRT-ERR-1")
FIELDS = Members(frozenset({"salutation", "pin"}))


class Greet(Command, frozen=True, kw_only=True):
    """Greet one customer."""

    customer: CustomerId
    salutation: str


class Greeted(Granted, frozen=True, kw_only=True):
    """The words of a greeting."""

    words: str


def read(parameters: Parameters, body: Mapping[str, Any] | None, now: str) -> Greet:
    del now
    reading, sent = Reading(parameters), body or {}
    customer = reading.customer(parameters.values["userId"])
    reading.open(sent, FIELDS.names, "body")
    return Greet(
        customer=customer,
        salutation=sent.get("salutation") or "Dear",
        form=tuple(reading.form),
        unknown=tuple(reading.unknown),
        is_doubtful=reading.is_doubtful,
    )


def keys(command: Greet) -> Keys:
    return Keys(customers=(command.customer,))


def decide(judgement: Judgement, command: Greet, loaded: Loaded) -> Greeted | Rejected:
    judgement.meet_form(command.form, command.unknown)
    known = find_read(command.customer, loaded.customers[command.customer], judgement)
    if isinstance(known, Rejected):
        return known
    refused = _meet_stranger(known, judgement)
    if refused is not None:
        return refused
    judgement.says("GRT-BODY-1")
    name = next((profile.first_name for profile in known.profiles if profile.first_name), "customer")
    return Greeted(
        customer=known,
        words=f"{command.salutation} {name}",
        ignored=tuple(judgement.ignored),
        basis=judgement.basis,
    )


def _meet_stranger(customer: Customer, judgement: Judgement) -> Rejected | None:
    question = "greeting-of-strangers"
    if customer.loyalty_type != NON_LOYALTY or judgement.asks(question, refusing="9901") == "alike":
        return None
    return judgement.refuse("9901", SUBJECT.place, "the customer is no member", questions=(question,))


def show(greeted: Greeted, warnings: Sequence[Body], scenario: Scenario) -> Body:
    del scenario
    customer = greeted.customer
    return {"greeted": None if customer is None else customer.id, "greeting": greeted.words, "warnings": warnings}
