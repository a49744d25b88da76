"""Laws of `check --save-dialect`: what was learnt is printed and kept, and the next run expects it."""

from pathlib import Path

from tests.checking_by_command import ASHA, AUTH, NAMED, check, refusal_of
from tests.flawed.serving import serve
from tests.flawed.sound import SOUND

ASKED = (*NAMED, "--phase", "golden", "--seed", "1", "--allow", "writes", "--budget", "100")


def test_a_saved_dialect_is_what_is_printed_and_silences_the_next_run(tmp_path: Path) -> None:
    with serve(SOUND["created-id-text"].make()) as url:
        first = check(url, *ASKED, "--save-dialect", "staging.yaml", cwd=tmp_path)
        expecting = ("--strict", "--dialect", "staging.yaml", "--save-dialect", "staging.yaml")
        again = check(url, *ASKED, *expecting, cwd=tmp_path)

    saved = (tmp_path / "staging.yaml").read_text(encoding="utf-8")
    assert "  created-id-type: text\n" in saved
    assert saved in again.stdout
    assert (first.returncode, again.returncode) == (0, 0)
    assert "1 differs" in first.stdout


def test_a_run_that_learns_nothing_says_so_in_one_line(tmp_path: Path) -> None:
    with serve(SOUND["created-id-text"].make()) as url:
        result = check(url, *AUTH, "--customer", str(ASHA), "--phase", "schema", "--budget", "40", cwd=tmp_path)

    assert result.stdout.splitlines()[-1] == "no answer to an open question was learnt"


def test_a_file_that_is_no_dialect_is_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "notes.yaml"
    notes.write_text("groceries: [milk]\n", encoding="utf-8")

    with serve(SOUND["created-id-text"].make()) as url:
        refused = refusal_of(check(url, *ASKED, "--save-dialect", "notes.yaml", cwd=tmp_path))
        unwritable = refusal_of(check(url, *ASKED, "--save-dialect", "notes.yaml/x.yaml", cwd=tmp_path))

    assert "notes.yaml: is there, and is no dialect" in refused
    assert "cannot be written" in unwritable
    assert notes.read_text(encoding="utf-8") == "groceries: [milk]\n"
