"""Laws of the JUnit report: a suite per phase, a case per check, and nothing that is lost."""

from xml.etree import ElementTree as Xml

from mockserver.verification.findings import Grade
from tests.reporting.campaigns import BROKEN, DIFFERS, USUAL, a_campaign, a_finding, written


def suites(events: object = None, *, strict: bool = False) -> dict[str, Xml.Element]:
    root = Xml.fromstring(written("junit", events or USUAL, strict=strict))  # type: ignore[arg-type]
    assert root.tag == "testsuites"
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
    assert failure.get("message") == "UPD-ERR-1: promised status: promised 400, code 8015, came status 200"
    for part in ("statement: UPD-ERR-1: 8015: there is no", "seed: 4711", "request id 6c1f-77", "curl -i -X PUT"):
        assert part in str(failure.text)


def test_a_difference_passes_with_a_note_and_fails_strictly() -> None:
    lenient = case(suites()["statements"], "empty-text")
    strict = case(suites(strict=True)["statements"], "empty-text")

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


def test_failures_stand_before_notes() -> None:
    both = (BROKEN, a_finding(grade=Grade.DIFFERS, question="omitted-field", check="unknown-customer"))

    found = case(suites(a_campaign(*both))["statements"], "unknown-customer")

    assert [child.tag for child in found] == ["failure", "system-out"]
    assert DIFFERS.grade in str(found[1].text)
