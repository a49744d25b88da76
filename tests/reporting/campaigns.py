"""Builders of event streams, and what four reporters make of them."""

import io
from collections.abc import Iterable
from typing import Any

from mockserver.files import read_questions, read_statements
from mockserver.messages import Request
from mockserver.reporting import HtmlReporter, JsonReporter, JunitReporter, TerminalReporter, View
from mockserver.reporting.progress import Outlook
from mockserver.values import replace
from mockserver.verification.events import (
    CampaignDone,
    CampaignStarted,
    CheckDone,
    Event,
    Found,
    Noted,
    PhaseDone,
    PhaseStarted,
    Verdict,
)
from mockserver.verification.expectation import Expectation
from mockserver.verification.findings import Finding, Grade, Step
from mockserver.verification.wording import own

URL = "https://staging.example"
STARTED = CampaignStarted(
    target=URL,
    customers=("171891944@INSTORE", "171891945@WECHAT:22232"),
    phases=("golden", "statements", "schema"),
    seed=4711,
    dialect="documented",
    allows=("writes",),
    at="2026-11-23T09:30:00Z",
    version="0.1.0",
)


def a_step(body: bytes = b'{"profiles": [{"firstName": "Tom"}]}', **members: Any) -> Step:
    """Return a step that updates a customer."""
    request = Request(
        method="PUT",
        path="/v2/customers/171891944",
        query="source=INSTORE",
        headers={"content-type": "application/json"},
        body=body,
    )
    expect = Expectation(status=200, changes={"profiles/INSTORE/firstName": "Tom"})
    return Step(request=replace(request, **members), expect=expect)


def a_finding(**members: Any) -> Finding:
    """Return a broken statement."""
    usual: dict[str, Any] = {
        "grade": Grade.BROKEN,
        "check": "unknown-customer",
        "phase": "statements",
        "promised": "status: promised 400, code 8015",
        "came": "status 200",
        "statement": "UPD-ERR-1",
        "steps": (a_step(),),
        "request_id": "6c1f-77",
        "at": "2026-11-23T09:30:12.345Z",
        "seed": 4711,
        "seen": 2,
        "tries": 3,
        "also": ("golden/unknown-customer",),
    }
    return Finding(**{**usual, **members})


BROKEN = a_finding()
UNLIKE = a_finding(
    grade=Grade.UNLIKE,
    check="created-id",
    statement="UPD-USE-1",
    promised="body/createdId: a number, as in the published sample",
    came='body/createdId: "171891944"',
    also=(),
)
DIFFERS = a_finding(
    grade=Grade.DIFFERS,
    check="empty-text",
    statement="UPD-USE-2",
    question="omitted-field",
    answer="clear",
    promised='state/lastName: "Sawyer", as before',
    came="state/lastName: nothing",
    steps=(a_step(), a_step(body=b'{"profiles": [{}]}')),
    also=(),
)


def a_check(check: str, verdict: Verdict = Verdict.HELD, phase: str = "statements", **members: Any) -> CheckDone:
    """Return a check that was done."""
    return CheckDone(phase=phase, check=check, verdict=verdict, exchanges=2, milliseconds=12.5, **members)


def a_campaign(
    *findings: Finding, checks: Iterable[CheckDone] = (), exit_code: int = 1, notes: Iterable[str] = ()
) -> list[Event]:
    """Return the events of a campaign of three phases, the last of which did not run."""
    events: list[Event] = [STARTED, *(Noted(text=text) for text in notes), PhaseStarted(phase="golden", checks=1)]
    events += [a_check("rename", phase="golden", statements=("UPD-USE-2",))]
    events += [PhaseDone(phase="golden", exchanges=2, seconds=0.4), PhaseStarted(phase="statements")]
    events += [*checks, *(Found(finding=finding) for finding in findings)]
    events += [PhaseDone(phase="statements", exchanges=75, seconds=71.2), PhaseStarted(phase="schema")]
    events += [PhaseDone(phase="schema", exchanges=0, seconds=0.0, reason=own("off loopback it runs only when named"))]
    return [*events, CampaignDone(findings=findings, exchanges=77, seconds=71.6, exit_code=exit_code)]


USUAL = a_campaign(
    BROKEN,
    UNLIKE,
    DIFFERS,
    checks=(
        a_check("unknown-customer", Verdict.BROKEN, statements=("UPD-ERR-1",)),
        a_check("created-id", Verdict.BROKEN, statements=("UPD-USE-1",)),
        a_check("empty-text", Verdict.DIFFERS, statements=("UPD-USE-2",), questions=("omitted-field",)),
        a_check("upgrade", Verdict.NOT_OBSERVED, statements=("UPD-USE-3",), reason="needs --allow irreversible"),
        a_check("enrol", Verdict.NOT_OBSERVED, statements=("UPD-USE-3",), reason="needs --allow irreversible"),
        a_check("extended", Verdict.NOT_OBSERVED, statements=("UPD-USE-6",), reason="the field is unknown here"),
    ),
    notes=("The state of the customers is saved in /tmp/before.json.",),
)


def a_view(**members: Any) -> View:
    """Return a view with the real statements and questions."""
    return View(base_url=URL, statements=read_statements(), questions=read_questions(), **members)


def strictly(events: list[Event]) -> list[Event]:
    """Return the events of the same campaign, asked for with `--strict`."""
    return [replace(event, strict=True) if isinstance(event, CampaignStarted) else event for event in events]


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def terminal(
    events: list[Event],
    view: View | None = None,
    stream: io.StringIO | None = None,
    outlook: Outlook | None = None,
    **environ: str,
) -> str:
    """Return what the terminal shows."""
    stream = stream or io.StringIO()
    reporter = TerminalReporter(stream, view or a_view(), environ, outlook=outlook)
    for event in events:
        reporter.on(event)
    return stream.getvalue()


def written(kind: str, events: list[Event], view: View | None = None) -> str:
    """Return what a reporter of that kind writes, once and at the end."""
    texts: list[str] = []
    view = view or a_view()
    reporters: dict[str, HtmlReporter | JsonReporter | JunitReporter] = {
        "html": HtmlReporter(texts.append, view),
        "json": JsonReporter(texts.append, view),
        "junit": JunitReporter(texts.append, view),
    }
    reporter = reporters[kind]
    for event in events[:-1]:
        reporter.on(event)
    assert texts == []
    reporter.on(events[-1])
    (text,) = texts
    return text
