"""The results as Markdown."""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchmarks.harder_tables import harder_figures, harder_tables
from benchmarks.harder_trials import HarderResult
from benchmarks.markdown import table
from benchmarks.plain_schemathesis import PlainResult
from benchmarks.trials import FlawResult, SoundResult
from tests.flawed.flaws import FLAWS
from tests.flawed.sound import SOUND

_UNTRIED = "not tried"
Plain = Mapping[str, PlainResult]


def document(
    flaws: Sequence[FlawResult], harder: Sequence[HarderResult], sound: Sequence[SoundResult], plain: Plain
) -> str:
    """Return the whole page."""
    lines = [
        "# The checker, checked",
        "",
        "Written by `make check-the-checker`. Each deployment is served over HTTP on this machine and checked by the",
        "command, a flawed one with the least leave that shows its flaw. Requests and seconds of a flaw are",
        "those until the first finding that names it rightly, the reads at the start included; of a sound deployment",
        "those of a whole run (medians). A sound deployment is kept up and checked twice with each seed, one that",
        "answers a question otherwise three times more: it must be said to differ alike. A harder flaw is checked",
        "once, with all phases and all leave, at 500 requests a second and within a minute.",
        "",
        *_figures(flaws, sound, plain),
        *harder_figures(harder),
        "",
        "## Flawed deployments",
        "",
        *table(
            ("flaw", "leave", "caught by", "grade", "named", "seeds", "requests", "seconds", "plain Schemathesis"),
            (_flaw_row(one, plain) for one in flaws),
        ),
        "",
        *harder_tables(harder),
        "",
        "## Sound deployments",
        "",
        *table(
            ("deployment", "seeds", "findings that count", "differs", "requests", "seconds", "plain Schemathesis"),
            (_sound_row(one, plain) for one in sound),
        ),
    ]
    return "\n".join(lines) + "\n"


def _figures(flaws: Sequence[FlawResult], sound: Sequence[SoundResult], plain: Plain) -> Iterator[str]:
    caught = [one for one in flaws if one.is_well]
    if flaws:
        yield f"- Flaws caught and rightly named: {len(caught)} of {len(flaws)}, {_seeds(flaws)} each."
        yield f"- First right finding: {first_finding(flaws)}."
    tried = [plain[one.name] for one in flaws if one.name in plain and not plain[one.name].trouble]
    if tried:
        seen = sum(bool(one.failures) for one in tried)
        yield f"- Plain Schemathesis, all phases and checks, one seed: reports something for {seen} of {len(tried)}."
    if sound:
        silent = sum(one.is_well for one in sound)
        yield f"- Sound deployments without a finding that counts: {silent} of {len(sound)}, {_seeds(sound)} each."


def _seeds(results: Sequence[FlawResult | SoundResult]) -> str:
    fewest = min(one.seeds for one in results)
    return "one seed" if fewest == 1 else f"{fewest} seeds"


def first_finding(flaws: Sequence[FlawResult]) -> str:
    """Say how soon the first right finding came."""
    found = [one for one in flaws if one.found_by]
    if not found:
        return "none"
    seconds, requests = [one.seconds for one in found], [one.requests for one in found]
    return (
        f"after {median_seconds(flaws):.2f} s and {statistics.median(requests):.0f} requests (medians), "
        f"at the latest after {max(seconds):.2f} s and {max(requests)} requests"
    )


def median_seconds(flaws: Iterable[FlawResult]) -> float:
    """Return the median time to the first right finding, 0 where there is none."""
    return statistics.median([one.seconds for one in flaws if one.found_by] or [0.0])


def _flaw_row(one: FlawResult, plain: Plain) -> tuple[str, ...]:
    flaw = FLAWS[one.name]
    caught = one.found_by if one.is_well else f"**missed** {one.trouble}".strip()
    said = f"`{one.name}`: {flaw.says}"
    figures = f"{one.caught} of {one.seeds}", str(one.requests), f"{one.seconds:.2f}"
    return said, flaw.needs, caught, one.grade, one.named, *figures, _plain(one.name, plain)


def _sound_row(one: SoundResult, plain: Plain) -> tuple[str, ...]:
    said = f"`{one.name}`: {SOUND[one.name].says}"
    alarms = "; ".join((*one.alarms, *([one.trouble] if one.trouble else []))) or "none"
    differs = ", ".join(one.differs) or "-"
    return said, str(one.seeds), alarms, differs, str(one.requests), f"{one.seconds:.1f}", _plain(one.name, plain)


def _plain(name: str, plain: Plain) -> str:
    result = plain.get(name)
    if result is None or result.trouble:
        return _UNTRIED if result is None else result.trouble
    return f"yes: {', '.join(result.failures)}" if result.failures else "no"
