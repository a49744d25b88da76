"""All checks that are listed by name: the golden exchanges, and the checks of statements and of values, as `phase/id`.

The checks of values belong to the phase `statements`, at its end: they are many, and each is about rare values.

The phases that generate their requests, schema and model, have no list: what they check comes of the contract and of
the rules. It needs no extra.
"""

from collections.abc import Mapping

from mockserver.verification.checks import Check
from mockserver.verification.golden import check_of
from mockserver.verification.golden_files import read_golden_exchanges
from mockserver.verification.statements import STATEMENT_CHECKS
from mockserver.verification.values import EARLY_CHECKS, VALUE_CHECKS


def listed_checks() -> Mapping[str, Check]:
    """Return the listed checks by name; a golden exchange that cannot be read is an ExchangeError."""
    golden = (check_of(exchange) for exchange in read_golden_exchanges())
    return {
        **{f"golden/{check.id}": check for check in golden},
        **{f"statements/{check.id}": check for check in (*EARLY_CHECKS, *STATEMENT_CHECKS, *VALUE_CHECKS)},
    }


def statements_by_check() -> Mapping[str, frozenset[str]]:
    """Return the statements that each listed check names."""
    return {name: frozenset(check.statements) for name, check in listed_checks().items()}
