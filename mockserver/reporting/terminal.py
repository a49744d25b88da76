"""The report on a terminal: one line that moves while the campaign runs, then a table, the findings, and a sum.

Where the output is no terminal, it has only what comes at the end, and a line for each phase goes to who waits. Colour
obeys NO_COLOR (no-color.org). Commands begin at the left margin, for they are there to be copied, and a body may go
over several lines.
"""

import shutil
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TextIO, TypeAlias

from mockserver.reporting.progress import Outlook, Progress
from mockserver.reporting.tally import Phase, Report, Tally, why_not
from mockserver.reporting.view import View, counted, fitted, lasted, legible, seen, traced
from mockserver.verification.events import CampaignStarted, Event, Noted, PhaseDone, Verdict
from mockserver.verification.findings import Finding, Grade

_WIDTH = 100
_NARROWEST = 40  # columns; a terminal that says less is taken for that wide
_MOST_NAMED = 5  # of checks, or customers; the JSON report names all
_LABEL = 12  # columns before what a finding says
_CLEAR = "\r\x1b[2K"
_BOLD, _DIM, _RED, _YELLOW, _CYAN = "1", "2", "1;31", "1;33", "1;36"
_COLOURS = {Grade.BROKEN: _RED, Grade.UNLIKE: _YELLOW, Grade.DIFFERS: _CYAN}
_COLUMNS = ("checks in", *Verdict, "exchanges", "time")


_Wrap: TypeAlias = Callable[..., Iterator[str]]  # of a text with its indent


class TerminalReporter:
    """Writes to a stream, and finds out what it can show; `environ` is asked for NO_COLOR and TERM.

    A stream that is no terminal gets the report alone, and `waiting` a line for each phase as it ends.
    """

    def __init__(
        self,
        stream: TextIO,
        view: View,
        environ: Mapping[str, str],
        *,
        waiting: TextIO | None = None,
        outlook: Outlook | None = None,
    ) -> None:
        self._stream = stream
        self._waiting = waiting
        self._view = view
        self._is_live = stream.isatty() and environ.get("TERM") != "dumb"
        self._paint = _Paint(is_on=self._is_live and not environ.get("NO_COLOR"))
        self._tally = Tally(view)
        self._progress = Progress(outlook or Outlook())

    def on(self, event: Event) -> None:
        """Take an event in: move the line, if there is one; at the end write the report."""
        report = self._tally.on(event)
        self._progress.follow(event)
        if self._is_live:
            self._move(event, is_over=report is not None)
        elif self._waiting is not None and isinstance(event, PhaseDone):
            self._waiting.writelines(f"{legible(line)}\n" for line in self._progress.ended(event))
            self._waiting.flush()
        if report is not None:
            width = min(_WIDTH, self._columns()) if self._is_live else _WIDTH
            self._write("\n".join(show_report(report, self._view, self._paint, width)) + "\n")

    @staticmethod
    def _columns() -> int:
        return max(shutil.get_terminal_size().columns, _NARROWEST)

    def _move(self, event: Event, *, is_over: bool) -> None:
        note = f"{legible(self._view.mask_text(event.text))}\n" if isinstance(event, Noted) else ""
        line = "" if is_over else legible(self._progress.line(self._tally.found))
        self._write(f"{_CLEAR}{note}{fitted(line, self._columns() - 1)}")

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


def show_report(report: Report, view: View, paint: _Paint, width: int = _WIDTH) -> Iterator[str]:
    """Give the lines of the report; commands, and words of their own, may be longer than its `width`."""
    wrap = partial(_wrapped, width=width)
    yield from _head(report.started, paint)
    yield from _table(report, paint, wrap)
    yield from _reasons(report, paint, wrap)
    for finding in report.findings:
        yield ""
        yield from _finding(finding, view, paint, wrap)
    yield ""
    yield _sum(report)


