"""Checks of the statements that can be observed, written from the page and independent of the rules' code."""

from mockserver.verification.checks import Check
from mockserver.verification.statements import access, addressing, channels, loyalty, profiles

STATEMENT_CHECKS: tuple[Check, ...] = (
    *access.CHECKS,
    *addressing.CHECKS,
    *profiles.CHECKS,
    *channels.CHECKS,
    *loyalty.CHECKS,
)
__all__ = ["STATEMENT_CHECKS"]
