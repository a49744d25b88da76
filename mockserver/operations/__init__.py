"""The vendor's operations, one folder each, and the only list of them."""

from mockserver.operations.get_customer import GET_CUSTOMER
from mockserver.operations.get_loyalty_details import GET_LOYALTY_DETAILS
from mockserver.operations.operation import Operation, Operations, listed
from mockserver.operations.update_customer import UPDATE_CUSTOMER

OPERATIONS = listed(UPDATE_CUSTOMER, GET_CUSTOMER, GET_LOYALTY_DETAILS)

__all__ = [
    "GET_CUSTOMER",
    "GET_LOYALTY_DETAILS",
    "OPERATIONS",
    "UPDATE_CUSTOMER",
    "Operation",
    "Operations",
    "listed",
]
