"""Laws of `mockserver check`, by the command against real servers: what goes out, what is told, and the exit code."""

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.files import read_world
from mockserver.messages import Request, Response
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.flawed.deployment import Deployment
from tests.flawed.flaws import FLAWS
from tests.flawed.serving import serve
from tests.flawed.sound import SOUND
from tests.server.client import Client

PASSWORD = "Pass123"
ENVIRONMENT = {**os.environ, "STAGING_AUTH": f"store123:{PASSWORD}", "WRONG_AUTH": "store123:wrong"}
AUTH = ("--auth-env", "STAGING_AUTH")
ASHA, RAVI = 171891944, 171891945
NAMED = (*AUTH, "--customer", f"{ASHA}@INSTORE", "--customer", f"{RAVI}@WECHAT:22232")
STATEMENTS = ("--phase", "statements", "--seed", "1")
CANARIES = {
    "firstName": "Canarina",
    "lastName": "Kanarienvogel",
    "city": "Aviaryville",
    "mobile": "915550001111",
    "email": "canarina.k@aviary.example",
}
CANARY_WORLD = f"""
extends: demo
customers:
  - id: {ASHA}
    loyaltyType: non_loyalty
    profiles:
      - source: INSTORE
        firstName: {CANARIES["firstName"]}
        lastName: {CANARIES["lastName"]}
        fields: {{city: {CANARIES["city"]}}}
        identifiers: [{{type: mobile, value: "{CANARIES["mobile"]}"}}]
        commChannels:
          - {{type: email, value: {CANARIES["email"]}, primary: true, verified: false, meta: {{residence: true}}}}
          - {{type: mobile, value: "{CANARIES["mobile"]}", primary: true, verified: true, meta: {{office: false}}}}
    extendedFields: {{city: {CANARIES["city"]}}}
"""


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command, piped, and return how it ended."""
    command = [sys.executable, "-m", "mockserver", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, cwd=cwd, env=ENVIRONMENT)


def check(url: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return run("check", url, *arguments, cwd=cwd)


def report_of(url: str, folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Check, and return the exit code and the JSON report."""
    path = folder / "report.json"
    result = check(url, *arguments, "--report", f"json={path}", cwd=folder)
    assert path.is_file(), result.stderr
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result.returncode, report


def refusal_of(result: subprocess.CompletedProcess[str]) -> str:
    """Return the one line with which a command could not check."""
    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: ")
    return line


