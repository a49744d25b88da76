"""Law of masks: whatever a customer is called, a report differs from that of another name at places of values alone."""

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.files import read_contract_document, read_questions, read_statements
from mockserver.messages import Request, Response
from mockserver.verification.comparing import mismatches_of, mismatches_of_changes
from mockserver.verification.events import Event, Verdict
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import Expectation, told
from mockserver.verification.findings import Finding, Grade, Step, came_of, promise_of
from mockserver.verification.masking import Masker
from mockserver.verification.spellings import vocabulary
from mockserver.verification.wording import At, own, worded
from tests.reporting.campaigns import a_campaign, a_check, a_view, terminal, written

ORDINARY = "Zyxwvu"
CONTRACT = vocabulary(read_contract_document())
LAW = "A name that is sent is stored, and no other member of the customer changes"
WORDS = sorted(
    {
        word
        for text in (
            LAW,
            *(statement.says for statement in read_statements()),
            *(question.asks for question in read_questions().values()),
            "curl -i -X PUT --data-raw Authorization application json step of promised came seen exchange seed",
            "findings checks commands answer question statement",
            "broken unlike differs held not observed state 200 400 8015 the text number time in tries by also profiles",
        )
        for word in re.findall(r"[A-Za-z0-9]+", text)
    }
)


def a_masker(name: str) -> Masker:
    """Return a masker that has read a customer's name; the words of the contract are no names."""
    masker = Masker(b"one run", (), (*CONTRACT, "171891944"), names=(*CONTRACT, "v2", "customers", "city"))
    masker.learn(name, "what customer 171891944 holds at profiles/INSTORE/firstName")
    return masker


def a_finding_about(name: str) -> Finding:
    """Return a finding with a name in each kind of place where the checker puts one."""
    body = {"profiles": [{"firstName": name, "fields": {"city": name}}]}
    request = Request(
        method="PUT",
        path="/v2/customers/171891944",
        query="source=INSTORE",
        headers={"content-type": "application/json"},
        body=json.dumps(body).encode(),
    )
    channel = f"profiles/INSTORE/commChannels/email:{name}/primary"
    expect = Expectation(status=200, code=None, body={"city": {"$one_of": [name]}}, changes={channel: True})
    came = Exchange(
        request=request, response=Response(status=400), at="", milliseconds=0.0, body={"city": f"{name} City"}
    )
    changes = {"profiles/INSTORE/firstName": name, f"profiles/INSTORE/commChannels/email:{name} again/primary": True}
    wrong = (*mismatches_of_changes(expect.changes or {}, changes, {}), *mismatches_of(expect, came))
    return Finding(
        grade=Grade.BROKEN,
        check="name-is-stored",
        phase="statements",
        promised=promise_of(LAW, wrong),
        came=came_of(wrong),
        statement="UPD-BODY-2",
        steps=(Step(request=request, expect=expect),),
        law=LAW,
        wrong=wrong,
    )


def a_campaign_about(name: str) -> list[Event]:
    reasons = (
        own("no customer holds a custom field in the state of before"),
        worded("{} is {}; the exchange needs {}", At("firstName"), told(name), own("anything")),
    )
    checks = [a_check(f"c{at}", Verdict.NOT_OBSERVED, reason=reason) for at, reason in enumerate(reasons)]
    return a_campaign(a_finding_about(name), checks=checks, notes=[own("the customers are given their state back")])


def reports(name: str, masker: Masker) -> Iterator[tuple[str, str]]:
    view = a_view(mask=masker.finding, mask_text=masker.told)
    events = a_campaign_about(name)
    yield "terminal", re.sub(r"\s+", " ", terminal(events, view))  # where a line ends depends on how long words are
    yield from ((kind, written(kind, events, view)) for kind in ("junit", "html", "json"))


ORDINARY_MASKER = a_masker(ORDINARY)
ORDINARY_REPORTS = dict(reports(ORDINARY, ORDINARY_MASKER))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(WORDS))
@example("Other")
@example("of")
@example("no")
@example("state")
@example("200")
@example("customer")
@example("i")
def test_a_name_leaves_every_sentence_of_ours_intact(name: str) -> None:
    masker = a_masker(name)
    shown, ordinary = str(masker.value(name)), str(ORDINARY_MASKER.value(ORDINARY))
    within, ordinary_within = (
        str(one.value(f"{name} City")) for one, name in ((masker, name), (ORDINARY_MASKER, ORDINARY))
    )

    for kind, report in reports(name, masker):
        expected = ORDINARY_REPORTS[kind].replace(ordinary_within, within).replace(ordinary, shown)
        assert report == expected, kind


@pytest.mark.parametrize("text", ["the target says: no customer Other", "<html>Other</html>"])
def test_what_the_target_says_is_searched(text: str) -> None:
    masker = a_masker("Other")

    assert "Other" not in masker.told(text)
    assert masker.told(worded("it answered: {}", text)).startswith("it answered: ")
    assert "Other" not in masker.told(worded("it answered: {}", text))
