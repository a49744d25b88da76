"""The phase `model`: random sequences of updates, each step held against the pure core, and laws that need no oracle.

Hypothesis draws the sequences and shrinks those that fail. It is kept on a short leash: a seed, no database, so many
examples, and so many attempts and seconds to shrink, after which every further attempt returns at once. What was found
is kept beside it, so that a failure that does not repeat is a finding too. Nothing that ends the phase (the budget is
spent, the target is gone) passes through Hypothesis, which would try it again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from mockserver.errors import TargetError
from mockserver.verification.bench import Bench
from mockserver.verification.checks import Check
from mockserver.verification.courier import NotAllowedError, Spent
from mockserver.verification.events import CheckDone, Event, Verdict
from mockserver.verification.findings import Finding, Key
from mockserver.verification.model_plays import (
    PHASE,
    Stage,
    lost,
    play_orders,
    play_points,
    play_refusals,
    play_twice,
    play_updates,
    play_writes,
    size_of,
)
from mockserver.verification.model_updates import (
    MADE_UP,
    Anything,
    Palette,
    Update,
    body_of,
    palette_of,
    refused,
    reversible,
    writes,
)
from mockserver.verification.reader import ReadError
from mockserver.verification.target import Leave
from mockserver.verification.update_laws import (
    AS_PREDICTED,
    COMMUTE,
    MODEL_CHECKS,
    OTHERS,
    POINTS,
    REFUSAL,
    TWICE,
    UNSENT,
    WRITTEN,
    in_background,
)

_ATTEMPTS = 150  # at shrinking one failure
_BUGS = 4  # that are looked for with one law
_KNOWN = 30  # times that one law may meet what is known, each of which is explained at length
_REPEATS = 2  # times that a failure which did not repeat is tried again
_BACKGROUND = "UPD-QRY-3"
_ENDS = (Spent, TargetError, NotAllowedError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Law:
    """What decides some checks: how it is played, with what, and how often."""

    checks: tuple[Check, ...]
    play: Callable[[Stage, Any], Iterator[Finding]]  # Any: what the strategy draws
    drawn: st.SearchStrategy[Any]
    examples: int


class _Broken(Exception):  # noqa: N818  # no error of ours: it tells Hypothesis that an example failed
    """An example showed a finding."""


def model_phase(bench: Bench, *, examples: int = 25, steps: int = 6, shrink_seconds: float = 10.0) -> Iterator[Event]:
    """Play `examples` sequences of up to `steps` updates, and each law a part of that, and tell what came of it."""
    if bench.target.leave < Leave.WRITES:
        yield from _not_observed(MODEL_CHECKS, "it writes; allow that with --allow writes")
        return
    bench.made_up.update(MADE_UP)
    clock = bench.courier.clock
    try:
        stage, laws = _prepared(bench, examples, steps)
    except (Spent, ReadError) as failure:
        yield from _not_observed(MODEL_CHECKS, str(failure))
        return
    leash = _Leash(seconds=shrink_seconds)
    for index, law in enumerate(laws):
        share = _share(bench, len(laws) - index)
        sent, started = bench.courier.sent, clock.now()
        hunt = _Hunt(stage=stage, law=law, leash=leash, share=share)
        found = [*hunt.findings(), *hunt.again.values()]
        yield from _told(stage, law, found, hunt.reason, bench.courier.sent - sent, clock.now() - started)
    decided = {check.id for law in laws for check in law.checks}
    rest = [check for check in MODEL_CHECKS if check.id not in decided]
    yield from _not_observed(rest, _why_not(bench))


def _why_not(bench: Bench) -> str:
    if bench.reset is None:
        return "it changes what cannot be undone, which the model does in a world that it can reset only"
    return "no named customer has anything that an update could write"


def _not_observed(checks: Sequence[Check], reason: str) -> Iterator[Event]:
    for check in checks:
        yield _done(check, Verdict.NOT_OBSERVED, reason=reason)


def _done(check: Check, verdict: Verdict, *, reason: str = "", exchanges: int = 0, seconds: float = 0.0) -> CheckDone:
    return CheckDone(
        phase=PHASE,
        check=check.id,
        verdict=verdict,
        statements=check.statements,
        reason=reason,
        exchanges=exchanges,
        milliseconds=round(seconds * 1000, 1),
    )


def _prepared(bench: Bench, examples: int, steps: int) -> tuple[Stage, list[_Law]]:
    """Read the named customers, and choose what may be sent to them."""
    bench.begin_anew()
    target, is_free = bench.target, bench.reset is not None and bench.target.leave is Leave.IRREVERSIBLE
    origin = {place: bench.judge.state(place, with_programs=is_free) for place in target.places}
    has_programs = is_free and all(state.has_programs for state in origin.values())
    stage = Stage(bench=bench, origin=origin, with_programs=has_programs)
    now, organisation = bench.courier.clock.today(), target.setting.organisation
    palettes = [palette_of(place, state, bench.oracle, organisation, now) for place, state in origin.items()]
    usable = [palette for palette in palettes if palette.plain]
    anything = Anything(palettes=usable, organisation=organisation, nobody=bench.courier.unknown) if is_free else None
    return stage, _laws(usable, anything, examples, steps) if usable else []


def _laws(palettes: Sequence[Palette], anything: Anything | None, examples: int, steps: int) -> list[_Law]:
    """Return the laws in the order in which they are tried: those that need few requests come first."""
    few = max(2, examples // 3)

    def refusals_at(chosen: Sequence[Palette]) -> st.SearchStrategy[Update]:
        own = refused(chosen)
        return own if anything is None else own | anything.at(chosen).refused()

    def updates_at(chosen: Sequence[Palette], most: int) -> st.SearchStrategy[Update]:
        own = reversible(chosen, most=most)
        return own if anything is None else own | anything.at(chosen).updates() | anything.at(chosen).loyalty()

    def single_at(chosen: Sequence[Palette]) -> st.SearchStrategy[Update]:
        return updates_at(chosen, 1)

    def several_at(chosen: Sequence[Palette]) -> st.SearchStrategy[Update]:
        return updates_at(chosen, 3)

    plain = st.sampled_from(palettes).flatmap(
        lambda palette: st.tuples(st.just(palette), st.lists(writes(palette, plain=True), min_size=1, max_size=2))
    )
    laws = [
        _Law(checks=(WRITTEN, UNSENT, OTHERS), play=play_writes, drawn=plain, examples=few),
        _Law(checks=(TWICE,), play=play_twice, drawn=_sequences(palettes, single_at, 2), examples=few),
        _Law(checks=(REFUSAL,), play=play_refusals, drawn=_sequences(palettes, refusals_at, 2), examples=few),
        _Law(checks=(COMMUTE,), play=play_orders, drawn=_disjoint(palettes), examples=few),
    ]
    if anything is not None:
        enrolling = _sequences(palettes, lambda chosen: anything.at(chosen).loyalty(), 3)
        laws.append(_Law(checks=(POINTS,), play=play_points, drawn=enrolling, examples=few))
    drawn = _sequences(palettes, several_at, steps)
    return [*laws, _Law(checks=(AS_PREDICTED,), play=play_updates, drawn=drawn, examples=examples)]


def _sequences(
    palettes: Sequence[Palette], updates_at: Callable[[Sequence[Palette]], st.SearchStrategy[Update]], most: int
) -> st.SearchStrategy[list[Update]]:
    """Draw a sequence of updates at one place or two, so that they meet."""
    chosen = st.lists(st.sampled_from(palettes), min_size=1, max_size=2, unique_by=lambda palette: palette.place)
    return chosen.flatmap(lambda few: st.lists(updates_at(few), min_size=1, max_size=most))


def _disjoint(palettes: Sequence[Palette]) -> st.SearchStrategy[tuple[Update, Update]]:
    """Draw two updates at a place that have no member, and no type of channel, in common."""

    def split(palette: Palette, one: Sequence[Any], other: Sequence[Any]) -> tuple[Update, Update]:
        taken = {member[:2] for member, _ in one}
        rest = [(member, value) for member, value in other if member[:2] not in taken]
        return tuple(Update(place=palette.place, body=body_of(part)) for part in (one, rest))  # type: ignore[return-value]  # two of them

    return st.sampled_from(palettes).flatmap(
        lambda palette: st.builds(split, st.just(palette), writes(palette, plain=False), writes(palette, plain=False))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """How many requests may have been sent, and until when, before a law makes room for the next one."""

    sent: int | None
    until: float | None

    def is_used_up(self, bench: Bench) -> bool:
        is_late = self.until is not None and bench.courier.clock.now() >= self.until
        return is_late or (self.sent is not None and bench.courier.sent >= self.sent)


def _share(bench: Bench, laws: int) -> _Share:
    allowance, now = bench.courier.allowance, bench.courier.clock.now()
    return _Share(
        sent=None if allowance.requests is None else bench.courier.sent + allowance.requests // laws,
        until=None if allowance.until is None else now + (allowance.until - now) / laws,
    )


@dataclass(slots=True, kw_only=True)
class _Leash:
    """The seconds that are left for shrinking; each failure may use half of them."""

    seconds: float

    def take(self) -> float:
        self.seconds /= 2
        return self.seconds


@dataclass(slots=True, kw_only=True)
class _Chase:
    """One failure that is being shrunk: its key, where it was seen first, the smallest example, and what was tried."""

    key: Key
    first: tuple[Any, Finding]
    best: tuple[Any, Finding]
    until: float
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
class _Hunt:
    """Looks for what breaks one law, again and again, until nothing new is found.

    `reason` is why it ended early, `again` what was known from other checks and showed here too.
    """

    stage: Stage
    law: _Law
    leash: _Leash
    share: _Share
    reason: str = ""
    again: dict[Key, Finding] = field(default_factory=dict)
    _known: set[Key] = field(default_factory=set)
    _met: int = 0
    _left: int = 0
    _chase: _Chase | None = None
    _end: Exception | None = None

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
            now = self.stage.bench.courier.clock.now()
            first = (drawn, finding)
            learnt = dict(self.stage.bench.oracle.learnt)
            self._chase = _Chase(key=finding.key, first=first, best=first, until=now + self.leash.take(), learnt=learnt)
        if self._chase is not None:
            self._chase.note(drawn, finding)
        if finding is not None:
            raise _Broken

    def _is_over(self) -> bool:
        bench = self.stage.bench
        if self._end is not None or self._met > _KNOWN or self.share.is_used_up(bench):
            return True
        chase = self._chase
        return chase is not None and (chase.attempts >= _ATTEMPTS or bench.courier.clock.now() >= chase.until)

    def _played(self, drawn: Any) -> Finding | None:
        """Play what was drawn until a finding shows that is looked for."""
        try:
            return next((finding for finding in self.law.play(self.stage, drawn) if self._is_wanted(finding)), None)
        except ReadError as failure:
            self.stage.bench.judge.forget()
            finding = lost(self.stage, self.law.checks[0], failure)
            return finding if self._is_wanted(finding) else None
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
        is_background = in_background(finding.came, finding.steps[-1].request)
        return is_background and replace(finding, statement=_BACKGROUND).key in self._known

    def _confirmed(self, chase: _Chase) -> Finding | None:
        """Try the smallest example once more; where it does not repeat, tell the first one, and how often it showed.

        What an answer explains that was learnt meanwhile is no finding any more.
        """
        drawn, finding = chase.best
        if self._shows_again(chase, drawn):
            is_background = in_background(finding.came, finding.steps[-1].request)
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


def _told(
    stage: Stage, law: _Law, found: Sequence[Finding], reason: str, exchanges: int, seconds: float
) -> Iterator[Event]:
    """Tell what came of each check of a law, and then its findings; the first check stands for all requests."""
    differs = [finding for finding in stage.differs.values() if finding.check in {check.id for check in law.checks}]
    for index, check in enumerate(law.checks):
        own = [finding for finding in (*found, *differs) if finding.check == check.id]
        verdict = _verdict(stage, check, own)
        why = "" if verdict is not Verdict.NOT_OBSERVED else stage.reasons.get(check.id) or reason or _UNTRIED
        spent = (exchanges, seconds) if index == 0 else (0, 0.0)
        yield _done(check, verdict, reason=why, exchanges=spent[0], seconds=spent[1])
        yield from (stage.bench.found(finding) for finding in own)


def _verdict(stage: Stage, check: Check, own: Sequence[Finding]) -> Verdict:
    if any(finding.counts for finding in own):
        return Verdict.BROKEN
    if own or check.id in stage.differing:
        return Verdict.DIFFERS
    return Verdict.HELD if stage.decided.get(check.id) else Verdict.NOT_OBSERVED


_UNTRIED = "its share of the requests or the time was used up before it could be tried"
