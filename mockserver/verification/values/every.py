"""All checks of values, in the order in which they run."""

from mockserver.verification.checks import Check
from mockserver.verification.values import added, beside, combinations, refusals, written

VALUE_CHECKS: tuple[Check, ...] = (
    *written.CHECKS,
    *combinations.CHECKS,
    *beside.CHECKS,
    *refusals.CHECKS,
    *added.CHECKS,
)
