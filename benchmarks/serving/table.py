"""The results as Markdown, and where they stand in a document."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.serving.cases import CASES
from benchmarks.serving.machine import Machine
from benchmarks.serving.rounds import Results


def rounds_section(results: Results, machine: Machine, asked: str) -> str:
    """Return what `make bench` writes."""
    lines = [*machine.lines(), f"- {asked}", "", "### Servers", "", *_servers(results)]
    for name in dict.fromkeys(one.case for one in results.measured):
        lines += ["", f"### {CASES[name].says}", "", *_case(results, name)]
    if results.left_out:
        lines += ["", "### Left out", ""]
        lines += [f"- {name}: {reason}" for name, reason in results.left_out.items()]
    if results.troubles:
        lines += ["", "### Not as expected", "", *(f"- {_cell(one)}" for one in results.troubles)]
    return "\n".join(lines)


def _servers(results: Results) -> Iterator[str]:
    rows = (
        (
            f"`{one.server}`",
            one.says,
            f"{statistics.median(one.starts):.2f} s",
            f"{one.fresh:.0f} MiB",
            f"{one.loaded:.0f} MiB",
        )
        for one in results.standings.values()
    )
    return table(("server", "what it is", "first answer", "memory then", "memory after all loads"), rows, numbers=3)


def _case(results: Results, case: str) -> Iterator[str]:
    rows = []
    for server in results.standings:
        one = results.medians(server, case)
        if one is None:
            continue
        ratio = "-" if one.ratio is None else f"{one.ratio:.2f}"
        times = f"{one.p50:.2f} ms", f"{one.p99:.2f} ms", f"{one.most:.1f} ms"
        rows.append((f"`{server}`", f"{one.per_second:,.0f}", ratio, *times, str(one.wrong or "none")))
    head = ("server", "requests a second", "of bare aiohttp", "median", "p99", "longest", "wrong or lost")
    return table(head, rows, numbers=6)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int) -> Iterator[str]:
    """Yield a table whose last columns, so many, are numbers."""
    yield _line(head)
    yield _line(["---"] * (len(head) - numbers) + ["---:"] * numbers)
    yield from (_line([_cell(cell) for cell in row]) for row in rows)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def write_section(path: Path, name: str, text: str) -> None:
    """Write a section of a document between its marks, `<!-- NAME -->` and `<!-- end of NAME -->`.

    ValueError where the document has no such marks.
    """
    document = path.read_text(encoding="utf-8")
    before, begins, rest = document.partition(f"<!-- {name} -->\n")
    _, ends, after = rest.partition(f"<!-- end of {name} -->")
    if not begins or not ends:
        raise ValueError(f"{path} has no place for {name}; write <!-- {name} --> and <!-- end of {name} --> into it")
    path.write_text(f"{before}{begins}\n{text}\n\n{ends}{after}", encoding="utf-8")
