"""What the schema phase promises, and how one answer is held against it.

The final request is judged, never the intention behind it: what was generated as invalid may have become valid on its
way (an unknown query parameter is ignored, a header that HTTP cannot carry is left out), and what is valid may be
refused by a rule, with a code of the vendor's. So the contract of the target's dialect reads each request as it was
sent, and says whether it had to be refused.

What another listed answer to a question explains is a difference. Nothing here sends anything.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from mockserver.contract import Contract, RouteMatch, Violation
from mockserver.messages import Request
from mockserver.verification.exchanges import Exchange, read_body
from mockserver.verification.expectation import ABSENT, Expectation, Kind, Mismatch
from mockserver.verification.findings import Grade
from mockserver.verification.form import flaws_of_form, mismatch_of
from mockserver.verification.oracle import Oracle
from mockserver.verification.schema_asked import Asked, read_asked, without_indices
from mockserver.verification.schema_naming import statement_named, statement_of_violation
from mockserver.verification.strictness import Flaw
from mockserver.verification.wording import At, Wording, own, worded

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
_ASKS_FOR_PATIENCE = frozenset({429, 503})
_NOT_ABOUT_THE_REQUEST = frozenset({401, 403, *_ASKS_FOR_PATIENCE})
_UNAUTHORISED, _FORBIDDEN = 401, 403
_METHOD_REFUSED = frozenset({400, 501})  # by a server whose parser does not know the method (RFC 9110 §15.6.2)
_REFUSED = Expectation(body={"errors": {"$contains": [{"$any": True}]}})


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
        return (self.check, self.statement or without_indices(self.mismatch.place), self.question)


def acceptance_of(asked: Asked) -> str:
    """Name the check about whether a request is granted or refused."""
    if asked.violation is None:
        return VALID_UPDATE if asked.is_update else VALID_READ
    return INVALID_UPDATE if asked.is_update else INVALID_READ


def checks_about(asked: Asked, exchange: Exchange) -> Iterator[str]:
    """Give the checks that an exchange decides something about."""
    yield SERVER
    if asked.is_foreign:
        yield METHODS
    elif asked.routed is not None and exchange.response.status not in _NOT_ABOUT_THE_REQUEST:
        yield from (STATUS, CONTENT, CONFORMS, HEADERS)
        yield from [acceptance_of(asked)] if asked.is_judged else []


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
    wrong = Mismatch(
        place="status", promised=own("401"), came=own(str(status)), kind=_kind_of(exchange), code=exchange.code
    )
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
            yield breach_of_server(status, statement_named(oracle.setting.contract, asked))
        return
    yield from _breaches_of_form(exchange, oracle)
    if asked.is_judged:
        yield from _breaches_of_acceptance(exchange, asked, oracle.setting.contract)


def breach_of_server(status: int, statement: str = "") -> Breach:
    """Return that the server failed."""
    wrong = Mismatch(place="status", promised=own("no failure of the server"), came=own(str(status)), kind=Kind.FAILURE)
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
    is_content = place.startswith(("header/", "wire/")) or (place == "body" and flaw.mismatch.promised == "JSON")
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
    statement = statement_of_violation(contract, asked, violation)
    promised = worded("a refusal, because {} {}", At(violation.place), _problem_of(violation, asked.request))
    return Breach(
        check=acceptance_of(asked),
        mismatch=Mismatch(
            place=violation.place, promised=promised, came=own("the request was granted"), kind=Kind.GRANTED
        ),
        grade=Grade.BROKEN if statement else Grade.UNLIKE,
        statement=statement,
        expect=_REFUSED,
        explains=lambda other: read_asked(other, asked.request).violation is None,
    )


def _problem_of(violation: Violation, request: Request) -> Wording:
    """Say what is wrong with a request; of a body, with what stands at the place."""
    if violation.is_of_name or not violation.place.startswith("body"):
        return worded("{}", violation.problem)
    wrong = mismatch_of(violation, read_body(request.body))
    return worded("is {}, and not {}", wrong.came, wrong.promised)


def _refused(asked: Asked, code: int, contract: Contract) -> Breach:
    is_published = any(entry.code == code for entry in contract.catalogue.entries)
    promised = "it is granted, or a code of the vendor's says why not"
    return Breach(
        check=acceptance_of(asked),
        mismatch=Mismatch(place="code", promised=own(promised), came=own(f"code {code}"), kind=Kind.REFUSED, code=code),
        grade=Grade.BROKEN if is_published and asked.is_update else Grade.UNLIKE,
        statement=statement_named(contract, asked),
        expect=Expectation(body={"errors": {"$without": [{"code": code}]}}),
        explains=lambda other: read_asked(other, asked.request).violation is not None,
    )


def _kind_of(exchange: Exchange) -> Kind:
    return Kind.GRANTED if exchange.granted else Kind.STATUS


def _vendor_codes(contract: Contract) -> frozenset[int]:
    """Return the codes of rules; a code that is the HTTP status says that the request itself was wrong."""
    return frozenset(entry.code for entry in contract.catalogue.entries if entry.code != entry.status)


def breach_of_headers(exchange: Exchange, asked: Asked, problem: str) -> Breach | None:
    """Return what a problem with headers, or with a foreign method, breaks; None for what is nobody's promise."""
    status = exchange.response.status
    if asked.is_foreign:
        wrong = Mismatch(place="status", promised=own("405 with Allow"), came=problem, kind=_kind_of(exchange))
        breach = Breach(check=METHODS, mismatch=wrong, grade=Grade.UNLIKE, expect=Expectation(status=405))
        return None if status in _METHOD_REFUSED else breach
    wrong = Mismatch(place="header", promised=own("as the contract declares"), came=problem, kind=Kind.FORM)
    return None if status in _NOT_ABOUT_THE_REQUEST else Breach(check=HEADERS, mismatch=wrong, grade=Grade.UNLIKE)
