"""Laws of `mockserver check`, by the command against real servers: what is found, what is told, and the exit code."""

import json
import os
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from tests.checking_by_command import (
    ASHA,
    NAMED,
    STATEMENTS,
    Watched,
    basic_pair,
    check,
    is_quiet,
    report_of,
    run,
    sum_of,
)
from tests.flawed.deployment import Deployment
from tests.flawed.flaws import FLAWS
from tests.flawed.serving import serve
from tests.flawed.sound import SOUND


def test_the_mock_s_own_promises_hold() -> None:
    result = run("check", "--phase", "golden,statements", "--seed", "3")

    assert result.returncode == 0
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == ["golden", "statements"]
    assert is_quiet(result)
    assert "0 broken, 0 unlike, 0 differs" in sum_of(result)
    assert sum_of(result).endswith("seed 3")


def test_what_is_piped_is_quiet_and_plain() -> None:
    with serve(Deployment()) as url:
        result = check(url, *NAMED, *STATEMENTS)

    assert result.returncode == 0
    assert is_quiet(result)
    assert not set("\r\x1b\x08") & set(result.stdout + result.stderr)


def test_a_seed_that_is_drawn_is_printed(tmp_path: Path) -> None:
    with serve(Deployment()) as url:
        result = check(url, *NAMED, "--phase", "statements", "--report", "json=report.json", cwd=tmp_path)

    seed = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["seed"]
    assert sum_of(result).endswith(f"seed {seed}")


def test_a_flaw_is_found_named_and_shown_by_a_command_that_works(tmp_path: Path) -> None:
    with serve(FLAWS["created-id-left-out"].make()) as url:
        code, report = report_of(url, tmp_path, *NAMED, *STATEMENTS, "--allow", "writes", "--budget", "60")
        found = [one for one in report["findings"] if one["statement"] in FLAWS["created-id-left-out"].names]
        if shutil.which("curl") is None:
            pytest.skip("there is no curl to try the command with")
        answer = subprocess.run(
            ["bash", "-c", found[0]["curl"]],
            env={**os.environ, "AUTHORIZATION": f"Basic {b64encode(basic_pair().encode()).decode()}"},
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


def test_a_target_s_file_says_what_the_command_line_need_not(tmp_path: Path) -> None:
    deployment = Watched()
    with serve(deployment) as url:
        text = f"url: {url}\nauth-env: STAGING_AUTH\ncustomers: [{ASHA}]\nallow: [writes]\nphases: [statements]\n"
        (tmp_path / "staging.yaml").write_text(text, encoding="utf-8")
        result = run("check", "--target", "staging.yaml", cwd=tmp_path)

    assert result.returncode == 0
    assert f"customers {ASHA}@INSTORE; allowed reads, writes;" in result.stdout
    assert {path.rpartition("/")[2] for path in deployment.written} >= {str(ASHA)}


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
    kept["explains"] = [_timeless(one, url) for one in finding["explains"]]
    return json.loads(json.dumps(kept).replace(url, "URL"))
