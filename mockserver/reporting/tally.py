"""What a campaign came to: its events gathered into one value, which every reporter shows in its own way.

Texts are masked when the value is made, not when they arrive: by then the run has learnt all that is personal.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mockserver.files import Statement
from mockserver.reporting.view import View
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
from mockserver.verification.failures import Failure
from mockserver.verification.findings import Finding, Grade, Key
from mockserver.verification.wording import own

_WORST_FIRST = (Verdict.BROKEN, Verdict.DIFFERS, Verdict.HELD, Verdict.NOT_OBSERVED)
_UNTOUCHED = "no check observes it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase with its checks; `reason` says why it did not run, or not to its end."""

    name: str
    checks: tuple[CheckDone, ...] = ()
    exchanges: int = 0
    seconds: float = 0.0
    reason: str = ""

    def count(self, verdict: Verdict) -> int:
        """Count the checks that ended so."""
        return sum(check.verdict is verdict for check in self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was seen of one statement: the worst verdict of its checks, or why there is none.

    A check that finds one of its statements broken says nothing of the others.

    `word` says the verdict, and `unlike` where no page is broken, but another one that is published.
    """

    statement: Statement
    verdict: Verdict
    word: str
    reason: str = ""
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many there are: findings by grade, checks by verdict, and the findings that fail the run.

    All reports show these. A finding may be of several checks, and a check may have several.
    """

    findings: Mapping[Grade, int]
    checks: Mapping[Verdict, int]
    failing: int

    def __str__(self) -> str:
        findings = ", ".join(f"{number} {grade}" for grade, number in self.findings.items())
        checks = ", ".join(f"{self.checks[verdict]} {verdict}" for verdict in Verdict)
        return f"findings: {findings}; checks: {checks}"


def count(findings: Sequence[Finding], checks: Iterable[CheckDone], *, strict: bool) -> Counts:
    """Count findings and checks; strictly, every finding fails a run."""
    verdicts, grades = Counter(check.verdict for check in checks), Counter(one.grade for one in findings)
    return Counts(
        findings={grade: grades[grade] for grade in Grade},
        checks={verdict: verdicts[verdict] for verdict in Verdict},
        failing=sum(one.counts or strict for one in findings),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A campaign that is over, masked."""

    started: CampaignStarted
    phases: tuple[Phase, ...]
    findings: tuple[Finding, ...]
    counts: Counts
    notes: tuple[str, ...]
    exchanges: int
    seconds: float
    exit_code: int
    failures: tuple[Failure, ...] = ()

    @property
    def checks(self) -> tuple[CheckDone, ...]:
        """The checks of all phases."""
        return tuple(check for phase in self.phases for check in phase.checks)

    def graded(self, grade: Grade) -> tuple[Finding, ...]:
        """Return the findings of a grade."""
        return tuple(finding for finding in self.findings if finding.grade is grade)

    def found_by(self, phase: str, check: str) -> tuple[Finding, ...]:
        """Return the findings of one check, those that others had found before too."""
        who = f"{phase}/{check}"
        return tuple(one for one in self.findings if who in (f"{one.phase}/{one.check}", *one.also))


class Tally:
    """Gathers events."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._started: CampaignStarted | None = None
        self._phases: dict[str, Phase] = {}
        self._findings: dict[Key, Finding] = {}
        self._notes: list[str] = []

    @property
    def found(self) -> int:
        """How many findings there are so far."""
        return len(self._findings)

    def on(self, event: Event) -> Report | None:
        """Take an event in; the last one makes the report."""
        match event:
            case CampaignStarted():
                self._started = event
            case PhaseStarted():
                self._phases.setdefault(event.phase, Phase(name=event.phase))
            case CheckDone():
                phase = self._phase(event.phase)
                self._phases[event.phase] = replace(phase, checks=_with(phase.checks, event))
            case PhaseDone():
                self._phases[event.phase] = replace(
                    self._phase(event.phase), exchanges=event.exchanges, seconds=event.seconds, reason=event.reason
                )
            case Found():
                self._findings[event.finding.key] = event.finding
            case Noted():
                self._notes.append(event.text)
            case CampaignDone():
                return self._report(event)
        return None

    def _phase(self, name: str) -> Phase:
        return self._phases.get(name) or Phase(name=name)

    def _report(self, done: CampaignDone) -> Report:
        if self._started is None:
            raise ValueError("a campaign is done that was never started; tell CampaignStarted first")
        text = self._view.mask_text
        for finding in done.findings:  # of the restoration, say, which is no phase
            self._phases.setdefault(finding.phase, Phase(name=finding.phase))
        checks = (check for phase in self._phases.values() for check in phase.checks)
        return Report(
            counts=count(done.findings, checks, strict=self._started.strict),
            started=replace(self._started, target=text(own(self._started.target))),
            phases=tuple(_masked(phase, self._view) for phase in self._phases.values()),
            findings=tuple(self._view.mask(finding) for finding in done.findings),
            notes=tuple(text(note) for note in self._notes),
            exchanges=done.exchanges,
            seconds=done.seconds,
            exit_code=done.exit_code,
            failures=done.failures,
        )


def _with(checks: tuple[CheckDone, ...], done: CheckDone) -> tuple[CheckDone, ...]:
    """Return the checks with one more; one that is told again keeps its place."""
    if all(check.check != done.check for check in checks):
        return (*checks, done)
    return tuple(done if check.check == done.check else check for check in checks)


def _masked(phase: Phase, view: View) -> Phase:
    checks = tuple(replace(check, reason=view.mask_text(check.reason)) for check in phase.checks)
    return replace(phase, checks=checks, reason=view.mask_text(phase.reason))


def observe(report: Report, statements: tuple[Statement, ...]) -> tuple[Observed, ...]:
    """Return what was seen of every statement, in the page's order."""
    return tuple(_observe(report, statement) for statement in statements)


def _observe(report: Report, statement: Statement) -> Observed:
    checks = [check for check in report.checks if statement.id in check.statements]
    named = [finding for finding in report.findings if finding.statement == statement.id]
    seen = [_seen_by(report, check, statement) for check in checks]
    verdicts = {*(verdict for verdict, _ in seen), *(_verdict_of(finding) for finding in named)}
    verdict = next((one for one in _WORST_FIRST if one in verdicts), Verdict.NOT_OBSERVED)
    reasons = [reason for _, reason in seen if reason] or [_UNTOUCHED]
    grades = {one.grade for check in checks for one in report.found_by(check.phase, check.check)}
    who = (*(f"{one.phase}/{one.check}" for one in checks), *(f"{one.phase}/{one.check}" for one in named))
    return Observed(
        statement=statement,
        verdict=verdict,
        word=_word_of(verdict, grades | {finding.grade for finding in named}),
        reason="; ".join(dict.fromkeys(reasons)) if verdict is Verdict.NOT_OBSERVED else "",
        checks=tuple(dict.fromkeys(who)),
    )


def _seen_by(report: Report, check: CheckDone, statement: Statement) -> tuple[Verdict, str]:
    """Return what a check says of one of its statements: where it found another one broken, nothing."""
    found = [one.statement for one in report.found_by(check.phase, check.check) if one.statement]
    is_other = bool(found) and statement.id not in found
    if check.verdict in (Verdict.BROKEN, Verdict.DIFFERS) and is_other:
        return Verdict.NOT_OBSERVED, f"its check ended with {found[0]}"
    return check.verdict, check.reason


def _word_of(verdict: Verdict, grades: set[Grade]) -> str:
    is_unlike = verdict is Verdict.BROKEN and Grade.UNLIKE in grades and Grade.BROKEN not in grades
    return Grade.UNLIKE if is_unlike else verdict


def _verdict_of(finding: Finding) -> Verdict:
    return Verdict.DIFFERS if finding.grade is Grade.DIFFERS else Verdict.BROKEN


def why_not(report: Report) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give each reason why checks were not observed, with the checks, the most frequent one first."""
    by_reason: dict[str, list[str]] = {}
    for check in report.checks:
        if check.verdict is Verdict.NOT_OBSERVED:
            by_reason.setdefault(check.reason or "no reason was given", []).append(f"{check.phase}/{check.check}")
    for reason, checks in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        yield reason, tuple(checks)
