"""The report on a terminal: one line that moves while the campaign runs, then a table, the findings, and a sum.

Where the output is no terminal, only what comes at the end is written. Colour obeys NO_COLOR (no-color.org). Commands
begin at the left margin, for they are there to be copied, and a body may go over several lines.
"""

import shutil
import textwrap
from collections.abc import Iterator, Mapping
from typing import TextIO

from mockserver.reporting.tally import Phase, Report, Tally, why_not
from mockserver.reporting.view import View, counted, lasted, legible, seen, traced
from mockserver.verification.events import CampaignStarted, CheckDone, Event, Noted, PhaseStarted, Verdict
from mockserver.verification.findings import Finding, Grade

_WIDTH = 100
_MOST_NAMED = 5  # of checks, or customers; the JSON report names all
_LABEL = 12  # columns before what a finding says
_CLEAR = "\r\x1b[2K"
_BOLD, _DIM, _RED, _YELLOW, _CYAN = "1", "2", "1;31", "1;33", "1;36"
_COLOURS = {Grade.BROKEN: _RED, Grade.UNLIKE: _YELLOW, Grade.DIFFERS: _CYAN}
_COLUMNS = ("phase", *Verdict, "exchanges", "time")


class TerminalReporter:
    """Writes to a stream, and finds out what it can show; `environ` is asked for NO_COLOR and TERM."""

    def __init__(self, stream: TextIO, view: View, environ: Mapping[str, str]) -> None:
        self._stream = stream
        self._view = view
        self._is_live = stream.isatty() and environ.get("TERM") != "dumb"
        self._paint = _Paint(is_on=self._is_live and not environ.get("NO_COLOR"))
        self._tally = Tally(view)
        self._progress = _Progress()

    def on(self, event: Event) -> None:
        """Take an event in: move the line, if there is one; at the end write the report."""
        report = self._tally.on(event)
        if self._is_live:
            self._move(event, is_over=report is not None)
        if report is not None:
            self._write("\n".join(show_report(report, self._view, self._paint)) + "\n")

    def _move(self, event: Event, *, is_over: bool) -> None:
        note = f"{legible(self._view.mask_text(event.text))}\n" if isinstance(event, Noted) else ""
        self._progress.follow(event)
        line = "" if is_over else self._progress.line(self._tally.found)
        columns = shutil.get_terminal_size().columns
        self._write(f"{_CLEAR}{note}{line[: columns - 1]}")

    def _write(self, text: str) -> None:
        """Write, whatever the stream's encoding lacks."""
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, errors="backslashreplace").decode(encoding))
        self._stream.flush()


