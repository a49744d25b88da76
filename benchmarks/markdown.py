"""Tables in Markdown."""

from collections.abc import Iterable, Iterator


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Give the lines of a table."""
    yield _line(head)
    yield _line(tuple("---" for _ in head))
    yield from (_line(row) for row in rows)


def _line(cells: tuple[str, ...]) -> str:
    shown = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(shown)} |"
