"""Laws of the JSON report: every statement has its verdict, and a finding all that is needed to send it again."""

import json
from typing import Any

from mockserver.files import read_statements
from mockserver.verification.events import Verdict
from mockserver.verification.expectation import Expectation
from mockserver.verification.findings import Step
from tests.reporting.campaigns import DIFFERS, USUAL, a_campaign, a_check, a_finding, a_step, written


def report(events: Any = None) -> Any:
    return json.loads(written("json", events or USUAL))


def test_it_says_what_was_checked_and_how_to_repeat_it() -> None:
    document = report()

    del document["findings"], document["observed"], document["checks"], document["phases"]
    assert document == {
        "product": "customer-mockserver",
        "version": "0.1.0",
        "target": "https://staging.example",
        "customers": ["171891944@INSTORE", "171891945@WECHAT:22232"],
        "allows": ["writes"],
        "dialect": "documented",
        "seed": 4711,
        "at": "2026-11-23T09:30:00Z",
        "seconds": 71.6,
        "exchanges": 77,
        "exit_code": 1,
        "strict": False,
        "counts": {
            "findings": {"broken": 1, "unlike": 1, "differs": 1},
            "checks": {"held": 1, "broken": 2, "differs": 1, "not observed": 3},
            "failing": 2,
        },
        "notes": ["The state of the customers is saved in /tmp/before.json."],
        "failures": [],
    }


def test_a_finding_has_its_members_its_command_and_its_steps() -> None:
    broken, _, differs = report()["findings"]

    assert {name: differs[name] for name in ("grade", "statement", "question", "answer", "check", "phase")} == {
        "grade": "differs",
        "statement": "UPD-USE-2",
        "question": "omitted-field",
        "answer": "clear",
        "check": "empty-text",
        "phase": "statements",
    }
    assert (differs["promised"], differs["came"]) == (DIFFERS.promised, DIFFERS.came)
    assert differs["curl"] == "\n".join(step["curl"] for step in differs["steps"])
    assert (broken["request_id"], broken["at"], broken["seed"]) == ("6c1f-77", "2026-11-23T09:30:12.345Z", 4711)
    assert (broken["seen"], broken["tries"], broken["also"]) == (2, 3, ["golden/unknown-customer"])


def test_a_step_says_the_request_and_what_is_expected_of_it() -> None:
    (step,) = report()["findings"][0]["steps"]

    assert step["request"] == {
        "method": "PUT",
        "path": "/v2/customers/171891944",
        "query": "source=INSTORE",
        "headers": {"content-type": "application/json"},
        "body": '{"profiles": [{"firstName": "Tom"}]}',
    }
    assert step["expect"] == {"status": 200, "changes": {"profiles/INSTORE/firstName": "Tom"}, "valid": True}
    assert step["anonymous"] is False


def test_every_statement_has_a_verdict_and_the_worst_one_wins() -> None:
    observed = report()["observed"]

    assert list(observed) == [statement.id for statement in read_statements()]
    checks = ["golden/rename", "statements/empty-text"]
    assert observed["UPD-USE-2"] == {"verdict": "differs", "reason": "", "checks": checks}
    assert observed["UPD-ERR-1"]["verdict"] == "broken"
    assert observed["UPD-USE-3"] == {
        "verdict": "not observed",
        "reason": "needs --allow irreversible",
        "checks": ["statements/upgrade", "statements/enrol"],
    }
    assert observed["UPD-USE-7"] == {"verdict": "not observed", "reason": "no check observes it", "checks": []}


def test_one_check_that_held_outweighs_others_that_saw_nothing() -> None:
    checks = [
        a_check("a", Verdict.NOT_OBSERVED, statements=("UPD-USE-7",), reason="no channel"),
        a_check("b", statements=("UPD-USE-7",)),
    ]

    observed = report(a_campaign(checks=checks))["observed"]["UPD-USE-7"]

    assert observed == {"verdict": "held", "reason": "", "checks": ["statements/a", "statements/b"]}


def test_a_finding_that_names_a_statement_breaks_it_although_no_check_is_about_it() -> None:
    found = a_finding(phase="model", check="twice-is-once", statement="UPD-USE-7", also=())

    observed = report(a_campaign(found))["observed"]["UPD-USE-7"]

    assert observed == {"verdict": "broken", "reason": "", "checks": ["model/twice-is-once"]}


def test_checks_and_phases_are_listed() -> None:
    document = report()

    assert document["checks"][0] == {
        "phase": "golden",
        "check": "rename",
        "verdict": "held",
        "statements": ["UPD-USE-2"],
        "questions": [],
        "reason": "",
        "exchanges": 2,
        "milliseconds": 12.5,
    }
    assert document["phases"][1] == {
        "phase": "statements",
        "exchanges": 75,
        "seconds": 71.2,
        "reason": "",
        "held": 0,
        "broken": 2,
        "differs": 1,
        "not observed": 3,
    }


def test_values_that_json_cannot_say_become_text() -> None:
    step = Step(request=a_step(body=b"\xff\x00").request, expect=Expectation(body={"a": float("nan"), "b": (1, None)}))

    text = written("json", a_campaign(a_finding(steps=(step,), came="\ud800")))

    assert text.isascii()
    (shown,) = json.loads(text)["findings"][0]["steps"]
    assert shown["expect"]["body"] == {"a": "nan", "b": [1, None]}
    assert shown["request"]["body"].encode(errors="surrogateescape") == b"\xff\x00"


def test_a_check_that_finds_one_of_its_statements_broken_says_nothing_of_the_others() -> None:
    checks = [a_check("both", Verdict.BROKEN, statements=("UPD-USE-7", "UPD-USE-8"))]
    finding = a_finding(check="both", statement="UPD-USE-7", also=())

    observed = report(a_campaign(finding, checks=checks))["observed"]

    assert observed["UPD-USE-7"]["verdict"] == "broken"
    assert observed["UPD-USE-8"] == {
        "verdict": "not observed",
        "reason": "its check ended with UPD-USE-7",
        "checks": ["statements/both"],
    }
