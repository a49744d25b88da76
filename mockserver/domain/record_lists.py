"""Lists of customers as plain records, as worlds have them: each is read, and no id stands twice."""

from collections.abc import Iterable, Mapping

from mockserver.domain.customer import Attribution, Customer, CustomerId
from mockserver.domain.organisation import Organisation
from mockserver.domain.record import RecordProblem, read_customer
from mockserver.values import replace


def read_listed(
    records: Iterable[object], organisation: Organisation, *, attribution: Attribution | None
) -> Mapping[CustomerId, Customer] | RecordProblem:
    """Read customers, by id; the path of a problem begins with the index of its record."""
    customers: dict[CustomerId, Customer] = {}
    for index, record in enumerate(records):
        customer = read_customer(record, organisation, attribution=attribution)
        if isinstance(customer, RecordProblem):
            return replace(customer, path=(index, *customer.path))
        if customer.id in customers:
            cure = "give each customer its own id"
            return RecordProblem(path=(index, "id"), problem=f"{customer.id} stands twice", cure=cure)
        customers[customer.id] = customer
    return customers
