"""Laws of the HTML report: well formed, sufficient to itself, and plain about the verdict."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from mockserver.files import read_statements
from mockserver.values import replace
from mockserver.verification.events import Verdict
from mockserver.verification.findings import Finding
from tests.reporting.campaigns import BROKEN, DIFFERS, UNLIKE, USUAL, a_campaign, a_check, a_view, written

VOID = {"meta", "input", "br", "wbr"}


class Page(HTMLParser):
    """Reads a page, and refuses one whose elements are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def shown(self) -> str:
        return " ".join(" ".join(self.words).split())

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


def page(events: Any = None) -> Page:
    return Page(written("html", events or USUAL))


def test_it_is_well_formed_and_needs_nothing_beside_itself() -> None:
    read = page()

    assert read.text.startswith("<!DOCTYPE html>")
    for name, attributes in read.elements:
        assert name not in {"link", "img", "iframe", "object", "base"}
        assert not {"src", "href", "action", "srcset"} & attributes.keys()
    assert not re.search(r"url\(|@import", read.text)


def test_headings_form_an_outline_and_tables_have_headers() -> None:
    read = page()

    levels = [int(name[1]) for name, _ in read.elements if re.fullmatch("h[1-6]", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(attributes.get("scope") for name, attributes in read.elements if name == "th")


@pytest.mark.parametrize(
    ("findings", "sentence"),
    [
        ((), "This deployment keeps every promise that was observed."),
        ((DIFFERS,), "This deployment keeps every promise that was observed."),
        ((BROKEN,), "This deployment breaks 1 promise."),
        ((UNLIKE,), "This deployment breaks no promise that was observed, but is unlike the vendor’s published"),
        ((BROKEN, UNLIKE), "This deployment breaks 1 promise, and is unlike the vendor’s published pages or samples"),
    ],
)
def test_the_verdict_is_one_sentence(findings: tuple[Finding, ...], sentence: str) -> None:
    assert sentence in page(a_campaign(*findings)).shown


def test_a_campaign_that_decided_nothing_does_not_pass() -> None:
    events = a_campaign(checks=[a_check("a", Verdict.NOT_OBSERVED, reason="no customer")], exit_code=2)

    shown = page([event for event in events if getattr(event, "check", "") != "rename"]).shown

    assert "Nothing was decided: this deployment could not be checked." in shown


def test_every_statement_stands_in_the_table_with_what_was_seen_of_it() -> None:
    read = page()

    rows = [attributes for name, attributes in read.elements if name == "tr" and "data-verdict" in attributes]
    assert len(rows) == len(read_statements())
    assert {row["data-verdict"] for row in rows} == {"broken", "unlike", "differs", "not-observed"}
    assert "Extended field values can be updated. not observed the field is unknown here" in read.shown


def test_a_card_shows_a_finding_with_its_command() -> None:
    read = page()

    assert read.count("article") == 3
    for part in (
        "8015: there is no such customer",
        "Promised status: promised 400, code 8015",
        "Came status 200",
        "curl -i -X PUT 'https://staging.example/v2/customers/171891944?source=INSTORE'",
        "Seen 2 times in 3 tries by statements/unknown-customer, also by golden/unknown-customer.",
        "request id 6c1f-77 at 2026-11-23T09:30:12.345Z",
        "This deployment’s answer is clear : what is left out is emptied.",
    ):
        assert part in read.shown


def test_without_statements_it_shows_the_rest() -> None:
    read = Page(written("html", USUAL, replace(a_view(), statements=())))

    assert read.count("article") == 3
    assert read.count("table") == 1
