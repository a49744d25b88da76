"""Checks of the statements that can be observed, written from the page and independent of the rules' code."""

from mockserver.verification.statements.every import STATEMENT_CHECKS

__all__ = ["STATEMENT_CHECKS"]
