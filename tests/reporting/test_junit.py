"""Laws of the JUnit report: a suite per phase, a case per check, and nothing that is lost."""

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
import xmlschema

from mockserver.verification.events import Event, Verdict
from mockserver.verification.expectation import Kind, Mismatch, told
from mockserver.verification.findings import Grade
from tests.reporting.campaigns import BROKEN, USUAL, a_campaign, a_check, a_finding, strictly, written

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))


def suites(events: list[Event] = USUAL) -> dict[str, Xml.Element]:
    """Return the suites of a report that every reader takes."""
    root = Xml.fromstring(written("junit", events))
    SCHEMA.validate(root)
    cases = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(cases) == len(set(cases)), "GitLab drops what has the same names as another one"
    assert int(str(root.get("failures"))) == sum(int(str(suite.get("failures"))) for suite in root)
    return {str(suite.get("name")): suite for suite in root}


def case(suite: Xml.Element, name: str) -> Xml.Element:
    (found,) = [case for case in suite.iter("testcase") if case.get("name") == name]
    return found


def test_there_is_a_suite_per_phase_with_true_sums() -> None:
    by_name = suites()

    assert list(by_name) == ["golden", "statements", "schema"]
    counts = {name: [suite.get(one) for one in ("tests", "failures", "skipped")] for name, suite in by_name.items()}
    assert counts == {"golden": ["1", "0", "0"], "statements": ["6", "2", "3"], "schema": ["1", "0", "1"]}
    assert by_name["statements"].get("time") == "71.200"
    assert by_name["golden"].get("timestamp") == "2026-11-23T09:30:00Z"


def test_a_broken_promise_is_a_failure_with_all_that_is_known() -> None:
    failure = case(suites()["statements"], "unknown-customer").find("failure")

    assert failure is not None
    assert failure.get("type") == "broken"
    assert failure.get("message") == "UPD-ERR-1: status: promised 400, code 8015; instead: status 200"
    for part in ("statement: UPD-ERR-1: 8015: there is no", "seed: 4711", "request id 6c1f-77", "curl -i -X PUT"):
        assert part in str(failure.text)


def test_a_difference_passes_with_a_note_and_fails_strictly() -> None:
    lenient = case(suites()["statements"], "empty-text")
    strict = case(suites(strictly(USUAL))["statements"], "empty-text")

    assert [child.tag for child in lenient] == ["system-out"]
    assert "answer: clear" in str(lenient[0].text)
    assert [child.tag for child in strict] == ["failure"]


def test_what_was_not_observed_is_skipped_with_its_reason() -> None:
    skipped = case(suites()["statements"], "upgrade").find("skipped")
    phase = case(suites()["schema"], "the whole phase").find("skipped")

    assert skipped is not None
    assert phase is not None
    assert skipped.get("message") == "needs --allow irreversible"
    assert phase.get("message") == "off loopback it runs only when named"


def test_a_finding_outside_of_any_check_or_phase_is_a_case_too() -> None:
    schema = a_finding(phase="schema", check="not_a_server_error", also=())
    restoration = a_finding(phase="restoration", check="as-before", also=(), statement="")

    by_name = suites(a_campaign(schema, restoration))

    assert case(by_name["schema"], "not_a_server_error").find("failure") is not None
    assert case(by_name["restoration"], "as-before").find("failure") is not None


def test_each_further_finding_of_a_check_is_a_case_of_its_own() -> None:
    other = a_finding(grade=Grade.DIFFERS, question="omitted-field", check="unknown-customer")
    checks = [a_check("unknown-customer", Verdict.BROKEN)]

    usual, strict = (
        suites(events)["statements"]
        for events in (a_campaign(BROKEN, other, checks=checks), strictly(a_campaign(BROKEN, other)))
    )

    named = "unknown-customer (differs omitted-field)"
    assert [child.tag for child in case(usual, "unknown-customer")] == ["failure"]
    assert [child.tag for child in case(usual, named)] == ["system-out"]
    assert [child.tag for child in case(strict, named)] == ["failure"]


def test_one_bug_that_several_checks_found_fails_once() -> None:
    finding = a_finding(also=("golden/rename", "statements/second"))
    checks = [a_check(name, Verdict.BROKEN) for name in ("unknown-customer", "second")]

    suite = suites(a_campaign(finding, checks=checks))["statements"]

    assert suite.get("failures") == "1"
    [skipped] = case(suite, "second")
    assert skipped.get("message") == "the finding of statements/unknown-customer is this one's, too"


def test_what_a_baseline_knows_is_no_failure() -> None:
    [skipped] = case(suites(a_campaign(checks=[a_check("a", Verdict.BROKEN)]))["statements"], "a")

    assert (skipped.tag, skipped.get("message")) == ("skipped", "its finding is known, and left out")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            Mismatch(place="body/createdId", promised="a number", came='the text "17"', kind=Kind.FORM),
            '`createdId` should be a number, and is the text "17"',
        ),
        (
            Mismatch(place="body/createdId", promised="there", came="missing", kind=Kind.FORM),
            "`createdId` should be there, and is missing",
        ),
        (
            Mismatch(place="code", promised="the request is granted", came="code 8015", kind=Kind.REFUSED),
            "the request should be granted, and is refused with code 8015",
        ),
        (
            Mismatch(place="state/loyaltyType", promised=told("loyalty"), came="it stayed as it was", kind=Kind.KEPT),
            '`loyaltyType` should become "loyalty", and stays as it was',
        ),
    ],
)
def test_the_message_is_a_sentence(wrong: Mismatch, said: str) -> None:
    events = a_campaign(a_finding(wrong=(wrong,), also=()))

    failure = case(suites(events)["statements"], "unknown-customer").find("failure")

    assert failure is not None
    assert failure.get("message") == f"UPD-ERR-1: {said}"
