"""The report as JUnit XML, for build servers: a suite per phase, a case per check.

What differs from our answer to an open question passes, with a note; strictly, it fails.
"""

from collections.abc import Callable, Iterator
from xml.etree import ElementTree as Xml

from mockserver.reporting.tally import Phase, Report, Tally
from mockserver.reporting.view import View, legible, seen, traced
from mockserver.verification.events import CheckDone, Event, Verdict
from mockserver.verification.findings import Finding


class JunitReporter:
    """Writes one XML document when the campaign is over; `strict` makes failures of differences."""

    def __init__(self, write: Callable[[str], object], view: View, *, strict: bool = False) -> None:
        self._write = write
        self._view = view
        self._strict = strict
        self._tally = Tally(view)

    def on(self, event: Event) -> None:
        """Take an event in; the last one writes the document."""
        report = self._tally.on(event)
        if report is not None:
            self._write(show_junit(report, self._view, strict=self._strict))


def show_junit(report: Report, view: View, *, strict: bool = False) -> str:
    """Return the report as JUnit XML."""
    root = Xml.Element("testsuites", name=legible(f"mockserver check {report.started.target}"))
    for phase in report.phases:
        suite = Xml.SubElement(root, "testsuite", name=legible(phase.name), timestamp=report.started.at)
        suite.extend(_cases_of(phase, report, view, strict=strict))
        _sum_up(suite, phase.seconds)
        suite.insert(0, _properties_of(report))
    _sum_up(root, report.seconds)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _sum_up(element: Xml.Element, seconds: float) -> None:
    element.set("tests", str(sum(1 for _ in element.iter("testcase"))))
    element.set("failures", str(sum(1 for _ in element.iter("failure"))))
    element.set("errors", "0")
    element.set("skipped", str(sum(1 for _ in element.iter("skipped"))))
    element.set("time", f"{seconds:.3f}")


def _properties_of(report: Report) -> Xml.Element:
    started, properties = report.started, Xml.Element("properties")
    for name in ("target", "dialect", "seed", "version"):
        Xml.SubElement(properties, "property", name=name, value=legible(str(getattr(started, name))))
    return properties


def _cases_of(phase: Phase, report: Report, view: View, *, strict: bool) -> Iterator[Xml.Element]:
    """Give a case per check, and one for whatever else the phase found or did not do."""
    for check in phase.checks:
        case = _case(phase.name, check.check, check.milliseconds / 1000)
        _tell(case, check, report.found_by(phase.name, check.check), view, strict=strict)
        yield case
    known = {check.check for check in phase.checks}
    others = [one for one in report.findings if one.phase == phase.name and one.check not in known]
    for name in dict.fromkeys(finding.check for finding in others):
        case = _case(phase.name, name, 0.0)
        _tell_findings(case, tuple(one for one in others if one.check == name), view, strict=strict)
        yield case
    if phase.reason:
        case = _case(phase.name, "the whole phase", 0.0)
        Xml.SubElement(case, "skipped", message=legible(phase.reason))
        yield case


def _case(phase: str, check: str, seconds: float) -> Xml.Element:
    return Xml.Element("testcase", classname=legible(phase), name=legible(check), time=f"{seconds:.3f}")


def _tell(case: Xml.Element, check: CheckDone, findings: tuple[Finding, ...], view: View, *, strict: bool) -> None:
    if findings:
        _tell_findings(case, findings, view, strict=strict)
    elif check.verdict is Verdict.NOT_OBSERVED:
        Xml.SubElement(case, "skipped", message=legible(check.reason))
    elif check.verdict is Verdict.BROKEN or (strict and check.verdict is Verdict.DIFFERS):
        Xml.SubElement(case, "failure", type=check.verdict, message=legible(check.reason or check.verdict))


def _tell_findings(case: Xml.Element, findings: tuple[Finding, ...], view: View, *, strict: bool) -> None:
    """Tell failures first: readers expect them before any output."""
    failing = [finding for finding in findings if finding.counts or strict]
    for finding in failing:
        named = finding.statement or finding.question or finding.check
        message = f"{named}: promised {finding.promised}, came {finding.came}"
        Xml.SubElement(case, "failure", type=finding.grade, message=legible(message)).text = _text_of(finding, view)
    notes = [_text_of(finding, view) for finding in findings if finding not in failing]
    if notes:
        Xml.SubElement(case, "system-out").text = "\n\n".join(notes)


def _text_of(finding: Finding, view: View) -> str:
    lines = [f"{finding.grade}"]
    lines += [f"{kind}: {name}: {says}" for kind, name, says in view.meaning(finding)]
    lines += [f"promised: {finding.promised}", f"came: {finding.came}"]
    lines += [f"answer: {finding.answer}"] if finding.answer else []
    lines += [f"seen: {seen(finding)}", f"exchange: {traced(finding)}", f"seed: {finding.seed}"]
    return legible("\n".join((*lines, *view.preparation(finding), *view.commands(finding))))