def _head(started: CampaignStarted, paint: _Paint) -> Iterator[str]:
    yield paint(legible(f"Checked {started.target}"), _BOLD)
    allows = ", ".join(started.allows) or "reads only"
    rest = len(started.customers) - _MOST_NAMED
    customers = ", ".join(started.customers[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "") or "none named"
    yield legible(f"customers {customers}; allowed {allows}; dialect {started.dialect}; seed {started.seed}")
    yield ""


def _table(report: Report, paint: _Paint, wrap: _Wrap) -> Iterator[str]:
    rows = [_COLUMNS, *(_row(phase) for phase in report.phases)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    head, *lines = ("  ".join(_cells(row, widths)) for row in rows)
    yield paint(head, _DIM)
    for line, phase in zip(lines, report.phases, strict=True):
        yield line
        if phase.reason:
            yield from wrap(phase.reason, indent="  ")


def _row(phase: Phase) -> tuple[str, ...]:
    counts = (str(phase.count(verdict) or "-") for verdict in Verdict)
    return (legible(phase.name), *counts, str(phase.exchanges), lasted(phase.seconds))


def _cells(row: tuple[str, ...], widths: list[int]) -> Iterator[str]:
    yield row[0].ljust(widths[0])
    yield from (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))


def _reasons(report: Report, paint: _Paint, wrap: _Wrap) -> Iterator[str]:
    """Group what was not observed by its reason."""
    reasons = list(why_not(report))
    if reasons:
        yield ""
        yield paint("Checks not observed", _BOLD)
    for reason, checks in reasons:
        yield from wrap(f"{len(checks):>4}  {reason}", indent="", hang=6)
        rest = f" and {len(checks) - _MOST_NAMED} more" if len(checks) > _MOST_NAMED else ""
        named = ", ".join(checks[:_MOST_NAMED]) + rest
        yield from (paint(line, _DIM) for line in wrap(named, indent="      "))


def _finding(finding: Finding, view: View, paint: _Paint, wrap: _Wrap) -> Iterator[str]:
    labelled = partial(_labelled, wrap)
    who = legible(f"{finding.phase}/{finding.check}")
    yield f"{paint(finding.grade.upper(), _COLOURS[finding.grade])}  {paint(who, _BOLD)}"
    for label, name, says in view.meaning(finding):
        yield from labelled(label, f"{name}: {says}" if says else name)
    yield from labelled("promised", finding.promised)
    yield from labelled("came", finding.came)
    if finding.answer:
        meaning = view.answer(finding)
        yield from labelled("answer", f"{finding.answer}: {meaning}" if meaning else finding.answer)
    yield from labelled("seen", seen(finding))
    yield from labelled("exchange", traced(finding)) if traced(finding) else ()
    yield from labelled("seed", str(finding.seed))
    yield from (legible(line) for line in view.preparation(finding))
    yield from _commands(view.commands(finding), paint)


def _commands(commands: tuple[str, ...], paint: _Paint) -> Iterator[str]:
    for number, command in enumerate(commands, 1):
        if len(commands) > 1:
            yield paint(f"# step {number} of {len(commands)}", _DIM)
        yield command


def _labelled(wrap: _Wrap, label: str, text: str) -> Iterator[str]:
    lines = list(wrap(text, indent=" " * _LABEL)) or [""]
    yield f"  {label}".ljust(_LABEL) + lines[0][_LABEL:]
    yield from lines[1:]


def _wrapped(text: str, *, width: int, indent: str, hang: int = 0) -> Iterator[str]:
    """Wrap each line of a text; words are left whole, for they may be what one copies."""
    for line in legible(text).splitlines():
        yield from textwrap.wrap(
            line,
            width=width,
            initial_indent=indent,
            subsequent_indent=indent + " " * hang,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _sum(report: Report) -> str:
    took = f"{counted(report.exchanges, 'exchange')} in {lasted(report.seconds)}"
    return f"{report.counts}; {took}; seed {report.started.seed}"
