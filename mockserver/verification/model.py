"""The phase `model`: random sequences of updates, each step held against the pure core, and laws that need no oracle.

The laws come first, since they need few requests; what is left is for the sequences. How a law is tried stands in
`model_hunt`, what is sent and judged in `model_plays`, what is drawn in
`model_updates` and `model_anything`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

from mockserver.verification.bench import Bench
from mockserver.verification.checks import Check
from mockserver.verification.courier import Spent
from mockserver.verification.events import CheckDone, Event, Verdict
from mockserver.verification.failures import TargetFailedError
from mockserver.verification.findings import Finding
from mockserver.verification.model_anything import Anything
from mockserver.verification.model_hunt import Hunt, Law, Leash, Share
from mockserver.verification.model_plays import (
    play_orders,
    play_points,
    play_refusals,
    play_twice,
    play_updates,
    play_writes,
)
from mockserver.verification.model_stage import PHASE, Stage
from mockserver.verification.model_updates import (
    MADE_UP,
    Palette,
    Update,
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
)
from mockserver.verification.wording import as_own
from mockserver.verification.writing import body_of


def model_phase(bench: Bench, *, examples: int = 25, steps: int = 6) -> Iterator[Event]:
    """Play `examples` sequences of up to `steps` updates, and each law a part of that, and tell what came of it."""
    if bench.target.leave < Leave.WRITES:
        yield from _not_observed(MODEL_CHECKS, "it writes; allow that with --allow writes")
        return
    bench.fiction.made.update(dict.fromkeys(MADE_UP, ""))
    clock = bench.courier.clock
    try:
        stage, laws = _prepared(bench, examples, steps)
    except (Spent, ReadError, TargetFailedError) as failure:
        yield from _not_observed(MODEL_CHECKS, str(failure))
        return
    leash = Leash()
    for index, law in enumerate(laws):
        share = _share(bench, len(laws) - index)
        sent, started = bench.courier.sent, clock.now()
        hunt = Hunt(stage=stage, law=law, leash=leash, share=share)
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
        reason=as_own(reason),
        exchanges=exchanges,
        milliseconds=round(seconds * 1000, 1),
    )


def _prepared(bench: Bench, examples: int, steps: int) -> tuple[Stage, list[Law]]:
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


def _laws(palettes: Sequence[Palette], anything: Anything | None, examples: int, steps: int) -> list[Law]:
    """Return the laws in the order in which they are tried: those that need few requests come first."""
    few = max(2, examples // 3)

    def refusals_at(chosen: Sequence[Palette]) -> st.SearchStrategy[Update]:
        own = refused(chosen)
        return own if anything is None else anything.at(chosen).refused() | own

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
        Law(checks=(WRITTEN, UNSENT, OTHERS), play=play_writes, drawn=plain, examples=few),
        Law(checks=(TWICE,), play=play_twice, drawn=_sequences(palettes, single_at, 2), examples=few),
        Law(checks=(REFUSAL,), play=play_refusals, drawn=_sequences(palettes, refusals_at, 2), examples=few),
        Law(checks=(COMMUTE,), play=play_orders, drawn=_disjoint(palettes), examples=few),
    ]
    if anything is not None:
        enrolling = _sequences(palettes, lambda chosen: anything.at(chosen).loyalty(), 3)
        laws.append(Law(checks=(POINTS,), play=play_points, drawn=enrolling, examples=few))
    drawn = _sequences(palettes, several_at, steps)
    return [*laws, Law(checks=(AS_PREDICTED,), play=play_updates, drawn=drawn, examples=examples)]


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


def _share(bench: Bench, laws: int) -> Share:
    requests = bench.courier.allowance.requests
    return Share(sent=None if requests is None else bench.courier.sent + requests // laws)


def _told(
    stage: Stage, law: Law, found: Sequence[Finding], reason: str, exchanges: int, seconds: float
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
