"""Requests as the contract reads them: what each names, and the violation for which it must be refused."""

import re
from dataclasses import dataclass

from mockserver.contract import Contract, MethodUnknown, Parameters, RouteMatch, Violation, read_json
from mockserver.messages import Request

_INDEX = re.compile(r"/[0-9]+(?=/|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as the contract reads it: what it names, and the violation for which it must be refused.

    `is_judged` is False where the contract does not say whether it must be refused: no operation, or a body that is no
    strict JSON, which other readers may understand. `is_foreign` says that the path does not have the method.
    """

    request: Request
    routed: RouteMatch | None = None
    is_foreign: bool = False
    violation: Violation | None = None
    is_judged: bool = True

    @property
    def is_update(self) -> bool:
        """Tell whether it would change a customer."""
        return self.routed is not None and self.routed.operation.method == "PUT"


def read_asked(contract: Contract, request: Request) -> Asked:
    """Read a request as the contract does."""
    routed = contract.route(request.method, request.path)
    if not isinstance(routed, RouteMatch):
        return Asked(request=request, is_foreign=isinstance(routed, MethodUnknown), is_judged=False)
    operation = routed.operation
    headers = {name.lower(): value for name, value in request.headers.items()}
    parameters = operation.read_parameters(routed.path_values, request.query, headers)
    if not isinstance(parameters, Parameters):
        return Asked(request=request, routed=routed, violation=parameters)
    if not operation.takes_body or not request.body:
        violation = operation.judge_absence() if operation.takes_body else None
        return Asked(request=request, routed=routed, violation=violation)
    parsed = read_json(request.body)
    is_json = headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    if isinstance(parsed, Violation) or not is_json:
        return Asked(request=request, routed=routed, is_judged=False)
    return Asked(request=request, routed=routed, violation=operation.judge_body(parsed.value))


def is_same_violation(one: Violation | None, other: Violation | None) -> bool:
    """Tell whether there is none in either, or one of the same rule at the same place, in whichever item of a list."""
    if one is None or other is None:
        return one is other
    return one.rule == other.rule and without_indices(one.place) == without_indices(other.place)


def without_indices(place: str) -> str:
    """Return a place that means any item of its lists."""
    return _INDEX.sub("", place)
