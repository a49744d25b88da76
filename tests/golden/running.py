"""Golden exchanges run against the mock in memory, step by step, each between two reads of the customer."""

from collections.abc import Iterator, Mapping

from mockserver.exchange import Reply, Setting
from mockserver.files import World
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.checks import Check, Situation, Unfit
from mockserver.verification.expectation import Expectation, Mismatch, mismatches
from mockserver.verification.findings import Step
from mockserver.verification.state import State, changes_between, read_state
from mockserver.verification.target import Place, read_place
from tests.exchange.mock import PAGE_CREDENTIALS, Mock, a_mock, body_of

PLACES = tuple(
    read_place(text)
    for text in (
        "171891944@INSTORE",
        "171891945@INSTORE",
        "171891945@WECHAT:22232",
        "171891946@WECHAT:1234",
        "171891948@MARTJACK",
    )
)
_UNKNOWN = 171891900
WORD = "qwertzuiop"


def plan_somewhere(check: Check, setting: Setting, world: World) -> tuple[Place, tuple[Step, ...]] | Unfit:
    """Return the first place that fits, and the steps there; else the last reason why none fits."""
    reason = Unfit("there is no place")
    for place in PLACES:
        plan = check.plan(a_situation(setting, world, place))
        if isinstance(plan, tuple):
            return place, plan
        assert isinstance(plan, Unfit)
        reason = plan
    return reason


def a_situation(setting: Setting, world: World, place: Place = PLACES[0]) -> Situation:
    """Build the situation of a customer of a world that nobody has touched."""
    mock = a_mock(setting, world)
    states: Mapping[Place, State] = {each: _state_of(mock, each) for each in PLACES}
    return Situation(
        place=place,
        state=states[place],
        states=states,
        unknown=_UNKNOWN,
        organisation=setting.organisation,
        dialect=setting.dialect,
        word=WORD,
        disposable=True,
    )


def run(steps: tuple[Step, ...], place: Place, setting: Setting, world: World) -> list[Mismatch]:
    """Send the steps to a fresh mock, and return all that was promised and did not come."""
    mock = a_mock(setting, world)
    return [mismatch for step in steps for mismatch in _run_step(step, place, mock)]


def _run_step(step: Step, place: Place, mock: Mock) -> Iterator[Mismatch]:
    before = _state_of(mock, place, with_programs=step.looks_at_programs)
    reply = mock.receive(step.request if step.anonymous else _with_credentials(step.request))
    mock.settle()
    after = _state_of(mock, place, with_programs=step.looks_at_programs)
    yield from _judge_reply(step.expect, reply, mock.setting)
    if step.expect.changes is not None:
        came = changes_between(before, after)
        for path in {**step.expect.changes, **came}:
            if path not in came or path not in step.expect.changes:
                yield Mismatch(place=f"state/{path}", promised=repr(path in step.expect.changes), came=repr(came))
            else:
                yield from mismatches(step.expect.changes[path], came[path], f"state/{path}")


def _judge_reply(expect: Expectation, reply: Reply, setting: Setting) -> Iterator[Mismatch]:
    body = body_of(reply)
    if expect.statuses and reply.response.status not in expect.statuses:
        yield Mismatch(place="status", promised=str(expect.statuses), came=f"{reply.response.status} {body}")
    if expect.codes and reply.code not in expect.codes:
        yield Mismatch(place="code", promised=str(expect.codes), came=str(reply.code))
    warned = [item["code"] for item in body.get("warnings", ())]
    if not set(expect.warnings) <= set(warned):
        yield Mismatch(place="warnings", promised=str(expect.warnings), came=str(warned))
    if expect.body is not None:
        yield from mismatches(expect.body, body, "body")
    if reply.operation is not None:
        operation = setting.contract.operations[reply.operation]
        for violation in operation.judge_response(reply.response.status, body):
            yield Mismatch(place="body", promised="the contract", came=violation)


def _with_credentials(request: Request) -> Request:
    return replace(request, headers={"authorization": PAGE_CREDENTIALS, **request.headers})


def _state_of(mock: Mock, place: Place, *, with_programs: bool = True) -> State:
    loyalty = body_of(mock.get_loyalty(place.customer)) if with_programs else None
    return read_state(place.customer, body_of(mock.get(place.customer)), loyalty)
