"""Laws of what `mockserver check` sends: no more than is allowed, and what it changed is given back."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.checking_by_command import ASHA, NAMED, RAVI, STATEMENTS, Watched, check, is_quiet, refusal_of, report_of
from tests.flawed.serving import serve
from tests.flawed.sound import SOUND
from tests.server.client import Client


@contextmanager
def mock_on_a_port() -> Iterator[Client]:
    with ServerThread(ServeOptions(port=0, auth="world", journal=10_000)) as server:
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

    assert result.returncode == 0
    assert is_quiet(result)
    assert "in a world of its own" in result.stdout
    assert after == before
    assert left == worlds
    assert [*tmp_path.iterdir()] == []


def test_a_mock_with_a_control_token_is_checked_as_a_deployment_or_says_so(tmp_path: Path) -> None:
    with ServerThread(ServeOptions(port=0, auth="world", control_token="t0ken")) as mock:
        refused = check(mock.url, *STATEMENTS, cwd=tmp_path)
        named = check(mock.url, *NAMED, *STATEMENTS, "--budget", "60", cwd=tmp_path)

    assert "a mock with a control token gives no world of its own to a check" in refusal_of(refused)
    assert "--customer" in refused.stderr
    assert named.returncode == 0


def test_a_dry_run_sends_nothing() -> None:
    deployment = Watched()
    with serve(deployment) as url:
        result = check(url, *NAMED, "--allow", "irreversible", "--dry-run")

    assert (result.returncode, result.stderr) == (0, "")
    assert deployment.asked == []
    assert "would run" in result.stdout
    said = r"^about [0-9]+ exchanges: start [0-9]+, golden [0-9]+, statements [0-9]+"
    assert re.search(said, result.stdout, re.MULTILINE)
    assert f"{ASHA}@INSTORE, {RAVI}@WECHAT:22232" in result.stdout


def test_a_dry_run_needs_no_server() -> None:
    result = check("http://staging.invalid", "--dry-run", "--customer", str(ASHA))

    assert result.returncode == 0
    assert "needs --allow writes" in result.stdout


def test_a_dry_run_on_this_machine_plans_for_a_world_of_the_run_s_own() -> None:
    result = check("http://127.0.0.1:8080", "--phase", "golden", "--dry-run")

    assert "needs --allow" not in result.stdout
    assert "none is named" not in result.stdout
    assert "taken for  a mock" in result.stdout


@pytest.mark.parametrize("budget", [1, 2, 3, 5])
def test_a_budget_that_makes_no_world_of_the_run_s_own_is_said_in_one_line(budget: int) -> None:
    with mock_on_a_port() as mock:
        said = refusal_of(check(mock.root, "--phase", "golden", "--budget", str(budget)))
        held = mock.send("GET", "/_mock/worlds").json["worlds"]

    assert "the limits do not suffice for the start" in said
    assert len(held) == 1


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
            url, tmp_path, *NAMED, "--budget", "60", "--allow", "writes", "--phase", "golden,statements"
        )

    unobserved = [one for one in report["checks"] if one["verdict"] == "not observed"]
    short = {one["phase"] for one in unobserved if "--budget" in one["reason"]}
    assert code == 0
    assert short == {"golden", "statements"}
    assert len(deployment.asked) <= 60
    assert report["findings"] == []


def test_the_time_ends_the_phases_and_not_the_restoration(tmp_path: Path) -> None:
    began = time.monotonic()
    with serve(SOUND["slow"].make()) as url:
        code, report = report_of(
            url, tmp_path, *NAMED, "--max-time", "5s", "--allow", "writes", "--phase", "golden,statements"
        )

    reasons = [one["reason"] for one in report["checks"] if one["verdict"] == "not observed"]
    assert code == 0
    assert any("--max-time" in reason for reason in reasons)
    assert report["findings"] == []
    assert time.monotonic() - began < 10
