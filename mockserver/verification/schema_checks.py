"""What the schema phase promises, and how one answer is held against it.

The final request is judged, never the intention behind it: what was generated as invalid may have become valid on its
way (an unknown query parameter is ignored, a header that HTTP cannot carry is left out), and what is valid may be
refused by a rule, with a code of the vendor's. So the contract of the target's dialect reads each request as it was
sent, and says whether it had to be refused.

What another listed answer to a question explains is a difference. Nothing here sends anything.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from mockserver.contract import Contract, MethodUnknown, Parameters, RouteMatch, Violation, read_json
from mockserver.contract.pointers import find, follow
from mockserver.errors import ContractError
from mockserver.exchange.dialects import Answer
from mockserver.messages import Request
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import ABSENT, Expectation, Mismatch
from mockserver.verification.findings import Grade
from mockserver.verification.form import Flaw, flaws_of_form, statement_at
from mockserver.verification.oracle import Oracle

SERVER = "schema-not-a-server-error"
STATUS = "schema-status-is-declared"
CONTENT = "schema-content-type"
CONFORMS = "schema-response-conforms"
HEADERS = "schema-response-headers"
INVALID_UPDATE, INVALID_READ = "schema-invalid-is-refused", "schema-invalid-read-is-refused"
VALID_UPDATE, VALID_READ = "schema-valid-is-taken", "schema-valid-read-is-taken"
METHODS = "schema-other-methods-are-refused"
AUTH = "schema-auth-is-needed"

LAWS: Mapping[str, str] = {
    SERVER: "no request makes the server fail",
    STATUS: "an answer has a status that the contract declares",
    CONTENT: "an answer is JSON and says so",
    CONFORMS: "the body of an answer obeys the contract",
    HEADERS: "an answer has the headers that the contract declares",
    INVALID_UPDATE: "an update that breaks the contract is refused",
    VALID_UPDATE: "an update that obeys the contract is taken, or refused with a code of the vendor's",
    INVALID_READ: "a read that breaks the contract is refused",
    VALID_READ: "a read that obeys the contract is answered, or refused with a code of the vendor's",
    METHODS: "a method that the contract does not name is refused with 405 and Allow",
    AUTH: "a request without credentials is refused with 401",
}

Key: TypeAlias = tuple[str, str, str]
_T = TypeVar("_T")
_TRIES = 2000  # parts that are taken off one request to see what matters; nothing is sent for it
_ASKS_FOR_PATIENCE = frozenset({429, 503})
_NOT_ABOUT_THE_REQUEST = frozenset({401, 403, *_ASKS_FOR_PATIENCE})
_UNAUTHORISED, _FORBIDDEN = 401, 403
_METHOD_REFUSED = frozenset({400, 501})  # by a server whose parser does not know the method (RFC 9110 §15.6.2)
_REFUSED = Expectation(body={"errors": {"$contains": [{"$any": True}]}})
_TABLES = {"path": "-PATH-", "query": "-QRY-", "header": "-HDR-"}  # what the ids of their statements have in them
_IN_EACH = frozenset({"query/source", "query/accountId", "header/content-type"})
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

    @property
    def acceptance(self) -> str:
        """Name the check about whether it is granted or refused."""
        if self.violation is None:
            return VALID_UPDATE if self.is_update else VALID_READ
        return INVALID_UPDATE if self.is_update else INVALID_READ


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One promise that an answer broke.

    `explains` tells whether it is none under another contract; `question` and `answer` name what explains it.
    """

    check: str
    mismatch: Mismatch
    grade: Grade = Grade.BROKEN
    statement: str = ""
    question: str = ""
    answer: str = ""
    expect: Expectation = field(default_factory=Expectation)
    explains: Callable[[Contract], bool] | None = None

    @property
    def key(self) -> Key:
        """What makes two breaches one bug."""
        return (self.check, self.statement or _without_indices(self.mismatch.place), self.question)


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


def checks_about(asked: Asked, exchange: Exchange) -> Iterator[str]:
    """Give the checks that an exchange decides something about."""
    yield SERVER
    if asked.is_foreign:
        yield METHODS
    elif asked.routed is not None and exchange.response.status not in _NOT_ABOUT_THE_REQUEST:
        yield from (STATUS, CONTENT, CONFORMS, HEADERS)
        yield from [asked.acceptance] if asked.is_judged else []


