"""Laws of the documents: each shell command in them is run or has a reason not to be, and prints what they show.

A `sh` block holds commands; what it prints is shown by the block after it: `json` (the whole body), `json shortened`
(some of its members) or `http` (status, some headers, and the whole body). A `console` block holds commands after
`$ ` and their output. The commands of one document run in order, on one fresh server.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mockserver.cli import main
from mockserver.exchange.dialects import Dialects
from mockserver.files import read_dialect

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "tests" / "README.md"])
ADDRESS = "http://127.0.0.1:8080"
MOCKSERVER = [sys.executable, "-m", "mockserver"]
SCHEMATHESIS = f"schemathesis run {ADDRESS}/_mock/contract --url {ADDRESS}"

_IN_EXAMPLES = "tests/docs/test_python_examples.py runs the examples so"
# Commands that are not run from the documents, and why.
NOT_RUN_HERE = {
    "git clone REPOSITORY customer-mockserver && cd customer-mockserver && make serve": (
        "it needs the repository's address and a package registry; CI clones, and tests/test_cli.py runs `serve`"
    ),
    "pip install .": "it needs a package registry; the targets of the Makefile install the same way",
    "mockserver replay findings/01-broken-UPD-BODY-2.yaml --target staging.yaml": (
        "it needs a finding; tests/test_replay_command.py replays one"
    ),
    "pytest": _IN_EXAMPLES,
    "pytest --mock-strict": _IN_EXAMPLES,
    "pytest -n 4": _IN_EXAMPLES,
    SCHEMATHESIS: "it has a test of its own below, against a server that is strict about credentials",
}
# Options of other programs that the documents name.
FOREIGN_OPTIONS = {"--mock-dialect", "--mock-journal", "--mock-strict", "--mock-world", "--url", "--data-binary"}
# What differs from run to run.
VOLATILE = {"id", "time", "milliseconds", "modifiedDate", "autoUpdateTime"}

# How the server of a document is started, where not as usual.
SERVERS = {"checking.md": ("--auth", "world")}
STAGING = "https://staging.example"
CREDENTIALS = {"STAGING_AUTH": "store123:Pass123"}  # those of the demo world, by the name that the documents use

# Of blocks; `text` is no command and no output, `yaml` is a dialect's file. Others are files that commands name.
FILES = {"yaml target": "staging.yaml", "yaml exchange": "my-exchanges/shown.yaml"}
PYTHON = {"python", "python fails", "python script", "yaml world"}  # for test_python_examples.py
KINDS = {"sh", "console", "json", "json shortened", "http", "text", "yaml", "yaml ci", *PYTHON, *FILES}
_BLOCK = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A command of a document, and what the document says that it prints; no `kind` where it shows nothing."""

    command: str
    kind: str = ""
    output: str = ""


def read_blocks(path: Path) -> list[tuple[str, str]]:
    return [(found["kind"].strip(), found["text"]) for found in _BLOCK.finditer(path.read_text(encoding="utf-8"))]


def read_commands(path: Path) -> Iterator[Shown]:
    """Yield the commands of a document in order."""
    for (kind, text), (next_kind, next_text) in pairwise([*read_blocks(path), ("", "")]):
        if kind == "console":
            yield from _console_commands(text)
        elif kind == "sh":
            *before, last = split_commands(text)
            yield from (Shown(command=command) for command in before)
            is_output = next_kind.partition(" ")[0] in {"json", "http"}
            yield Shown(command=last, kind=next_kind, output=next_text) if is_output else Shown(command=last)


def _console_commands(text: str) -> Iterator[Shown]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield Shown(command=command, kind="text" if output.strip() else "", output=output)


def split_commands(text: str) -> list[str]:
    """Split the text of a block into commands: one goes on while a quote or a backslash is open."""
    commands, pending = [], ""
    for line in text.splitlines():
        pending += f"{line}\n"
        if line.endswith("\\") or not _is_closed(pending):
            continue
        if pending.strip():
            commands.append(pending.strip())
        pending = ""
    return [*commands, pending] if pending.strip() else commands


def _is_closed(text: str) -> bool:
    try:
        shlex.split(text)
    except ValueError:  # an open quote
        return False
    return True


@contextmanager
def a_server(*arguments: str) -> Iterator[str]:
    """Run `mockserver serve` on a free port, and give its address as soon as it says that it answers."""
    with subprocess.Popen(
        [*MOCKSERVER, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("Serving on http://127.0.0.1:"), f"the server said {line!r}"
            yield line.removeprefix("Serving on ").strip()
        finally:
            process.terminate()
            process.communicate(timeout=20)


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, **CREDENTIALS}
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False, cwd=cwd, env=environ)


WITH_COMMANDS = [path for path in DOCUMENTS if any(True for _ in read_commands(path))]


