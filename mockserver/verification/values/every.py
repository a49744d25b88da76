"""All checks of values, in the order in which they run.

Refusals of all that cannot be undone come before what is done: a sound target does nothing of it, and afterwards there
may be nobody left who could be enrolled.
"""

from mockserver.verification.checks import Check
from mockserver.verification.target import Leave
from mockserver.verification.values import added, beside, combinations, refusals, written

EARLY_CHECKS: tuple[Check, ...] = tuple(check for check in refusals.CHECKS if check.leave is Leave.IRREVERSIBLE)
VALUE_CHECKS: tuple[Check, ...] = (
    *beside.CHECKS,
    *written.CHECKS,
    *(check for check in refusals.CHECKS if check.leave < Leave.IRREVERSIBLE),
    *combinations.CHECKS,
    *added.CHECKS,
)
