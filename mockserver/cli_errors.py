"""The command `errors`: the atlas of errors and warnings. What it needs is imported when it runs."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mockserver.atlas import AtlasEntry


@click.command()
@click.argument("code", required=False)
@click.option(
    "--as",
    "language",
    type=click.Choice(["curl", "pytest", "fetch"]),
    help="Print what can be copied and run; without CODE, for all codes in turn.",
)
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, metavar="URL", help="Where the mock is.")
@click.option(
    "--format",
    "form",
    default="table",
    show_default=True,
    type=click.Choice(["table", "json"]),
    help="Form of the text.",
)
def errors(code: str | None, language: str | None, url: str, form: str) -> None:
    """Tell every error and warning: its basis, the smallest request that earns it or why none does, how to force it.

    CODE is a code, which may be an error and a warning, or a name such as 8057-warning.

    Example: mockserver errors 8018 --as curl
    """
    import orjson

    from mockserver.atlas import as_copied, read_atlas, show_entry, show_json, show_table

    entries = read_atlas()
    chosen = entries if code is None else _chosen(entries, code)
    if language is not None:
        click.echo(as_copied(chosen, language, url).rstrip("\n"))
    elif form == "json":
        click.echo(orjson.dumps(show_json(chosen), option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo(show_table(chosen) if code is None else "\n\n".join(show_entry(entry) for entry in chosen))


def _chosen(entries: "tuple[AtlasEntry, ...]", code: str) -> "tuple[AtlasEntry, ...]":
    from mockserver.atlas import find_entries, nearest_names

    chosen = find_entries(entries, code)
    if not chosen:
        near = ", ".join(nearest_names(entries, code))
        raise click.UsageError(f"{code[:40]!r} is no code of the catalogue; nearest: {near}.")
    return chosen
