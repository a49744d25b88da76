"""Read which profiles of which customer are asked for."""

from typing import Any

from mockserver.contract import Parameters
from mockserver.domain.command import Command
from mockserver.domain.customer import CustomerId
from mockserver.operations.reading import Reading


class ReadCustomer(Command, frozen=True, kw_only=True):
    """Read one customer's profiles in a source, or in every source (`ALL`)."""

    customer: CustomerId
    source: str
    account: str | None


def read(parameters: Parameters, body: Any, now: str) -> ReadCustomer:  # Any: JSON
    """Read what a request asks for; a read depends on neither body nor time."""
    del body, now
    values, reading = parameters.values, Reading(parameters)
    return ReadCustomer(
        customer=reading.customer(values["userId"]),
        source=values["source"],
        account=values.get("accountId"),
        form=tuple(reading.form),
        unknown=tuple(reading.unknown),
        is_doubtful=reading.is_doubtful,
    )
