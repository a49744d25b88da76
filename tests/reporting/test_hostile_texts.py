"""Laws of what a deployment may answer: no text breaks a report, deceives its reader, or betrays what is masked."""

import base64
import hashlib
import json
from xml.etree import ElementTree as Xml

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.events import CampaignStarted, Event, Noted, PhaseDone, Verdict
from mockserver.verification.expectation import Expectation, shown
from mockserver.verification.findings import Finding, Step
from mockserver.verification.masking import Masker
from tests.reporting.campaigns import STARTED, Screen, a_campaign, a_check, a_finding, a_view, terminal, written
from tests.reporting.test_html import Page

HOSTILE = "<script>alert(1)</script> ]]> &amp; \x00\x1b[31m\x07\r \ud800 \u202egnp.exe \ufffe '\" <!-- --> {{x}}"


def a_hostile_finding(text: str) -> Finding:
    request = Request(
        method="PUT", path="/v2/customers/1", headers={"x-odd": text}, body=text.encode(errors="surrogatepass")
    )
    step = Step(request=request, expect=Expectation(body={text: text}, changes={text: text}))
    return a_finding(
        check=text, phase="model", promised=text, came=text, statement=text, question=text, answer=text, steps=(step,)
    )


def a_hostile_campaign(text: str) -> list[Event]:
    checks = [a_check(text, Verdict.NOT_OBSERVED, reason=text), a_check(text, Verdict.BROKEN, reason=text)]
    events = a_campaign(a_hostile_finding(text), checks=checks, notes=[text])
    events[0] = replace(STARTED, target=text, customers=(text,), dialect=text)
    return events


def assert_legible(output: str) -> None:
    """What is shown holds lines and tabs, and otherwise only what can be seen."""
    assert output.replace("\n", "").replace("\t", "").isprintable()


@settings(max_examples=15)
@given(st.one_of(st.just(HOSTILE), st.text(st.characters(exclude_categories=[]), max_size=20)))
def test_no_text_breaks_or_deceives(text: str) -> None:
    events = a_hostile_campaign(text)

    shown_texts = [terminal(events), written("junit", events), written("html", events), written("json", events)]

    for output in shown_texts:
        assert_legible(output)
    Xml.fromstring(shown_texts[1])
    assert Page(shown_texts[2]).count("script") == 1
    assert json.loads(shown_texts[3])["findings"][0]["came"] == text


def test_a_moving_line_shows_no_control_characters_of_others() -> None:
    output = terminal(a_hostile_campaign(HOSTILE), stream=Screen())

    assert "\x1b[31m" not in output
    assert "\x07" not in output


SECRET = "c0rrect-h0rse/battery+"
DIGEST = hashlib.md5(SECRET.encode(), usedforsecurity=False).hexdigest()
BASIC = base64.b64encode(f"till.001:{DIGEST}".encode()).decode()
PERSONAL = ("Wilhelmina", 'O\'Brien "Bo"', "Zoë", "王小明", "wilhelmina@mail.example", "+919876543210", "Kaartstraße 7")
CANARIES = (SECRET, DIGEST, BASIC, *PERSONAL, "919876543210", "Wilhel", "O'Brien", "Stra\u00dfe".lower())


def a_leaking_campaign() -> list[Event]:
    """Return a campaign in which everything that may leak stands everywhere it can."""
    findings = []
    for number, text in enumerate((*PERSONAL, SECRET, f"Basic {BASIC}")):
        request = Request(
            method="PUT",
            path="/v2/customers/171891944",
            headers={"authorization": f"Basic {BASIC}", "x-cap-api-oauth-token": SECRET, "x-text": text},
            body=json.dumps({"profiles": [{"firstName": text, "fields": {"note": f"is {text}!"}}]}).encode(),
        )
        step = Step(request=request, expect=Expectation(body={"$one_of": [text]}, changes={"firstName": text}))
        cut = f'{shown({"a": text, "b": "x" * 200})} and {{"lastName": "Wilhel...'
        findings.append(
            a_finding(check=f"c{number}", statement="", promised=shown([text]), came=f"{text}; {cut}", steps=(step,))
        )
    told = " ".join((*PERSONAL, SECRET, BASIC))
    events = a_campaign(*findings, checks=[a_check("x", Verdict.NOT_OBSERVED, reason=told)], notes=[told])
    return [_telling(event, told) for event in events]


def _telling(event: Event, told: str) -> Event:
    match event:
        case CampaignStarted():
            return replace(event, target=f"https://till:{SECRET}@staging.example")
        case PhaseDone():
            return replace(event, reason=told)
        case Noted():
            return event
        case _:
            return event


def by_all(events: list[Event], masker: Masker) -> dict[str, str]:
    view = a_view(mask=masker.finding, mask_text=masker.told)
    outputs = {kind: written(kind, events, view) for kind in ("html", "json", "junit")}
    outputs["html"] = Page(outputs["html"]).shown
    outputs["json"] = json.dumps(json.loads(outputs["json"]), ensure_ascii=False)
    outputs["junit"] = "".join(Xml.fromstring(outputs["junit"]).itertext()) + outputs["junit"]
    return {**outputs, "terminal": terminal(events, view), "screen": terminal(events, view, Screen())}


def test_no_secret_and_no_personal_value_is_in_any_report() -> None:
    masker = Masker(b"one run", [SECRET], spared=["171891944", "171891945"])
    for value in PERSONAL:
        masker.learn(value)

    for kind, output in by_all(a_leaking_campaign(), masker).items():
        for canary in CANARIES:
            assert canary not in output, (kind, canary)
            assert json.dumps(canary)[1:-1] not in output, (kind, canary)
        assert "171891944" in output
        assert "masked-" in output
        assert "[hidden]" in output


def test_the_canary_sings_where_nothing_is_masked() -> None:
    outputs = by_all(a_leaking_campaign(), Masker(b"one run", [], keeps_personal=True))

    for kind, output in outputs.items():
        assert all(value in output for value in ("Wilhelmina", "Zoë", "+919876543210")), kind