def breach_of_auth(exchange: Exchange) -> Breach | None:
    """Return what is wrong with the answer to a request without credentials; refused for another reason is nothing."""
    status = exchange.response.status
    if status >= 500 and status not in _NOT_ABOUT_THE_REQUEST:
        return breach_of_server(status)
    if (
        status in _ASKS_FOR_PATIENCE
        or status == _UNAUTHORISED
        or (not exchange.granted and exchange.code not in (None, _FORBIDDEN))
    ):
        return None
    wrong = Mismatch(place="status", promised="401", came=str(status))
    grade = Grade.UNLIKE if status == _FORBIDDEN else Grade.BROKEN
    return Breach(check=AUTH, mismatch=wrong, grade=grade, expect=Expectation(status=_UNAUTHORISED))


def breaches_of(exchange: Exchange, asked: Asked, oracle: Oracle) -> Iterator[Breach]:
    """Give what is wrong with an answer; where the server failed, that alone.

    An answer that is learnt between two of them counts for the next.
    """
    status = exchange.response.status
    if status in _NOT_ABOUT_THE_REQUEST:
        return
    if status >= 500:
        if not (asked.is_foreign and status in _METHOD_REFUSED):
            yield breach_of_server(status, _name(oracle.setting.contract, asked))
        return
    yield from _breaches_of_form(exchange, oracle)
    if asked.is_judged:
        yield from _breaches_of_acceptance(exchange, asked, oracle.setting.contract)


def breach_of_server(status: int, statement: str = "") -> Breach:
    """Return that the server failed."""
    wrong = Mismatch(place="status", promised="no failure of the server", came=str(status))
    return Breach(check=SERVER, mismatch=wrong, statement=statement)


def _breaches_of_form(exchange: Exchange, oracle: Oracle) -> Iterator[Breach]:
    seen: set[str] = set()
    while True:
        flaws = flaws_of_form(exchange, oracle.setting.contract)
        flaw = next((flaw for flaw in flaws if flaw.mismatch.place not in seen), None)
        if flaw is None:
            return
        seen.add(flaw.mismatch.place)
        yield Breach(
            check=_check_of(flaw),
            mismatch=flaw.mismatch,
            grade=flaw.grade,
            statement=flaw.statement,
            explains=_frees(exchange, flaw.mismatch.place),
        )


def _check_of(flaw: Flaw) -> str:
    place = flaw.mismatch.place
    if place == "status":
        return STATUS
    is_content = place.startswith("header/") or (place == "body" and flaw.mismatch.promised == "JSON")
    return CONTENT if is_content else CONFORMS


def _frees(exchange: Exchange, place: str) -> Callable[[Contract], bool]:
    """Return whether a contract has nothing against a place of an answer, nor against what is around it."""

    def frees(contract: Contract) -> bool:
        routed = contract.route(exchange.request.method, exchange.request.path)
        if not isinstance(routed, RouteMatch) or exchange.body is ABSENT or not place.startswith("body"):
            return False
        schema = routed.operation.responses.get(str(exchange.response.status))
        against = [] if schema is None else [found.place for found in schema.violations(exchange.body, "body")]
        return schema is not None and not any(f"{place}/".startswith(f"{one}/") for one in against)

    return frees


def _breaches_of_acceptance(exchange: Exchange, asked: Asked, contract: Contract) -> Iterator[Breach]:
    if asked.violation is not None:
        yield from [_accepted(asked, asked.violation, contract)] if exchange.granted else []
    # A refusal without a code, in HTML for instance, is a matter of form: it may be any rule's.
    elif not exchange.granted and exchange.code is not None and exchange.code not in _vendor_codes(contract):
        yield _refused(asked, exchange.code, contract)


def _accepted(asked: Asked, violation: Violation, contract: Contract) -> Breach:
    statement = _statement_of(contract, asked, violation)
    promised = f"a refusal, because {violation}"
    return Breach(
        check=asked.acceptance,
        mismatch=Mismatch(place=violation.place, promised=promised, came="the request was granted"),
        grade=Grade.BROKEN if statement else Grade.UNLIKE,
        statement=statement,
        expect=_REFUSED,
        explains=lambda other: read_asked(other, asked.request).violation is None,
    )


def _refused(asked: Asked, code: int, contract: Contract) -> Breach:
    is_published = any(entry.code == code for entry in contract.catalogue.entries)
    promised = "it is granted, or a code of the vendor's says why not"
    return Breach(
        check=asked.acceptance,
        mismatch=Mismatch(place="code", promised=promised, came=f"code {code}"),
        grade=Grade.BROKEN if is_published and asked.is_update else Grade.UNLIKE,
        statement=_name(contract, asked),
        expect=Expectation(body={"errors": {"$without": [{"code": code}]}}),
        explains=lambda other: read_asked(other, asked.request).violation is not None,
    )


