"""Laws of the command line: one line on stdout when it answers, clear errors with exit code 2, a graceful stop."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.server.client import Client

COMMAND = [sys.executable, "-m", "mockserver"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_one_line_answers_and_stops_with_0(number: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.removeprefix("Serving on ").strip()
        answer = Client(url).send("GET", "/v2/customers/171891944?source=INSTORE")

        process.send_signal(number)
        rest, errors = process.communicate(timeout=20)

    assert line.startswith("Serving on http://127.0.0.1:")
    assert answer.status == 200
    assert (process.returncode, rest) == (0, "")
    assert "GET /v2/customers/171891944?source=INSTORE -> 200" in errors


def test_the_log_tells_warnings_and_what_the_client_saw_and_no_secret() -> None:
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--journal", "100"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        client = Client(process.stdout.readline().removeprefix("Serving on ").strip())
        client.update(171891944, {"profiles": [{"commChannels": [{"type": "email", "value": "nobody"}]}]})
        client.send("POST", "/_mock/faults", json={"do": {"delay": {"milliseconds": 20}}, "times": 1})
        client.update(5, {}, "source=INSTORE&access_token=s3cr3t")

        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)

    lines = [line.partition(" -> ") for line in errors.splitlines() if " -> " in line]
    assert [said.split(" ms")[0].rpartition(" ")[0] for _, _, said in lines] == [
        "200 warning 8057",
        "400 8015, delayed",
    ]
    assert "access_token=[hidden]" in errors
    assert "s3cr3t" not in errors


def test_a_port_that_is_taken_is_said_with_the_cure() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        result = run("serve", "--port", str(port))

    assert (result.returncode, result.stdout) == (2, "")
    assert f"127.0.0.1:{port}" in result.stderr
    assert "--port" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--world", "dem"], "did you mean demo?"),
        (["serve", "--journal", "99"], "99 is not in the range 100<=x<=100000"),
        (["serve", "--world", "nowhere.yaml"], "nowhere.yaml"),
        (["serve", "--world", "nowhere.jsonl"], "nowhere.jsonl"),
        (["serve", "--auth", "maybe"], "maybe"),
        (["serve", "--port", "99999"], "99999"),
        (["serve", "--host", ""], "--host is empty"),
        (["serve", "--host", "nowhere.invalid"], "nowhere.invalid"),
        (["serve", "--host", "192.0.2.1"], "192.0.2.1"),
        (["serve", "--cors", "app.example"], "https://app.example"),
        (["serve", "--cors", "https://app.example/path"], "https://app.example/path"),
        (["serve", "--control-token", ""], "--control-token is empty"),
        (["serve", "--control-token", "two\nlines"], "control character"),
        (["serve", "--control-token-env", "NO_SUCH_VARIABLE"], "'NO_SUCH_VARIABLE' is not set"),
        (["serve", "--control-token", "a", "--control-token-env", "PATH"], "exclude each other"),
        (["serve", "--public-url", "mock.example"], "https://mock.example/tools"),
        (["sevre"], "sevre"),
        (["serve", "--colour"], "--colour"),
        (["contract", "--format", "xml"], "xml"),
    ],
)
def test_bad_usage_exits_2_and_names_the_value(arguments: list[str], said: str) -> None:
    result = run(*arguments)

    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert said in line


def test_a_variable_that_holds_an_empty_token_is_refused() -> None:
    command = [*COMMAND, "serve", "--control-token-env", "OUR_TOKEN"]
    environ = {**os.environ, "OUR_TOKEN": ""}

    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=environ)

    assert (result.returncode, result.stdout) == (2, "")
    assert "the variable 'OUR_TOKEN' is empty" in result.stderr


@pytest.mark.parametrize("command", [[], ["serve"], ["contract"]])
def test_help_has_an_example(command: list[str]) -> None:
    result = run(*command, "--help")

    assert result.returncode == 0
    assert "Example: mockserver" in result.stdout


def test_the_contract_is_the_same_in_both_forms() -> None:
    as_yaml, as_json = run("contract"), run("contract", "--format", "json")

    assert yaml.safe_load(as_yaml.stdout) == json.loads(as_json.stdout)


def test_a_world_from_a_file_is_served_under_its_stem(tmp_path: Path) -> None:
    path = tmp_path / "staging.yaml"
    path.write_text("extends: demo\ncustomers: []\n", encoding="utf-8")
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--world", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ},
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("Serving on ").strip()
        worlds = Client(url).send("GET", "/_mock/worlds").json["worlds"]
        process.terminate()
        process.wait(timeout=20)

    assert [(world["name"], world["customers"], world["default"]) for world in worlds] == [("staging", 0, True)]


def test_json_lines_are_served_and_stdout_has_the_serving_line_only(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    lines = (json.dumps({"id": number, "loyaltyType": "loyalty"}) for number in range(5_000))
    path.write_text("\n".join(lines), encoding="utf-8")
    command = [*COMMAND, "serve", "--port", "0", "--world", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
        rest, errors = process.communicate(timeout=20)

    assert line.startswith("Serving on http://127.0.0.1:")
    assert rest == ""
    assert "world many (5000 customers)" in errors


def test_a_dialect_s_file_decides_what_is_served(tmp_path: Path) -> None:
    path = tmp_path / "staging.yaml"
    path.write_text("answers: {error-status: 200, loyalty-downgrade: ignore}\n", encoding="utf-8")
    command = [*COMMAND, "serve", "--port", "0", "--dialect", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        client = Client(process.stdout.readline().removeprefix("Serving on ").strip())
        answers = (client.update(1, {}), client.update(171891945, {"loyaltyInfo": {"loyaltyType": "non_loyalty"}}))
        process.terminate()
        _, errors = process.communicate(timeout=20)

    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].code == 8015
    assert "dialect staging" in errors


def test_a_dialect_that_cannot_be_read_is_said_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "staging.yaml"
    path.write_text("answers:\n  loyalty-downgrade: ignroe\n", encoding="utf-8")

    result = run("serve", "--dialect", str(path))

    said = f"Error: {path}:2: answers/loyalty-downgrade: 'ignroe' is no answer; did you mean ignore?\n"
    assert (result.returncode, result.stdout, result.stderr) == (2, "", said)


def test_trace_follows_every_statement_as_a_table_and_as_json() -> None:
    table, as_json = run("trace"), run("trace", "--format", "json")

    assert (table.returncode, as_json.returncode) == (0, 0)
    assert " 0 broken, " in table.stdout.splitlines()[-1]
    thread = json.loads(as_json.stdout)
    assert thread["breaks"] == []
    assert [one["id"] for one in thread["statements"]] == [line.split()[0] for line in table.stdout.splitlines()[1:-2]]


def test_what_a_client_sends_breaks_no_line_of_the_log_and_reaches_no_terminal() -> None:
    command = [*COMMAND, "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        client = Client(process.stdout.readline().removeprefix("Serving on ").strip())
        client.update(171891944, {"\x1b]0;title\x07\nx9 PUT / -> 200": 1}, query="source=INSTORE&%1b=1")
        process.terminate()
        _, errors = process.communicate(timeout=20)

    (line,) = errors.splitlines()[3:]
    assert line.isprintable()
    assert "body/\\u001b]0;title\\u0007\\u000ax9 PUT / -> 200: is not part of the contract" in line


def test_a_preflight_has_its_line_and_a_refused_one_says_what_cures_it() -> None:
    command = [*COMMAND, "serve", "--port", "0", "--cors", "https://app.example"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        client = Client(process.stdout.readline().removeprefix("Serving on ").strip())
        for origin in ("https://app.example", "https://other.example"):
            headers = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
            client.send_bare("OPTIONS", "/v2/customers/171891944", headers=headers)
        process.terminate()
        _, errors = process.communicate(timeout=20)

    allowed, refused = errors.splitlines()[3:]
    assert "OPTIONS /v2/customers/171891944 -> 204 " in allowed
    assert allowed.endswith("[preflight]")
    assert "-> 403 403 " in refused
    assert "https://other.example may not ask; allow them with serve --cors https://other.example" in refused


def test_a_world_s_file_is_taken_again_when_it_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: demo\ncustomers: []\n", encoding="utf-8")
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--reload", "--world", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().removeprefix("Serving on ").strip()
        path.write_text("extends: demo\ncustomers: [{id: 7, loyaltyType: loyalty}]\n", encoding="utf-8")
        try:
            said = next(line for line in process.stderr if line.startswith(str(path)))
            customer = Client(url).send("GET", "/_mock/customers/7").json
        finally:
            process.terminate()
            process.wait(timeout=20)

    assert said == f"{path}: taken again: 1 customers\n"
    assert customer["id"] == 7


def test_make_serve_passes_options_on() -> None:
    asked = ["make", "-n", "serve", "ARGS=--auth world"]

    printed = subprocess.run(asked, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True).stdout

    assert printed.splitlines()[-1].endswith("/mockserver serve --auth world")
