"""How a law is tried with what Hypothesis draws, until it breaks, and how a failure is made small.

Hypothesis is kept on a short leash: a seed, no database, so many examples, and so many attempts and requests to shrink,
after which every further attempt returns at once. What was found is kept beside it, so that a failure that does not
repeat is a finding too. Nothing that ends the phase (the budget is spent, the target is gone) passes through it, since
it would try that again.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from mockserver.errors import TargetError
from mockserver.values import replace
from mockserver.verification.bench import Bench
from mockserver.verification.checks import Check
from mockserver.verification.courier import NotAllowedError, Spent
from mockserver.verification.failures import Patience, TargetFailedError
from mockserver.verification.findings import Finding, Key
from mockserver.verification.model_stage import Stage, lost, size_of
from mockserver.verification.reader import ReadError
from mockserver.verification.update_laws import in_background

_ATTEMPTS = 80  # at shrinking one failure
_BUGS = 4  # that are looked for with one law
_KNOWN = 30  # times that one law may meet what is known, each of which is explained at length
_REPEATS = 2  # times that a failure which did not repeat is tried again
_BACKGROUND = "UPD-QRY-3"
_ENDS = (Spent, TargetError, NotAllowedError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What decides some checks: how it is played, with what, and how often."""

    checks: tuple[Check, ...]
    play: Callable[[Stage, Any], Iterator[Finding]]  # Any: what the strategy draws
    drawn: st.SearchStrategy[Any]
    examples: int


class _Broken(Exception):  # noqa: N818  # no error of ours: it tells Hypothesis that an example failed
    """An example showed a finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many requests may have been sent before a law makes room for the next one; None for any number."""

    sent: int | None

    def is_used_up(self, bench: Bench) -> bool:
        """Tell whether a law has had its share."""
        return self.sent is not None and bench.courier.sent >= self.sent


@dataclass(slots=True, kw_only=True)
class Leash:
    """The requests that are left for shrinking; each failure may use half of them."""

    requests: int = 2000

    def take(self) -> int:
        """Return the requests for one failure."""
        self.requests //= 2
        return self.requests


@dataclass(slots=True, kw_only=True)
class _Chase:
    """One failure that is being shrunk: its key, where it was seen first, the smallest example, and what was tried."""

    key: Key
    first: tuple[Any, Finding]
    best: tuple[Any, Finding]
    until: int  # requests that may have been sent when it ends
    learnt: Mapping[str, str]
    attempts: int = 0
    tries: dict[str, list[bool]] = field(default_factory=dict)

    def note(self, drawn: Any, finding: Finding | None) -> None:
        self.attempts += 1
        self.tries.setdefault(repr(drawn), []).append(finding is not None)
        if finding is not None and size_of(finding) < size_of(self.best[1]):
            self.best = (drawn, finding)

    def counted(self, drawn: Any, finding: Finding) -> Finding:
        tried = self.tries[repr(drawn)]
        return replace(finding, seen=sum(tried), tries=len(tried))


@dataclass(slots=True, kw_only=True)
class Hunt:
    """Looks for what breaks one law, again and again, until nothing new is found.

    `reason` is why it ended early, `again` what was known from other checks and showed here too.
    """

    stage: Stage
    law: Law
    leash: Leash
    share: Share
    reason: str = ""
    again: dict[Key, Finding] = field(default_factory=dict)
    _known: set[Key] = field(default_factory=set)
    _met: int = 0
    _left: int = 0
    _chase: _Chase | None = None
    _end: Exception | None = None
    _patience: Patience = field(default_factory=Patience)

    def findings(self) -> Iterator[Finding]:
        """Give each broken promise once, with its smallest example."""
        self._left = self.law.examples
        for number in range(_BUGS):
            if self._left <= 0 or self._end is not None:
                break
            chase = self._explore(number)
            if chase is None:
                break
            finding = self._confirmed(chase)
            self._known.add(chase.key)
            if finding is not None:
                yield finding
        if isinstance(self._end, Spent):
            self.reason = str(self._end)
        elif self._end is not None:
            raise self._end

    def _explore(self, number: int) -> _Chase | None:
        """Play new examples until one fails, and shrink it."""
        self._chase = None

        @seed(self.stage.bench.seed * _BUGS + number)
        @settings(
            max_examples=self._left,
            database=None,
            deadline=None,
            derandomize=False,
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
        )
        @given(self.law.drawn)
        def explore(drawn: Any) -> None:
            self._attempt(drawn)

        with suppress(_Broken, Flaky):  # what was found is kept in the chase
            explore()
        return self._chase

    def _attempt(self, drawn: Any) -> None:
        if self._is_over():
            return
        self._left -= self._chase is None
        finding = self._played(drawn)
        if self._chase is None and finding is not None:
            sent = self.stage.bench.courier.sent
            first = (drawn, finding)
            learnt = dict(self.stage.bench.oracle.learnt)
            until = sent + self.leash.take()
            self._chase = _Chase(key=finding.key, first=first, best=first, until=until, learnt=learnt)
        if self._chase is not None:
            self._chase.note(drawn, finding)
        if finding is not None:
            raise _Broken

    def _is_over(self) -> bool:
        bench = self.stage.bench
        if self._end is not None or self._met > _KNOWN or self.share.is_used_up(bench):
            return True
        chase = self._chase
        return chase is not None and (chase.attempts >= _ATTEMPTS or bench.courier.sent >= chase.until)

    def _played(self, drawn: Any) -> Finding | None:
        """Play what was drawn until a finding shows that is looked for."""
        try:
            found = next((finding for finding in self.law.play(self.stage, drawn) if self._is_wanted(finding)), None)
            self._patience.note_answer()
            return found
        except ReadError as failure:
            self.stage.bench.judge.forget()
            finding = lost(self.stage, self.law.checks[0], failure)
            return finding if self._is_wanted(finding) else None
        except TargetFailedError as failure:
            self.stage.bench.judge.forget()
            self._end = self._patience.note(failure)
            return None
        except _ENDS as end:
            self._end = end
            return None

    def _is_wanted(self, finding: Finding) -> bool:
        if self._chase is not None:
            return finding.key == self._chase.key
        if finding.key in self.stage.bench.findings:
            self.again.setdefault(finding.key, finding)
        is_known = finding.key in self._known or finding.key in self.again or self._is_background(finding)
        self._met += is_known
        return not is_known

    def _is_background(self, finding: Finding) -> bool:
        """Tell whether it is one more thing that is lost in the background."""
        is_background = in_background(finding.wrong[0], finding.steps[-1].request)
        return is_background and replace(finding, statement=_BACKGROUND).key in self._known

    def _confirmed(self, chase: _Chase) -> Finding | None:
        """Try the smallest example once more; where it does not repeat, tell the first one, and how often it showed.

        What an answer explains that was learnt meanwhile is no finding any more.
        """
        drawn, finding = chase.best
        if self._shows_again(chase, drawn):
            is_background = in_background(finding.wrong[0], finding.steps[-1].request)
            named = replace(finding, statement=_BACKGROUND) if is_background else finding
            self._known.add(named.key)
            return chase.counted(drawn, named)
        if self._end is None and chase.learnt != self.stage.bench.oracle.learnt:
            return None
        drawn, finding = chase.first
        for _ in range(_REPEATS):
            self._shows_again(chase, drawn)
        return chase.counted(drawn, finding)

    def _shows_again(self, chase: _Chase, drawn: Any) -> bool:
        finding = None if self._end is not None else self._played(drawn)
        if self._end is not None:
            return True  # nobody could see
        chase.note(drawn, finding)
        return finding is not None
