"""The commands that check: `check` and `replay`. What they need is imported when they run."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path)

# What both commands say of the target, in the order of `--help`.
_TARGET_OPTIONS = (
    click.option(
        "--auth-env", metavar="VAR", help="Environment variable with till:password, token:… or oauth:KEY:SECRET."
    ),
    click.option(
        "--customer",
        "customers",
        multiple=True,
        metavar="ID[@SOURCE[:ACCOUNT]]",
        help="Customer record that may be read, and changed where --allow says so. Repeatable; INSTORE if no source.",
    ),
    click.option(
        "--allow",
        multiple=True,
        type=click.Choice(["writes", "irreversible"]),
        help="writes: updates that can be undone. irreversible: upgrades, enrolments, new channels too. Repeatable.",
    ),
    click.option(
        "--target", metavar="FILE", type=_FILE, help="File that says all this; the command line counts first."
    ),
    click.option("--world", metavar="FILE|NAME", help="Organisation that is assumed (default: demo)."),
    click.option("--dialect", metavar="FILE", type=_FILE, help="Answers to the open questions that are expected."),
    click.option(
        "--rate", metavar="N/s", help="Requests per time, such as 5/s or 45/m (the default off this machine)."
    ),
    click.option(
        "--budget", type=click.IntRange(1), metavar="N", help="Requests in all, start and restoration among them."
    ),
    click.option("--max-time", metavar="TIME", help="Time in all, such as 60s."),
    click.option(
        "--parallel", is_flag=True, help="Allow updates of one customer at once; a mock of ours has them anyway."
    ),
    click.option("--header", "headers", multiple=True, metavar="'N: V'", help="Header of every request. Repeatable."),
    click.option(
        "--value",
        "values",
        multiple=True,
        metavar="NAME=PATTERN",
        help="How made-up values look: mobile, email or externalId; {n:5} is five digits. Repeatable.",
    ),
    click.option("--ca-bundle", metavar="FILE", type=_FILE, help="Certificates to trust instead of the usual ones."),
    click.option("--timeout", metavar="TIME", help="How long an answer may take (default: 30s)."),
)
_RUN_OPTIONS = (
    click.option("--seed", type=click.IntRange(0), metavar="N", help="Seed; drawn, and printed, if none is given."),
    click.option("--strict", is_flag=True, help="Exit 1 for differences that a listed answer explains, too."),
    click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="KIND=FILE",
        help="Write a report: junit=FILE, html=FILE or json=FILE. Repeatable.",
    ),
    click.option(
        "--save", metavar="DIR", type=_FILE, help="Folder for one file per finding, and for the before-image."
    ),
    click.option("--unmasked", is_flag=True, help="Report personal data in clear; credentials never are."),
)


def _with(options: tuple[Callable[[_Command], _Command], ...]) -> Callable[[_Command], _Command]:
    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.command()
@click.argument("url", required=False)
@_with(_TARGET_OPTIONS)
@click.option("--phase", "phases", multiple=True, metavar="NAMES", help="Among golden, statements, schema, model.")
@_with(_RUN_OPTIONS)
@click.option("--baseline", metavar="FILE", type=_FILE, help="JSON report whose findings are known and left out.")
@click.option("--save-dialect", metavar="FILE", type=_FILE, help="File for the answers that were learnt, as --dialect.")
@click.option("--dry-run", is_flag=True, help="Print the plan, about what it takes, and send nothing.")
def check(url: str | None, baseline: Path | None, save_dialect: Path | None, *, dry_run: bool, **given: Any) -> None:
    """Check a deployment; without URL, a mock of its own in memory.

    Nothing but reads goes to a URL until --allow says so. Exit code: 0 nothing, 1 findings, 2 could not check.

    Example: mockserver check https://staging.example --auth-env AUTH --customer 171891944@INSTORE --allow writes
    """
    import mockserver.checking as checking

    options = _read_options(url, given)
    if dry_run:
        for line in checking.plan(options):
            click.echo(line)
        return
    sys.exit(checking.check(options, _read_run(given, baseline, save_dialect)))


@click.command()
@click.argument("file", type=_FILE)
@click.argument("url", required=False)
@_with(_TARGET_OPTIONS)
@_with(_RUN_OPTIONS)
def replay(file: Path, url: str | None, **given: Any) -> None:
    """Send golden exchanges, or a saved finding, again: 0 as promised, 1 not, 2 could not tell.

    FILE may be a folder. A saved finding names its customer itself; others go to those of --customer.

    Example: mockserver replay findings/01-broken-UPD-BODY-2.yaml https://staging.example --auth-env AUTH --allow writes
    """
    import mockserver.checking as checking

    sys.exit(checking.replay(_read_options(url, given), _read_run(given, None), [file]))


def _read_options(url: str | None, given: dict[str, Any]) -> Any:
    from mockserver.config import CheckOptions, read_target

    options = CheckOptions(
        url=url,
        auth_env=given["auth_env"],
        customers=given["customers"],
        allow=given["allow"],
        world=given["world"],
        dialect=given["dialect"],
        rate=given["rate"],
        budget=given["budget"],
        max_time=given["max_time"],
        parallel=given["parallel"],
        headers=given["headers"],
        values=given["values"],
        ca_bundle=given["ca_bundle"],
        timeout=given["timeout"],
        phases=given.get("phases", ()),
    )
    target: Path | None = given["target"]
    return options if target is None else options.over(read_target(target))


def _read_run(given: dict[str, Any], baseline: Path | None, save_dialect: Path | None = None) -> Any:
    from mockserver.checking import Run

    return Run(
        seed=given["seed"],
        strict=given["strict"],
        reports=tuple(_read_report(text) for text in given["reports"]),
        save=given["save"],
        baseline=baseline,
        unmasked=given["unmasked"],
        save_dialect=save_dialect,
    )


def _read_report(text: str) -> tuple[str, Path]:
    from mockserver.config import REPORTS

    kind, equals, path = text.partition("=")
    if kind not in REPORTS or not equals or not path:
        raise click.UsageError(f"--report {text!r} is none of {', '.join(f'{one}=FILE' for one in REPORTS)}.")
    return kind, Path(path)
