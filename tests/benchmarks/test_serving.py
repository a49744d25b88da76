"""Laws of the rounds: servers are started, asked, weighed and stopped; what fails is told; tables say what came."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.serving.__main__ import plan_of, read_options
from benchmarks.serving.asking import Figures
from benchmarks.serving.cases import CASES
from benchmarks.serving.machine import this_machine
from benchmarks.serving.peers import PEERS
from benchmarks.serving.processes import family
from benchmarks.serving.rounds import Measured, Plan, Results, Standing, measure
from benchmarks.serving.servers import BASELINE, SERVERS, Server
from benchmarks.serving.table import rounds_section, table, write_section

ROOT = Path(__file__).parents[2]


def figures(per_second: float, *, wrong: int = 0) -> Figures:
    return Figures(requests=10, seconds=1, per_second=per_second, p50=1, p99=2, most=3, wrong=wrong, trouble="")


def measured(server: str, round_: int, per_second: float, *, wrong: int = 0) -> Measured:
    return Measured(server=server, case="put-page", round=round_, figures=figures(per_second, wrong=wrong))


def test_a_short_run_of_two_servers_has_right_answers_and_leaves_no_process() -> None:
    before = family(os.getpid())
    servers = [SERVERS[BASELINE], SERVERS["ours"]]
    plan = Plan(
        servers=servers, cases=[CASES["put-changing"]], rounds=1, seconds=0.2, connections=4, starts=1, client="ours"
    )

    results = measure(plan, lambda _: None)

    assert results.troubles == []
    assert results.left_out == {}
    assert [(one.server, one.figures.requests > 0) for one in results.measured] == [(BASELINE, True), ("ours", True)]
    assert all(one.loaded > 10 for one in results.standings.values())
    assert set(family(os.getpid())) <= set(before)


def test_a_server_that_does_not_start_is_left_out_with_what_it_said() -> None:
    broken = Server(
        name="broken", says="", command=lambda _: [sys.executable, "-c", "raise SystemExit('no licence for this')"]
    )

    results = measure(Plan(servers=[broken], cases=[], rounds=1, starts=1), lambda _: None)

    assert "no licence for this" in results.left_out["broken"]
    assert "no licence for this" in rounds_section(results, this_machine(), "")


def test_a_peer_is_asked_the_page_only_and_a_small_world_not_for_many_customers() -> None:
    prism, ours = PEERS["prism"], SERVERS["ours"]

    assert [name for name, case in CASES.items() if not prism.why_not(case)] == ["put-page"]
    assert "fewer than 1,000 customers" in ours.why_not(CASES["put-fresh"])
    assert SERVERS["ours-1k"].why_not(CASES["put-fresh"]) == ""


def test_a_ratio_is_the_median_of_those_in_the_same_round() -> None:
    results = Results(
        measured=[
            *(measured(BASELINE, number, rate) for number, rate in enumerate((100, 200, 1000))),
            *(measured("ours", number, rate) for number, rate in enumerate((90, 160, 100))),
        ]
    )

    medians = results.medians("ours", "put-page")

    assert medians is not None
    assert (medians.per_second, medians.ratio) == (100, 0.8)


def test_the_section_has_servers_ratios_and_what_was_wrong() -> None:
    results = Results(measured=[measured(BASELINE, 0, 2000), measured("ours", 0, 1500, wrong=3)])
    for name in (BASELINE, "ours"):
        results.standings[name] = Standing(server=name, says="x|y", starts=(0.1, 0.3, 0.2), fresh=40, loaded=50)

    section = rounds_section(results, this_machine(), "asked")

    assert "| `ours` | x\\|y | 0.20 s | 40 MiB | 50 MiB |" in section
    assert "| `ours` | 1,500 | 0.75 | 1.00 ms | 2.00 ms | 3.0 ms | 3 |" in section
    assert "- ours, put-page: 3 wrong, 0 lost of 10" in section


def test_a_table_has_its_numbers_to_the_right() -> None:
    assert list(table(("a", "b"), [("x", "1")], numbers=1)) == ["| a | b |", "| --- | ---: |", "| x | 1 |"]


def test_a_section_is_written_between_its_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("above\n<!-- a -->\nold\n<!-- end of a -->\nbelow\n<!-- b -->\nother\n<!-- end of b -->\n")

    write_section(page, "a", "new")
    write_section(page, "a", "newer")

    assert page.read_text() == (
        "above\n<!-- a -->\n\nnewer\n\n<!-- end of a -->\nbelow\n<!-- b -->\nother\n<!-- end of b -->\n"
    )
    with pytest.raises(ValueError, match="has no place for c"):
        write_section(page, "c", "")


@pytest.mark.parametrize("name", ["rounds", "growth", "checker"])
def test_the_document_has_a_place_for_each_section(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "performance.md"
    copy.write_text((ROOT / "docs" / "performance.md").read_text(encoding="utf-8"), encoding="utf-8")

    write_section(copy, name, "measured")

    assert "measured" in copy.read_text(encoding="utf-8")


def test_options_choose_servers_and_cases_and_unknown_names_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    plan = plan_of(read_options(["--server", "ours", "--case", "put-page", "--case", "put-8015", "--rounds", "2"]))

    assert ([one.name for one in plan.servers], [one.name for one in plan.cases]) == (
        ["ours"],
        ["put-page", "put-8015"],
    )
    assert plan.rounds == 2
    assert {one.name for one in plan_of(read_options(["--peers"])).servers} >= set(PEERS)
    with pytest.raises(SystemExit):
        read_options(["--server", "nginx"])
    assert "nothing is named nginx" in capsys.readouterr().err


def test_the_command_writes_results_with_the_machine_as_json(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    short = ["--rounds", "1", "--seconds", "0.2", "--starts", "1", "--connections", "2", "--client", "ours"]
    asked = ["--server", BASELINE, "--case", "get-customer", "--json", str(file), *short]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.serving", *asked], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["machine"]["libraries"].keys() >= {"aiohttp", "uvloop", "orjson"}
    assert told["rounds"]["measured"][0]["figures"]["requests"] > 0
    assert "### GET of a customer" in done.stdout