class Watched(Deployment):
    """A sound deployment that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Request] = []

    def handle(self, request: Request) -> Response:
        self.asked.append(request)
        return super().handle(request)

    @property
    def written(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.asked if one.method not in ("GET", "HEAD", "OPTIONS")]


class LoginPage(Deployment):
    """A gateway in front of the deployment, which wants a person to log in."""

    def handle(self, request: Request) -> Response:  # noqa: ARG002  # whatever is asked for
        return Response(status=200, headers={"Content-Type": "text/html"}, body=b"<html>Log in</html>")


@contextmanager
def mock_on_a_port() -> Iterator[Client]:
    with ServerThread(ServeOptions(port=0, auth="world")) as server:
        yield Client(server.url)


def customers_of(mock: Client) -> dict[int, Any]:
    """Return all customers of the default world, without who changed them and when."""
    listed = mock.send("GET", "/_mock/customers").json["customers"]
    return {each["id"]: _unattributed(mock.send("GET", f"/_mock/customers/{each['id']}").json) for each in listed}


def _unattributed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _unattributed(inner) for name, inner in value.items() if name not in ("attribution", "audit")}
    return [_unattributed(item) for item in value] if isinstance(value, list) else value


def is_kept(before: Any, after: Any) -> bool:
    """Tell whether all that was there is still there, whatever was added."""
    if isinstance(before, Mapping):
        return isinstance(after, Mapping) and all(is_kept(one, after.get(name)) for name, one in before.items())
    if isinstance(before, list):
        return isinstance(after, list) and all(any(is_kept(one, other) for other in after) for one in before)
    return bool(before == after)


def test_the_mock_s_own_promises_hold() -> None:
    result = run("check", "--phase", "golden,statements", "--seed", "3")

    assert (result.returncode, result.stderr) == (0, "")
    assert "seed 3" in result.stdout
    assert "0 broken, 0 unlike, 0 differs" in result.stdout.splitlines()[-1]


def test_what_is_piped_is_quiet_and_plain() -> None:
    with serve(Deployment()) as url:
        result = check(url, *NAMED, *STATEMENTS)

    assert (result.returncode, result.stderr) == (0, "")
    assert not set("\r\x1b\x08") & set(result.stdout)


def test_a_seed_that_is_drawn_is_printed(tmp_path: Path) -> None:
    with serve(Deployment()) as url:
        result = check(url, *NAMED, "--phase", "statements", "--report", "json=report.json", cwd=tmp_path)

    seed = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["seed"]
    assert result.stdout.splitlines()[-1].endswith(f"seed {seed}")


def test_without_leave_no_write_reaches_the_server() -> None:
    with mock_on_a_port() as mock:
        before = customers_of(mock)
        result = check(mock.root, *NAMED, "--phase", "golden,statements", "--seed", "1")
        journal = mock.send("GET", "/_mock/requests").json["requests"]
        after = customers_of(mock)

    assert result.returncode == 0
    assert {each["method"] for each in journal} == {"GET"}
    assert "--allow writes" in result.stdout
    assert after == before


def test_after_writes_the_customers_are_as_before(tmp_path: Path) -> None:
    with mock_on_a_port() as mock:
        before = customers_of(mock)
        result = check(
            mock.root, *NAMED, "--allow", "writes", "--phase", "golden,statements", "--seed", "1", cwd=tmp_path
        )
        journal = mock.send("GET", "/_mock/requests?limit=10000").json["requests"]
        after = customers_of(mock)

    written = {each["path"] for each in journal if each["method"] == "PUT"}
    assert result.returncode == 0
    assert {f"/v2/customers/{ASHA}", f"/v2/customers/{RAVI}"} < written
    assert len(written) == 3  # and the id that nobody has
    assert {each["method"] for each in journal} == {"GET", "PUT"}
    assert after == before


def test_only_what_was_allowed_stays(tmp_path: Path) -> None:
    with mock_on_a_port() as mock:
        before = customers_of(mock)
        result = check(mock.root, *NAMED, "--allow", "irreversible", *STATEMENTS, cwd=tmp_path)
        after = customers_of(mock)

    changed = {customer for customer in before if after[customer] != before[customer]}
    assert result.returncode == 0
    assert changed <= {ASHA, RAVI}
    assert ASHA in changed
    for customer in changed:
        loyalty = ("loyaltyType", "loyaltyProgramEnrollments")
        kept = {name: value for name, value in before[customer].items() if name not in loyalty}
        assert is_kept(kept, after[customer])
    assert "left as it was allowed" in result.stderr


def test_a_mock_of_our_own_gets_a_world_of_the_run_s_own(tmp_path: Path) -> None:
    with mock_on_a_port() as mock:
        before, worlds = customers_of(mock), mock.send("GET", "/_mock/worlds").json
        result = check(mock.root, *STATEMENTS, "--budget", "300", cwd=tmp_path)
        after, left = customers_of(mock), mock.send("GET", "/_mock/worlds").json

    assert (result.returncode, result.stderr) == (0, "")
    assert "in a world of its own" in result.stdout
    assert after == before
    assert left == worlds
    assert [*tmp_path.iterdir()] == []


def test_a_flaw_is_found_named_and_shown_by_a_command_that_works(tmp_path: Path) -> None:
    with serve(FLAWS["created-id-left-out"].make()) as url:
        code, report = report_of(url, tmp_path, *NAMED, *STATEMENTS, "--allow", "writes", "--budget", "60")
        found = [one for one in report["findings"] if one["statement"] in FLAWS["created-id-left-out"].names]
        if shutil.which("curl") is None:
            pytest.skip("there is no curl to try the command with")
        answer = subprocess.run(
            ["bash", "-c", found[0]["curl"]],
            env={**os.environ, "AUTHORIZATION": f"Basic {b64encode(_pair().encode()).decode()}"},
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    assert code == 1
    assert {one["grade"] for one in found} == {"broken"}
    assert answer.returncode == 0
    assert "200 OK" in answer.stdout
    assert "createdId" not in answer.stdout


def _pair() -> str:
    return f"store123:{hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest()}"


def test_another_answer_counts_with_strict_only_and_not_where_it_is_expected(tmp_path: Path) -> None:
    dialect = tmp_path / "staging.yaml"
    dialect.write_text("answers: {created-id-type: text}\n", encoding="utf-8")
    allowed = (*NAMED, *STATEMENTS, "--allow", "writes")
    with serve(SOUND["created-id-text"].make()) as url:
        usual, report = report_of(url, tmp_path, *allowed)
        strict, _ = report_of(url, tmp_path, *allowed, "--strict")
        expected, silent = report_of(url, tmp_path, *allowed, "--strict", "--dialect", str(dialect))

    assert (usual, strict, expected) == (0, 1, 0)
    assert {(one["grade"], one["question"]) for one in report["findings"]} == {("differs", "created-id-type")}
    assert silent["findings"] == []


def test_findings_of_the_baseline_are_left_out(tmp_path: Path) -> None:
    allowed = (*NAMED, *STATEMENTS, "--allow", "writes", "--budget", "60")
    with serve(FLAWS["created-id-left-out"].make()) as url:
        code, report = report_of(url, tmp_path, *allowed)
        known = tmp_path / "known.json"
        known.write_text(json.dumps(report), encoding="utf-8")
        again, left = report_of(url, tmp_path, *allowed, "--baseline", str(known))

    assert (code, again) == (1, 0)
    assert left["findings"] == []


def test_a_dry_run_sends_nothing() -> None:
    deployment = Watched()
    with serve(deployment) as url:
        result = check(url, *NAMED, "--allow", "irreversible", "--dry-run")

    assert (result.returncode, result.stderr) == (0, "")
    assert deployment.asked == []
    assert "would run" in result.stdout
    assert f"{ASHA}@INSTORE, {RAVI}@WECHAT:22232" in result.stdout


def test_a_dry_run_needs_no_server() -> None:
    result = check("http://staging.invalid", "--dry-run", "--customer", str(ASHA))

    assert result.returncode == 0
    assert "needs --allow writes" in result.stdout


def test_a_target_s_file_says_what_the_command_line_need_not(tmp_path: Path) -> None:
    deployment = Watched()
    with serve(deployment) as url:
        text = f"url: {url}\nauth-env: STAGING_AUTH\ncustomers: [{ASHA}]\nallow: [writes]\nphases: [statements]\n"
        (tmp_path / "staging.yaml").write_text(text, encoding="utf-8")
        result = run("check", "--target", "staging.yaml", cwd=tmp_path)

    assert result.returncode == 0
    assert f"customers {ASHA}@INSTORE; allowed reads, writes;" in result.stdout
    assert {path.rpartition("/")[2] for path in deployment.written} >= {str(ASHA)}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--auth-env", "STAGING_AUTH"), "no customer is named"),
        (("--auth-env", "WRONG_AUTH", "--customer", str(ASHA)), "the credentials are refused with 401"),
        ((*AUTH, "--customer", "171999999"), "171999999@INSTORE cannot be read: 8015"),
        ((*AUTH, "--customer", f"{ASHA}@WECHAT:22232"), f"{ASHA}@WECHAT:22232 cannot be read"),
        (("--customer", str(ASHA)), "--auth-env VAR"),
        (("--auth-env", "NO_SUCH_AUTH", "--customer", str(ASHA)), "NO_SUCH_AUTH is not set"),
        ((*NAMED, "--customer", "Asha"), "'Asha' is no customer; write ID, ID@SOURCE or ID@SOURCE:ACCOUNT"),
        ((*NAMED, "--phase", "statement"), "--phase 'statement' is none; did you mean statements?"),
        ((*NAMED, "--rate", "fast"), "--rate is 'fast'"),
        ((*NAMED, "--max-time", "60"), "--max-time is '60'"),
        ((*NAMED, "--timeout", "0s"), "--timeout is '0s'"),
        ((*NAMED, "--budget", "0"), "--budget"),
        ((*NAMED, "--allow", "everything"), "everything"),
        ((*NAMED, "--header", "Authorization: Basic c4nary"), "give credentials with --auth-env"),
        ((*NAMED, "--report", "pdf=x"), "--report 'pdf=x' is none of junit=FILE, html=FILE, json=FILE"),
        ((*NAMED, "--report", "json=file/report.json"), "file/report.json: cannot be written"),
        ((*NAMED, "--allow", "writes", "--save", "file/findings"), "cannot be written"),
        ((*NAMED, "--baseline", "nowhere.json"), "nowhere.json: cannot be read"),
        ((*NAMED, "--baseline", "file"), "file: is no JSON"),
        ((*NAMED, "--dialect", "dialect.yaml"), "dialect.yaml:2: answers/created-id-type: 'txet' is no answer"),
        ((*NAMED, "--world", "dem"), "did you mean demo?"),
        ((*NAMED, "--target", "nowhere.yaml"), "nowhere.yaml: cannot be read"),
    ],
)
def test_what_cannot_be_checked_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    (tmp_path / "dialect.yaml").write_text("answers:\n  created-id-type: txet\n", encoding="utf-8")
    deployment = Watched()
    with serve(deployment) as url:
        result = CliRunner(env=ENVIRONMENT).invoke(main, ["check", url, "--phase", "statements", *arguments])

    assert (result.exit_code, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert said in line
    assert "c4nary" not in line
    assert PASSWORD not in line
    assert deployment.written == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://staging.invalid", "staging.example", "http://["])
def test_a_target_that_is_not_there_is_said_in_one_line(url: str) -> None:
    assert url in refusal_of(check(url, *NAMED))


def test_a_login_page_is_said_in_one_line() -> None:
    with serve(LoginPage()) as url:
        assert "as a login page does" in refusal_of(check(url, *NAMED))


def test_no_more_requests_go_out_than_the_budget_has(tmp_path: Path) -> None:
    deployment = Watched()
    with serve(deployment) as url:
        code, report = report_of(url, tmp_path, *NAMED, "--budget", "30", "--phase", "golden,statements")

    assert code == 0
    assert len(deployment.asked) == report["exchanges"] <= 30


def test_what_the_budget_did_not_suffice_for_is_named(tmp_path: Path) -> None:
    deployment = Watched()
    with serve(deployment) as url:
        code, report = report_of(
            url, tmp_path, *NAMED, "--budget", "30", "--allow", "writes", "--phase", "golden,statements"
        )

    unobserved = [one for one in report["checks"] if one["verdict"] == "not observed"]
    short = {one["phase"] for one in unobserved if "--budget" in one["reason"]}
    assert code == 0
    assert short == {"golden", "statements"}
    assert len(deployment.written) <= 30
    assert report["findings"] == []


def test_the_time_ends_the_phases_and_not_the_restoration(tmp_path: Path) -> None:
    began = time.monotonic()
    with serve(SOUND["slow"].make()) as url:
        code, report = report_of(
            url, tmp_path, *NAMED, "--max-time", "1s", "--allow", "writes", "--phase", "golden,statements"
        )

    reasons = [one["reason"] for one in report["checks"] if one["verdict"] == "not observed"]
    assert code == 0
    assert any("--max-time" in reason for reason in reasons)
    assert report["findings"] == []
    assert time.monotonic() - began < 10


def test_a_run_in_which_nothing_could_be_decided_could_not_check(tmp_path: Path) -> None:
    with serve(Deployment()) as url:
        code, report = report_of(url, tmp_path, *NAMED, *STATEMENTS, "--budget", "1")

    assert code == 2
    assert {one["verdict"] for one in report["checks"]} == {"not observed"}


def test_a_target_that_is_lost_on_the_way_could_not_be_checked(tmp_path: Path) -> None:
    class Lost(Deployment):
        """A deployment that breaks every connection after a while, reads of the start being answered."""

        count = 0

        def handle(self, request: Request) -> Response:
            self.count += 1
            if self.count > 8:
                raise ConnectionAbortedError
            return super().handle(request)

    with serve(Lost()) as url:
        code, report = report_of(url, tmp_path, *AUTH, "--customer", str(ASHA), "--phase", "golden,statements")

    assert code == 2
    assert any("cannot be reached" in phase["reason"] for phase in report["phases"])


def test_the_same_seed_finds_the_same(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        with serve(FLAWS["created-id-left-out"].make()) as url:
            asked = (
                "--phase",
                "golden,statements",
                "--seed",
                "5",
                "--allow",
                "writes",
                "--budget",
                "100",
                "--unmasked",
            )
            _, report = report_of(url, tmp_path, *NAMED, *asked)
        found.append([_timeless(one, url) for one in report["findings"]])

    assert found[0] == found[1]
    assert found[0]


def _timeless(finding: dict[str, Any], url: str) -> Any:
    kept = {name: value for name, value in finding.items() if name not in ("at", "request_id")}
    return json.loads(json.dumps(kept).replace(url, "URL"))


def with_canaries(name: str, folder: Path) -> Deployment:
    """Return a flawed deployment whose one customer has personal data that is looked for."""
    (folder / "canaries.yaml").write_text(CANARY_WORLD, encoding="utf-8")
    deployment = FLAWS[name].make()
    deployment.customers = dict(read_world(str(folder / "canaries.yaml")).customers)
    return deployment


@pytest.mark.parametrize(("name", "budget"), [("names-upper-cased", "40"), ("channel-meta-lost", "500")])
def test_no_artefact_shows_secrets_and_the_before_image_alone_shows_personal_data(
    tmp_path: Path, name: str, budget: str
) -> None:
    (tmp_path / "run").mkdir()
    reports = [part for kind in ("junit", "html", "json") for part in ("--report", f"{kind}=report.{kind}")]
    with serve(with_canaries(name, tmp_path)) as url:
        asked = (*AUTH, "--customer", str(ASHA), "--allow", "writes", "--budget", budget)
        result = check(url, *asked, *STATEMENTS, *reports, "--save", "saved", cwd=tmp_path / "run")
        artefacts = {path: path.read_text(encoding="utf-8") for path in (tmp_path / "run").rglob("*.*")}
    finding = next(path for path in artefacts if path.name.startswith("01-broken"))
    with serve(with_canaries(name, tmp_path)) as url:
        replayed = run("replay", str(finding), url, *AUTH, "--allow", "irreversible", cwd=tmp_path)

    [image] = [path for path in artefacts if path.name.startswith("mockserver-restore-")]
    digest = _pair().partition(":")[2]
    texts = {**{str(path): text for path, text in artefacts.items()}, "out": result.stdout, "err": result.stderr}
    assert result.returncode == 1
    assert len(artefacts) > 4
    for where, text in texts.items():
        assert [secret for secret in (PASSWORD, digest, b64encode(_pair().encode()).decode()) if secret in text] == []
        if where != str(image):
            assert [kind for kind, canary in CANARIES.items() if canary.lower() in text.lower()] == [], where
    assert [kind for kind, canary in CANARIES.items() if canary not in artefacts[image]] == []
    assert stat.S_IMODE(image.stat().st_mode) == 0o600
    assert re.search(rf"is kept in saved/{re.escape(image.name)}$", result.stderr, re.MULTILINE)
    assert replayed.returncode == 1
