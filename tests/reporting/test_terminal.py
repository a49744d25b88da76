"""Laws of the terminal: quiet when piped, one moving line when not, and everything that a finding knows."""

import io

import pytest

from mockserver.reporting import TerminalReporter
from mockserver.reporting.progress import Outlook
from mockserver.values import replace
from mockserver.verification.events import Event, PhaseDone, Verdict
from mockserver.verification.expectation import Expectation
from tests.reporting.campaigns import BROKEN, USUAL, Screen, a_campaign, a_check, a_finding, a_step, a_view, terminal

ESCAPE = "\x1b"


def test_a_piped_report_is_the_table_then_the_findings_then_the_sum() -> None:
    assert terminal(USUAL).splitlines()[:30] == [
        "Checked https://staging.example",
        "customers 171891944@INSTORE, 171891945@WECHAT:22232; allowed writes; dialect documented; seed 4711",
        "",
        "checks in   held  broken  differs  not observed  exchanges        time",
        "golden         1       -        -             -          2       0.4 s",
        "statements     -       2        1             3         75  1 min 11 s",
        "schema         -       -        -             -          0       0.0 s",
        "  off loopback it runs only when named",
        "",
        "Checks not observed",
        "   2  needs --allow irreversible",
        "      statements/upgrade, statements/enrol",
        "   1  the field is unknown here",
        "      statements/extended",
        "",
        "BROKEN  statements/unknown-customer",
        "  statement UPD-ERR-1: 8015: there is no such customer; the identifiers of the customer are invalid.",
        "  promised  status: promised 400, code 8015",
        "  came      status 200",
        "  seen      2 times in 3 tries by statements/unknown-customer, also by golden/unknown-customer",
        "  exchange  request id 6c1f-77 at 2026-11-23T09:30:12.345Z",
        "  seed      4711",
        "curl -i -X PUT 'https://staging.example/v2/customers/171891944?source=INSTORE' \\",
        '  -H "Authorization: $AUTHORIZATION" \\',
        "  -H 'content-type: application/json' \\",
        '  --data-raw \'{"profiles": [{"firstName": "Tom"}]}\'',
        "curl -i 'https://staging.example/v2/customers/171891944?source=ALL' \\",
        '  -H "Authorization: $AUTHORIZATION"',
        "",
        "UNLIKE  statements/created-id",
    ]
    assert terminal(USUAL).splitlines()[-1] == (
        "findings: 1 broken, 1 unlike, 1 differs; checks: 1 held, 2 broken, 1 differs, 3 not observed; "
        "77 exchanges in 1 min 11 s; seed 4711"
    )


def test_a_difference_says_the_question_and_the_answer_that_explains_it() -> None:
    lines = terminal(USUAL).splitlines()

    assert "  question  omitted-field: Is a member of a sent object that is left out kept or emptied?" in lines
    assert "  answer    clear: what is left out is emptied" in lines
    assert "# step 2 of 2" in lines


def waiting(events: list[Event], outlook: Outlook | None = None) -> list[str]:
    """Return what is told to the one who waits, while the output is piped."""
    stream = io.StringIO()
    reporter = TerminalReporter(io.StringIO(), a_view(), {}, waiting=stream, outlook=outlook)
    for event in events:
        reporter.on(event)
    return stream.getvalue().splitlines()


def test_a_line_tells_each_phase_as_it_ends_and_no_phase_twice() -> None:
    again = [event for event in USUAL if isinstance(event, PhaseDone)]

    assert waiting([*USUAL[:-1], *again, USUAL[-1]]) == [
        "golden: checks: 1 held, 0 broken, 0 differs, 0 not observed; 2 exchanges in 0.4 s",
        "statements: checks: 0 held, 2 broken, 1 differs, 3 not observed; 75 exchanges in 1 min 11 s",
        "schema: checks: 0 held, 0 broken, 0 differs, 0 not observed; 0 exchanges in 0.0 s",
    ]


def test_where_requests_go_out_slowly_it_says_about_how_long_the_rest_takes() -> None:
    outlook = Outlook(exchanges={"golden": 2, "statements": 100, "schema": 60}, later={"statements": 30}, rate=0.75)

    lines = waiting(USUAL, outlook)

    assert [line.rpartition("; ")[2] for line in lines] == ["about 4 min left", "about 2 min left", "about 40 s left"]
    assert " · about 4 min left · rename" in terminal(USUAL, stream=Screen(), outlook=outlook)


