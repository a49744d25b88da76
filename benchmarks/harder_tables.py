"""What came of the harder flaws, as Markdown, family by family."""

import statistics
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.harder_trials import HarderResult
from benchmarks.markdown import table
from tests.flawed.harder import FAMILIES, HARDER

_CAUGHT = 0.95  # of the harder flaws
_FIRST = 0.9  # of those caught: named rightly by the first finding
_MOST_FINDINGS = 2  # for one flaw, in the median
_LONGEST = 60.0  # seconds for a run


def harder_figures(results: Sequence[HarderResult]) -> Iterator[str]:
    """Give the lines that sum the harder flaws up."""
    if results:
        yield (
            f"- Harder flaws caught: {_count(results)}; in the median {_findings(results)} findings for one, "
            f"the longest run {_longest(results):.1f} s."
        )


def short_of_goals(results: Sequence[HarderResult]) -> list[str]:
    """Say which goals are not reached."""
    if not results:
        return []
    caught = [one for one in results if one.is_caught]
    wrong = [f"{one.name}: {one.trouble}" for one in results if one.trouble]
    if len(caught) < _CAUGHT * len(results):
        missed = ", ".join(one.name for one in results if not one.is_caught)
        wrong.append(f"missed {len(results) - len(caught)} of {len(results)} harder flaws: {missed}")
    late = [one.name for one in caught if not one.is_first]
    if len(caught) - len(late) < _FIRST * len(caught):
        behind = f"{len(late)} of {len(caught)} harder flaws: {', '.join(late)}"
        wrong.append(f"named rightly, but not by the first finding, {behind}")
    if _findings(results) > _MOST_FINDINGS:
        wrong.append(f"a harder flaw has {_findings(results)} findings in the median")
    if _longest(results) > _LONGEST:
        wrong.append(f"the longest run takes {_longest(results):.1f} s")
    return wrong


def harder_tables(results: Sequence[HarderResult]) -> Iterator[str]:
    """Give the lines of two tables: by family, and flaw by flaw."""
    if not results:
        return
    by_name = {one.name: one for one in results}
    yield from ("## Harder flaws", "")
    yield from table(
        ("family", "caught", "named first", "findings (median)", "longest run"),
        (row for family in FAMILIES if (row := _family_row(family, by_name))),
    )
    yield ""
    yield from table(
        ("flaw", "family", "verdict", "findings that count", "requests", "seconds"),
        (_row(family, by_name[flaw.name]) for family in FAMILIES for flaw in FAMILIES[family] if flaw.name in by_name),
    )


def verdict_of(one: HarderResult) -> str:
    """Say shortly what came of a flaw."""
    if one.is_first:
        return "caught, named first"
    return "caught" if one.is_caught else "missed"


def _family_row(family: str, by_name: Mapping[str, HarderResult]) -> tuple[str, ...]:
    results = [by_name[flaw.name] for flaw in FAMILIES[family] if flaw.name in by_name]
    if not results:
        return ()
    caught, first = (sum(getattr(one, which) for one in results) for which in ("is_caught", "is_first"))
    of_all = f"of {len(results)}"
    return family, f"{caught} {of_all}", f"{first} {of_all}", f"{_findings(results):g}", f"{_longest(results):.1f} s"


def _row(family: str, one: HarderResult) -> tuple[str, ...]:
    said = f"`{one.name}`: {HARDER[one.name].says}"
    verdict = f"{verdict_of(one)} {one.trouble}".strip()
    return said, family, verdict, "; ".join(one.findings) or "-", str(one.requests), f"{one.seconds:.1f}"


def _count(results: Sequence[HarderResult]) -> str:
    caught, first = (sum(getattr(one, which) for one in results) for which in ("is_caught", "is_first"))
    return f"{caught} of {len(results)}, {first} of them named rightly by the first finding"


def _findings(results: Sequence[HarderResult]) -> float:
    """Return the median number of findings for a flaw that was caught."""
    return statistics.median([len(one.findings) for one in results if one.is_caught] or [0])


def _longest(results: Sequence[HarderResult]) -> float:
    return max(one.seconds for one in results)
