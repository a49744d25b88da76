"""Get Loyalty Details: GET /v2/customers/{userId}/loyaltyDetails."""

from mockserver.operations.get_loyalty_details.rules import CITES, SUBJECT, decide, keys, read
from mockserver.operations.get_loyalty_details.show import show
from mockserver.operations.operation import Operation

GET_LOYALTY_DETAILS = Operation(
    id="getLoyaltyDetails",
    subject=SUBJECT,
    effect="read",
    cites=CITES,
    read=read,
    keys=keys,
    decide=decide,
    show=show,
    published="getLoyaltyDetails",
    judged=("userId",),
)

__all__ = ["GET_LOYALTY_DETAILS"]
