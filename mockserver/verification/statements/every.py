"""All statement checks, in the order in which they run."""

from mockserver.verification.checks import Check
from mockserver.verification.statements import (
    access,
    addressing,
    at_once,
    channels,
    credentials,
    loyalty,
    profiles,
    reads,
    steadiness,
)

STATEMENT_CHECKS: tuple[Check, ...] = (
    *access.CHECKS,
    *credentials.CHECKS,
    *addressing.CHECKS,
    *profiles.CHECKS,
    *channels.CHECKS,
    *loyalty.CHECKS,
    *reads.CHECKS,
    *steadiness.CHECKS,
    *at_once.CHECKS,
    *reads.LAST,
)
