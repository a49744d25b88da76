"""The report as JSON, for programs: `trace --results` reads it."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from mockserver.messages import Request
from mockserver.reporting.tally import Observed, Phase, Report, Tally, observe
from mockserver.reporting.view import View
from mockserver.verification.events import CheckDone, Event, Verdict
from mockserver.verification.expectation import Expectation
from mockserver.verification.findings import Finding, Step


class JsonReporter:
    """Writes one JSON document when the campaign is over."""

    def __init__(self, write: Callable[[str], object], view: View) -> None:
        self._write = write
        self._view = view
        self._tally = Tally(view)

    def on(self, event: Event) -> None:
        """Take an event in; the last one writes the document."""
        report = self._tally.on(event)
        if report is not None:
            self._write(show_json(report, self._view))


def show_json(report: Report, view: View) -> str:
    """Return the report as JSON: ASCII only, so that no text in it can disturb a reader."""
    started = report.started
    document = {
        "product": "customer-mockserver",
        "version": started.version,
        "target": started.target,
        "customers": started.customers,
        "allows": started.allows,
        "dialect": started.dialect,
        "seed": started.seed,
        "at": started.at,
        "seconds": report.seconds,
        "exchanges": report.exchanges,
        "exit_code": report.exit_code,
        "strict": started.strict,
        "counts": asdict(report.counts),
        "findings": [_show_finding(finding, view) for finding in report.findings],
        "observed": {one.statement.id: _show_observed(one) for one in observe(report, view.statements)},
        "checks": [_show_check(check) for check in report.checks],
        "phases": [_show_phase(phase) for phase in report.phases],
        "notes": report.notes,
        "failures": [asdict(failure) for failure in report.failures],
    }
    return json.dumps(_plain(document), indent=2, allow_nan=False) + "\n"


def _show_finding(finding: Finding, view: View) -> dict[str, Any]:
    members = {
        name: getattr(finding, name)
        for name in Finding.__dataclass_fields__
        if name not in ("steps", "wrong", "explains")
    }
    commands = view.commands(finding)
    steps = [_show_step(step, curl) for step, curl in zip(finding.steps, commands, strict=True)]
    before = list(view.preparation(finding))
    wrong = [asdict(one) for one in finding.wrong]
    explained = [_show_finding(one, view) for one in finding.explains]
    return {
        **members,
        "wrong": wrong,
        "explains": explained,
        "prepare": before,
        "curl": "\n".join(commands),
        "steps": steps,
    }


def _show_step(step: Step, curl: str) -> dict[str, Any]:
    expect = _show_expectation(step.expect)
    return {"request": _show_request(step.request), "expect": expect, "anonymous": step.anonymous, "curl": curl}


def _show_expectation(expect: Expectation) -> dict[str, Any]:
    """Show what is expected; what is left open is left out."""
    members = {name: getattr(expect, name) for name in Expectation.__dataclass_fields__}
    usual = Expectation()
    return {name: value for name, value in members.items() if name == "valid" or value != getattr(usual, name)}


def _show_request(request: Request) -> dict[str, Any]:
    """Show a request; a body that is no UTF-8 text has its stray bytes as `\\udc80` to `\\udcff` (Python's way)."""
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
        "body": request.body.decode(errors="surrogateescape"),
    }


def _show_observed(observed: Observed) -> dict[str, Any]:
    return {"verdict": observed.verdict, "reason": observed.reason, "checks": observed.checks}


def _show_check(check: CheckDone) -> dict[str, Any]:
    return asdict(check)


def _show_phase(phase: Phase) -> dict[str, Any]:
    counts = {verdict.value: phase.count(verdict) for verdict in Verdict}
    shown = {"phase": phase.name, "exchanges": phase.exchanges, "seconds": phase.seconds, "reason": phase.reason}
    return {**shown, **counts}


def _plain(value: Any) -> Any:
    """Return what JSON can say: numbers that are none become text."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)
