"""Where a campaign stands, for the one who waits: what is done, and about how long the rest takes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mockserver.reporting.view import counted, lasted
from mockserver.verification.events import CheckDone, Event, PhaseDone, PhaseStarted, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """About how many exchanges each phase takes, and how many go out in a second; None where nothing slows them.

    `later` is the part of each that cannot be undone, and comes when all phases have done the rest.
    """

    exchanges: Mapping[str, int] = field(default_factory=dict)
    later: Mapping[str, int] = field(default_factory=dict)
    rate: float | None = None

    def left(self, sent: Mapping[str, int], parts_done: Mapping[str, int]) -> str:
        """Say about how long the rest takes, where that is worth a word."""
        rest = sum(self._rest_of(phase, sent.get(phase, 0), parts_done.get(phase, 0)) for phase in self.exchanges)
        seconds = 0.0 if self.rate is None else rest / self.rate
        return f"about {rounded(seconds)} left" if seconds >= 1 else ""

    def _rest_of(self, phase: str, sent: int, parts_done: int) -> int:
        later = self.later.get(phase, 0)
        return max(self.exchanges[phase] - sent, later) if parts_done == 0 else later if parts_done == 1 else 0


class Progress:
    """Follows a campaign."""

    def __init__(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._planned: dict[str, int] = {}
        self._verdicts: dict[str, dict[str, Verdict]] = {}  # of each phase's checks; one that is told again counts once
        self._sent: Counter[str] = Counter()
        self._parts_done: Counter[str] = Counter()
        self._phase = self._check = ""
        self._told: dict[str, int] = {}  # by phase, the exchanges that were told when it ended

    def follow(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case PhaseStarted():
                self._phase, self._check = event.phase, ""
                self._planned[event.phase] = event.checks
            case CheckDone():
                self._phase, self._check = event.phase, event.check
                self._verdicts.setdefault(event.phase, {})[event.check] = event.verdict
                self._sent[event.phase] += event.exchanges
            case PhaseDone():
                self._sent[event.phase] = event.exchanges
                self._parts_done[event.phase] += 1
            case _:
                pass

    def line(self, found: int) -> str:
        """Return the line that moves."""
        done, planned = len(self._verdicts.get(self._phase, {})), self._planned.get(self._phase, 0)
        of = f" of {planned}" if planned >= done and planned else ""
        checks = f"{self._phase} {done}{of}".strip()
        sent = counted(self._sent.total(), "exchange")
        parts = (checks, sent, counted(found, "finding"), self._left(), self._check)
        return " · ".join(part for part in parts if part)

    def _left(self) -> str:
        return self._outlook.left(self._sent, self._parts_done)

    def ended(self, done: PhaseDone) -> Iterator[str]:
        """Give the line of a phase, or a part of one, that ended, where it says anything new."""
        if self._told.get(done.phase) == done.exchanges:
            return
        self._told[done.phase] = done.exchanges
        verdicts = Counter(self._verdicts.get(done.phase, {}).values())
        counts = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in Verdict)
        sent = f"{counted(done.exchanges, 'exchange')} in {lasted(done.seconds)}"
        yield "; ".join(part for part in (f"{done.phase}: checks: {counts}", sent, self._left()) if part)


def rounded(seconds: float) -> str:
    """Return a time that is only estimated: whole seconds, or minutes."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
