"""Checks of values: those at their limits, in combination, beside others of their kind, and in what is refused."""

from mockserver.verification.values.every import EARLY_CHECKS, VALUE_CHECKS

__all__ = ["EARLY_CHECKS", "VALUE_CHECKS"]
