"""Read whose standing in the programs is asked for, and find that customer."""

from typing import Any

from mockserver.contract import Parameters
from mockserver.domain.citations import Citations
from mockserver.domain.command import Command
from mockserver.domain.customer import NON_LOYALTY, CustomerId
from mockserver.domain.judgement import Judgement
from mockserver.domain.keys import Keys
from mockserver.domain.outcome import Found, Rejected
from mockserver.domain.sources import find_read
from mockserver.operations.operation import ByPathId, Loaded
from mockserver.operations.reading import Reading

SUBJECT = ByPathId("userId")
# No page of the read says it; the update's does, of the same customers.
CITES = Citations(customer_place=SUBJECT.place, unknown_customer="UPD-ERR-1")


class ReadLoyaltyDetails(Command, frozen=True, kw_only=True):
    """Read one customer's standing in every program."""

    customer: CustomerId


def read(parameters: Parameters, body: Any, now: str) -> ReadLoyaltyDetails:  # Any: JSON
    """Read what a request asks for; a read depends on neither body nor time."""
    del body, now
    reading = Reading(parameters)
    return ReadLoyaltyDetails(
        customer=reading.customer(parameters.values["userId"]),
        form=tuple(reading.form),
        unknown=tuple(reading.unknown),
        is_doubtful=reading.is_doubtful,
    )


def keys(command: ReadLoyaltyDetails) -> Keys:
    """Return whom a read needs loaded."""
    return Keys(customers=(command.customer,))


def decide(judgement: Judgement, command: ReadLoyaltyDetails, loaded: Loaded) -> Found | Rejected:
    """Find the customer."""
    judgement.meet_form(command.form, command.unknown)
    known = find_read(command.customer, loaded.customers[command.customer], judgement)
    if isinstance(known, Rejected):
        return known
    question = "loyalty-details-of-non-loyalty"
    is_in_none = known.loyalty_type == NON_LOYALTY and not known.enrolments
    if is_in_none and judgement.asks(question, refusing="8089") == "8089":
        place, why = judgement.cites.customer_place, "the customer is in no program"
        return judgement.refuse("8089", place, why, questions=(question,))
    return Found(customer=known, ignored=tuple(judgement.ignored), basis=judgement.basis)
