"""Laws of `mockserver errors`: every code, how it is earned or why not, and what can be copied."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.atlas import read_atlas
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread

COMMAND = [sys.executable, "-m", "mockserver", "errors"]
ATLAS = read_atlas()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=30, check=False)


def test_without_a_code_there_is_a_line_for_each_with_its_basis_and_how_it_is_earned_or_why_not() -> None:
    result = run()

    head, *rows, _, count = result.stdout.splitlines()
    assert (result.returncode, result.stderr) == (0, "")
    assert head.split() == ["code", "status", "basis", "earned", "by"]
    assert [row.split()[0] for row in rows] == [entry.name for entry in ATLAS]
    assert all(entry.basis in row for row, entry in zip(rows, ATLAS, strict=True))
    [downgrade] = [row for row in rows if row.startswith("8018 ")]
    assert downgrade.endswith(
        'PUT /v2/customers/171891945?source=INSTORE, {"loyaltyInfo": {"loyaltyType": "non_loyalty"}}'
    )
    assert "not earned: The mock counts no requests unless a fault rule throttles them." in result.stdout
    assert count == (
        f"{len(ATLAS)} errors and warnings: 38 are earned; {len(ATLAS) - 3} can be forced in any world, "
        "and under another answer to a question 1101-warning (program-unknown: warn), "
        "8010-warning (dual-eligibility: warn), 10002-warning (tier-unknown: warn)"
    )


def test_a_code_that_exists_both_ways_is_shown_both_ways_and_a_name_one_way() -> None:
    both, one = run("8057").stdout, run("8057-warning").stdout

    assert [line.split()[0] for line in both.splitlines() if line[:1].isdigit()] == ["8057-error", "8057-warning"]
    assert one == both[both.index("8057-warning") :]


def test_an_entry_is_told_whole() -> None:
    assert run("8054").stdout.splitlines() == [
        "8054  warning, HTTP 200: Updated without an account",
        "  says        Account id not passed",
        "  comes       Arises where a deployment accepts an update of a source with several accounts without "
        "`accountId`. Send the account, so that the right profile is changed.",
        "  basis       published status-codes",
        "  operations  updateCustomer",
        "  earned by   PUT /v2/customers/171891946?source=WECHAT, where account-missing is 8054",
        "  law         An update without account is done, and warned of",
        "  forced      Prefer: code=8054, or the customer id 900008054",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["8017"], "8018"),
        (["8057-warnign"], "nearest: 8057,"),
        (["nonsense"], "nearest: "),
        (["8018", "--as", "wget"], "wget"),
        (["8018", "--format", "xml"], "xml"),
        (["8018", "8019"], "8019"),
    ],
)
def test_bad_usage_exits_2_and_names_the_value(arguments: list[str], said: str) -> None:
    result = run(*arguments)

    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert said in line


def test_help_has_an_example() -> None:
    assert "Example: mockserver errors 8018 --as curl" in run("--help").stdout


def test_for_programs_there_is_json() -> None:
    errors = json.loads(run("--format", "json").stdout)["errors"]

    assert [one["name"] for one in errors] == [entry.name for entry in ATLAS]
    assert json.loads(run("8018", "--format", "json").stdout)["errors"] == [
        one for one in errors if one["code"] == 8018
    ]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
@pytest.mark.parametrize(("code", "status"), [("8018", "400"), ("8054", "200"), ("417", "417"), ("429", "429")])
def test_what_is_printed_for_curl_earns_the_code_in_a_shell(code: str, status: str) -> None:
    with ServerThread(ServeOptions(port=0)) as server:
        text = run(code, "--as", "curl", "--url", server.url).stdout
        environment = {"PATH": os.environ["PATH"], "NO_PROXY": "*"}
        ran = subprocess.run(
            ["sh", "-s"], input=text, env=environment, capture_output=True, text=True, timeout=30, check=True
        )

    assert ran.stdout.startswith(f"HTTP/1.1 {status} ")
    assert f'"code":{code},' in ran.stdout


def test_what_is_printed_for_pytest_is_a_whole_file_whose_tests_pass(tmp_path: Path) -> None:
    text = run("--as", "pytest").stdout
    (tmp_path / "test_errors.py").write_text(text, encoding="utf-8")

    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "test_errors.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert text.count("\ndef test_code_") == len(ATLAS)
    assert f"{len(ATLAS)} passed" in ran.stdout, ran.stdout + ran.stderr


def test_the_address_of_the_mock_is_that_of_serve_unless_another_is_given() -> None:
    assert "http://127.0.0.1:8080/v2/" in run("8018", "--as", "fetch").stdout
    assert '"http://127.0.0.1:9/x/v2/' in run("8018", "--as", "fetch", "--url", "http://127.0.0.1:9/x").stdout