class _Paint:
    """Colours text, or leaves it."""

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on

    def __call__(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._is_on else text


class _Progress:
    """Where the campaign stands."""

    def __init__(self) -> None:
        self._phase = self._check = ""
        self._done = self._planned = self._exchanges = 0

    def follow(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case PhaseStarted():
                self._phase, self._planned, self._done, self._check = event.phase, event.checks, 0, ""
            case CheckDone():
                self._check, self._done = event.check, self._done + 1
                self._exchanges += event.exchanges
            case _:
                pass

    def line(self, found: int) -> str:
        """Return the line."""
        planned = f"/{self._planned}" if self._planned else ""
        parts = (f"{self._phase} {self._done}{planned}".strip(), counted(self._exchanges, "exchange"))
        return legible(" · ".join(part for part in (*parts, counted(found, "finding"), self._check) if part))


def show_report(report: Report, view: View, paint: _Paint) -> Iterator[str]:
    """Give the lines of the report."""
    yield from _head(report.started, paint)
    yield from _table(report, paint)
    yield from _reasons(report, paint)
    for finding in report.findings:
        yield ""
        yield from _finding(finding, view, paint)
    yield ""
    yield _sum(report)


def _head(started: CampaignStarted, paint: _Paint) -> Iterator[str]:
    yield paint(legible(f"Checked {started.target}"), _BOLD)
    allows = ", ".join(started.allows) or "reads only"
    rest = len(started.customers) - _MOST_NAMED
    customers = ", ".join(started.customers[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "") or "none named"
    yield legible(f"customers {customers}; allowed {allows}; dialect {started.dialect}; seed {started.seed}")
    yield ""


def _table(report: Report, paint: _Paint) -> Iterator[str]:
    rows = [_COLUMNS, *(_row(phase) for phase in report.phases)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    head, *lines = ("  ".join(_cells(row, widths)) for row in rows)
    yield paint(head, _DIM)
    for line, phase in zip(lines, report.phases, strict=True):
        yield line
        if phase.reason:
            yield from _wrapped(phase.reason, indent="  ")


def _row(phase: Phase) -> tuple[str, ...]:
    counts = (str(phase.count(verdict) or "-") for verdict in Verdict)
    return (legible(phase.name), *counts, str(phase.exchanges), lasted(phase.seconds))


def _cells(row: tuple[str, ...], widths: list[int]) -> Iterator[str]:
    yield row[0].ljust(widths[0])
    yield from (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))


def _reasons(report: Report, paint: _Paint) -> Iterator[str]:
    """Group what was not observed by its reason."""
    reasons = list(why_not(report))
    if reasons:
        yield ""
        yield paint("Not observed", _BOLD)
    for reason, checks in reasons:
        yield from _wrapped(f"{len(checks):>4}  {reason}", indent="", hang=6)
        rest = f" and {len(checks) - _MOST_NAMED} more" if len(checks) > _MOST_NAMED else ""
        named = ", ".join(checks[:_MOST_NAMED]) + rest
        yield from (paint(line, _DIM) for line in _wrapped(named, indent="      "))


def _finding(finding: Finding, view: View, paint: _Paint) -> Iterator[str]:
    who = legible(f"{finding.phase}/{finding.check}")
    yield f"{paint(finding.grade.upper(), _COLOURS[finding.grade])}  {paint(who, _BOLD)}"
    for label, name, says in view.meaning(finding):
        yield from _labelled(label, f"{name}: {says}" if says else name)
    yield from _labelled("promised", finding.promised)
    yield from _labelled("came", finding.came)
    if finding.answer:
        meaning = view.answer(finding)
        yield from _labelled("answer", f"{finding.answer}: {meaning}" if meaning else finding.answer)
    yield from _labelled("seen", seen(finding))
    yield from _labelled("exchange", traced(finding)) if traced(finding) else ()
    yield from _labelled("seed", str(finding.seed))
    yield from (legible(line) for line in view.preparation(finding))
    yield from _commands(view.commands(finding), paint)


def _commands(commands: tuple[str, ...], paint: _Paint) -> Iterator[str]:
    for number, command in enumerate(commands, 1):
        if len(commands) > 1:
            yield paint(f"# step {number} of {len(commands)}", _DIM)
        yield command


def _labelled(label: str, text: str) -> Iterator[str]:
    lines = list(_wrapped(text, indent=" " * _LABEL)) or [""]
    yield f"  {label}".ljust(_LABEL) + lines[0][_LABEL:]
    yield from lines[1:]


def _wrapped(text: str, *, indent: str, hang: int = 0) -> Iterator[str]:
    """Wrap each line of a text; words are left whole, for they may be what one copies."""
    for line in legible(text).splitlines():
        yield from textwrap.wrap(
            line,
            width=_WIDTH,
            initial_indent=indent,
            subsequent_indent=indent + " " * hang,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _sum(report: Report) -> str:
    graded = ", ".join(f"{len(report.graded(grade))} {grade}" for grade in Grade)
    checks = f"{report.count(Verdict.HELD)} held, {report.count(Verdict.NOT_OBSERVED)} not observed"
    took = f"{counted(report.exchanges, 'exchange')} in {lasted(report.seconds)}"
    return f"{graded}; {checks}; {took}; seed {report.started.seed}"
