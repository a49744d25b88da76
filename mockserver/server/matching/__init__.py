"""Was it requested? Criteria are matched with the exchanges of a journal, and a failure is told in words.

Pure: exchanges come in, values and text go out. The control plane and tests in Python ask here alike.
"""

from mockserver.server.matching.counting import Times
from mockserver.server.matching.criteria import OUT, Criteria, Out, read_criteria
from mockserver.server.matching.describing import describe, describe_order
from mockserver.server.matching.judging import (
    MOST_NEAR,
    Match,
    Order,
    Verdict,
    Verified,
    in_order,
    match,
    nearest,
    verify,
)

__all__ = [
    "MOST_NEAR",
    "OUT",
    "Criteria",
    "Match",
    "Order",
    "Out",
    "Times",
    "Verdict",
    "Verified",
    "describe",
    "describe_order",
    "in_order",
    "match",
    "nearest",
    "read_criteria",
    "verify",
]
