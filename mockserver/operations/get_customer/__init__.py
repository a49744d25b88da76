"""Get Customer Details: GET /v2/customers/{userId}."""

from mockserver.operations.get_customer.command import read
from mockserver.operations.get_customer.rules import CITES, SUBJECT, decide, keys
from mockserver.operations.get_customer.show import show
from mockserver.operations.operation import Operation

GET_CUSTOMER = Operation(
    id="getCustomer",
    subject=SUBJECT,
    effect="read",
    cites=CITES,
    read=read,
    keys=keys,
    decide=decide,
    show=show,
    published="getCustomer",
)

__all__ = ["GET_CUSTOMER"]
