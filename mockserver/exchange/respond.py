"""One request in, one answer out: the order of judgement, step by step.

The first refusal wins; a refusal changes nothing and has exactly one error. Nothing here waits, reads a clock
or touches a socket: time and the customer come in, what is to be saved goes out.

    receive (400, 408, 417, 431) ▸ route (404, 405) ▸ authenticate (401) ▸ forced answer ▸ negotiate (415, 406)
    ▸ read body (413, 400) ▸ validate parameters ▸ validate body ▸ read command ▸ decide (8015, 8045, … ) ▸ show

`STEPS` is this order behind the first step, and the only place where it stands. Whoever answers, explains or repairs
walks along it.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import call

from mockserver.contract import (
    Contract,
    Endpoint,
    Parameters,
    Violation,
    read_query,
)
from mockserver.contract.schemas import Refused
from mockserver.domain.customer import CustomerId
from mockserver.domain.dialect import Dialect
from mockserver.domain.keys import NO_KEYS, Keys
from mockserver.exchange.admitting import (
    authenticate,
    negotiate,
    read_body,
    receive,
    refuse_violation,
)
from mockserver.exchange.alternatives import OtherVerdict, other_verdicts
from mockserver.exchange.deciding import decide, show
from mockserver.exchange.forcing import force
from mockserver.exchange.misspelling import find_misspelt, tell_misspelt
from mockserver.exchange.passage import Doubt, Load, Passage, Step, not_at_hand
from mockserver.exchange.reply import Misspelt, Reply, Setting
from mockserver.exchange.routing import route
from mockserver.messages import Request, Response
from mockserver.operations.fields import Members
from mockserver.operations.operation import read_id

SMALL_BYTES = 2 * 1024  # of a body, whose errors are few enough to be listed all
IN_DOUBT = Reply(response=Response(status=0))  # stands for a refusal that has to be settled
QUESTIONED_BYTES = 16 * 1024  # of a body; each answer judges it again, which a long list of wrong items makes dear


def respond(setting: Setting, request: Request, *, load: Load, now: str) -> Reply:
    """Answer one request; `load` fetches a customer by id, `now` is RFC 3339 text."""
    passage = Passage(setting, request, load, now)
    return answer_early(passage) or decide(passage) or show(passage)


def answer_early(passage: Passage) -> Reply | None:
    """Take a request along the steps up to its command, for which no customer is needed; return what ends it there.

    It is `IN_DOUBT` where customers are needed all the same, and not at hand.
    """
    steps = _READING if passage.request.obstacle is None else _RECEIVING
    return next(filter(None, map(call, steps, repeat(passage))), None)


def walk(passage: Passage) -> tuple[str, Reply]:
    """Take a request along the steps to the one that answers it; return that step's name, and the answer."""
    for name, step in steps_of(passage.request):
        reply = step(passage)
        if reply is not None:
            return name, reply
    raise AssertionError("the last step answers every request that comes to it")


def steps_of(request: Request) -> tuple[tuple[str, Step], ...]:
    """Return the steps that judge a request; one that was not received whole is refused for that alone."""
    return STEPS if request.obstacle is None else _NOT_RECEIVED


def _validate_parameters(passage: Passage) -> Reply | None:
    judged = _judge_parameters(passage.endpoint, passage)
    if isinstance(judged, Violation):
        return _refuse(passage, judged)
    passage.parameters = judged
    return None


def _judge_parameters(endpoint: Endpoint, passage: Passage) -> Parameters | Violation:
    """Read the parameters as an endpoint has them, of this contract or of another dialect's."""
    request = passage.request
    parameters = endpoint.read_parameters(passage.path_values, request.query, request.headers)
    if isinstance(parameters, Parameters):
        for rule in passage.operation.parameter_rules:
            if rule.is_broken(parameters.values, passage.setting.dialect):
                return rule.violation
    return parameters


def _validate_body(passage: Passage) -> Reply | None:
    violation = _judge_body(passage.endpoint, passage)
    return None if violation is None else _refuse(passage, violation)


def _judge_body(endpoint: Endpoint, passage: Passage) -> Violation | None:
    if passage.body is None:
        return endpoint.judge_absence()
    return endpoint.judge_body(passage.body.value, is_large=len(passage.request.body) > SMALL_BYTES)


