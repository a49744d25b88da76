"""Laws of the bundled golden exchanges: they cover the page, and the mock keeps what they promise."""

import re
from collections.abc import Mapping

import pytest

from mockserver.exchange import Setting
from mockserver.exchange.dialects import Dialects
from mockserver.files import World, read_questions, read_statements
from mockserver.verification.checks import Unfit
from mockserver.verification.golden import GoldenExchange, check_of
from mockserver.verification.golden_files import read_golden_exchanges
from mockserver.verification.target import Leave
from tests.golden.running import plan_somewhere, run

EXCHANGES = read_golden_exchanges()
NOT_OBSERVABLE: Mapping[str, str] = {
    "UPD-HDR-2": "it points at another page, which no request can show",
    "UPD-RES-3": "an answer about one customer has no pages; there is nothing that could be asked for",
    "UPD-RES-4": "that no rate limit is named binds nobody; only a flood could show one",
    "UPD-PAGE-1": "the form is the page's own, no part of the API",
}

# The demo world has dual eligibility switched on, so that no answer makes a difference there.
HAS_NO_OTHER_ANSWER_HERE = frozenset({"dual-eligibility"})


def _name_of(golden: GoldenExchange) -> str:
    return golden.name


def test_every_statement_that_can_be_observed_is_named_by_an_exchange() -> None:
    named = {statement for golden in EXCHANGES for statement in golden.statements}

    assert {statement.id for statement in read_statements()} - named == NOT_OBSERVABLE.keys()


def test_what_the_page_leaves_no_way_to_observe_is_not_pretended() -> None:
    kinds = {statement.id: statement.kind for statement in read_statements()}

    assert {name for name, kind in kinds.items() if kind == "not observable"} <= NOT_OBSERVABLE.keys()


@pytest.mark.parametrize("golden", EXCHANGES, ids=_name_of)
def test_the_mock_answers_as_a_golden_exchange_promises(golden: GoldenExchange, setting: Setting, demo: World) -> None:
    planned = plan_somewhere(check_of(golden), setting, demo)

    assert not isinstance(planned, Unfit), planned.reason
    place, steps = planned
    assert run(steps, place, setting, demo) == []


@pytest.mark.parametrize("golden", EXCHANGES, ids=_name_of)
def test_an_exchange_is_named_after_its_law_and_names_a_statement(golden: GoldenExchange) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", golden.name)
    assert golden.statements
    assert set(golden.questions) <= read_questions().keys()
    assert len(golden.title) <= 120


def test_an_exchange_that_no_deployment_must_get_asks_for_a_mock() -> None:
    """A deployment gets updates of the customer that was named, or of an id that nobody has, and reads."""
    usual = {"/v2/customers/{customer}", "/v2/customers/{unknown}", "/v2/customers/{customer}/loyaltyDetails"}
    odd = {
        golden.name
        for golden in EXCHANGES
        for step in golden.steps
        if step.send.method not in ("PUT", "GET") or step.send.path not in usual
    }

    assert odd == {golden.name for golden in EXCHANGES if golden.given.get("mock") is True}


def test_a_third_of_the_exchanges_at_most_needs_the_leave_to_do_what_cannot_be_undone() -> None:
    lasting = [golden for golden in EXCHANGES if golden.leave is Leave.IRREVERSIBLE]

    assert len(lasting) <= len(EXCHANGES) // 3


def test_some_exchanges_need_no_leave_at_all() -> None:
    assert [golden.name for golden in EXCHANGES if golden.leave is Leave.READS]


@pytest.mark.parametrize("golden", [golden for golden in EXCHANGES if golden.questions], ids=_name_of)
def test_another_answer_to_a_question_that_an_exchange_names_breaks_it(
    golden: GoldenExchange, setting: Setting, demo: World, dialects: Dialects
) -> None:
    questions = read_questions()
    planned = plan_somewhere(check_of(golden), setting, demo)
    assert not isinstance(planned, Unfit)
    place, steps = planned

    for question in set(golden.questions) - HAS_NO_OTHER_ANSWER_HERE:
        others = [answer for answer in questions[question].implemented if answer != questions[question].ours]
        spoken = [setting.under(dialects.with_answers(setting.dialect, (question, answer))) for answer in others]
        assert any(run(steps, place, other, demo) for other in spoken), question