# `make test` needs Python, make and git only, so a machine without curl passes over these; CI never does.
@pytest.mark.skipif(
    shutil.which("curl") is None and "CI" not in os.environ, reason="the documents show curl; install it to run them"
)
@pytest.mark.timeout(300)  # a document may show many commands
@pytest.mark.parametrize("path", WITH_COMMANDS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_of_a_document_prints_what_it_shows(path: Path, tmp_path: Path) -> None:
    with a_server(*SERVERS.get(path.name, ())) as url:
        write_files(path, url, tmp_path)
        for shown in read_commands(path):
            if shown.command in NOT_RUN_HERE:
                continue
            program = shown.command.split()[0]
            assert program in RUNNERS, f"nothing here runs {shown.command!r}: run it, or say in NOT_RUN_HERE why not"
            RUNNERS[program](shown, url, tmp_path)


def write_files(path: Path, url: str, folder: Path) -> None:
    """Write the files that a document shows to where its commands look for them."""
    for kind, text in read_blocks(path):
        if kind in FILES:
            file = folder / FILES[kind]
            file.parent.mkdir(exist_ok=True)
            file.write_text(text.replace(STAGING, url), encoding="utf-8")


def run_curl(shown: Shown, url: str, cwd: Path) -> None:
    """Run a curl as it stands but for the port; the status goes to stderr, so that stdout is what a reader sees."""
    command = shown.command.replace(ADDRESS, url).replace("curl ", "curl -sS -w '%{stderr}%{http_code}' ", 1)
    result = run("sh", "-c", command, cwd=cwd)
    assert result.returncode == 0, f"{shown.command}: {result.stderr}"
    status = int(result.stderr)
    if shown.kind == "http":
        compare_http(result.stdout, shown.output)
        return
    if not shown.kind:
        assert status < 400, f"{shown.command} is answered with {status} {result.stdout}"
        return
    expected, came = json.loads(shown.output), json.loads(result.stdout)
    assert (status >= 400) == bool("data" not in expected and expected.get("errors")), f"{shown.command}: {status}"
    compare_json(came, expected, shortened=shown.kind == "json shortened")


def compare_http(printed: str, shown: str) -> None:
    """Compare the status, the headers that are shown, and the whole body."""
    head, _, body = printed.replace("\r", "").partition("\n\n")
    shown_head, _, shown_body = shown.partition("\n\n")
    lines = head.splitlines()
    assert lines[0] == shown_head.splitlines()[0]
    assert [line for line in shown_head.splitlines() if line not in lines] == []
    compare_json(json.loads(body), json.loads(shown_body), shortened=False)


def compare_json(came: Any, shown: Any, *, shortened: bool) -> None:  # Any: any JSON values
    if shortened:
        assert cut_to(came, shown) == shown
    else:
        assert without_volatile(came) == without_volatile(shown)


def cut_to(came: Any, shown: Any) -> Any:
    """Leave of what came the members that are shown; lists keep their length."""
    if isinstance(came, dict) and isinstance(shown, dict):
        return {name: cut_to(came[name], shown[name]) for name in shown if name in came}
    if isinstance(came, list) and isinstance(shown, list) and len(came) == len(shown):
        return [cut_to(one, other) for one, other in zip(came, shown, strict=True)]
    return came


def without_volatile(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_volatile(inner) for name, inner in value.items() if name not in VOLATILE}
    return [without_volatile(inner) for inner in value] if isinstance(value, list) else value


def run_mockserver(shown: Shown, url: str, cwd: Path) -> None:
    """Run a command of ours; `serve` is another server, on a free port, and only has to answer."""
    arguments = shlex.split(shown.command.replace(STAGING, url))[1:]
    if arguments[:1] == ["serve"]:
        with a_server(*arguments[1:]):
            return
    result = run(*MOCKSERVER, *arguments, cwd=cwd)
    assert result.returncode == 0, f"{shown.command}: {result.stderr}"
    if shown.kind:
        assert result.stdout.strip() == shown.output.strip()


# A body too long to be written out is printed into curl.
RUNNERS = {"curl": run_curl, "printf": run_curl, "mockserver": run_mockserver}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_block_is_of_a_kind_that_is_read_here(path: Path) -> None:
    fences = re.findall(r"^\s*(?:```|~~~)", path.read_text(encoding="utf-8"), re.MULTILINE)

    assert {kind for kind, _ in read_blocks(path)} <= KINDS
    assert len(fences) == 2 * len(read_blocks(path))


def test_what_a_document_shows_of_continuous_integration_names_options_that_are_there() -> None:
    texts = [text for path in DOCUMENTS for kind, text in read_blocks(path) if kind == "yaml ci"]
    commands = re.findall(r"mockserver (check .*)", "\n".join(texts))

    assert len(texts) == len(commands) == 2
    assert all(yaml.safe_load(text) for text in texts)
    assert set(_OPTION.findall("\n".join(commands))) <= options_of(commands_of(main)["check"])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_dialect_that_a_document_shows_can_be_read(path: Path, dialects: Dialects, tmp_path: Path) -> None:
    for kind, text in read_blocks(path):
        if kind == "yaml":
            file = tmp_path / "shown.yaml"
            file.write_text(text, encoding="utf-8")
            assert read_dialect(dialects, file).name == "shown"


def test_what_is_not_run_here_still_stands_in_a_document() -> None:
    commands = {shown.command for path in DOCUMENTS for shown in read_commands(path)}

    assert set(NOT_RUN_HERE) <= commands


def test_the_first_screen_shows_the_line_of_a_server_that_answers() -> None:
    first = next(read_commands(ROOT / "README.md"))

    assert "make serve" in first.command
    assert first.output.strip() == f"Serving on {ADDRESS}"


@pytest.mark.parametrize("seed", [1, 2])
def test_schemathesis_finds_nothing_in_the_mock(seed: int, tmp_path: Path) -> None:
    """The command of the README, with all phases and checks; few examples, since CI runs it each time."""
    with a_server("--auth", "world") as url:
        result = run(
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(ROOT / "schemathesis.toml")),
            *shlex.split(SCHEMATHESIS.replace(ADDRESS, url))[1:],
            *("--checks", "all", "--seed", str(seed), "--max-examples", "25"),
            cwd=tmp_path,
        )

    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-2000:]
    assert "No issues found" in result.stdout


