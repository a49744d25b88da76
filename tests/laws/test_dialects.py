"""Laws under every dialect: random answers to random questions, random updates.

Answers of dialects are drawn from all that are implemented; their contracts are those that the mock would serve.
"""

import json
from collections.abc import Iterable

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from mockserver.contract.authority import Authority
from mockserver.contract.pointers import find
from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.dialect import Dialect
from mockserver.exchange import Reply, Setting
from mockserver.exchange.dialects import Answer, Dialects
from mockserver.files import World, read_questions
from mockserver.messages import Request
from tests.exchange.mock import Mock, a_mock, basis_of, body_of
from tests.laws.test_any_request import requests
from tests.laws.test_questions import outcome
from tests.laws.updates import Body, Update, any_updates, bodies

_QUESTIONS = read_questions()
_ANSWERS = [(question.id, answer) for question in _QUESTIONS.values() for answer in question.implemented]
_CHANGING = [(question, answer) for question, answer in _ANSWERS if not _QUESTIONS[question].form]


def answers(*, most: int = 12) -> st.SearchStrategy[list[Answer]]:
    """Draw answers to some questions, one to each."""
    return st.lists(st.sampled_from(_ANSWERS), max_size=most, unique_by=lambda answer: answer[0])


def under(dialects: Dialects, setting: Setting, chosen: Iterable[Answer]) -> Setting:
    """Return a setting under a dialect with these answers."""
    return setting.under(dialects.with_answers(setting.dialect, *chosen))


def async_updates() -> st.SearchStrategy[Update]:
    """Draw an update, with or without use_async."""
    tails = st.sampled_from(("", "&use_async=true", "&use_async=false"))
    return st.builds(
        lambda update, tail: Update(customer=update.customer, query=update.query + tail, body=update.body),
        any_updates(),
        tails,
    )


def send(mock: Mock, update: Update) -> Reply:
    """Send an update."""
    return mock.put(update.customer, update.body, query=update.query)


@given(chosen=answers(), updates=st.lists(async_updates(), min_size=1, max_size=4))
def test_every_answer_keeps_its_dialect_s_contract_and_a_refusal_changes_nothing(
    dialects: Dialects, setting: Setting, demo: World, chosen: list[Answer], updates: list[Update]
) -> None:
    spoken = under(dialects, setting, chosen)
    mock = a_mock(spoken, demo)
    for update in updates:
        before = dict(mock.customers)

        reply = send(mock, update)

        event(f"code {reply.code}")
        operation = spoken.contract.operations["updateCustomer"]
        assert operation.judge_response(reply.response.status, body_of(reply)) == ()
        if reply.code is not None:
            assert (reply.changed, reply.later, mock.customers) == ((), None, before)


@given(chosen=answers(), updates=st.lists(async_updates(), min_size=1, max_size=4))
def test_what_an_answer_says_is_what_the_state_shows(
    dialects: Dialects, setting: Setting, demo: World, chosen: list[Answer], updates: list[Update]
) -> None:
    mock = a_mock(under(dialects, setting, chosen), demo)
    for update in updates:
        before = dict(mock.customers)

        reply = send(mock, update)

        if reply.code is not None:
            continue
        number = CustomerId(int(body_of(reply)["createdId"]))
        assert {*mock.customers} == {*before}
        assert all(mock.customers[key] == customer for key, customer in before.items() if key != number)
        shown = _effects(body_of(reply))
        gained = _points(mock.customers[number]) - _points(before[number])
        lists_all = not {("enrolment-points-effect", "hide"), ("side-effects-type", "object")} & {*chosen}
        emptied = ("empty-list", "clear") in chosen or ("null-value", "clear") in chosen
        assert gained == shown or not lists_all or emptied
        assert mock.get(number).response.status == 200


def _effects(body: dict[str, object]) -> int:
    effects = body.get("sideEffects") or []
    return sum(effect["awardedPoints"] for effect in effects) if isinstance(effects, list) else 0


def _points(customer: Customer) -> int:
    return sum(enrolment.points for enrolment in customer.enrolments)


@given(chosen=answers(), other=st.sampled_from(_CHANGING), update=async_updates())
def test_dialects_that_differ_in_one_question_differ_only_where_both_name_it(
    dialects: Dialects, setting: Setting, demo: World, chosen: list[Answer], other: Answer, update: Update
) -> None:
    outcomes, bases = [], []
    for spoken in (under(dialects, setting, chosen), under(dialects, setting, [*chosen, other])):
        mock = a_mock(spoken, demo)
        reply = send(mock, update)
        outcomes.append(outcome(mock, reply, update))
        bases.append(basis_of(reply))

    if outcomes[0] != outcomes[1]:
        event(other[0])
        assert other[0] in bases[0] & bases[1]


@given(chosen=answers(most=76), request=requests())
def test_any_request_gets_an_answer_that_keeps_the_dialect_s_contract(
    dialects: Dialects, setting: Setting, demo: World, chosen: list[Answer], request: Request
) -> None:
    spoken = under(dialects, setting, chosen)

    reply = a_mock(spoken, demo).receive(request)

    if reply.response.status != 204:
        operation = spoken.contract.operations[reply.operation or "updateCustomer"]
        assert operation.judge_response(reply.response.status, body_of(reply)) == ()


_WIRE = [(question.id, answer) for question in _QUESTIONS.values() for answer in question.contract]


@pytest.mark.parametrize("chosen", _WIRE, ids="=".join)
def test_openapi_core_takes_each_answer_s_contract_and_judges_bodies_alike(
    dialects: Dialects, documented: Dialect, chosen: Answer
) -> None:
    contract = dialects.contract_of(dialects.with_answers(documented, chosen))
    authority, update = Authority(contract.document), contract.operations["updateCustomer"]

    @settings(max_examples=10)
    @given(body=bodies(accepted=False))
    def law(body: Body) -> None:
        headers = {"content-type": "application/json"}
        request = Request(
            method="PUT",
            path="/v2/customers/1",
            query="source=INSTORE",
            headers=headers,
            body=json.dumps(body).encode(),
        )
        assert (authority.judge_request(request) == ()) == (update.judge_body(body) is None)

    law()


_CHANNEL = {"type": "mobile", "value": "919999001944"}


@given(chosen=answers(most=76), body=bodies(accepted=False))
@example(  # a member that two schemas hold was explained by a path that left one of them out
    chosen=[(question.id, answer) for question in _QUESTIONS.values() for answer in question.stricter]
    + [("profiles-as-object", "accept")],
    body={"profiles": [{"commChannels": [_CHANNEL, _CHANNEL | {"verified": None}]}]},
)
def test_a_body_that_breaks_a_dialect_s_contract_is_told_which_rule(
    dialects: Dialects, setting: Setting, chosen: list[Answer], body: Body
) -> None:
    contract = under(dialects, setting, chosen).contract

    violation = contract.operations["updateCustomer"].judge_body(body)

    if violation is not None:
        find(contract.document, violation.rule)
        assert violation.problem
        assert violation.repair


@given(chosen=answers(), name=st.sampled_from(("updated", "points", "8015", "8057-error", "8057-warning", "429")))
def test_a_forced_answer_has_the_dialect_s_form(
    dialects: Dialects, setting: Setting, demo: World, chosen: list[Answer], name: str
) -> None:
    spoken = under(dialects, setting, chosen)

    reply = a_mock(spoken, demo).put(171891944, headers={"prefer": f"example={name}"})

    operation = spoken.contract.operations["updateCustomer"]
    assert operation.judge_response(reply.response.status, body_of(reply)) == ()
