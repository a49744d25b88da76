"""Whom an update by id means, and what stands before the rules of every update: its form, and who was merged."""

from mockserver.domain.citations import Citations
from mockserver.domain.command import UpdateCustomer
from mockserver.domain.customer import Customer
from mockserver.domain.judgement import Judgement
from mockserver.domain.keys import Keys, Needs
from mockserver.domain.outcome import Accepted, Rejected
from mockserver.domain.sources import refuse_merged, refuse_unknown
from mockserver.domain.update import attributions_of, update_customer
from mockserver.operations.operation import ByPathId, Loaded, Misplaced

SUBJECT = ByPathId("userId")
CITES = Citations(
    customer_place=SUBJECT.place,
    unknown_customer="UPD-ERR-1",
    unsupported_account="UPD-ERR-2",
    account="UPD-QRY-2",
    any_source="UPD-USE-1",
    fixed_source="UPD-LIM-2",
    profile="UPD-USE-2",
    identifiers="UPD-LIM-1",
    first_name="UPD-BODY-2",
    last_name="UPD-BODY-3",
    custom_fields="UPD-BODY-4",
    channels="UPD-BODY-7",
    instore_channels="UPD-USE-4",
    mobile_channels="UPD-BODY-10",
    extended_fields="UPD-BODY-16",
    loyalty="UPD-USE-3",
    loyalty_downgrade="UPD-LIM-3",
    enrolments="UPD-BODY-19",
    already_enrolled="UPD-BODY-21",
    in_background="UPD-QRY-3",
    at_once="UPD-QRY-4",
)
RESOURCE_TABLE = Misplaced(
    path="/v2/promotion/customer",
    why="the page's resource table names this path, its endpoint and sample /v2/customers/{userId}",
    statements=("UPD-RES-1", "UPD-END-1"),
)
JUDGED = ("userId", "source", "accountId", "profiles", "extendedFields", "loyaltyInfo", "loyaltyProgramEnrollments")


def keys(command: UpdateCustomer) -> Keys:
    """Return whom an update needs loaded."""
    return Keys(customers=(command.customer,))


def decide(judgement: Judgement, command: UpdateCustomer, loaded: Loaded) -> Accepted | Rejected | Needs:
    """Decide an update: the customer as it will be, or why it stays as it is."""
    judgement.meet_form(command.form, command.unknown)
    if judgement.answers["attribution-headers"] == "ignore" and attributions_of(command):
        judgement.asks("attribution-headers", refusing="any")
    customer = loaded.customers[command.customer]
    if customer is None:
        return refuse_unknown(command.customer, judgement)
    if customer.merged_into is None:
        return update_customer(customer, command, judgement)
    survivor = _find_survivor(customer, loaded)
    if isinstance(survivor, Needs):
        return survivor
    return _decide_merged(customer, survivor, command, judgement)


def _decide_merged(
    customer: Customer, survivor: Customer | None, command: UpdateCustomer, judgement: Judgement
) -> Accepted | Rejected:
    if survivor is None or judgement.answers["update-of-merged"] == "8067":
        questions = () if survivor is None else ("update-of-merged",)
        return refuse_merged(customer, "8067", judgement, *questions)
    judgement.asks("update-of-merged", refusing="8067")
    why = f"customer {customer.id} was merged into {survivor.id}, who is updated"
    judgement.ignore(judgement.cites.customer_place, why)
    return update_customer(survivor, command, judgement)


def _find_survivor(customer: Customer, loaded: Loaded) -> Customer | None | Needs:
    """Follow a merged customer to the one who is left, None where that leads nowhere or in a circle."""
    seen = set()
    left: Customer | None = customer
    while left is not None and left.merged_into is not None and left.id not in seen:
        seen.add(left.id)
        if left.merged_into not in loaded.customers:
            return Needs(Keys(customers=(left.merged_into,)))
        left = loaded.customers[left.merged_into]
    return None if left is None or left.merged_into is not None else left
