"""The law of the basis: it names a question where another answer would have changed the outcome, and only there."""

from typing import Any

import pytest
from hypothesis import given

from mockserver.domain.customer import CustomerId
from mockserver.exchange import Reply, Setting
from mockserver.exchange.dialects import Dialects, Question
from mockserver.files import World, read_questions
from tests.exchange.mock import Mock, a_mock, basis_of, body_of, flat
from tests.laws.updates import Update, any_updates

QUESTIONS = [question for question in read_questions().values() if not question.form and len(question.implemented) > 1]


def outcome(mock: Mock, reply: Reply, update: Update) -> object:
    """Return what a question may change: code, warnings, effects (no key is none), what comes later, and the state."""
    body = body_of(reply)
    customer = mock.customers.get(CustomerId(update.customer))
    said: tuple[Any, ...] = (reply.code, body.get("warnings"), body.get("sideEffects") or [], reply.later)
    return said, None if customer is None else flat(customer)


def put(setting: Setting, world: World, update: Update) -> tuple[object, frozenset[str]]:
    """Send an update, and return its outcome and what the answer rests on."""
    mock = a_mock(setting, world)
    reply = mock.put(update.customer, update.body, query=update.query)
    return outcome(mock, reply, update), basis_of(reply)


def others(dialects: Dialects, setting: Setting, question: Question) -> dict[str, Setting]:
    """Return the setting under each other answer to a question."""
    return {
        answer: setting.under(dialects.with_answers(setting.dialect, (question.id, answer)))
        for answer in question.implemented
        if answer != setting.dialect[question.id]
    }


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_a_question_is_named_where_another_answer_would_have_changed_the_outcome_and_only_there(
    dialects: Dialects, setting: Setting, demo: World, question: Question
) -> None:
    alternatives = others(dialects, setting, question)

    @given(update=any_updates())
    def law(update: Update) -> None:
        ours, named = put(setting, demo, update)
        changing = {answer for answer, other in alternatives.items() if put(other, demo, update)[0] != ours}
        assert bool(changing) == (question.id in named), changing or "none changes it"

    law()
