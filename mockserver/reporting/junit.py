"""The report as JUnit XML, for build servers: a suite per phase, a case per check, one failing case per finding.

It obeys what Jenkins' xUnit plugin demands (junit-10.xsd), which knows no `skipped` on `testsuites` and no `file` on
`testcase`; and the pair of `classname` and `name` is each case's own, since GitLab drops what comes with the same one.
What differs from our answer to an open question passes, with a note; strictly, it fails.
"""

from collections.abc import Callable, Iterable, Iterator
from xml.etree import ElementTree as Xml

from mockserver.reporting.sentences import sentence_of
from mockserver.reporting.tally import Phase, Report, Tally
from mockserver.reporting.view import View, legible, seen, traced
from mockserver.verification.events import CheckDone, Event, Verdict
from mockserver.verification.findings import Finding


class JunitReporter:
    """Writes one XML document when the campaign is over."""

    def __init__(self, write: Callable[[str], object], view: View) -> None:
        self._write = write
        self._view = view
        self._tally = Tally(view)

    def on(self, event: Event) -> None:
        """Take an event in; the last one writes the document."""
        report = self._tally.on(event)
        if report is not None:
            self._write(show_junit(report, self._view))


def show_junit(report: Report, view: View) -> str:
    """Return the report as JUnit XML."""
    root = Xml.Element("testsuites", name=legible(f"mockserver check {report.started.target}"))
    for phase in report.phases:
        suite = Xml.SubElement(root, "testsuite", name=legible(phase.name), timestamp=report.started.at)
        suite.extend(_cases_of(phase, report, view))
        _sum_up(suite, phase.seconds)
        suite.set("skipped", str(sum(1 for _ in suite.iter("skipped"))))
        suite.insert(0, _properties_of(report))
    _sum_up(root, report.seconds)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _sum_up(element: Xml.Element, seconds: float) -> None:
    element.set("tests", str(sum(1 for _ in element.iter("testcase"))))
    element.set("failures", str(sum(1 for _ in element.iter("failure"))))
    element.set("errors", "0")
    element.set("time", f"{seconds:.3f}")


def _properties_of(report: Report) -> Xml.Element:
    started, properties = report.started, Xml.Element("properties")
    for name in ("target", "dialect", "seed", "version"):
        Xml.SubElement(properties, "property", name=name, value=legible(str(getattr(started, name))))
    return properties


def _cases_of(phase: Phase, report: Report, view: View) -> Iterator[Xml.Element]:
    """Give a case per check, one more for each finding beyond a check's first, and one for what the phase left out."""
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.phase == phase.name:
            found.setdefault(finding.check, []).append(finding)
    for check in phase.checks:
        case = _case(phase.name, check.check, check.milliseconds / 1000)
        own = found.pop(check.check, [])
        yield _told(case, own[0], report, view) if own else _decided(case, check, report)
        yield from _further(check.check, own[1:], report, view)
    for name, unlisted in found.items():
        yield _told(_case(phase.name, name), unlisted[0], report, view)
        yield from _further(name, unlisted[1:], report, view)
    if phase.reason:
        yield _skipped(_case(phase.name, "the whole phase"), phase.reason)


def _further(check: str, findings: Iterable[Finding], report: Report, view: View) -> Iterator[Xml.Element]:
    for finding in findings:
        named = f"{check} ({finding.grade} {finding.question or finding.statement or finding.check})"
        yield _told(_case(finding.phase, named), finding, report, view)


def _case(phase: str, name: str, seconds: float = 0.0) -> Xml.Element:
    return Xml.Element("testcase", classname=legible(phase), name=legible(name), time=f"{seconds:.3f}")


def _decided(case: Xml.Element, check: CheckDone, report: Report) -> Xml.Element:
    """Tell a check that has no finding of its own; what another one tells is not told twice."""
    known = report.found_by(check.phase, check.check)
    if check.verdict is Verdict.NOT_OBSERVED:
        return _skipped(case, check.reason or "no reason was given")
    if check.verdict is Verdict.HELD:
        return case
    if not known:
        return _skipped(case, "its finding is known, and left out")
    where = f"the finding of {known[0].phase}/{known[0].check} is this one's, too"
    if known[0].counts or report.started.strict:
        return _skipped(case, where)
    Xml.SubElement(case, "system-out").text = legible(where)
    return case


def _skipped(case: Xml.Element, reason: str) -> Xml.Element:
    Xml.SubElement(case, "skipped", message=legible(reason))
    return case


def _told(case: Xml.Element, finding: Finding, report: Report, view: View) -> Xml.Element:
    if finding.counts or report.started.strict:
        message = f"{finding.statement or finding.question or finding.check}: {sentence_of(finding)}"
        told = Xml.SubElement(case, "failure", type=finding.grade, message=legible(message))
    else:
        told = Xml.SubElement(case, "system-out")
    told.text = _text_of(finding, view)
    return case


def _text_of(finding: Finding, view: View) -> str:
    lines = [f"{finding.grade}"]
    lines += [f"{kind}: {name}: {says}" for kind, name, says in view.meaning(finding)]
    lines += [f"promised: {finding.promised}", f"came: {finding.came}"]
    lines += [f"answer: {finding.answer}"] if finding.answer else []
    lines += [f"seen: {seen(finding)}", f"exchange: {traced(finding)}", f"seed: {finding.seed}"]
    return legible("\n".join((*lines, *view.preparation(finding), *view.commands(finding))))
