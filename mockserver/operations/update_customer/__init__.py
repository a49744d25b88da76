"""Update Customer Details: PUT /v2/customers/{userId}."""

from mockserver.operations.operation import Operation
from mockserver.operations.update_customer.attribution import LOOKUP_ALONE
from mockserver.operations.update_customer.command import MEMBERS, read
from mockserver.operations.update_customer.rules import CITES, JUDGED, RESOURCE_TABLE, SUBJECT, decide, keys
from mockserver.operations.update_customer.show import shape, show

UPDATE_CUSTOMER = Operation(
    id="updateCustomer",
    prefix="UPD",
    subject=SUBJECT,
    effect="write",
    cites=CITES,
    read=read,
    keys=keys,
    decide=decide,
    show=show,
    shape=shape,
    customer_field="createdId",
    fields=MEMBERS,
    parameter_rules=(LOOKUP_ALONE,),
    judged=JUDGED,
    misplaced=(RESOURCE_TABLE,),
)

__all__ = ["UPDATE_CUSTOMER"]