def _vendor_codes(contract: Contract) -> frozenset[int]:
    """Return the codes of rules; a code that is the HTTP status says that the request itself was wrong."""
    return frozenset(entry.code for entry in contract.catalogue.entries if entry.code != entry.status)


def breach_of_headers(exchange: Exchange, asked: Asked, problem: str) -> Breach | None:
    """Return what a problem with headers, or with a foreign method, breaks; None for what is nobody's promise."""
    status = exchange.response.status
    if asked.is_foreign:
        wrong = Mismatch(place="status", promised="405 with Allow", came=problem)
        breach = Breach(check=METHODS, mismatch=wrong, grade=Grade.UNLIKE, expect=Expectation(status=405))
        return None if status in _METHOD_REFUSED else breach
    wrong = Mismatch(place="header", promised="as the contract declares", came=problem)
    return None if status in _NOT_ABOUT_THE_REQUEST else Breach(check=HEADERS, mismatch=wrong, grade=Grade.UNLIKE)


def explained(breach: Breach, oracle: Oracle) -> Breach:
    """Return a breach as a difference where another listed answer explains it, and learn that answer."""
    answer = next((answer for answer, _ in explanations(breach, oracle)), None)
    if answer is None:
        return breach
    dialects = oracle.setting.dialects
    if dialects is not None and answer[1] in dialects.questions[answer[0]].implemented:
        oracle.learn(answer)
    return differing(breach, answer)


def differing(breach: Breach, answer: Answer) -> Breach:
    """Return a breach as the difference that an answer makes of it."""
    return replace(breach, grade=Grade.DIFFERS, question=answer[0], answer=answer[1])


def explanations(breach: Breach, oracle: Oracle) -> Iterator[tuple[Answer, Contract]]:
    """Give the other listed answers under whose contract there is no breach."""
    explains = breach.explains
    if explains is not None:
        yield from ((answer, contract) for answer, contract in _other_contracts(oracle) if explains(contract))


def smallest_refused(request: Request, contract: Contract, other: Contract) -> Request:
    """Return the smallest request that a contract allows, and another one forbids for the reason it has here."""
    reason = read_asked(other, request).violation

    def keeps(less: Request) -> bool:
        is_allowed = read_asked(contract, less).violation is None
        return is_allowed and is_same_violation(read_asked(other, less).violation, reason)

    return smallest(request, smaller_requests, keeps)


def _other_contracts(oracle: Oracle) -> Iterator[tuple[Answer, Contract]]:
    """Give the contracts of the dialects that differ in one answer; answers that contradict each other make none."""
    dialects, dialect = oracle.setting.dialects, oracle.setting.dialect
    for question in dialects.questions.values() if dialects is not None else ():
        for answer in question.answers if question.contract else ():
            contract = _contract_under(oracle, (question.id, answer)) if answer != dialect[question.id] else None
            if contract is not None:
                yield (question.id, answer), contract


def _contract_under(oracle: Oracle, answer: Answer) -> Contract | None:
    dialects = oracle.setting.dialects
    try:
        return None if dialects is None else dialects.contract_of(dialects.with_answers(oracle.setting.dialect, answer))
    except ContractError:
        return None


def _name(contract: Contract, asked: Asked) -> str:
    """Return the statement about what is particular in a request: its violation, or the one thing that it says."""
    if asked.violation is not None:
        return _statement_of(contract, asked, asked.violation)
    said = [leaf for leaf in leaves_of(asked.request) if leaf.startswith(("body/", "header/"))]
    if len(said) != 1 or asked.routed is None or asked.routed.operation.body is None:
        return ""
    if said[0].startswith("header/"):
        return _statement_of_parameter(contract, asked, said[0])
    return _statement_of_member(contract, asked.routed.operation.body.place, said[0].split("/")[1:])


def _statement_of(contract: Contract, asked: Asked, violation: Violation) -> str:
    return _statement_of_parameter(contract, asked, violation.place) or statement_at(contract.document, violation)


def _statement_of_parameter(contract: Contract, asked: Asked, place: str) -> str:
    """Return a parameter's statement, of several the one of the page's table that lists it."""
    parameters = asked.routed.operation.parameters if asked.routed is not None else ()
    rule = next((item.rule for item in parameters if item.place.lower() == place.lower()), None)
    names = [] if rule is None else [str(name) for name in find(contract.document, rule).get("x-statements", ())]
    return next((name for name in names if _TABLES[place.partition("/")[0]] in name), next(iter(names), ""))


