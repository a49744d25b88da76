"""Laws of `mockserver check` where it cannot check: one clear line, or what was not observed, and exit code 2."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.messages import Request, Response
from tests.checking_by_command import (
    ASHA,
    AUTH,
    ENVIRONMENT,
    NAMED,
    PASSWORD,
    STATEMENTS,
    Watched,
    check,
    refusal_of,
    report_of,
)
from tests.flawed.deployment import Deployment
from tests.flawed.serving import serve


class LoginPage(Deployment):
    """A gateway in front of the deployment, which wants a person to log in."""

    def handle(self, request: Request) -> Response:  # noqa: ARG002  # whatever is asked for
        return Response(status=200, headers={"Content-Type": "text/html"}, body=b"<html>Log in</html>")


class ErrorPage(Deployment):
    """A deployment that is broken altogether."""

    def handle(self, request: Request) -> Response:  # noqa: ARG002  # whatever is asked for
        return Response(status=500, headers={"Content-Type": "text/html"}, body=b"<html>Oops</html>")


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
        result = CliRunner(env=ENVIRONMENT).invoke(
            main, ["check", url, "--phase", "statements", "--rate", "1000/s", *arguments]
        )

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


def test_an_error_page_is_no_login_page() -> None:
    with serve(ErrorPage()) as url:
        said = refusal_of(check(url, *NAMED))

    assert "status 500" in said
    assert "login" not in said


@pytest.mark.parametrize("known", [{}, {"loyaltyType": "non_loyalty"}])
def test_a_customer_who_is_lost_before_the_first_write_is_said_in_one_line(
    tmp_path: Path, known: Mapping[str, str]
) -> None:
    class Forgetful(Deployment):
        """A deployment that has every customer once."""

        def __init__(self) -> None:
            super().__init__()
            self.shown: set[str] = set()

        def handle(self, request: Request) -> Response:
            if request.path in self.shown:
                return Response(status=503, headers={}, body=b"{}")
            self.shown.add(request.path)
            return super().handle(request)

    (tmp_path / "staging.yaml").write_text(json.dumps({"customers": {str(ASHA): known}}), encoding="utf-8")
    with serve(Forgetful()) as url:
        result = check(url, *AUTH, "--target", "staging.yaml", "--allow", "writes", *STATEMENTS, cwd=tmp_path)

    assert refusal_of(result).startswith(f"Error: /v2/customers/{ASHA} cannot be read: the target failed (503 at ")


def test_a_run_in_which_nothing_could_be_decided_could_not_check(tmp_path: Path) -> None:
    with serve(Deployment()) as url:
        refused = check(url, *NAMED, *STATEMENTS, "--budget", "1", cwd=tmp_path)

    assert "do not suffice for the start" in refusal_of(refused)


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
    assert any("the target failed (connection cut at " in phase["reason"] for phase in report["phases"])
