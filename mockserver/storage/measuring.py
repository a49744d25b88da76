"""How large customers may become, updates adding to them: measured as JSON, and only now and then.

A customer grows by no more than a few times what its updates send. So those bytes are counted, which costs nothing, and
the record is written and measured once they come to `MEASURED_AGAIN`.
"""

from mockserver.domain.customer import Customer
from mockserver.domain.record import write_customer
from mockserver.lossless_json import write_json
from mockserver.values import Value, replace

MOST_RECORD = 4 * 1024 * 1024  # bytes of a customer as JSON, audit included
MEASURED_AGAIN = 1024 * 1024  # bytes of updates


class Oversized(Value, frozen=True):
    """A customer that would be larger than may be, also without its audit."""

    customer: Customer


def fitted(customer: Customer) -> Customer | Oversized:
    """Return a customer without the oldest entries of its audit for which there is no room."""
    room = MOST_RECORD - _size(replace(customer, audit=()))
    if room < 0:
        return Oversized(customer)
    kept = 0
    for entry in reversed(customer.audit):
        room -= _size(replace(customer, profiles=(), extended_fields={}, enrolments=(), audit=(entry,)))
        if room < 0:
            break
        kept += 1
    return (
        customer
        if kept == len(customer.audit)
        else replace(customer, audit=customer.audit[len(customer.audit) - kept :])
    )


def _size(customer: Customer) -> int:
    return len(write_json(write_customer(customer)))
