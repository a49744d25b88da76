"""Saved findings are sent again, from whatever state is there: 1 still happens, 0 no more, 2 cannot be told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.keeping import save_findings
from mockserver.verification.campaign import Campaign, PhaseOf
from mockserver.verification.events import CampaignDone
from mockserver.verification.findings import Finding
from mockserver.verification.golden import check_of
from mockserver.verification.golden_files import read_golden_exchanges
from mockserver.verification.personal import masker_of, refresh
from mockserver.verification.target import Leave
from tests.flawed.checking import PassingTime, bench_with, findings_of, golden_phase, statements_phase
from tests.flawed.deployment import Deployment
from tests.flawed.flaws import FLAWS

# Differences that can be shown as often as one likes: nothing that is used up shows them.
_SHOWN_AGAIN = (
    ("custom-field-unknown", "store"),
    ("comm-channels", "replace"),
    ("omitted-field", "clear"),
    ("extended-enum-case", "exact"),
    ("program-unknown", "warn"),
    ("created-id-type", "text"),
    ("channel-flag-omitted", "false"),
)


class Saving:
    """A deployment, a run that saves what it finds, and replays of that."""

    def __init__(self, deployment: Deployment, folder: Path) -> None:
        self.deployment, self.folder, self.time = deployment, folder, PassingTime()
        bench = bench_with(deployment, leave=Leave.IRREVERSIBLE, seed=1, passing=self.time)
        masker = masker_of(bench, unmasked=False)
        campaign = Campaign(bench=bench, phases=(golden_phase(), statements_phase()), version="test")
        self.findings: tuple[Finding, ...] = findings_of(campaign.run())
        refresh(masker, bench)
        save_findings(self.findings, folder, masker, campaign)

    def replays(self, deployment: Deployment | None = None) -> Iterator[CampaignDone]:
        """Send each saved finding again, by itself."""
        for path in sorted(self.folder.iterdir()):
            bench = bench_with(deployment or self.deployment, leave=Leave.IRREVERSIBLE, seed=0, passing=self.time)
            checks = tuple(check_of(golden) for golden in read_golden_exchanges([path]))
            phases = (PhaseOf(name="replay", checks=checks),)
            *_, done = Campaign(bench=bench, phases=phases, version="test", strict=True).run()
            assert isinstance(done, CampaignDone)
            yield done


@pytest.mark.parametrize("answer", _SHOWN_AGAIN, ids=": ".join)
def test_a_difference_that_still_happens_is_named_as_it_was(answer: tuple[str, str], tmp_path: Path) -> None:
    saving = Saving(Deployment(answers=dict([answer])), tmp_path)

    done = [each for _ in range(2) for each in saving.replays()]

    assert {each.exit_code for each in done} == {1}
    assert {(one.question, one.answer) for each in done for one in each.findings} == {answer}


@pytest.mark.parametrize("answer", _SHOWN_AGAIN, ids=": ".join)
def test_a_difference_that_is_gone_happens_no_more(answer: tuple[str, str], tmp_path: Path) -> None:
    saving = Saving(Deployment(answers=dict([answer])), tmp_path)

    done = list(saving.replays(Deployment()))

    assert {each.exit_code for each in done} <= {0, 2}
    assert 0 in {each.exit_code for each in done}


@pytest.mark.parametrize(
    "answer", [("identifiers-in-body", "add"), ("enrolment-of-non-loyalty", "8089")], ids=": ".join
)
def test_what_the_customer_cannot_show_any_more_cannot_be_told(answer: tuple[str, str], tmp_path: Path) -> None:
    saving = Saving(Deployment(answers=dict([answer])), tmp_path)

    assert {each.exit_code for each in saving.replays()} == {2}


@pytest.mark.parametrize("name", ["first-name-lost", "channel-meta-lost", "unknown-account-taken"])
def test_a_broken_promise_keeps_its_grade_and_its_statement(name: str, tmp_path: Path) -> None:
    saving = Saving(FLAWS[name].make(), tmp_path)

    done = list(saving.replays())

    assert {each.exit_code for each in done} == {1}
    assert [{one.grade for one in each.findings} for each in done] == [{one.grade} for one in saving.findings]


def test_the_promise_is_told_once(tmp_path: Path) -> None:
    saving = Saving(FLAWS["first-name-lost"].make(), tmp_path)

    [first, *_] = saving.replays()

    assert first.findings[0].promised.count(saving.findings[0].law) == 1
    assert first.findings[0].promised == saving.findings[0].law + first.findings[0].promised.removeprefix(
        saving.findings[0].law
    )


def test_what_was_made_up_is_made_up_anew_and_what_was_held_is_read(tmp_path: Path) -> None:
    Saving(Deployment(answers={"custom-field-unknown": "store", "channel-flag-omitted": "false"}), tmp_path)

    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(tmp_path.iterdir()))

    assert '"{word}": "{word}"' in text or "'{word}': '{word}'" in text
    assert "{mobile.value}" in text
    assert "masked-" not in "".join(line for line in text.splitlines() if not line.startswith(("came:", " ")))
