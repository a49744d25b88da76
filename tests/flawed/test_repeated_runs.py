"""Any number of runs on a deployment that keeps its state: what is sound stays silent, what differs differs alike."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings

from mockserver.verification.campaign import PhaseOf
from mockserver.verification.events import CampaignDone, CheckDone, Noted, Verdict
from mockserver.verification.failures import GATEWAY
from mockserver.verification.findings import Finding
from mockserver.verification.model import model_phase
from mockserver.verification.schema import schema_phase
from mockserver.verification.target import Leave
from tests.flawed.checking import PassingTime, bench_with, golden_phase, run, statements_phase
from tests.flawed.customers import deployments
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Sound
from tests.flawed.flaws_of_dialect import FLAWS_OF_DIALECT
from tests.flawed.sound import ALL_SOUND, SOUND
from tests.flawed.unreliable import UNRELIABLE

_SEEDS = (1, 1, 2)  # the same command again, and another
_MORE_SEEDS = (1, 1, 1, 2, 3)
_RUN_OFTEN = frozenset({"as-is", "throttles", "unavailable", "strangers-change"})
_LISTED = (golden_phase(), statements_phase())
_GENERATING = (PhaseOf(name="model", run=model_phase), PhaseOf(name="schema", run=schema_phase))
# Answers that only the page's own sample shows, which meets much at once.
_OF_THE_SAMPLE = (("mobile-without-country-code", "prefix"), ("side-effects-type", "object"))


@dataclass(slots=True)
class Kept:
    """A deployment that is kept up from run to run, and what each run said of it."""

    deployment: Deployment
    time: PassingTime = field(default_factory=PassingTime)

    def run(self, seed: int, phases: Iterable[PhaseOf] = _LISTED, *, leave: Leave = Leave.IRREVERSIBLE) -> "Told":
        """Run once more."""
        events = list(run(bench_with(self.deployment, leave=leave, seed=seed, passing=self.time), phases))
        done = events[-1]
        assert isinstance(done, CampaignDone)
        verdicts = {f"{one.phase}/{one.check}": one.verdict for one in events if isinstance(one, CheckDone)}
        return Told(done=done, verdicts=verdicts, notes=tuple(one.text for one in events if isinstance(one, Noted)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one run said."""

    done: CampaignDone
    verdicts: dict[str, Verdict]
    notes: tuple[str, ...]

    @property
    def alarms(self) -> list[str]:
        """The findings that count."""
        return [f"{one.grade} {one.statement}: {one.check}: {one.came}" for one in self.done.findings if one.counts]

    @property
    def decided(self) -> dict[str, Verdict]:
        """The verdicts but for what was not observed."""
        return {check: verdict for check, verdict in self.verdicts.items() if verdict is not Verdict.NOT_OBSERVED}


def _answers(findings: Iterable[Finding]) -> set[tuple[str, str]]:
    return {(finding.question, finding.answer) for finding in findings}


def _dialects() -> Iterator[Sound]:
    yield from (Sound(name=flaw.name, says=flaw.says, make=flaw.make) for flaw in FLAWS_OF_DIALECT)
    for question, answer in _OF_THE_SAMPLE:
        made = lambda question=question, answer=answer: Deployment(answers={question: answer})  # noqa: E731
        yield Sound(name=f"{question}-{answer}", says="Another answer.", make=made)


def _name_of(each: Sound) -> str:
    return each.name


@pytest.mark.parametrize("sound", [*ALL_SOUND, *UNRELIABLE], ids=_name_of)
def test_a_sound_deployment_that_keeps_its_state_is_never_suspected(sound: Sound) -> None:
    kept = Kept(sound.make())

    told = [kept.run(seed) for seed in (_MORE_SEEDS if sound.name in _RUN_OFTEN else _SEEDS)]

    assert [one.alarms for one in told if one.alarms] == []
    assert {one.done.exit_code for one in told} == {0}


def test_what_needs_nothing_but_made_up_values_is_observed_in_every_run() -> None:
    kept = Kept(Deployment())

    held = [kept.run(1).decided.keys() for _ in range(6)]

    assert {"golden/channel-is-added", "statements/new-channel-is-added"} <= held[-1]


@pytest.mark.parametrize("named", list(_dialects()), ids=_name_of)
def test_a_deployment_that_differs_differs_alike_in_every_run(named: Sound) -> None:
    kept = Kept(named.make())

    first, *others = (kept.run(seed) for seed in (1, 2))

    assert first.alarms == []
    for told in others:
        assert told.alarms == []
        assert _answers(told.done.findings) <= _answers(first.done.findings)
        assert {check: first.verdicts[check] for check in told.decided if check in first.decided} == {
            check: verdict for check, verdict in told.decided.items() if check in first.decided
        }


@pytest.mark.parametrize("leave", [Leave.READS, Leave.WRITES])
def test_with_less_leave_runs_leave_nothing_behind(leave: Leave) -> None:
    kept = Kept(Deployment())

    told = [kept.run(1, leave=leave) for _ in range(3)]

    assert told[0].verdicts == told[1].verdicts == told[2].verdicts


def test_generated_requests_suspect_nothing_sound_behind_a_gateway_that_fails() -> None:
    kept = Kept(SOUND["gateway-fails-often"].make())

    told = kept.run(1, _GENERATING)

    assert told.alarms == []
    assert told.done.exit_code == 0


@settings(max_examples=12, deadline=None)
@given(deployments())
def test_customers_may_be_in_any_state_that_updates_can_leave(deployment: Deployment) -> None:
    kept = Kept(deployment)

    assert [kept.run(1).alarms for _ in range(2)] == [[], []]


@pytest.mark.parametrize("name", ["gateway-502", "unavailable", "hangs-up"])
def test_failures_of_the_target_are_told_once_with_number_and_time_and_under_no_statement(name: str) -> None:
    told = Kept(SOUND[name].make()).run(1)

    [note] = [note for note in told.notes if "failed" in note]
    assert note.startswith(f"target failed {len(told.done.failures)} times: ")
    assert told.done.failures[0].at in note
    assert told.done.findings == ()


def test_an_update_is_never_sent_twice_to_a_target_that_failed_it() -> None:
    deployment = SOUND["gateway-fails-often"].make()
    updates: list[tuple[str, str, bytes]] = []
    sent_again: list[bytes] = []
    failed: tuple[str, str, bytes] | None = None
    answer = deployment.handle

    def watched(request):  # type: ignore[no-untyped-def]  # it stands in for a method of the same type
        nonlocal failed
        if request.method != "PUT":
            return answer(request)
        update = (request.path, request.query, request.body)
        sent_again.extend([request.body] if update == failed else [])
        failed = update  # where it ends without an answer, too
        response = answer(request)
        updates.append(update)
        failed = update if response.status in GATEWAY else None
        return response

    deployment.handle = watched  # type: ignore[method-assign]  # see above
    told = Kept(deployment).run(1, [statements_phase()], leave=Leave.WRITES)

    assert any(failure.method == "PUT" for failure in told.done.failures)
    assert len(updates) > 100
    assert sent_again == []
