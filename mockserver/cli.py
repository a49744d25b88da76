"""The command line. What a command needs is imported when it runs, so that `--help` is quick."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import NoArgsIsHelpError

from mockserver.errors import MockServerError
from mockserver.version import __version__

if TYPE_CHECKING:
    from mockserver.cli_start import Uncollected
    from mockserver.server.journal import Exchange
    from mockserver.server.options import ServeOptions
    from mockserver.server.recording import Watch
    from mockserver.server.running import RunningServer


class _Misuse(click.ClickException):
    """What the person at the keyboard can mend: one line, exit code 2."""

    exit_code = 2


def _check() -> click.Command:
    from mockserver.cli_check import check

    return check


def _replay() -> click.Command:
    from mockserver.cli_check import replay

    return replay


def _errors() -> click.Command:
    from mockserver.cli_errors import errors

    return errors


_ELSEWHERE = {"check": _check, "replay": _replay, "errors": _errors}  # commands in modules of their own


class _Group(click.Group):
    """Commands whose errors are one clear line and exit code 2; a module is imported when a command of it is asked."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return _ELSEWHERE[cmd_name]() if cmd_name in _ELSEWHERE else super().get_command(ctx, cmd_name)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        with _one_line():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        with _one_line():
            return super().invoke(ctx)


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "mockserver"
        raise _Misuse(f"{error.format_message()} See {path} --help.") from error
    except MockServerError as error:
        raise _Misuse(str(error)) from error


@click.group(cls=_Group)
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """A mock of Update Customer Details that says what each answer rests on.

    Example: mockserver serve --port 8080
    """
    from mockserver.coexistence import find_conflict

    conflict = find_conflict()
    if conflict:
        click.echo(f"Warning: {conflict}.", err=True)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 is any free one.")
@click.option("--world", default="demo", show_default=True, metavar="FILE|NAME", help="World to serve.")
@click.option(
    "--dialect",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Answers to the open questions that differ from ours.",
)
@click.option(
    "--auth",
    default="any",
    show_default=True,
    type=click.Choice(["any", "world", "off"]),
    help="Credentials that are enough: any well-formed ones, the world's, or none.",
)
@click.option(
    "--cors",
    multiple=True,
    metavar="ORIGIN",
    help="Origin whose pages may ask, besides loopback ones: https://app.example, https://*.example, or * for any.",
)
@click.option(
    "--control-token",
    metavar="T",
    help="Token that everybody then needs for /_mock, and that opens it to other machines (X-Mock-Token).",
)
@click.option("--control-token-env", metavar="VAR", help="Environment variable that holds the control token.")
@click.option(
    "--public-url",
    metavar="URL",
    help="Where others reach the mock, with the path prefix of a proxy: https://mock.example/tools.",
)
@click.option(
    "--journal",
    default=1_000,
    show_default=True,
    type=click.IntRange(100, 100_000),
    metavar="N",
    help="Exchanges of each world to keep, of 16 KiB each on average.",
)
@click.option("--reload", is_flag=True, help="Take the world's file again whenever it is saved.")
def serve(
    host: str,
    port: int,
    world: str,
    dialect: Path | None,
    auth: Any,
    cors: tuple[str, ...],
    control_token: str | None,
    control_token_env: str | None,
    public_url: str | None,
    journal: int,
    *,
    reload: bool,
) -> None:
    """Serve the mock until it is stopped.

    Example: mockserver serve --world single-eligibility --auth world
    """
    from mockserver.cli_start import Uncollected, without_certificates

    with Uncollected() as uncollected:
        with without_certificates():
            from mockserver.cli_progress import ReadingShown
            from mockserver.server.options import ServeOptions, read_token
            from mockserver.server.running import serve_until_stopped
        options = ServeOptions(
            host=host,
            port=port,
            world=world,
            dialect=dialect,
            auth=auth,
            cors=cors,
            control_token=read_token(control_token, control_token_env, os.environ),
            public_url=public_url,
            reload=reload,
            journal=journal,
        )
        with ReadingShown(sys.stderr) as shown:
            serve_until_stopped(
                options,
                announce=partial(_announce, options, uncollected),
                watch=_watch(),
                tell=partial(click.echo, err=True),
                progress=shown.tell,
            )