def _statement_of_member(contract: Contract, place: str, names: list[str]) -> str:
    """Walk down the members of a body, and return the statement that is nearest to the last."""
    named = ""
    node, place = follow(contract.document, {"$ref": place}, place)
    for name in names:
        inner = node.get("items") if name == "*" else node.get("properties", {}).get(name)
        if not isinstance(inner, Mapping):
            return named
        named = next(iter(inner.get("x-statements", ())), named)
        node, place = follow(contract.document, inner, place)
    return named


def leaves_of(request: Request) -> frozenset[str]:
    """Return the places at which a request says something, but for those that each has: source and account.

    They are the innermost members of its body, and its parameters.
    """
    parsed = read_json(request.body) if request.body else None
    body = set() if parsed is None or isinstance(parsed, Violation) else set(_leaves(parsed.value, "body"))
    query = {f"query/{part.partition('=')[0]}" for part in request.query.split("&") if part}
    headers = {f"header/{name}" for name in request.headers}
    return frozenset({request.method, *body, *query, *headers}) - _IN_EACH


def _leaves(value: Any, place: str) -> Iterator[str]:
    members = value.items() if isinstance(value, dict) else ()
    items = (("*", item) for item in value) if isinstance(value, list) else ()
    found = [leaf for name, inner in (*members, *items) for leaf in _leaves(inner, f"{place}/{name}")]
    yield from found or [place]


def smallest(value: _T, parts: Callable[[_T], Iterator[_T]], keeps: Callable[[_T], bool]) -> _T:
    """Take parts off a value as long as it keeps what matters, within limits."""
    left = _TRIES
    parts_left = parts(value)
    while left > 0:
        less = next(parts_left, None)
        if less is None:
            break
        left -= 1
        if keeps(less):
            value, parts_left = less, parts(less)
    return value


def smaller(value: Any) -> Iterator[Any]:  # Any: JSON
    """Give the values that have one part less, the larger parts first."""
    if isinstance(value, dict):
        yield from ({name: member for name, member in value.items() if name != gone} for gone in value)
        yield from ({**value, name: less} for name, member in value.items() for less in smaller(member))
    elif isinstance(value, list):
        yield from ([*value[:gone], *value[gone + 1 :]] for gone in range(len(value)))
        yield from ([*value[:at], less, *value[at + 1 :]] for at, item in enumerate(value) for less in smaller(item))


def alone(value: Any) -> Iterator[Any]:  # Any: JSON
    """Give the values that hold one leaf alone: mostly one leaf is to blame, and then the rest is off at once."""
    if isinstance(value, dict) and value:
        yield from ({name: one} for name, member in value.items() for one in alone(member))
    elif isinstance(value, list) and value:
        yield from ([one] for item in value for one in alone(item))
    else:
        yield value


def pruned(value: Any, known: Set[str]) -> Any:  # Any: JSON
    """Return a value without the members whose names the contract does not know."""
    if isinstance(value, dict):
        return {name: pruned(member, known) for name, member in value.items() if name in known}
    return [pruned(item, known) for item in value] if isinstance(value, list) else value


def smaller_requests(request: Request, known: Set[str] = frozenset()) -> Iterator[Request]:
    """Give the requests that say less: fewer headers, a part less of the body, or of the query.

    `known` are the names of the contract's members; what it does not know goes first.
    """
    headers = request.headers
    more = [name for name in headers if name != "content-type"]
    for gone in [more, *([name] for name in more)] if more else []:
        yield replace(request, headers={name: value for name, value in headers.items() if name not in gone})
    parsed = read_json(request.body) if request.body else None
    if parsed is not None and not isinstance(parsed, Violation):
        first = [pruned(parsed.value, known)] if known else []
        larger = islice(smaller(parsed.value), len(parsed.value) if isinstance(parsed.value, dict | list) else 0)
        candidates = (*first, *larger, *alone(parsed.value), *smaller(parsed.value))
        less = (one for one in candidates if one != parsed.value)
        yield from (replace(request, body=json.dumps(one).encode()) for one in less)
    parts = request.query.split("&") if request.query else []
    yield from (replace(request, query="&".join([*parts[:at], *parts[at + 1 :]])) for at in range(len(parts)))


def is_same_violation(one: Violation | None, other: Violation | None) -> bool:
    """Tell whether there is none in either, or one of the same rule at the same place, in whichever item of a list."""
    if one is None or other is None:
        return one is other
    return one.rule == other.rule and _without_indices(one.place) == _without_indices(other.place)


def _without_indices(place: str) -> str:
    return _INDEX.sub("", place)
