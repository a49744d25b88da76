"""Whatever is refused: its explanation agrees with the answer, and its repair is accepted and holds nothing in vain."""

import json
import time

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from mockserver.domain.customer import CustomerId
from mockserver.exchange import Reply, Setting, respond
from mockserver.exchange.dialects import Dialects
from mockserver.exchange.editing import edited
from mockserver.exchange.explaining import Stage, explain
from mockserver.exchange.repairing import PLACEHOLDER, Repair, find_repair
from mockserver.exchange.respond import STEPS
from mockserver.files import World
from mockserver.messages import Request
from tests.exchange.mock import NOW, PAGE_CREDENTIALS
from tests.laws.test_any_request import requests
from tests.laws.updates import any_updates

_WRONG = st.sampled_from((None, 5, -1, 2.5, "", "x", "5", True, [], ["x"], {}, {"a": 1}, 10**30))


def _ask(setting: Setting, demo: World, request: Request) -> Reply:
    return respond(setting, request, load=demo.customers.get, now=NOW)


def _repair(setting: Setting, demo: World, request: Request) -> Repair | None:
    return find_repair(setting, request, load=demo.customers.get, now=NOW, known=demo.customers)


def _explain(setting: Setting, demo: World, request: Request) -> tuple[Stage, ...]:
    return explain(setting, request, load=demo.customers.get, now=NOW)


def _spoilt(draw: st.DrawFn, value: object) -> object:
    """Put wrong values in some places of a JSON value."""
    if draw(st.integers(0, 9)) == 0:
        return draw(_WRONG)
    if isinstance(value, dict):
        return {name: _spoilt(draw, item) for name, item in value.items()}
    return [_spoilt(draw, item) for item in value] if isinstance(value, list) else value


@st.composite
def spoilt_updates(draw: st.DrawFn) -> Request:
    """Draw an update that comes near to a sound one, wrong in some places of its address and its body."""
    update = draw(any_updates())
    body = draw(st.just(update.body) | st.builds(lambda: _spoilt(draw, update.body)))
    query = draw(st.sampled_from((update.query, update.query, "", "source=instore&use_async=True")))
    headers = {"authorization": PAGE_CREDENTIALS, "content-type": draw(st.sampled_from(("application/json", "text/x")))}
    return Request(
        method=draw(st.sampled_from(("PUT", "PUT", "PUT", "PUT", "POST"))),
        path=f"/v2/customers/{draw(st.sampled_from((update.customer, update.customer, '0171891944', 1)))}",
        query=query,
        headers=headers,
        body=json.dumps(body).encode(),
    )


def _verify(setting: Setting, demo: World, request: Request) -> None:
    reply, repair = _ask(setting, demo, request), _repair(setting, demo, request)
    event(f"{reply.code}: {'none' if repair is None else len(repair.edits)}")
    if reply.code is None:
        assert repair is None
        return
    if repair is None:
        return
    json.dumps(repair.record())
    assert _ask(setting, demo, repair.request).code is None
    for number in range(len(repair.edits)):
        fewer = (*repair.edits[:number], *repair.edits[number + 1 :])
        request_then = edited(setting.contract, request, fewer)
        assert request_then is None or _ask(setting, demo, request_then).code is not None, repair.edits[number]


@given(request=requests())
def test_any_repair_is_accepted_and_none_of_its_edits_can_be_left_out(
    setting: Setting, demo: World, request: Request
) -> None:
    _verify(setting, demo, request)


@given(request=spoilt_updates())
def test_an_update_that_is_nearly_sound_has_such_a_repair(setting: Setting, demo: World, request: Request) -> None:
    _verify(setting, demo, request)

    assert _ask(setting, demo, request).code is None or _repair(setting, demo, request) is not None


@given(request=spoilt_updates(), data=st.data())
def test_repairs_keep_their_law_in_every_dialect(
    setting: Setting, demo: World, dialects: Dialects, request: Request, data: st.DataObject
) -> None:
    questions = [question for question in dialects.questions.values() if len(question.implemented) > 1]
    question = data.draw(st.sampled_from(questions))
    answer = data.draw(st.sampled_from(question.implemented))

    _verify(setting.under(dialects.with_answers(setting.dialect, (question.id, answer))), demo, request)


@given(request=requests() | spoilt_updates())
@example(request=Request(method="OPTIONS", path="/v2/customers/1"))
def test_the_last_stage_of_an_explanation_is_the_answer(setting: Setting, demo: World, request: Request) -> None:
    reply, stages = _ask(setting, demo, request), _explain(setting, demo, request)

    last = stages[-1]
    event(f"{last.name}: {last.outcome}")
    json.dumps([stage.record() for stage in stages], allow_nan=False).encode()
    assert (last.status, last.code, last.basis) == (reply.response.status, reply.code, reply.basis)
    assert [stage.name for stage in stages] == [name for name, _ in STEPS][: len(stages)]
    assert all(stage.status is None and stage.outcome in ("passed", "accepted") for stage in stages[:-1])
    assert last.outcome in (("answered",) if reply.code is None or reply.forced else ("refused", "rejected"))


@given(request=requests())
def test_an_exchange_whose_credentials_are_hidden_is_explained_as_it_was_answered(
    setting: Setting, demo: World, request: Request
) -> None:
    reply = _ask(setting, demo, request)
    hidden = {name: "[hidden]" if "auth" in name else text for name, text in request.headers.items()}
    kept = Request(method=request.method, path=request.path, query=request.query, headers=hidden, body=request.body)
    if request.oversized or request.undecodable:
        return

    stages = explain(setting, kept, load=demo.customers.get, now=NOW, answered=reply)
    repair = find_repair(setting, kept, load=demo.customers.get, now=NOW, known=demo.customers, answered=reply)

    assert (stages[-1].status, stages[-1].code) == (reply.response.status, reply.code)
    assert _places(repair) == _places(_repair(setting, demo, request)) or reply.code in (404, 405)


def _places(repair: Repair | None) -> list[str] | None:
    return None if repair is None else [edit.place for edit in repair.edits]


@given(request=requests())
def test_a_repair_never_holds_credentials(setting: Setting, demo: World, request: Request) -> None:
    repair = _repair(setting, demo, request)

    for edit in repair.edits if repair is not None else ():
        assert edit.place != "header/Authorization" or edit.value == PLACEHOLDER


@pytest.mark.parametrize("items", [1, 40, 400])
def test_a_search_is_bounded(setting: Setting, demo: World, items: int) -> None:
    wrong = [{"programId": "x", "tierNumber": [], "loyaltyPoints": "y", "tierExpiryDate": 5} for _ in range(items)]
    request = Request(
        method="PUT",
        path="/v2/customers/171891944",
        query="source=INSTORE",
        headers={"authorization": PAGE_CREDENTIALS, "content-type": "application/json"},
        body=json.dumps({"loyaltyProgramEnrollments": wrong}).encode(),
    )
    asked = 0

    def load(number: CustomerId) -> object:
        nonlocal asked
        asked += 1
        return demo.customers.get(number)

    started = time.perf_counter()
    repair = find_repair(setting, request, load=load, now=NOW)  # type: ignore[arg-type]  # it counts
    assert time.perf_counter() - started < 5
    assert asked <= 400
    assert (repair is None) == (items > 1)