def code_of(path: Path) -> list[str]:
    """Return what a document writes as code: its shell commands, and its inline code."""
    text = path.read_text(encoding="utf-8")
    inline = _INLINE.findall(_BLOCK.sub("", text))
    return [*(shown.command for shown in read_commands(path)), *inline]


def commands_of(group: click.Command) -> dict[str, click.Command]:
    """Return the commands by their names; a command's module is imported when it is asked for."""
    assert isinstance(group, click.Group)
    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def options_of(command: click.Command) -> set[str]:
    return {"--help", *(name for one in command.params if isinstance(one, click.Option) for name in one.opts)}


def test_every_command_and_option_stands_in_a_document() -> None:
    code = "\n".join(line for path in DOCUMENTS for line in code_of(path))

    missing = [name for name in commands_of(main) if f"mockserver {name}" not in code]
    known = options_of(main).union(*(options_of(command) for command in commands_of(main).values()))

    assert missing == []
    assert known - set(_OPTION.findall(code)) == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_document_names_a_command_or_option_that_is_not_there(path: Path) -> None:
    everything = FOREIGN_OPTIONS.union(
        options_of(main), *(options_of(command) for command in commands_of(main).values())
    )
    for line in code_of(path):
        if not line.startswith("mockserver "):
            assert line.startswith("curl ") or set(_OPTION.findall(line)) <= everything, line
            continue
        name = line.split()[1]
        command = main if name.startswith("--") else commands_of(main).get(name)
        assert command is not None, f"there is no {line!r}"
        assert set(_OPTION.findall(line)) <= options_of(command), line


def test_every_path_of_the_control_plane_stands_in_the_readme_and_no_other() -> None:
    control = yaml.safe_load((ROOT / "openapi" / "control.yaml").read_text(encoding="utf-8"))
    paths = [re.compile(re.sub(r"\\\{\w+\\\}", r"[A-Za-z0-9]+", re.escape(path))) for path in control["paths"]]
    code = "\n".join(line for path in DOCUMENTS for line in code_of(path))
    named = set(re.findall(r"/_mock(?!/w/)(?:/\w+(?:\.\w+)?)+", code))

    assert [name for name in sorted(named) if not any(path.fullmatch(name) for path in paths)] == []
    parts = ("/_mock/pages/", "/_mock$")  # what the pages are made of, and the console, which is opened by its link
    unnamed = [path.pattern for path in paths if not any(path.fullmatch(name) for name in named)]
    assert [pattern for pattern in unnamed if not f"{pattern}$".startswith(parts)] == []


def test_the_limits_name_every_question_and_every_other_answer() -> None:
    asked = [
        question
        for path in sorted((ROOT / "openapi" / "questions").iterdir())
        for question in yaml.safe_load(path.read_text(encoding="utf-8"))["questions"]
    ]
    text = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| .* \| (.*) \|$", text, re.MULTILINE)
    others = {name: re.findall(r"`([^`]+)`", cell) for name, cell in rows}

    assert len(rows) == len(others)
    assert others == {
        question["id"]: [answer for answer in question["answers"] if answer not in _fixed(question)]
        for question in asked
    }


def _fixed(question: dict[str, Any]) -> set[str]:
    return {question["ours"], *question.get("unimplemented", ())}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]

    for target in targets:
        name, _, heading = target.partition("#")
        file = path.parent / name if name else path
        assert file.exists(), f"{path.name} links to {target}"
        if heading:
            assert heading in headings_of(file), f"{path.name} links to {target}"


def headings_of(path: Path) -> set[str]:
    """Return the anchors that a forge gives to headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
