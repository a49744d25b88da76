"""Laws of the thread: ours is whole, and every way to break it is told with the nearest name."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from mockserver.errors import ContractError
from mockserver.exchange.dialects import Question, Questions
from mockserver.files import (
    Specification,
    Statement,
    read_contract_document,
    read_questions,
    read_sources,
    read_statements,
)
from mockserver.operations import OPERATIONS
from mockserver.trace import (
    Observed,
    Rule,
    Thread,
    follow_thread,
    questions_page,
    read_rules,
    show_table,
    statements_page,
    with_results,
)
from mockserver.trace.rules import find_unnamed
from mockserver.trace.thread import KINDS
from mockserver.values import replace
from mockserver.verification.listed import statements_by_check

DOCS = Path(__file__).parents[2] / "docs"
QUESTION = Question(
    id="empty-text", asks="?", evidence="", answers={"store": "", "keep": ""}, ours="store", basis="assumed", reason=""
)
DOCUMENT = {"info": {"x-statements": ["UPD-USE-1"]}, "paths": {}}
SOURCE = {
    "domain.names": "def settle(judgement):\n    judgement.says('UPD-USE-1')\n    return judgement.asks('empty-text')\n"
}
STATEMENT = Statement(
    id="UPD-USE-1",
    place="top",
    says="it can be updated",
    kind="rule",
    contract=("/info",),
    rules=("domain.names.settle",),
    questions=("empty-text",),
)


def follow(
    *statements: Statement,
    document: Mapping[str, Any] = DOCUMENT,
    source: Mapping[str, str] = SOURCE,
    questions: Questions | None = None,
    checks: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> Thread:
    known = {"empty-text": QUESTION} if questions is None else questions
    rules = read_rules(source, frozenset(known), OPERATIONS)
    return follow_thread(statements or (STATEMENT,), document, rules, known, checks)


def test_our_own_thread_is_whole_and_has_every_part_of_the_page() -> None:
    questions = read_questions()
    rules = read_rules(read_sources("domain", "operations", "exchange"), frozenset(questions), OPERATIONS)
    thread = follow_thread(read_statements(), read_contract_document(), rules, questions, statements_by_check())

    assert thread.breaks == ()
    assert thread.gaps == ()
    assert len(thread.statements) >= 80
    assert {statement.kind for statement in thread.statements} == set(KINDS)


def test_a_whole_thread_has_no_breaks_and_tells_what_nothing_checks() -> None:
    thread = follow()

    assert (thread.breaks, thread.gaps) == ((), ("UPD-USE-1",))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"contract": ("/info", "/inof")}, "the pointer /inof leads to nothing"),
        ({"contract": ("/info", "/paths")}, "/paths does not name UPD-USE-1 in x-statements"),
        ({"contract": ()}, "contract /info: x-statements names UPD-USE-1, which does not list it"),
        ({"rules": ()}, "rule domain.names.settle names UPD-USE-1, which does not list it"),
        ({"rules": ("domain.names.setle",)}, "no rule domain.names.setle; did you mean domain.names.settle?"),
        ({"questions": ("empty-txet",)}, "no question empty-txet; did you mean empty-text?"),
        ({"kind": "rlue"}, "'rlue' is no kind of statement"),
        ({"id": "UPD-USE-2"}, "x-statements names UPD-USE-1, which is no statement; did you mean UPD-USE-2?"),
    ],
)
def test_a_statement_that_leads_nowhere_breaks_the_thread(changes: dict[str, Any], said: str) -> None:
    breaks = follow(replace(STATEMENT, **changes)).breaks

    assert any(said in one for one in breaks), breaks


def test_a_statement_that_nothing_carries_breaks_the_thread_unless_it_cannot_be_observed() -> None:
    alone = Statement(id="UPD-USE-2", place="top", says="something", kind="rule")

    assert follow(STATEMENT, alone).breaks == ("UPD-USE-2: nothing carries it",)
    assert follow(STATEMENT, replace(alone, kind="not observable")).breaks == ()


def test_a_statement_that_stands_twice_breaks_the_thread() -> None:
    assert follow(STATEMENT, STATEMENT).breaks == ("UPD-USE-1 stands twice in the statements",)


def test_a_rule_that_decides_and_names_nothing_breaks_the_thread() -> None:
    source = {**SOURCE, "domain.other": "def judge(judgement):\n    return judgement.refuse('8015', 'x', 'y')\n"}

    assert follow(source=source).breaks == (
        "rule domain.other.judge decides and names neither a statement nor a question",
    )


def test_a_rule_may_leave_the_naming_to_all_who_call_it() -> None:
    skip = "def skip(judgement):\n    judgement.warn('8057', 'x', 'y')\n"
    named = "def one(judgement):\n    judgement.asks('empty-text')\n    skip(judgement)\n"
    unnamed = "def two(judgement):\n    skip(judgement)\n"

    assert unnamed_rules(skip + named) == []
    assert unnamed_rules(skip + named + unnamed) == ["domain.m.skip"]


def test_a_shared_rule_names_what_the_operations_cite_for_it() -> None:
    shared = "def skip(judgement):\n    judgement.says(judgement.cites.channels)\n    judgement.warn('8057', '', '')\n"
    [rule] = read_rules({"domain.m": shared}, frozenset(), OPERATIONS)

    assert rule.statements == {"UPD-BODY-7"}
    assert list(find_unnamed((rule,))) == []


def unnamed_rules(text: str) -> list[str]:
    rules: tuple[Rule, ...] = read_rules({"domain.m": text}, frozenset({"empty-text"}), OPERATIONS)
    return list(find_unnamed(rules))


def test_a_check_and_a_statement_name_each_other() -> None:
    checked = replace(STATEMENT, checks=("golden/a",))

    assert follow(checked, checks={"golden/a": frozenset({"UPD-USE-1"})}).breaks == ()
    assert follow(checked).breaks == ("UPD-USE-1: there is no check golden/a",)
    assert follow(checked, checks={"golden/a": frozenset()}).breaks == (
        "UPD-USE-1: the check golden/a does not name it",
    )
    assert follow(checks={"golden/b": frozenset({"UPD-USE-1", "UPD-USE-9"})}).breaks == (
        "check golden/b names UPD-USE-1, which does not list it",
        "check golden/b names UPD-USE-9, which is no statement; did you mean UPD-USE-1?",
    )


def test_what_a_campaign_saw_is_shown_beside_each_statement() -> None:
    report = {"observed": {"UPD-USE-1": {"verdict": "not observed", "reason": "it writes"}, "UPD-X-1": {}}}

    thread = with_results(follow(), report)

    assert thread.observed == {"UPD-USE-1": Observed(verdict="not observed", reason="it writes")}
    [head, row, *_] = show_table(thread).splitlines()
    assert "seen" in head
    assert row.endswith("not observed  it can be updated (it writes)")
    assert "seen" not in show_table(follow()).splitlines()[0]


def test_a_question_that_nothing_carries_breaks_the_thread() -> None:
    other = replace(QUESTION, id="null-value")

    assert follow(questions={"empty-text": QUESTION, "null-value": other}).breaks == (
        "question null-value: no rule asks it and no answer changes the contract",
    )
    patched = replace(other, contract={"keep": {"/info/x": 1}})
    assert follow(questions={"empty-text": QUESTION, "null-value": patched}).breaks == ()


def test_statements_that_cannot_be_read_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "openapi" / "statements" / "update_customer.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("statements:\n  - id: UPD-USE-1\n    sais: x\n", encoding="utf-8")

    with pytest.raises(ContractError, match=r"update_customer\.yaml:2: .*sais"):
        read_statements(Specification(folders=(tmp_path,)))


@pytest.mark.parametrize("name", ["statements.md", "questions.md"])
def test_the_generated_pages_are_fresh(name: str) -> None:
    statements = read_statements()
    page = statements_page(statements) if name == "statements.md" else questions_page(read_questions(), statements)

    assert (DOCS / name).read_text(encoding="utf-8") == page, "run make docs"
