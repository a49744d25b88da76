"""The step that finds the operation which a request asks for, or refuses its path or method (404, 405)."""

from mockserver.contract import MethodUnknown, PathUnknown, RouteMatch
from mockserver.domain.outcome import Basis, Refusal
from mockserver.exchange.passage import Passage
from mockserver.exchange.rendering import render_refusal
from mockserver.exchange.reply import Reply, Setting
from mockserver.messages import Request, Response


def route(passage: Passage) -> Reply | None:
    """Find the operation, and the values in its path."""
    request = passage.request
    routed = passage.setting.contract.route(request.method, request.path)
    if not isinstance(routed, RouteMatch):
        return _refuse_route(passage.setting, request, routed)
    passage.endpoint = endpoint = routed.operation
    passage.operation = operation = passage.setting.operations[endpoint.id]
    passage.path_values = routed.path_values
    passage.path_id = operation.subject.text_in(routed.path_values)
    return None


def _refuse_route(setting: Setting, request: Request, unknown: PathUnknown | MethodUnknown) -> Reply:
    if isinstance(unknown, PathUnknown):
        return _refuse_path(setting, request)
    return _meet_method(setting, request, unknown)


def _refuse_path(setting: Setting, request: Request) -> Reply:
    for misplaced in (one for operation in setting.operations.values() for one in operation.misplaced):
        if request.path.rstrip("/").endswith(misplaced.path):
            basis = Basis(statements=misplaced.statements)
            return render_refusal(setting, Refusal(code="404", place="path", why=misplaced.why), basis)
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
