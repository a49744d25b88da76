"""One request in, one answer out: the order of judgement, step by step.

The first refusal wins; a refusal changes nothing and has exactly one error. Nothing here waits, reads a clock
or touches a socket: time and the customer come in, what is to be saved goes out.

    route (404, 405) ▸ authenticate (401) ▸ forced answer ▸ negotiate (415, 406) ▸ size (413) ▸ JSON (400)
    ▸ parameters ▸ body against the contract ▸ the rules (8015, 8045, … ) ▸ show
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from mockserver.contract import (
    Contract,
    MethodUnknown,
    Operation,
    Parameters,
    Parsed,
    PathUnknown,
    RouteMatch,
    Violation,
    read_json,
)
from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.dialect import Dialect
from mockserver.domain.outcome import Accepted, Basis, Refusal, Rejected
from mockserver.domain.reading import Found, read_customer, read_loyalty_details
from mockserver.domain.update import update_customer
from mockserver.exchange.alternatives import other_settings
from mockserver.exchange.authentication import find_fault
from mockserver.exchange.forcing import force, read_id
from mockserver.exchange.negotiation import accepts_json, is_json
from mockserver.exchange.reading import read_customer_query, read_loyalty_query, read_update
from mockserver.exchange.rendering import (
    explain,
    name_basis,
    render_json,
    render_refusal,
)
from mockserver.exchange.reply import Reply, Setting
from mockserver.exchange.showing import show_customer, show_loyalty_details, show_update
from mockserver.messages import Request, Response

Load: TypeAlias = Callable[[CustomerId], Customer | None]
_LOOKUP = "X-CAP-API-ATTRIBUTION-LOOKUP"
_LOOKUP_TYPE = "X-CAP-API-ATTRIBUTION-LOOKUP-TYPE"
_LOOKUP_ALONE = Violation(
    place=f"header/{_LOOKUP_TYPE}",
    problem=f"is missing beside {_LOOKUP}",
    rule="#/components/parameters/AttributionLookup",
    refusal="1061",
    repair=f"send {_LOOKUP_TYPE}, or leave out {_LOOKUP}",
)


def respond(setting: Setting, request: Request, *, load: Load, now: str) -> Reply:
    """Answer one request; `load` fetches a customer by id, `now` is RFC 3339 text."""
    routed = setting.contract.route(request.method, request.path)
    if isinstance(routed, RouteMatch):
        return _answer(setting, request, routed, load, now)
    if isinstance(routed, PathUnknown):
        return _refuse_path(setting, request)
    return _meet_method(setting, request, routed)


def _refuse_path(setting: Setting, request: Request) -> Reply:
    if request.path.rstrip("/").endswith("/v2/promotion/customer"):
        why = "the page's resource table names this path, its endpoint and sample /v2/customers/{userId}"
        basis = Basis(statements=("UPD-RES-1", "UPD-END-1"))
        return render_refusal(setting, Refusal(code="404", place="path", why=why), basis)
    known = ", ".join(dict.fromkeys(operation.path for operation in setting.contract.operations.values()))
    why = f"{request.path[:200]} is not served; the contract has {known}"
    return render_refusal(setting, Refusal(code="404", place="path", why=why), Basis())


def _meet_method(setting: Setting, request: Request, unknown: MethodUnknown) -> Reply:
    """OPTIONS tells what is allowed; every other method that the path does not have is refused."""
    allow = {"Allow": ", ".join(unknown.allow)}
    if request.method == "OPTIONS":
        return Reply(response=Response(status=204, headers=allow))
    why = f"{request.method[:40]} is not among {allow['Allow']}"
    return render_refusal(setting, Refusal(code="405", place="method", why=why), Basis(), headers=allow)


def _answer(setting: Setting, request: Request, routed: RouteMatch, load: Load, now: str) -> Reply:
    operation, user_id = routed.operation, routed.path_values.get("userId", "")
    fault = find_fault(setting, request.headers)
    if fault is not None:
        return _refuse(setting, operation, user_id, "401", *fault.split(": ", 1))
    forced = force(setting, operation, user_id, request.headers)
    if forced is not None:
        return forced
    body = _read_body(setting, operation, user_id, request)
    if isinstance(body, Reply):
        return body
    judged = _judge(operation, setting.dialect, routed.path_values, request, body)
    if isinstance(judged, Violation):
        questions = _questions_behind(setting, judged, request, routed, body, load, now)
        return _refuse_violation(setting, operation, user_id, judged, *questions)
    return _ANSWERS[operation.id](setting, operation, judged, body.value if body else None, load, now)


def _judge(
    operation: Operation, dialect: Dialect, path_values: Mapping[str, str], request: Request, body: Parsed | None
) -> Parameters | Violation:
    """Judge parameters and body, steps 11 and 12; the first violation is the answer."""
    parameters = operation.read_parameters(path_values, request.query, request.headers)
    if isinstance(parameters, Violation):
        return parameters
    is_alone = _LOOKUP in parameters.values and _LOOKUP_TYPE not in parameters.values
    if is_alone and dialect["attribution-headers"] != "ignore":
        return _LOOKUP_ALONE
    violation = operation.judge_body(body.value) if body else operation.judge_absence()
    return parameters if violation is None else violation


def _questions_behind(
    setting: Setting,
    violation: Violation,
    request: Request,
    routed: RouteMatch,
    body: Parsed | None,
    load: Load,
    now: str,
) -> tuple[str, ...]:
    """Return the questions to which another answer would have changed the code of this refusal."""
    if violation is _LOOKUP_ALONE:
        return ("attribution-headers",)

    def judge(contract: Contract) -> Violation | None:
        operation = contract.operations[routed.operation.id]
        judged = _judge(operation, setting.dialect, routed.path_values, request, body)
        return judged if isinstance(judged, Violation) else None

    refused = violation.refusal or "400"
    deciding: dict[str, None] = {}
    for question, other in other_settings(setting, violation, judge):
        alone = replace(other, dialects=None)  # only the code is wanted, not what that rests on
        if question not in deciding and str(respond(alone, request, load=load, now=now).code) != refused:
            deciding[question] = None
    return tuple(deciding)


def _read_body(setting: Setting, operation: Operation, user_id: str, request: Request) -> Parsed | Reply | None:
    """Read the body, steps 7 to 10; None where there is none."""
    headers = request.headers
    has_body = bool(request.body or request.oversized or request.undecodable) and operation.takes_body
    if has_body and not is_json(headers.get("content-type")):
        why = f"{headers.get('content-type', 'none')[:80]} is not application/json"
        return _refuse(setting, operation, user_id, "415", "header/Content-Type", why)
    if not accepts_json(headers.get("accept")):
        why = f"{headers['accept'][:80]} excludes application/json"
        return _refuse(setting, operation, user_id, "406", "header/Accept", why)
    if request.oversized:
        return _refuse(setting, operation, user_id, "413", "body", "is larger than 1 MiB")
    if request.undecodable:
        return _refuse(setting, operation, user_id, "400", "body", request.undecodable)
    if not has_body:
        return None
    parsed = read_json(request.body)
    if isinstance(parsed, Violation):
        return _refuse_violation(setting, operation, user_id, parsed)
    return parsed


def _refuse(setting: Setting, operation: Operation, user_id: str, code: str, place: str, why: str) -> Reply:
    refusal = Refusal(code=code, place=place, why=why)
    return render_refusal(setting, refusal, Basis(), operation=operation.id, customer=read_id(user_id))


def _refuse_violation(
    setting: Setting, operation: Operation, user_id: str, violation: Violation, *questions: str
) -> Reply:
    """Refuse with the code that the vendor has for the place, else 400."""
    return render_refusal(
        setting,
        Refusal(code=violation.refusal or "400", place=violation.place, why=violation.problem),
        Basis(questions=questions),
        operation=operation.id,
        customer=read_id(user_id),
        repair=violation.repair,
    )


def _answer_update(
    setting: Setting, operation: Operation, parameters: Parameters, body: Any, load: Load, now: str
) -> Reply:
    command = read_update(parameters, body, now)
    customer = load(command.customer)
    survivor = _find_survivor(customer, load)
    outcome = update_customer(customer, command, setting.organisation, setting.dialect, survivor=survivor)
    if isinstance(outcome, Rejected):
        return _refuse_outcome(setting, operation, command.customer, outcome)
    return _show_accepted(setting, operation, outcome)


def _find_survivor(customer: Customer | None, load: Load) -> Customer | None:
    """Follow a merged customer to the one who is left, None where that leads nowhere or in a circle."""
    seen = set()
    while customer is not None and customer.merged_into is not None and customer.id not in seen:
        seen.add(customer.id)
        customer = load(customer.merged_into)
    return customer if seen and customer is not None and customer.merged_into is None else None


def _show_accepted(setting: Setting, operation: Operation, outcome: Accepted) -> Reply:
    catalogue = setting.contract.catalogue
    warned = [catalogue.warning(item.code) for item in outcome.warnings]
    basis = name_basis(outcome.basis, setting.dialect, *warned)
    why = "; ".join([*(explain(item) for item in outcome.warnings), *outcome.ignored])
    body = show_update(outcome, setting.dialect, catalogue)
    return Reply(
        response=render_json(body, basis=basis, why=why),
        operation=operation.id,
        customer=outcome.customer.id,
        basis=basis,
        why=why,
        changed=outcome.changed,
        later=outcome.later,
    )


def _answer_customer(
    setting: Setting, operation: Operation, parameters: Parameters, body: Any, load: Load, now: str
) -> Reply:
    del body, now  # a read depends on neither
    command = read_customer_query(parameters)
    found = read_customer(load(command.customer), command, setting.organisation, setting.dialect)
    if isinstance(found, Rejected):
        return _refuse_outcome(setting, operation, command.customer, found)
    return _show_found(setting, operation, found, show_customer(found))


def _answer_loyalty(
    setting: Setting, operation: Operation, parameters: Parameters, body: Any, load: Load, now: str
) -> Reply:
    del body, now  # a read depends on neither
    command = read_loyalty_query(parameters)
    found = read_loyalty_details(load(command.customer), command, setting.organisation, setting.dialect)
    if isinstance(found, Rejected):
        return _refuse_outcome(setting, operation, command.customer, found)
    return _show_found(setting, operation, found, show_loyalty_details(found, setting.organisation))


def _show_found(setting: Setting, operation: Operation, found: Found, body: Mapping[str, object]) -> Reply:
    """Show what was read; the shape of a read is a published sample's."""
    named = name_basis(found.basis, setting.dialect)
    basis = "; ".join(filter(None, (named, f"published {operation.id}")))
    why = "; ".join(found.ignored)
    return Reply(
        response=render_json(body, basis=basis, why=why),
        operation=operation.id,
        customer=found.customer.id,
        basis=basis,
        why=why,
    )


def _refuse_outcome(setting: Setting, operation: Operation, customer: int, outcome: Rejected) -> Reply:
    return render_refusal(setting, outcome.refusal, outcome.basis, operation=operation.id, customer=customer)


_Answer: TypeAlias = Callable[[Setting, Operation, Parameters, Any, Load, str], Reply]
_ANSWERS: Mapping[str, _Answer] = {
    "updateCustomer": _answer_update,
    "getCustomer": _answer_customer,
    "getLoyaltyDetails": _answer_loyalty,
}
