"""An operation that no vendor has: it greets a customer by name. It shows what an operation needs, and nothing more."""

from pathlib import Path

from mockserver.files import Specification
from mockserver.operations import OPERATIONS, listed
from mockserver.operations.operation import Operation, Secrets
from tests.operations.greeting.rules import CITES, FIELDS, SUBJECT, decide, keys, read, show

GREET_CUSTOMER = Operation(
    id="greetCustomer",
    prefix="GRT",
    subject=SUBJECT,
    effect="write",
    cites=CITES,
    read=read,
    keys=keys,
    decide=decide,
    show=show,
    customer_field="greeted",
    fields=FIELDS,
    secrets=Secrets(body=frozenset({"pin"})),
)
GREETING = Specification(operations=listed(*OPERATIONS.values(), GREET_CUSTOMER), folders=(Path(__file__).parent,))
