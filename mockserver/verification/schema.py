"""The phase `schema`: Schemathesis makes requests from the contract, and what comes is held against the contract.

Schemathesis generates and never sends; each request goes through the courier. Examples go first, then cases of coverage
and of fuzzing in a seeded order, so that a phase that is cut short has asked a bit of everything. After an update the
links of the contract are followed.
"""

import json
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import requests
import schemathesis
from schemathesis.specs.openapi.checks import allow_header_conformance, response_headers_conformance, unsupported_method

from mockserver.contract import Violation, read_json
from mockserver.contract.pointers import find
from mockserver.messages import Request
from mockserver.verification import schema_checks as promises
from mockserver.verification.bench import Bench
from mockserver.verification.courier import Spent
from mockserver.verification.events import CheckDone, Event, Noted, Verdict
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import Expectation, Mismatch
from mockserver.verification.findings import Finding, Grade, Step
from mockserver.verification.schema_cases import Aim, Operation, Planned, load_operations, plan
from mockserver.verification.schema_checks import LAWS, Asked, Breach, read_asked, smaller
from mockserver.verification.target import Leave

PHASE = "schema"
_SHRINKING = 5.0  # seconds that a phase may take to make its findings smaller
_SENDS = 40  # requests that one finding may take to be made smaller
_MOST_EXAMPLES = 4  # findings of one check that are made smaller
_HEADER_CHECKS = [response_headers_conformance, unsupported_method, allow_header_conformance]


def schema_phase(bench: Bench, *, examples: int = 30) -> Iterator[Event]:
    """Ask what the contract allows and what it forbids, and tell what came of it."""
    bench.begin_anew()
    run = _Run(bench, examples=examples)
    reason = ""
    try:
        yield from run.ask_without_credentials()
        for planned in run.plan():
            yield from run.ask(planned)
    except Spent as spent:
        reason = str(spent)
        yield Noted(text=f"{PHASE}: {reason}")
    yield from run.conclude(reason)


@dataclass(slots=True)
class _Tally:
    """What was seen: exchanges that decide something, by check, and findings, with how often each was seen again."""

    observed: Counter[str] = field(default_factory=Counter)
    found: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    again: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    leaves: dict[tuple[str, str, str], promises.Leaves] = field(default_factory=dict)
    shrinking: float = 0.0