def _refuse(passage: Passage, violation: Violation) -> Reply:
    """Refuse what the contract refuses, or leave it in doubt until customers are at hand."""
    own = next((rule for rule in passage.operation.parameter_rules if rule.violation == violation), None)
    if own is not None:
        return _refuse_over(passage, violation, own.questions)
    verdicts = _other_verdicts(passage, violation)
    if not verdicts:
        return _refuse_over(passage, violation, ())
    if passage.load is not_at_hand and any(found is None for _, _, found in verdicts):
        customer = read_id(passage.path_id)
        keys = NO_KEYS if customer is None else Keys(customers=(CustomerId(customer),))
        passage.doubt = Doubt(violation, verdicts, keys)
        return IN_DOUBT
    return _refuse_over(passage, violation, _questions_behind(passage, violation, verdicts))


def settle(passage: Passage) -> Reply:
    """Refuse what was in doubt; by now customers are at hand."""
    violation = passage.doubt.violation
    return _refuse_over(passage, violation, _questions_behind(passage, violation, passage.doubt.verdicts))


def _refuse_over(passage: Passage, violation: Violation, questions: Iterable[str]) -> Reply:
    """Refuse what the contract refuses; where a name is missing or unknown, say which may have been misspelt."""
    reply = refuse_violation(passage, violation, *questions)
    if not violation.is_of_name or len(passage.request.body) > QUESTIONED_BYTES:
        return reply
    misspelt = _find_misspelt(passage)
    return tell_misspelt(reply, misspelt) if misspelt else reply


def _find_misspelt(passage: Passage) -> tuple[Misspelt, ...]:
    endpoint, query = passage.endpoint, read_query(passage.request.query)
    sent_query = (query, Members(endpoint.query_names), "query")
    if passage.body is None:
        return find_misspelt((sent_query,))
    return find_misspelt((sent_query, (passage.body.value, passage.operation.fields, "body")))


def _other_verdicts(passage: Passage, violation: Violation) -> Sequence[OtherVerdict]:
    """Return what other contracts say where this one refuses."""
    dialects = passage.setting.dialects
    if dialects is None or len(passage.request.body) > QUESTIONED_BYTES:
        return ()

    def judge(contract: Contract) -> Refused | None:
        return _judge_again(contract.operations[passage.endpoint.id], passage)

    return list(other_verdicts(dialects, passage.setting.dialect, violation, judge))


def _questions_behind(passage: Passage, violation: Violation, verdicts: Iterable[OtherVerdict]) -> Iterable[str]:
    """Return the questions to which another answer would have changed the code of this refusal."""
    deciding: dict[str, None] = {}
    for question, other, found in verdicts:
        if question in deciding:
            continue
        code = _code_under(other, passage) if found is None else found[1] or "400"
        if code != (violation.refusal or "400"):
            deciding[question] = None
    return deciding


def _judge_again(endpoint: Endpoint, passage: Passage) -> Refused | None:
    """Give where and with which code another contract refuses a request that has been read, in the same order."""
    judged: Parameters | Violation | None = _judge_parameters(endpoint, passage)
    if isinstance(judged, Parameters):
        if passage.body is not None:
            return endpoint.find_refusal(passage.body.value)
        judged = endpoint.judge_absence()
    return None if judged is None else (judged.place, judged.refusal)


def _code_under(dialect: Dialect, passage: Passage) -> str | None:
    """Return the code with which the rules refuse what the contract of another dialect takes, None if they do not."""
    again = Passage(passage.setting.under(dialect), passage.request, passage.load, passage.now)
    again.endpoint = again.setting.contract.operations[passage.endpoint.id]
    again.operation, again.path_id = passage.operation, passage.path_id
    again.path_values, again.body = passage.path_values, passage.body
    for step in (_validate_parameters, _read_command, decide):  # the body is valid there
        reply = step(again)
        if reply is not None:
            return str(reply.code)
    return None


def _read_command(passage: Passage) -> Reply | None:
    body = None if passage.body is None else passage.body.value
    passage.command = command = passage.operation.read(passage.parameters, body, passage.now)
    passage.misspelt = _find_misspelt(passage) if command.is_doubtful else ()
    return None


_NOT_RECEIVED: tuple[tuple[str, Step], ...] = (("receive", receive),)
_UP_TO_COMMAND: tuple[tuple[str, Step], ...] = (
    ("route", route),
    ("authenticate", authenticate),
    ("forced answer", force),
    ("negotiate", negotiate),
    ("read body", read_body),
    ("validate parameters", _validate_parameters),
    ("validate body", _validate_body),
    ("read command", _read_command),
)
STEPS: tuple[tuple[str, Step], ...] = (*_UP_TO_COMMAND, ("decide", decide), ("show", show))
_READING: tuple[Step, ...] = tuple(step for _, step in _UP_TO_COMMAND)
_RECEIVING: tuple[Step, ...] = (receive,)
