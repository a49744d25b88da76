"""Laws of the ledger: what the run wrote must stay, and what others do once is theirs."""

from typing import Any

from mockserver.verification.ledger import Ledger
from mockserver.verification.state import State

_LATE = 3600.0  # seconds, long after an update


def state(**flat: Any) -> State:
    return State(customer=7, flat=flat)


def test_what_an_update_did_and_is_undone_is_the_targets_own_however_late() -> None:
    ledger = Ledger()
    ledger.note(state(firstName="Asha"), {"firstName": "Nova"}, 0.0)

    assert ledger.own_changes(state(firstName="Nova"), state(firstName="Asha"), _LATE) == {"firstName": "Asha"}


def test_what_was_just_written_changes_for_nobody_else() -> None:
    ledger = Ledger()
    ledger.note(state(tier=1), {"tier": 2}, 0.0)

    assert ledger.own_changes(state(tier=2), state(tier=3), 1.0) == {"tier": 3}


def test_what_somebody_else_changes_once_is_theirs() -> None:
    ledger = Ledger()
    ledger.note(state(firstName="Asha"), {"firstName": "Nova"}, 0.0)

    assert ledger.own_changes(state(lastName="Menon"), state(lastName="Rao"), 1.0) == {}
    assert ledger.own_changes(state(firstName="Nova"), state(firstName="Lata"), _LATE) == {}


def test_what_changes_again_without_an_update_is_the_targets_own() -> None:
    ledger = Ledger()

    assert ledger.own_changes(state(points=9), state(points=8), 1.0) == {}
    assert ledger.own_changes(state(points=8), state(points=7), 2.0) == {"points": 7}


def test_after_something_else_wrote_the_updates_before_say_nothing() -> None:
    ledger = Ledger()
    ledger.note(state(firstName="Asha"), {"firstName": "Nova"}, 0.0)
    ledger.forget()

    assert ledger.own_changes(state(firstName="Nova"), state(firstName="Asha"), 1.0) == {}
