"""Law of counts: every report, and the exit code, tell the same numbers, strict or not."""

import json
import re
from xml.etree import ElementTree as Xml

import pytest

from mockserver.verification.events import Event, Verdict
from mockserver.verification.findings import Grade
from tests.reporting.campaigns import BROKEN, DIFFERS, UNLIKE, USUAL, a_campaign, a_check, strictly, terminal, written
from tests.reporting.test_html import Page

DIFFERING = a_campaign(DIFFERS, checks=[a_check("empty-text", Verdict.DIFFERS), a_check("b", Verdict.DIFFERS)])
SHARED = a_campaign(BROKEN, UNLIKE, checks=[a_check("unknown-customer", Verdict.BROKEN), a_check("x")])
SOUND = a_campaign(checks=[a_check("a"), a_check("b", Verdict.NOT_OBSERVED)])
WORDS = (*Grade, *Verdict)


def counted_in(text: str) -> list[int]:
    """Return the numbers of findings and checks, which stand apart, each with its word."""
    [found] = set(re.findall(r"[Ff]indings: ([^;]+); checks: ([^;.]+)", text))
    return [int(number) for part in found for number in re.findall(r"[0-9]+", part)]


@pytest.mark.parametrize("events", [USUAL, DIFFERING, SHARED, SOUND, a_campaign()])
@pytest.mark.parametrize("is_strict", [False, True])
def test_all_reports_tell_the_same_numbers(events: list[Event], is_strict: bool) -> None:
    events = strictly(events) if is_strict else events

    document = json.loads(written("json", events))
    junit = Xml.fromstring(written("junit", events))

    counts = document["counts"]
    told = [*counts["findings"].values(), *counts["checks"].values()]
    assert told == counted_in(terminal(events)) == counted_in(Page(written("html", events)).shown)
    assert counts["findings"] == {grade: sum(one["grade"] == grade for one in document["findings"]) for grade in Grade}
    assert counts["checks"] == {
        verdict: sum(one["verdict"] == verdict for one in document["checks"]) for verdict in Verdict
    }
    failing = [one for one in document["findings"] if is_strict or one["grade"] != "differs"]
    assert counts["failing"] == len(failing) == int(str(junit.get("failures"))) == len(list(junit.iter("failure")))
    assert document["strict"] is is_strict
