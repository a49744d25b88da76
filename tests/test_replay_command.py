"""Laws of `mockserver replay`: 1 where a saved finding still happens, 0 where it does not, 2 where none can tell."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mockserver.messages import Request, Response
from tests.checking_by_command import is_quiet, sum_of
from tests.flawed.asking import ASHA, RAVI
from tests.flawed.deployment import Deployment
from tests.flawed.flaws import FLAWS
from tests.flawed.serving import serve

ENVIRONMENT = {**os.environ, "STAGING_AUTH": "store123:Pass123"}
AUTH = ("--auth-env", "STAGING_AUTH")
# Flaws whose findings name a customer in several ways: at the named place, by a channel that is masked, at another
# account, an id that nobody has.
# The number is how many requests it takes to find them.
REPLAYED = {
    "first-name-lost": "60",
    "channel-meta-lost": "500",
    "unknown-account-taken": "200",
    "unknown-customer-granted": "200",
}


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockserver", *arguments, "--rate", "1000/s"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=cwd, env=ENVIRONMENT)


@cache
def saved_by(name: str) -> dict[str, str]:
    """Return the files that a run on a flawed deployment saves, by name."""
    named = ("--customer", str(ASHA), "--customer", f"{RAVI}@WECHAT:22232")
    with TemporaryDirectory() as folder, serve(FLAWS[name].make()) as url:
        asked = (
            "--allow",
            "writes",
            "--phase",
            "statements",
            "--budget",
            REPLAYED[name],
            "--seed",
            "1",
            "--save",
            "saved",
        )
        run("check", url, *AUTH, *named, *asked, cwd=Path(folder))
        return {path.name: path.read_text(encoding="utf-8") for path in (Path(folder) / "saved").iterdir()}


def finding_of(name: str, folder: Path) -> Path:
    """Write the gravest finding of a flawed deployment into a folder, and return its path."""
    [first, *_] = sorted(each for each in saved_by(name) if each.startswith("01-"))
    path = folder / first
    path.write_text(saved_by(name)[first], encoding="utf-8")
    return path


class Watched(Deployment):
    """A sound deployment that remembers its updates."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def handle(self, request: Request) -> Response:
        if request.method == "PUT":
            self.written.append(request.path)
        return super().handle(request)


@contextmanager
def sound() -> Iterator[tuple[Watched, str]]:
    deployment = Watched()
    with serve(deployment) as url:
        yield deployment, url


@pytest.mark.parametrize("name", REPLAYED)
def test_a_finding_happens_again_where_it_was_found_and_not_where_all_is_well(tmp_path: Path, name: str) -> None:
    path = finding_of(name, tmp_path)
    allowed = (*AUTH, "--allow", "writes")

    with serve(FLAWS[name].make()) as url:
        flawed = run("replay", str(path), url, *allowed, cwd=tmp_path)
    with sound() as (_, url):
        healed = run("replay", str(path), url, *allowed, cwd=tmp_path)

    assert (flawed.returncode, healed.returncode) == (1, 0)
    assert "0 broken, 0 unlike" not in flawed.stdout
    assert "1 held" in sum_of(healed)


def test_a_finding_can_be_replayed_on_the_mock_in_memory(tmp_path: Path) -> None:
    result = run("replay", str(finding_of("first-name-lost", tmp_path)), cwd=tmp_path)

    assert result.returncode == 0
    assert is_quiet(result)


def test_without_leave_a_finding_that_writes_is_not_replayed(tmp_path: Path) -> None:
    path = finding_of("first-name-lost", tmp_path)

    with sound() as (deployment, url):
        result = run("replay", str(path), url, *AUTH, cwd=tmp_path)

    assert result.returncode == 2
    assert "--allow writes" in result.stdout
    assert deployment.written == []


def test_after_a_replay_the_customer_is_as_before(tmp_path: Path) -> None:
    path = finding_of("first-name-lost", tmp_path)

    with sound() as (deployment, url):
        before = deployment.customers[next(key for key in deployment.customers if key == ASHA)].profiles[0].first_name
        run("replay", str(path), url, *AUTH, "--allow", "writes", cwd=tmp_path)
        after = deployment.customers[next(key for key in deployment.customers if key == ASHA)].profiles[0].first_name

    assert deployment.written != []
    assert after == before == "Asha"


def test_the_folder_of_a_run_is_replayed_without_its_before_image(tmp_path: Path) -> None:
    saved = saved_by("first-name-lost")
    for name, text in saved.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    result = run("replay", ".", "--report", "json=report.json", cwd=tmp_path)

    replayed = {one["check"] for one in json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["checks"]}
    assert result.returncode == 0
    assert any(name.startswith("mockserver-restore-") for name in saved)
    assert replayed == {Path(name).stem for name in saved if not name.startswith("mockserver-restore-")}


def test_a_finding_about_somebody_else_is_not_observed(tmp_path: Path) -> None:
    path = finding_of("first-name-lost", tmp_path)

    with sound() as (deployment, url):
        named = (*AUTH, "--allow", "irreversible", "--customer", "171891946@WECHAT:1234")
        result = run("replay", str(path), url, *named, cwd=tmp_path)

    assert result.returncode == 2
    assert "the exchange is about" in result.stdout
    assert deployment.written == []


def test_an_exchange_that_writes_to_somebody_who_is_not_named_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "astray.yaml").write_text(
        "title: It goes astray\nleave: writes\n"
        "send: {path: /v2/customers/171891946, query: 'source=WECHAT&accountId=1234', body: {}}\n"
        "expect: {status: 200}\n",
        encoding="utf-8",
    )

    with sound() as (deployment, url):
        named = (*AUTH, "--allow", "writes", "--customer", str(ASHA))
        result = run("replay", "astray.yaml", url, *named, cwd=tmp_path)

    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].startswith("Error: PUT /v2/customers/171891946 is no update")
    assert "Traceback" not in result.stderr
    assert deployment.written == []


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "cannot be read"), ("title: [\n", "finding.yaml:"), ("title: Nothing else\n", "finding.yaml:")],
)
def test_a_file_that_is_no_exchange_is_said_in_one_line(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "finding.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    result = run("replay", str(path), cwd=tmp_path)

    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert said in line


def test_a_target_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    path = finding_of("first-name-lost", tmp_path)

    result = run("replay", str(path), "http://127.0.0.1:1", *AUTH, cwd=tmp_path)

    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert "nothing listens there" in line


def test_findings_at_two_places_of_one_customer_are_replayed_each_at_its_own(tmp_path: Path) -> None:
    for name, place in (("one", f"{RAVI}@INSTORE"), ("other", f"{RAVI}@WECHAT:22232")):
        text = f"title: It is read\ncustomer: {place}\nsend: {{operation: read}}\nexpect: {{status: 200}}\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")

    with sound() as (_, url):
        result = run("replay", ".", url, *AUTH, cwd=tmp_path)

    assert result.returncode == 0
    assert is_quiet(result)
    assert "2 held, 0 broken, 0 differs, 0 not observed" in sum_of(result)
