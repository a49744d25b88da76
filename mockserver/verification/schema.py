"""The phase `schema`: Schemathesis makes requests from the contract, and what comes is held against the contract.

Schemathesis generates and never sends. All cases are drawn before the first is sent, so that no answer has a part in
what is drawn; each becomes a request that goes through the courier. Examples go first, then coverage and fuzzing in a
seeded order, so that a phase that is cut short has asked a bit of everything. After updates the contract's links are
followed.

A case that shall be refused keeps one flaw: the customer, the query and the body are made right where they are not what
was made wrong, since a target that refuses for another reason shows nothing. On a target that is not disposable ids are
fixed, methods outside the contract do not go out, and updates go to a customer that nobody has; only with leave for
what cannot be undone do updates that the contract refuses go to named customers.
"""

import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import requests
import schemathesis
from schemathesis.specs.openapi.checks import allow_header_conformance, response_headers_conformance, unsupported_method

from mockserver.contract.pointers import find
from mockserver.exchange.dialects import Answer
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification import schema_checks as promises
from mockserver.verification.bench import Bench
from mockserver.verification.courier import Spent
from mockserver.verification.events import CheckDone, Event, Noted, Verdict
from mockserver.verification.exchanges import Exchange
from mockserver.verification.failures import Patience, TargetFailedError
from mockserver.verification.findings import Finding, Step, came_of, promise_of
from mockserver.verification.outcomes import observe
from mockserver.verification.reader import ReadError
from mockserver.verification.schema_asked import Asked, is_same_violation, read_asked
from mockserver.verification.schema_cases import ADDRESS, Aim, Case, carried, cases_of, examples_of, load_operations
from mockserver.verification.schema_checks import LAWS, Breach, Key
from mockserver.verification.schema_explaining import differing, explained, explanations
from mockserver.verification.schema_shrinking import leaves_of, smaller_requests, smallest_refused
from mockserver.verification.spellings import vocabulary
from mockserver.verification.state import State
from mockserver.verification.target import Leave
from mockserver.verification.wording import as_own, own

PHASE = "schema"

_CHECKS = [response_headers_conformance, unsupported_method, allow_header_conformance]
_SENDS = 150  # requests that one finding may take to be made smaller
_SHRINKING = 1500  # requests that all findings of a phase may take for that
_MOST = 4  # findings of one check that are made smaller, and ways to make the server fail that are told apart


