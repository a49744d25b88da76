"""The law of the basis: it names a question where another answer would have changed the outcome, and only there.

Answers that only change the contract, or that nothing implements yet, change no outcome here: they prove nothing
for the one half of the law and are left out of the other.
"""

from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given

from mockserver.domain.customer import CustomerId
from mockserver.exchange import Reply, Setting
from mockserver.files import World, bundled
from tests.exchange.mock import Mock, a_mock, basis_of, body_of, flat
from tests.laws.updates import Update, any_updates


def _read_questions() -> list[dict[str, Any]]:
    document = yaml.safe_load(bundled("openapi", "questions.yaml").read_text(encoding="utf-8"))
    return [question for question in document["questions"] if not question.get("form")]


QUESTIONS = _read_questions()
# All answers to these are implemented (design, section 5).
_IMPLEMENTED = frozenset(
    {
        "omitted-field",
        "null-value",
        "empty-text",
        "comm-channels",
        "custom-fields",
        "extended-fields",
        "custom-field-unknown",
        "extended-field-unknown",
        "extended-field-wrong-type",
        "identifiers-in-body",
        "account-missing",
        "account-on-single-account-source",
        "no-profile-in-source",
        "loyalty-downgrade",
        "already-enrolled",
        "use-async-default",
    }
)


def outcome(mock: Mock, reply: Reply, update: Update) -> object:
    """Return what a question may change: code and place, warnings, effects (no key is none), and the state."""
    body = body_of(reply)
    customer = mock.customers.get(CustomerId(update.customer))
    place = reply.why.partition(": ")[0] if reply.code else ""
    said = (reply.code, place, body.get("warnings"), body.get("sideEffects") or [], reply.later)
    return said, None if customer is None else flat(customer)


def put(setting: Setting, world: World, update: Update, **answers: str) -> tuple[object, frozenset[str]]:
    """Send an update under the documented dialect but for these answers."""
    dialect = replace(setting.dialect, answers={**setting.dialect.answers, **answers})
    mock = a_mock(replace(setting, dialect=dialect), world)
    reply = mock.put(update.customer, update.body, query=update.query)
    return outcome(mock, reply, update), basis_of(reply)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["id"])
def test_a_question_that_decides_is_named(setting: Setting, demo: World, question: dict[str, Any]) -> None:
    others = [answer for answer in question["answers"] if answer != question["ours"]]

    @given(update=any_updates())
    def law(update: Update) -> None:
        ours, named = put(setting, demo, update)
        for other in others:
            theirs, _ = put(setting, demo, update, **{question["id"]: other})
            assert theirs == ours or question["id"] in named, other

    law()


@pytest.mark.parametrize("question", [one for one in QUESTIONS if one["id"] in _IMPLEMENTED], ids=lambda one: one["id"])
def test_a_question_that_is_named_decides(setting: Setting, demo: World, question: dict[str, Any]) -> None:
    others = [answer for answer in question["answers"] if answer != question["ours"]]

    @given(update=any_updates())
    def law(update: Update) -> None:
        ours, named = put(setting, demo, update)
        if question["id"] in named:
            assert any(put(setting, demo, update, **{question["id"]: other})[0] != ours for other in others)

    law()