def _announce(options: "ServeOptions", uncollected: "Uncollected", server: "RunningServer") -> None:
    """Say to stderr what is served, and to stdout, as its only line, where; it is up now."""
    from mockserver.cli_banner import banner

    uncollected.end()
    for line in banner(server, has_token=options.control_token is not None):
        click.echo(line, err=True)
    click.echo(f"Serving on {server.url}")
    sys.stdout.flush()


def _watch() -> "Watch | None":
    """Return what writes a line for each exchange, unless stderr goes nowhere: no line is made that nobody can read."""
    try:
        goes_nowhere = os.path.samestat(os.fstat(sys.stderr.fileno()), os.stat(os.devnull))
    except (OSError, ValueError):  # it is no file
        goes_nowhere = False
    return None if goes_nowhere else _report


def _report(exchange: "Exchange") -> None:
    """Write one line per exchange to stderr; colour on a terminal only.

    What a client sent is written as in a header: it can neither end the line nor steer a terminal.
    """
    from mockserver.exchange import text_header

    request, reply = exchange.request, exchange.reply
    target = f"{request.path}?{request.query}" if request.query else request.path
    is_its_own = reply.code == reply.response.status  # then the log has it twice, so that each refusal has a code
    outcome = " ".join((*exchange.result, str(reply.code)) if is_its_own else exchange.result)
    if sys.stderr.isatty():
        outcome = click.style(outcome, fg="red" if reply.code else "green")
    time = ", ".join(("", *exchange.seen, "decided in")) if exchange.seen else ""
    why = f" {text_header(reply.why)}" if reply.why else ""
    asked = f"{exchange.id} {request.method} {text_header(target)}"
    basis = "preflight" if exchange.preflight else reply.basis
    sys.stderr.write(f"{asked} -> {outcome}{time} {exchange.milliseconds} ms [{basis}]{why}\n")


@main.command()
@click.option(
    "--format", "form", default="yaml", show_default=True, type=click.Choice(["yaml", "json"]), help="Form of the text."
)
def contract(form: str) -> None:
    """Print the contract, an OpenAPI 3.1 document.

    Example: mockserver contract --format json > customers.json
    """
    from mockserver.files import read_contract_document, read_contract_text

    if form == "yaml":
        click.echo(read_contract_text(), nl=False)
        return
    import orjson

    click.echo(orjson.dumps(read_contract_document(), option=orjson.OPT_INDENT_2).decode())


@main.command()
@click.option(
    "--format",
    "form",
    default="table",
    show_default=True,
    type=click.Choice(["table", "json"]),
    help="Form of the text.",
)
@click.option(
    "--results",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="JSON report of a check, to tell which statements were observed on that deployment.",
)
def trace(form: str, results: Path | None) -> None:
    """Follow each statement of the page to what carries it; exit code 1 if a thread is broken.

    It is carried by places of the contract, rules, questions and checks.

    Example: mockserver trace --format json > trace.json
    """
    from mockserver.files import read_contract_document, read_questions, read_report, read_sources, read_statements
    from mockserver.operations import OPERATIONS
    from mockserver.trace import follow_thread, read_rules, show_json, show_table, with_results
    from mockserver.verification.listed import statements_by_check

    questions = read_questions()
    rules = read_rules(read_sources("domain", "operations", "exchange"), frozenset(questions), OPERATIONS)
    thread = follow_thread(read_statements(), read_contract_document(), rules, questions, statements_by_check())
    if results is not None:
        thread = with_results(thread, read_report(results))
    click.echo(show_table(thread) if form == "table" else show_json(thread))
    sys.exit(1 if thread.breaks else 0)