def schema_phase(bench: Bench, *, examples: int = 30) -> Iterator[Event]:
    """Ask what the contract allows and what it forbids, and tell what came of it."""
    bench.begin_anew()
    run = _Run(bench, examples=examples)
    reason = ""
    try:
        yield from run.asked(run.ask_without_credentials())
        for planned in run.plan():
            yield from run.asked(run.ask(planned))
    except Spent as spent:
        reason = str(spent)
        yield Noted(text=own(f"{PHASE}: {reason}"))
    yield from run.conclude(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """A case, and the request that it became."""

    case: Case
    request: Request


@dataclass(slots=True)
class _Tally:
    """What was seen: exchanges that decide something, by check; findings, what each took, and how often each came."""

    observed: Counter[str] = field(default_factory=Counter)
    found: dict[Key, Finding] = field(default_factory=dict)
    leaves: dict[Key, frozenset[str]] = field(default_factory=dict)
    again: Counter[Key] = field(default_factory=Counter)

    def knows(self, breach: Breach, request: Request) -> bool:
        """Tell whether a breach was told before, or its request holds all that a told one took; count it then."""
        told = [key for key in self.found if key[0] == breach.check]
        known = [key for key in told if key == breach.key or self._holds(key, breach, leaves_of(request))]
        crowd = told[:1] if breach.check == promises.SERVER and len(told) >= _MOST else []
        for key in (known or crowd)[:1]:
            self.again[key] += 1
            return True
        return False

    def _holds(self, key: Key, breach: Breach, leaves: frozenset[str]) -> bool:
        """For these checks a breach is named by what its request holds, which is plain only of the smallest one."""
        return breach.check in _NAMED_BY_REQUEST and self.leaves[key] <= leaves


_NAMED_BY_REQUEST = (promises.SERVER, promises.VALID_UPDATE, promises.VALID_READ)


class _Run:
    """One run of the phase on one target."""

    def __init__(self, bench: Bench, *, examples: int) -> None:
        setting = bench.oracle.setting
        dialects = setting.dialects
        document = setting.contract.document if dialects is None else dialects.document_of(setting.dialect)
        self._bench = bench
        self._examples = examples
        self._operations = load_operations(document)
        self._aim = Aim(bench.target, setting.contract, unknown=bench.courier.unknown, fiction=bench.fiction)
        self._tally = _Tally()
        self._known = vocabulary(document)
        self._follows = max(examples // 3, 1)  # updates after which links are followed
        self._patience = Patience()
        self._shrinking = 0  # requests so far
        self._shrunk: Counter[str] = Counter()

    def plan(self) -> list[_Planned]:
        """Draw the cases of all operations in the order in which they are sent, each request once."""
        random = Random(self._bench.seed)  # noqa: S311  # a choice of tests, nothing secret
        cases = [case for operation in self._operations.values() for case in examples_of(operation)]
        rest = [
            case
            for operation in self._operations.values()
            for case in cases_of(operation, random, seed=self._bench.seed, examples=self._examples)
        ]
        random.shuffle(rest)
        planned: dict[str, _Planned] = {}
        for case in [*cases, *rest]:
            request = self._aim.request(case, random)
            if request is not None:
                planned.setdefault(repr(request), _Planned(case=case, request=request))
        return list(planned.values())

    def ask_without_credentials(self) -> Iterator[Event]:
        """Ask for a read and an update without credentials."""
        for place, method in ((self._aim.place_for_reads, "GET"), (self._aim.place_for_updates, "PUT")):
            if place is not None:
                request = Request(method=method, path=f"/v2/customers/{place.customer}", query=place.query)
                headers = {"content-type": "application/json"}
                yield from self._ask_anonymously(
                    request if method == "GET" else replace(request, headers=headers, body=b"{}")
                )

    def _ask_anonymously(self, request: Request) -> Iterator[Event]:
        exchange = self._bench.courier.send(request, anonymous=True)
        breach = promises.breach_of_auth(exchange)
        if breach is not None or exchange.response.status == 401:
            self._tally.observed[promises.AUTH] += 1
        if breach is not None:
            yield from self._tell(breach, exchange, anonymous=True)

    def asked(self, asking: Iterator[Event]) -> Iterator[Event]:
        """Ask, and tell nothing of a request that the target failed; where it fails every read, it is lost."""
        try:
            yield from asking
            self._patience.note_answer()
        except TargetFailedError as failure:
            self._bench.judge.forget()
            lost = self._patience.note(failure)
            if lost is not None:
                raise lost from failure

    def ask(self, planned: _Planned) -> Iterator[Event]:
        """Send a request, judge the answer, and follow the links of an update that was granted."""
        exchange, asked = self._exchange(planned.request)
        hidden = self._aim.is_about_nobody(planned.request) and promises.acceptance_of(asked) == promises.INVALID_UPDATE
        decided = promises.checks_about(asked, exchange)
        self._tally.observed.update(check for check in decided if not (hidden and check == promises.INVALID_UPDATE))
        for breach in self._breaches(planned, exchange, asked):
            if not self._tally.knows(breach, planned.request):
                yield from self._tell(*self._understood(breach, exchange, planned))
        if asked.is_update and exchange.granted and self._follows > 0:
            self._follows -= 1
            for linked in self._linked(asked):
                yield from self.ask(linked)

    def _exchange(self, request: Request) -> tuple[Exchange, Asked]:
        return self._bench.courier.send(request), read_asked(self._bench.oracle.setting.contract, request)

    def _breaches(self, planned: _Planned, exchange: Exchange, asked: Asked) -> Iterator[Breach]:
        """Give what is wrong with an answer; of headers and foreign methods Schemathesis judges."""
        yield from promises.breaches_of(exchange, asked, self._bench.oracle)
        for problem in _problems(planned, exchange) if exchange.response.status < 500 else ():
            breach = promises.breach_of_headers(exchange, asked, problem)
            yield from [] if breach is None else [breach]

    def _linked(self, asked: Asked) -> Iterator[_Planned]:
        """Give the requests that the links of an answer lead to (OpenAPI §4.8.20), about the same customer."""
        routed = asked.routed
        if routed is None:
            return
        responses = find(self._aim.contract.document, routed.operation.place)["responses"]
        for link in responses.get("200", {}).get("links", {}).values():
            operation = self._operations[link["operationId"]]
            query = {name: value for name, value in link["parameters"].items() if name not in routed.path_values}
            case = operation.Case(path_parameters=dict(routed.path_values), query=query)
            request = carried(case)
            yield from [] if request is None else [_Planned(case=case, request=request)]

    def _tell(self, breach: Breach, exchange: Exchange, *, anonymous: bool = False) -> Iterator[Event]:
        if breach.key in self._tally.found:  # made smaller, it is one that was told before
            self._tally.again[breach.key] += 1
            return
        finding = Finding(
            grade=breach.grade,
            check=breach.check,
            phase=PHASE,
            promised=promise_of(LAWS[breach.check], (breach.mismatch,)),
            came=came_of((breach.mismatch,)),
            wrong=(breach.mismatch,),
            statement=breach.statement,
            question=breach.question,
            answer=breach.answer,
            steps=(Step(request=exchange.request, expect=breach.expect, anonymous=anonymous),),
            request_id=exchange.request_id,
            at=exchange.at,
            seed=self._bench.seed,
            law=LAWS[breach.check],
        )
        self._tally.found[breach.key] = finding
        self._tally.leaves[breach.key] = leaves_of(exchange.request)
        yield self._bench.found(finding)

    def _understood(self, breach: Breach, exchange: Exchange, planned: _Planned) -> tuple[Breach, Exchange]:
        """Return a breach with its smallest example, explained where another listed answer does so.

        Why a valid request was refused is certain only of one that holds nothing else: such a one is sent.
        """
        if breach.check not in (promises.VALID_UPDATE, promises.VALID_READ):
            breach, exchange = self._smallest(breach, exchange, planned)
            return explained(breach, self._bench.oracle), exchange
        contract = self._bench.oracle.setting.contract
        for answer, other in explanations(breach, self._bench.oracle):
            request = smallest_refused(planned.request, contract, other)
            found = self._again(breach, replace(planned, request=request)) if self._aim.may_go(request) else None
            if found is not None:
                return differing(found[0], answer), found[1]
        breach, smallest = self._smallest(breach, exchange, planned)
        ruled = self._answer_of_rules(smallest, exchange)
        return (breach if ruled is None else differing(breach, ruled)), smallest

    def _answer_of_rules(self, smallest: Exchange, first: Exchange) -> Answer | None:
        """Return the listed answer by which a rule, and not the contract, refuses the smallest request and the first.

        By the smallest alone it may be chance: what was taken off can leave something that the answer refuses too.
        """
        oracle, number = self._bench.oracle, first.request.path.rpartition("/")[2]
        place = next((place for place in self._bench.target.places if str(place.customer) == number), None)
        self._bench.judge.forget()
        try:
            before = State(customer=self._bench.courier.unknown) if place is None else self._bench.judge.state(place)
        except ReadError:
            return None
        answers = oracle.explain(before, smallest.request, observe(smallest, None), smallest.at)
        answer, dialects = next(iter(answers), None), oracle.setting.dialects
        if answer is None or dialects is None:
            return None
        other = oracle.setting.under(dialects.with_answers(oracle.setting.dialect, answer))
        return (
            answer
            if oracle.predict(before, first.request, first.at, setting=other).outcome.code == first.code
            else None
        )

    def _smallest(self, breach: Breach, exchange: Exchange, planned: _Planned) -> tuple[Breach, Exchange]:
        """Take parts off a request as long as the answer breaks the same promise, within limits; keep the smallest."""
        sends = min(_SENDS, _SHRINKING - self._shrinking) if self._shrunk[breach.check] < _MOST else 0
        self._shrunk[breach.check] += 1
        left = self._fit(planned.request)
        while sends > 0:
            request = next(left, None)
            if request is None:
                break
            sends, self._shrinking = sends - 1, self._shrinking + 1
            try:
                found = self._again(breach, replace(planned, request=request))
            except Spent:
                break
            if found is not None:
                (breach, exchange), left = found, self._fit(request)
        return breach, exchange

    def _fit(self, request: Request) -> Iterator[Request]:
        """Give the smaller requests that may go out, and have the violation that this one has, or none."""
        violation = read_asked(self._aim.contract, request).violation
        for less in smaller_requests(request, self._known):
            same = is_same_violation(read_asked(self._aim.contract, less).violation, violation)
            if same and self._aim.may_go(less):
                yield less

    def _again(self, breach: Breach, planned: _Planned) -> tuple[Breach, Exchange] | None:
        """Send a smaller request; return what came if it breaks the same promise."""
        exchange, asked = self._exchange(planned.request)
        for one in self._breaches(planned, exchange, asked):
            if one.key == breach.key or (one.check == breach.check and one.check in _NAMED_BY_REQUEST):
                return one, exchange
        return None

    def conclude(self, reason: str) -> Iterator[Event]:
        """Tell how often each finding was seen again, and what came of each check."""
        for key, count in self._tally.again.items():
            yield self._bench.found(replace(self._tally.found[key], seen=count, tries=count))
        self._bench.begin_anew()
        self._bench.judge.forget()
        for check in LAWS:
            yield self._done(check, reason)

    def _done(self, check: str, reason: str) -> CheckDone:
        found = [finding for key, finding in self._tally.found.items() if key[0] == check]
        observed = self._tally.observed[check]
        verdict = Verdict.HELD if observed else Verdict.NOT_OBSERVED
        if found:
            verdict = Verdict.BROKEN if any(finding.counts for finding in found) else Verdict.DIFFERS
        return CheckDone(
            phase=PHASE,
            check=check,
            verdict=verdict,
            statements=tuple(dict.fromkeys(finding.statement for finding in found if finding.statement)),
            questions=tuple(dict.fromkeys(finding.question for finding in found if finding.question)),
            reason=as_own(reason or self._why_not(check)) if verdict is Verdict.NOT_OBSERVED else "",
            exchanges=observed,
        )

    def _why_not(self, check: str) -> str:
        target, is_update = self._bench.target, check in (promises.VALID_UPDATE, promises.INVALID_UPDATE)
        if self._aim.place_for_reads is None:
            return "no customer is named"
        if check == promises.METHODS and not target.disposable:
            return "methods outside the contract go to mocks only"
        if is_update and target.leave < Leave.WRITES:
            return "it writes; allow that with --allow writes"
        if check == promises.INVALID_UPDATE and self._aim.nobody is not None:
            return "an id that nobody has is refused anyhow; named customers are asked with --allow irreversible"
        return (
            "updates go to an id that nobody has, and none was found"
            if is_update
            else "no answer said anything about it"
        )


def _problems(planned: _Planned, exchange: Exchange) -> list[str]:
    """Return what Schemathesis has against an answer's headers."""
    sent = requests.Request(planned.request.method, f"{ADDRESS}{planned.request.path}").prepare()
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
            planned.case.validate_response(answer, checks=_CHECKS)
        except schemathesis.errors.FailureGroup as group:
            return [str(failure.message or failure.title).splitlines()[0] for failure in group.exceptions]
    return []
