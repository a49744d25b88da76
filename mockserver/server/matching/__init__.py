"""Was it requested? Criteria are matched with the exchanges of a journal, and a failure is told in words.

Pure: exchanges come in, values and text go out. The control plane and tests in Python ask here alike.
"""

from mockserver.server.matching.counting import Times
from mockserver.server.matching.criteria import OUT, OUTCOMES, Criteria, Out, read_criteria
from mockserver.server.matching.describing import describe, describe_order, describe_unknown
from mockserver.server.matching.filtering import Filter, read_filter
from mockserver.server.matching.judging import MOST_NEAR, Match, Order, Verified, in_order, match, nearest, verify
from mockserver.server.matching.verdicts import Verdict, meets

__all__ = [
    "MOST_NEAR",
    "OUT",
    "OUTCOMES",
    "Criteria",
    "Filter",
    "Match",
    "Order",
    "Out",
    "Times",
    "Verdict",
    "Verified",
    "describe",
    "describe_order",
    "describe_unknown",
    "in_order",
    "match",
    "meets",
    "nearest",
    "read_criteria",
    "read_filter",
    "verify",
]
