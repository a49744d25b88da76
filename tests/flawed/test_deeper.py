"""Harder flaws that were overlooked once, each found by the checks that see its kind."""

import pytest

from mockserver.verification.campaign import PhaseOf
from mockserver.verification.statements import addressing, credentials, loyalty
from mockserver.verification.values import added, combinations, written
from tests.flawed.checking import bench_of, findings_of, is_right, leave_of, run
from tests.flawed.harder import HARDER

_CHECKS = {
    check.id: check
    for part in (addressing, credentials, loyalty, added, combinations, written)
    for check in part.CHECKS
}


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("points-in-16-bits", "enrolment-is-done"),
        ("points-in-single-precision", "enrolment-is-done"),
        ("expiries-in-32-bits", "enrolment-is-done"),
        ("offsets-east-only", "enrolment-is-done"),
        ("meta-false-lost", "meta-of-any-members"),
        ("extended-lost-beside-null", "combinations"),
        ("account-first-goes-elsewhere", "account-is-the-one-updated"),
        ("unknown-told-to-all", "nobody-is-told-of-without-credentials"),
        ("small-basic-refused", "scheme-has-no-case"),
        ("half-of-an-emoji", "texts-of-any-script"),
    ],
)
def test_what_was_overlooked_once_is_found_and_named(name: str, check: str) -> None:
    flaw = HARDER[name]
    phase = PhaseOf(name="statements", checks=(_CHECKS[check],))

    findings = findings_of(run(bench_of(flaw, leave=leave_of(flaw)), [phase]))

    assert findings
    assert is_right(flaw, findings[0])
