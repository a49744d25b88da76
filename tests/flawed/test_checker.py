"""The checker itself is checked: each flaw is found and rightly named, and nothing is said of what is sound."""

from collections.abc import Mapping
from typing import Any

import pytest

from mockserver.domain.customer import CustomerId
from mockserver.verification.campaign import PhaseOf
from mockserver.verification.findings import Finding, Grade
from mockserver.verification.model import model_phase
from mockserver.verification.schema import schema_phase
from mockserver.verification.state import state_of
from mockserver.verification.target import Leave
from tests.flawed.checking import (
    PLACES,
    Sighting,
    bench_of,
    bench_with,
    findings_of,
    first_right_finding,
    golden_phase,
    leave_of,
    run,
    statements_phase,
)
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw, Sound
from tests.flawed.flaws import ALL_FLAWS, FLAWS, FLAWS_OF_THE_DEPLOYMENT
from tests.flawed.flaws_of_dialect import FLAWS_OF_DIALECT
from tests.flawed.sound import ALL_SOUND, SOUND

_GENERATED = tuple(SOUND[name] for name in ("as-is", "more-members", "created-id-text"))
_GENERATING = (PhaseOf(name="model", run=model_phase), PhaseOf(name="schema", run=schema_phase))
# Those that are otherwise in memory, too, where there are no connections and no bytes of a frame.
_OTHERWISE = tuple(SOUND[name] for name in ("shouted-headers", "spelt-out", "vendor-401", "other-numbers"))
# Flaws of answers and of access: what is stored is sound, so that it can be written back.
_RESTORABLE = ("created-id-left-out", "code-as-text", "source-optional", "empty-body-crashes")


def _name_of(each: Any) -> str:  # Any: as pytest has it
    return str(each.name)


def _first_sighting(flaw: Flaw, leave: Leave) -> Sighting | None:
    """Look for a flaw with the statements, and with the golden exchanges where they are not enough."""
    for phase in (statements_phase(), golden_phase()):
        sighting = first_right_finding(flaw, bench_of(flaw, leave=leave), [phase])
        if sighting is not None:
            return sighting
    return None


def _seen_of(deployment: Deployment) -> dict[int, Mapping[str, Any]]:
    return {
        place.customer: state_of(deployment.customers[CustomerId(place.customer)], with_programs=True).flat
        for place in PLACES
    }


def _told(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{one.grade} {one.question or one.statement}: {one.check}: {one.came}" for one in findings if one.counts]


@pytest.mark.parametrize("flaw", FLAWS_OF_THE_DEPLOYMENT, ids=_name_of)
def test_a_flaw_is_found_and_counts(flaw: Flaw) -> None:
    sighting = _first_sighting(flaw, leave_of(flaw))

    assert sighting is not None
    assert sighting.finding.counts


@pytest.mark.parametrize("flaw", FLAWS_OF_DIALECT, ids=_name_of)
def test_another_answer_to_a_question_is_found_and_named(flaw: Flaw) -> None:
    sighting = _first_sighting(flaw, leave_of(flaw))

    assert sighting is not None
    assert sighting.finding.question in flaw.names
    assert sighting.finding.grade is Grade.DIFFERS


@pytest.mark.parametrize("flaw", [flaw for flaw in ALL_FLAWS if flaw.needs != "reads"], ids=_name_of)
def test_a_flaw_is_not_seen_with_less_leave_than_it_needs(flaw: Flaw) -> None:
    less = Leave(leave_of(flaw) - 1)

    assert _first_sighting(flaw, less) is None


@pytest.mark.parametrize("sound", [*ALL_SOUND, *_OTHERWISE], ids=_name_of)
def test_nothing_is_said_of_what_is_sound(sound: Sound) -> None:
    bench = bench_of(sound, leave=Leave.IRREVERSIBLE)

    findings = findings_of(run(bench, [golden_phase(), statements_phase()]))

    assert _told(findings) == []


@pytest.mark.parametrize(
    "phase", [PhaseOf(name="model", run=model_phase), PhaseOf(name="schema", run=schema_phase)], ids=_name_of
)
@pytest.mark.parametrize("sound", _GENERATED, ids=_name_of)
def test_nothing_generated_makes_a_sound_deployment_suspect(sound: Sound, phase: PhaseOf) -> None:
    bench = bench_of(sound, leave=Leave.WRITES)

    findings = findings_of(run(bench, [phase]))

    assert _told(findings) == []


@pytest.mark.parametrize("flaw", [FLAWS[name] for name in _RESTORABLE], ids=_name_of)
def test_a_campaign_that_is_ended_early_gives_the_customers_their_state_back(flaw: Flaw) -> None:
    deployment = flaw.make()
    before = _seen_of(deployment)

    sighting = first_right_finding(flaw, bench_with(deployment, leave=Leave.WRITES), [statements_phase()])

    assert sighting is not None
    assert _seen_of(deployment) == before


def test_a_target_that_shows_no_change_at_all_is_soon_waited_for_less() -> None:
    bench = bench_of(FLAWS["not-stored"], leave=Leave.WRITES)
    first = bench.judge.patience

    findings = findings_of(run(bench, [statements_phase()]))

    assert [finding.statement for finding in findings if finding.counts] == ["UPD-USE-1"]
    assert bench.judge.patience < first / 2