class _Run:
    """One run of the phase on one target."""

    def __init__(self, bench: Bench, *, examples: int) -> None:
        setting = bench.oracle.setting
        dialects = setting.dialects
        document = setting.contract.document if dialects is None else dialects.document_of(setting.dialect)
        self._bench = bench
        self._examples = examples
        self._operations = load_operations(document)
        self._aim = Aim(bench.target, setting.contract, unknown=bench.courier.unknown)
        self._tally = _Tally()
        self._follows = max(examples // 3, 1)  # updates after which links are followed

    def plan(self) -> list[Planned]:
        return plan(self._operations, self._aim, seed=self._bench.seed, examples=self._examples)

    def ask_without_credentials(self) -> Iterator[Event]:
        """Ask for a read and an update without credentials."""
        places = [*self._bench.target.places[:1], *([self._aim.nobody] if self._aim.nobody else [])]
        for place in places[:1]:
            path = f"/v2/customers/{place.customer}"
            yield from self._ask_anonymously(Request(method="GET", path=path, query=place.query))
        target = self._aim.place_for_updates
        if target is not None:
            path, headers = f"/v2/customers/{target.customer}", {"content-type": "application/json"}
            request = Request(method="PUT", path=path, query=target.query, headers=headers, body=b"{}")
            yield from self._ask_anonymously(request)

    def _ask_anonymously(self, request: Request) -> Iterator[Event]:
        exchange = self._bench.courier.send(request, anonymous=True)
        self._tally.observed[promises.AUTH] += 1
        status = exchange.response.status
        if status == 401:
            return
        wrong = Mismatch(place="status", promised="401", came=str(status))
        breach = Breach(check=promises.AUTH, mismatch=wrong, grade=Grade.BROKEN, expect=Expectation(status=401))
        yield from self._tell(breach, exchange, anonymous=True)

    def ask(self, planned: Planned) -> Iterator[Event]:
        """Send a request, judge the answer, and follow the links of an update that was granted."""
        exchange, asked, breaches = self._exchange(planned)
        self._tally.observed.update(promises.checks_about(asked, exchange))
        if asked.routed is None and planned.case.method != planned.case.operation.method.upper():
            self._tally.observed[promises.METHODS] += 1
        for breach in breaches:
            yield from self._tell(breach, exchange, planned=planned)
        if asked.is_update and exchange.granted and self._follows > 0:
            self._follows -= 1
            for linked in self._linked(planned, asked):
                yield from self.ask(linked)

    def _exchange(self, planned: Planned) -> tuple[Exchange, Asked, list[Breach]]:
        oracle = self._bench.oracle
        exchange = self._bench.courier.send(planned.request)
        asked = read_asked(oracle.setting.contract, planned.request)
        breaches = list(promises.breaches_of(exchange, asked, oracle))
        if exchange.response.status < 500:
            breaches += self._breaches_of_headers(planned, exchange)
        return exchange, asked, breaches

    def _breaches_of_headers(self, planned: Planned, exchange: Exchange) -> Iterator[Breach]:
        """What Schemathesis says of the headers; what else it checks is judged more exactly from the final request."""
        for failure in _failures(planned, exchange):
            problem = str(failure.message or failure.title).splitlines()[0]
            breach = promises.breach_of_method(exchange, self._aim.contract, problem)
            if breach is not None:
                yield breach
            elif exchange.response.status not in (401, 403, 405, 429, 503):
                wrong = Mismatch(place="header", promised="as the contract declares", came=problem)
                yield Breach(check=promises.HEADERS, mismatch=wrong, grade=Grade.UNLIKE)

    def _linked(self, planned: Planned, asked: Asked) -> Iterator[Planned]:
        """Give the requests that the links of an answer lead to (OpenAPI §4.8.20), about the same customer."""
        if asked.routed is None:
            return
        place = asked.routed.operation.place
        links = find(self._aim.contract.document, place).get("responses", {}).get("200", {}).get("links", {})
        for link in links.values():
            operation = self._operations[link["operationId"]]
            values = {name: _value_of(value, asked) for name, value in link.get("parameters", {}).items()}
            query = {name: value for name, value in values.items() if name != "userId"}
            case = operation.Case(path_parameters={"userId": values["userId"]}, query=query)
            path = operation.path.replace("{userId}", values["userId"])
            text = "&".join(f"{name}={value}" for name, value in query.items())
            yield Planned(case=case, request=Request(method="GET", path=path, query=text))

    def _tell(
        self, breach: Breach, exchange: Exchange, *, planned: Planned | None = None, anonymous: bool = False
    ) -> Iterator[Event]:
        if self._is_known(breach, exchange.request):
            return
        if planned is not None and breach.grade is not Grade.DIFFERS:
            breach, exchange = self._smallest(breach, exchange, planned)
        step = Step(request=exchange.request, expect=breach.expect, anonymous=anonymous)
        finding = Finding(
            grade=breach.grade,
            check=breach.check,
            phase=PHASE,
            promised=f"{LAWS[breach.check]} ({breach.mismatch.place}: {breach.mismatch.promised})",
            came=f"{breach.mismatch.place}: {breach.mismatch.came}",
            statement=breach.statement,
            question=breach.question,
            answer=breach.answer,
            steps=(step,),
            request_id=exchange.request_id,
            at=exchange.at,
            seed=self._bench.seed,
        )
        if breach.key in self._tally.found:  # made smaller, it is one that was told before
            self._tally.again[breach.key] += 1
            return
        self._tally.found[breach.key] = finding
        self._tally.leaves[breach.key] = promises.leaves_of(exchange.request)
        yield self._bench.found(finding)

    def _is_known(self, breach: Breach, request: Request) -> bool:
        """Tell whether a breach was told before, or its request holds all that one of the same check needed."""
        told = [key for key in self._tally.found if key[0] == breach.check and key[2] == breach.question]
        leaves = promises.leaves_of(request)
        within = [key for key in told if key == breach.key or self._is_within(key, breach, leaves)]
        crowd = told[:1] if len(told) >= _MOST_EXAMPLES and breach.check == promises.SERVER else []
        for key in (within or crowd)[:1]:
            self._tally.again[key] += 1
            return True
        return False

    def _is_within(self, key: tuple[str, str, str], breach: Breach, leaves: promises.Leaves) -> bool:
        return breach.check in (promises.SERVER, promises.VALID_UPDATE) and self._tally.leaves[key] <= leaves

    def _smallest(self, breach: Breach, exchange: Exchange, planned: Planned) -> tuple[Breach, Exchange]:
        """Take parts off a request as long as the answer breaks the same promise, within limits; keep the smallest."""
        clock, sends = self._bench.courier.clock, 0
        started, found = clock.now(), True
        while found:
            found = False
            for request in _smaller_requests(exchange.request):
                if sends >= _SENDS or self._tally.shrinking + clock.now() - started > _SHRINKING:
                    break
                sends += 1
                smaller_one = self._again(breach, replace(planned, request=request))
                if smaller_one is not None:
                    (breach, exchange), found = smaller_one, True
                    break
        self._tally.shrinking += clock.now() - started
        return breach, exchange

    def _again(self, breach: Breach, planned: Planned) -> tuple[Breach, Exchange] | None:
        """Send a smaller request; return what came if it breaks the same promise."""
        if not self._may_send(planned.request):
            return None
        try:
            exchange, _, breaches = self._exchange(planned)
        except Spent:
            return None
        same = [one for one in breaches if one.check == breach.check and one.question == breach.question]
        fits = [one for one in same if breach.check == promises.SERVER or _is_as(one, breach)]
        return (fits[0], exchange) if fits else None

    def _may_send(self, request: Request) -> bool:
        """A smaller update of a named customer of a deployment must still be one that the contract refuses."""
        target, nobody = self._bench.target, self._aim.nobody
        about_nobody = nobody is not None and request.path.endswith(f"/{nobody.customer}")
        if target.disposable or request.method != "PUT" or about_nobody:
            return True
        return read_asked(self._aim.contract, request).violation is not None

    def conclude(self, reason: str) -> Iterator[Event]:
        """Tell what came of each check, and how often each finding was seen again."""
        for key, count in self._tally.again.items():
            yield self._bench.found(replace(self._tally.found[key], seen=count, tries=count))
        self._bench.begin_anew()
        self._bench.judge.forget()
        for check in LAWS:
            yield self._done(check, reason)

    def _done(self, check: str, reason: str) -> CheckDone:
        found = [finding for key, finding in self._tally.found.items() if key[0] == check]
        statements = tuple(dict.fromkeys(finding.statement for finding in found if finding.statement))
        questions = tuple(dict.fromkeys(finding.question for finding in found if finding.question))
        observed = self._tally.observed[check]
        verdict = Verdict.HELD if observed else Verdict.NOT_OBSERVED
        if found:
            verdict = Verdict.BROKEN if any(finding.counts for finding in found) else Verdict.DIFFERS
        return CheckDone(
            phase=PHASE,
            check=check,
            verdict=verdict,
            statements=statements,
            questions=questions,
            reason="" if verdict is not Verdict.NOT_OBSERVED else reason or self._why_not(check),
            exchanges=observed,
        )

    def _why_not(self, check: str) -> str:
        target = self._bench.target
        if not target.places and self._aim.nobody is None:
            return "no customer is named"
        if check == promises.METHODS and not target.disposable:
            return "methods outside the contract are sent to mocks only"
        if check in (promises.VALID_UPDATE, promises.INVALID_UPDATE) and target.leave < Leave.WRITES:
            return "it writes; allow that with --allow writes"
        if check in (promises.VALID_UPDATE, promises.INVALID_UPDATE):
            return "generated updates go to an id that nobody has, and none was found"
        return "no request asked for it"


def _is_as(one: Breach, other: Breach) -> bool:
    """Tell whether a smaller request breaks the same promise; what a request is named by may become plainer."""
    return one.key == other.key or one.check in (promises.VALID_UPDATE, promises.VALID_READ)


def _smaller_requests(request: Request) -> Iterator[Request]:
    """Give the requests that say less: no optional headers, a part of the body, a part of the query."""
    plain = {name: value for name, value in request.headers.items() if name == "content-type"}
    if plain != request.headers:
        yield replace(request, headers=plain)
    parsed = read_json(request.body) if request.body else None
    if parsed is not None and not isinstance(parsed, Violation):
        yield from (replace(request, body=json.dumps(less).encode()) for less in smaller(parsed.value))
    parts = request.query.split("&") if request.query else []
    yield from (replace(request, query="&".join([*parts[:at], *parts[at + 1 :]])) for at in range(len(parts)))


def _value_of(value: Any, asked: Asked) -> str:
    """Return the value of a link's parameter: a constant, or what the request had in its path."""
    text = str(value)
    if text.startswith("$request.path.") and asked.routed is not None:
        return asked.routed.path_values[text.rpartition(".")[2]]
    return text


def _failures(planned: Planned, exchange: Exchange) -> list[Any]:
    """Return the failures that Schemathesis sees in an answer's headers."""
    sent = requests.Request(planned.request.method, f"http://target.invalid{planned.request.path}").prepare()
    answer = schemathesis.Response(
        status_code=exchange.response.status,
        headers={name: [value] for name, value in exchange.response.headers.items()},
        content=exchange.response.body,
        request=sent,
        elapsed=exchange.milliseconds / 1000,
        verify=True,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            planned.case.validate_response(answer, checks=_HEADER_CHECKS)
        except schemathesis.errors.FailureGroup as group:
            return list(group.exceptions)
    return []