def test_a_check_that_is_told_again_counts_once() -> None:
    again = a_check("rename", Verdict.NOT_OBSERVED, phase="golden")
    events = [*USUAL[:5], again, *USUAL[5:]]

    assert "golden 1 of 1 · 4 exchanges · 0 findings · rename" in terminal(events, stream=Screen())


def test_the_moving_line_fits_a_terminal_of_wide_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    shown = terminal(a_campaign(checks=[a_check("名前" * 30)]), stream=Screen())

    lines = [move for move in shown.split("\r\x1b[2K") if "名前" in move and "\n" not in move]
    assert lines
    assert all(len(line) + sum(one in "名前" for one in line) < 70 for line in lines)


def test_a_narrow_terminal_gets_shorter_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    came = " ".join(f"word{number}" for number in range(40))

    lines = terminal(a_campaign(a_finding(came=came)), stream=Screen(), NO_COLOR="1").splitlines()

    assert max(len(line) for line in lines if "word" in line) <= 50


def test_nothing_is_written_before_the_end_when_piped() -> None:
    assert terminal(USUAL[:-1]) == ""
    assert ESCAPE not in terminal(USUAL)


def test_one_line_moves_on_a_terminal_and_is_gone_at_the_end() -> None:
    shown = terminal(USUAL, stream=Screen())

    moves = shown.split("\r\x1b[2K")
    assert "statements 3 · 8 exchanges · 0 findings · empty-text" in moves
    assert "golden 1 of 1 · 2 exchanges · 0 findings · rename" in moves
    assert any(move.startswith("The state of the customers is saved in /tmp/before.json.\n") for move in moves)
    assert moves[-1].splitlines()[0] == "\x1b[1mChecked https://staging.example\x1b[0m"


def test_no_color_takes_colour_and_leaves_the_moving_line() -> None:
    shown = terminal(USUAL, stream=Screen(), NO_COLOR="1")

    assert shown.count(ESCAPE) == shown.count("\r\x1b[2K") > 0


def test_a_dumb_terminal_is_as_good_as_a_pipe() -> None:
    assert terminal(USUAL, stream=Screen(), TERM="dumb") == terminal(USUAL)


def test_a_terminal_of_few_characters_shows_the_others_escaped() -> None:
    bytes_written = io.BytesIO()
    stream = io.TextIOWrapper(bytes_written, encoding="ascii", write_through=True)

    reporter = TerminalReporter(stream, a_view(), {})
    for event in a_campaign(a_finding(came="王伟")):
        reporter.on(event)

    assert b"came      \\u738b\\u4f1f" in bytes_written.getvalue()


def test_a_long_value_is_wrapped_between_words_and_under_itself() -> None:
    came = " ".join(f"word{number}" for number in range(40))

    lines = terminal(a_campaign(a_finding(came=came))).splitlines()

    start = next(index for index, line in enumerate(lines) if line.startswith("  came "))
    assert all(len(line) <= 100 for line in lines[start : start + 3])
    assert lines[start + 1].startswith(" " * 12 + "word")


def test_a_command_stands_at_the_margin_whatever_its_body() -> None:
    body = b'{\n  "a": 1\n}'

    shown = terminal(a_campaign(a_finding(steps=(a_step(body=body),))))

    assert "\ncurl -i -X PUT" in shown
    assert f"--data-raw '{body.decode()}'\n" in shown


def test_a_sound_campaign_ends_in_a_sum_of_nothing() -> None:
    shown = terminal(a_campaign(checks=[a_check("a"), a_check("b", Verdict.NOT_OBSERVED)], exit_code=0))

    assert "no reason was given" in shown
    assert shown.splitlines()[-1].startswith("findings: 0 broken, 0 unlike, 0 differs; checks: 2 held, 0 broken,")


def test_an_anonymous_step_is_shown_without_credentials() -> None:
    (step,) = BROKEN.steps
    shown = terminal(a_campaign(a_finding(steps=(replace(step, anonymous=True, expect=Expectation(status=401)),))))

    assert "AUTHORIZATION" not in shown


def test_a_long_list_of_names_is_cut_and_says_how_many_more_there_are() -> None:
    checks = [a_check(f"c{number}", Verdict.NOT_OBSERVED, reason="it writes") for number in range(7)]

    shown = terminal(a_campaign(checks=checks))

    assert "statements/c4 and 2 more" in " ".join(shown.split())
    assert "c5" not in shown
