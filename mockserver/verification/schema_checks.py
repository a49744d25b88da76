"""What the schema phase promises, and how one answer is held against it.

The final request is judged, never the intention behind it: what was generated as invalid may have become valid on its
way (an unknown query parameter is ignored, a header that HTTP cannot carry is left out), and what is valid may be
refused by a rule, with a code of the vendor's. So the contract of the target's dialect reads each request as it was
sent, and says whether it had to be refused.

What another listed answer to a question explains is a difference, and is learnt. Nothing here sends anything.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockserver.contract import Contract, MethodUnknown, Parameters, RouteMatch, Violation, read_json
from mockserver.contract.pointers import follow
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

_NOT_ABOUT_THE_REQUEST = frozenset({401, 403, 429, 503})
_UNIMPLEMENTED = 501  # RFC 9110 §15.6.2: a method that a server knows nowhere
_REFUSED = Expectation(body={"errors": {"$contains": [{"$any": True}]}})
_INDEX = re.compile(r"/[0-9]+(?=/|\Z)")
Leaves = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as the contract reads it: what it names, and the violation for which it must be refused.

    `is_judged` is False where the contract does not say whether it must be refused: no operation, or a body that is no
    strict JSON, which other readers may understand.
    """

    request: Request
    routed: RouteMatch | None
    violation: Violation | None = None
    is_judged: bool = True

    @property
    def is_update(self) -> bool:
        """Tell whether it would change a customer."""
        return self.routed is not None and self.routed.operation.method == "PUT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One promise that an answer broke; `question` and `answer` name what explains it, empty where nothing does."""

    check: str
    mismatch: Mismatch
    grade: Grade
    statement: str = ""
    question: str = ""
    answer: str = ""
    expect: Expectation = Expectation()

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two breaches one bug."""
        return (self.check, self.statement or _INDEX.sub("", self.mismatch.place), self.question)


def read_asked(contract: Contract, request: Request) -> Asked:
    """Read a request as the contract does."""
    routed = contract.route(request.method, request.path)
    if not isinstance(routed, RouteMatch):
        return Asked(request=request, routed=None, is_judged=False)
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
    if asked.routed is None:
        return
    if exchange.response.status not in _NOT_ABOUT_THE_REQUEST:
        yield from (STATUS, CONTENT, CONFORMS, HEADERS)
        if asked.is_judged:
            yield _acceptance(asked)


def _acceptance(asked: Asked) -> str:
    if asked.violation is None:
        return VALID_UPDATE if asked.is_update else VALID_READ
    return INVALID_UPDATE if asked.is_update else INVALID_READ


def breaches_of(exchange: Exchange, asked: Asked, oracle: Oracle) -> Iterator[Breach]:
    """Give what is wrong with an answer, the failure of the server alone where it failed."""
    status = exchange.response.status
    if status >= 500:
        if status not in (_UNIMPLEMENTED, *_NOT_ABOUT_THE_REQUEST):
            yield _failure(asked, status, oracle.setting.contract)
        return
    yield from _breaches_of_form(exchange, oracle)
    breach = _breach_of_acceptance(exchange, asked, oracle)
    if breach is not None:
        yield breach


def _failure(asked: Asked, status: int, contract: Contract) -> Breach:
    wrong = Mismatch(place="status", promised="no failure of the server", came=str(status))
    statement = name_request(contract, asked)
    return Breach(check=SERVER, mismatch=wrong, grade=Grade.BROKEN, statement=statement)


def _breaches_of_form(exchange: Exchange, oracle: Oracle) -> Iterator[Breach]:
    """Each answer that explains a flaw is learnt, so that the next flaw shows under the dialect that is learnt so far."""
    seen: set[str] = set()
    while True:
        flaws = flaws_of_form(exchange, oracle.setting.contract)
        flaw = next((flaw for flaw in flaws if flaw.mismatch.place not in seen), None)
        if flaw is None:
            return
        seen.add(flaw.mismatch.place)
        breach = Breach(check=_check_of(flaw), mismatch=flaw.mismatch, grade=flaw.grade, statement=flaw.statement)
        yield explained(breach, oracle, _frees(exchange, flaw))


def _check_of(flaw: Flaw) -> str:
    place = flaw.mismatch.place
    if place == "status":
        return STATUS
    is_content = place.startswith("header/") or (place == "body" and flaw.mismatch.promised == "JSON")
    return CONTENT if is_content else CONFORMS


def _frees(exchange: Exchange, flaw: Flaw) -> Callable[[Contract], bool]:
    """Return whether a contract has nothing against the place of a flaw, nor against what is around it."""
    place = flaw.mismatch.place

    def frees(contract: Contract) -> bool:
        routed = contract.route(exchange.request.method, exchange.request.path)
        if not isinstance(routed, RouteMatch) or exchange.body is ABSENT or not place.startswith("body"):
            return False
        schema = routed.operation.responses.get(str(exchange.response.status))
        against = [] if schema is None else [found.place for found in schema.violations(exchange.body, "body")]
        return schema is not None and not any(f"{place}/".startswith(f"{one}/") for one in against)

    return frees


def _breach_of_acceptance(exchange: Exchange, asked: Asked, oracle: Oracle) -> Breach | None:
    if not asked.is_judged or exchange.response.status in _NOT_ABOUT_THE_REQUEST:
        return None
    contract = oracle.setting.contract
    if asked.violation is not None:
        return _accepted(asked, asked.violation, oracle) if exchange.granted else None
    # A refusal without a code, in HTML for instance, is a matter of form: it may be any rule's.
    if exchange.granted or exchange.code is None or exchange.code in _vendor_codes(contract):
        return None
    return _refused(exchange, asked, exchange.code, oracle)


def _accepted(asked: Asked, violation: Violation, oracle: Oracle) -> Breach:
    promised = f"a refusal, because {violation}"
    statement = statement_at(oracle.setting.contract.document, violation) or _statement_of_holder(oracle, violation)
    breach = Breach(
        check=_acceptance(asked),
        mismatch=Mismatch(place=violation.place, promised=promised, came="the request was granted"),
        grade=Grade.BROKEN if statement else Grade.UNLIKE,
        statement=statement,
        expect=_REFUSED,
    )
    return explained(breach, oracle, lambda contract: read_asked(contract, asked.request).violation is None)


def _statement_of_holder(oracle: Oracle, violation: Violation) -> str:
    if not violation.holder:
        return ""
    return statement_at(oracle.setting.contract.document, replace(violation, rule=violation.holder))


def _refused(exchange: Exchange, asked: Asked, code: int, oracle: Oracle) -> Breach:
    contract = oracle.setting.contract
    known = any(entry.code == code for entry in contract.catalogue.entries)
    promised = "granted, or refused with a code of the vendor's that is published for it"
    breach = Breach(
        check=_acceptance(asked),
        mismatch=Mismatch(place="code", promised=promised, came=f"code {code}"),
        grade=Grade.BROKEN if known and asked.is_update else Grade.UNLIKE,
        statement=name_request(contract, asked),
        expect=Expectation(body={"errors": {"$without": [{"code": code}]}}),
    )
    return explained(breach, oracle, lambda contract: read_asked(contract, asked.request).violation is not None)


def _vendor_codes(contract: Contract) -> frozenset[int]:
    """Return the codes of rules; a code that is the HTTP status says that the request itself was wrong."""
    return frozenset(entry.code for entry in contract.catalogue.entries if entry.code != entry.status)


def explained(breach: Breach, oracle: Oracle, explains: Callable[[Contract], bool]) -> Breach:
    """Return a breach as the difference that it is where another listed answer explains it, and learn that answer."""
    for question, answer, contract in _other_contracts(oracle):
        if explains(contract):
            dialects = oracle.setting.dialects
            if dialects is not None and answer in dialects.questions[question].implemented:
                oracle.learn((question, answer))
            return replace(breach, grade=Grade.DIFFERS, question=question, answer=answer)
    return breach


def _other_contracts(oracle: Oracle) -> Iterator[tuple[str, str, Contract]]:
    """Give the contracts of the dialects that differ in one answer; contradicting answers make none."""
    dialects, dialect = oracle.setting.dialects, oracle.setting.dialect
    for question in dialects.questions.values() if dialects is not None else ():
        for answer in question.answers if question.contract else ():
            contract = _contract_under(oracle, (question.id, answer)) if answer != dialect[question.id] else None
            if contract is not None:
                yield question.id, answer, contract


def _contract_under(oracle: Oracle, answer: Answer) -> Contract | None:
    dialects = oracle.setting.dialects
    try:
        return None if dialects is None else dialects.contract_of(dialects.with_answers(oracle.setting.dialect, answer))
    except ContractError:
        return None


def breach_of_method(exchange: Exchange, contract: Contract, problem: str) -> Breach | None:
    """Return what is wrong with the answer to a method that the path does not have, None where all is well."""
    routed = contract.route(exchange.request.method, exchange.request.path)
    if not isinstance(routed, MethodUnknown) or exchange.response.status in (400, _UNIMPLEMENTED):
        return None
    wrong = Mismatch(place="status", promised="405 with Allow", came=problem)
    return Breach(check=METHODS, mismatch=wrong, grade=Grade.UNLIKE, expect=Expectation(status=405))


def name_request(contract: Contract, asked: Asked) -> str:
    """Return the statement about what is particular in a request: its violation, or the one member that it sends."""
    if asked.violation is not None:
        return statement_at(contract.document, asked.violation)
    leaves = [leaf for leaf in leaves_of(asked.request) if leaf.startswith("body/")]
    if len(leaves) != 1 or asked.routed is None or asked.routed.operation.body is None:
        return ""
    return _statement_of_member(contract, asked.routed.operation.body.place, leaves[0].split("/")[1:])


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


def leaves_of(request: Request) -> Leaves:
    """Return the places at which a request says something: the innermost members of its body, and its parameters."""
    parsed = read_json(request.body) if request.body else None
    body = set() if parsed is None or isinstance(parsed, Violation) else set(_leaves(parsed.value, "body"))
    query = {f"query/{part.partition('=')[0]}" for part in request.query.split("&") if part}
    return frozenset({request.method, *body, *query, *(f"header/{name}" for name in request.headers)})


def _leaves(value: Any, place: str) -> Iterator[str]:
    inner = (
        value.items() if isinstance(value, dict) else (("*", item) for item in value) if isinstance(value, list) else ()
    )
    found = [leaf for name, member in inner for leaf in _leaves(member, f"{place}/{name}")]
    yield from found or [place]


def smaller(value: Any) -> Iterator[Any]:  # Any: JSON
    """Give the values that have one part less, the larger parts first."""
    if isinstance(value, dict):
        yield from ({name: member for name, member in value.items() if name != gone} for gone in value)
        yield from ({**value, name: less} for name, member in value.items() for less in smaller(member))
    elif isinstance(value, list):
        yield from ([*value[:gone], *value[gone + 1 :]] for gone in range(len(value)))
        yield from ([*value[:at], less, *value[at + 1 :]] for at, item in enumerate(value) for less in smaller(item))


def smallest(value: Any, keeps: Callable[[Any], bool], *, tries: int) -> Any:  # Any: JSON
    """Take parts off a value as long as it keeps what matters, trying so many times."""
    left = tries
    found = True
    while found and left > 0:
        found = False
        for less in smaller(value):
            left -= 1
            if keeps(less):
                value, found = less, True
                break
            if left <= 0:
                break
    return value


def is_same_violation(one: Violation | None, other: Violation | None) -> bool:
    """Tell whether two violations are of one rule at one place, in whichever item of a list."""
    if one is None or other is None:
        return False
    return one.rule == other.rule and _INDEX.sub("", one.place) == _INDEX.sub("", other.place)
