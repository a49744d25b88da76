"""The requests of the schema phase: Schemathesis' cases, made fit to be sent to one target.

A case that shall be refused keeps one flaw: the customer, the query and the body are made right where they are not what
was made wrong, and of a body only the part that is wrong is kept. On a target that is not disposable ids are fixed,
updates go to a customer that nobody has, and methods outside the contract do not go out; only with leave for what
cannot be undone does an update that must be refused go to a named customer.

All cases are drawn before the first is sent, so that no answer has a part in what is drawn: one seed, one list.
"""

import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity
from schemathesis import GenerationMode

from mockserver.contract import Contract, RouteMatch
from mockserver.messages import Request
from mockserver.verification.schema_checks import is_same_violation, read_asked, smallest
from mockserver.verification.target import Leave, Place, Target

Case: TypeAlias = Any  # Schemathesis is not typed for us
Operation: TypeAlias = Any

_ADDRESS = "http://target.invalid"
_CONFIG = {"generation": {"allow-extra-parameters": False, "with-security-parameters": False}}
_JSON = "application/json"
_ADDED = frozenset(
    "accept accept-encoding authorization connection content-length cookie user-agent "
    "x-cap-api-oauth-token x-schemathesis-testcaseid".split()
)
# Other values are not the same for every HTTP client, proxy and server (RFC 9110 §5.5).
_PLAIN_HEADER = re.compile(r"(?:[!-~](?:[ -~]*[!-~])?)?\Z")
_CONTROL = re.compile(r"%(?:[01][0-9A-F]|7F)", re.IGNORECASE)
_LONGEST_ADDRESS = 4096
_TRIES = 300  # parts of a body that are taken off to see whether its flaw stays
_AS_GENERATED = 0.25  # of the queries of valid cases, where any may be sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A case and the request that it became."""

    case: Case
    request: Request


def load_operations(document: Mapping[str, Any]) -> Mapping[str, Operation]:
    """Load a contract's document into Schemathesis, and return its operations by their ids."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = schemathesis.Config.from_dict(_CONFIG)
        loaded = schemathesis.openapi.from_dict({**document, "servers": [{"url": _ADDRESS}]}, config=config)
        return {
            node["operationId"]: loaded[path][method.upper()]
            for path, item in document["paths"].items()
            for method, node in item.items()
            if isinstance(node, Mapping) and "operationId" in node
        }


def plan(operations: Mapping[str, Operation], aim: "Aim", *, seed: int, examples: int) -> list[Planned]:
    """Draw the cases of all operations in the order in which they are sent, each request once."""
    random = Random(seed)  # noqa: S311  # a choice of tests, nothing secret
    cases = [case for operation in operations.values() for case in _examples(operation)]
    rest = [case for name in operations for case in _drawn(operations[name], random, seed=seed, examples=examples)]
    random.shuffle(rest)
    planned: dict[str, Planned] = {}
    for case in [*cases, *rest]:
        request = aim.request(case, random)
        if request is not None:
            planned.setdefault(repr(request), Planned(case=case, request=request))
    return list(planned.values())


def _examples(operation: Operation) -> Iterator[Case]:
    for strategy in operation.get_strategies_from_examples():
        yield from _draw(strategy, 1, seed=0)


def _drawn(operation: Operation, random: Random, *, seed: int, examples: int) -> Iterator[Case]:
    """Give cases of coverage and of fuzzing; a read has less to say than an update."""
    count = examples if operation.method.upper() == "PUT" else max(examples // 5, 1)
    valid = _covering(operation, GenerationMode.POSITIVE)
    yield from random.sample(valid, min(count, len(valid)))
    yield from _one_for_each_flaw(_covering(operation, GenerationMode.NEGATIVE), random)
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        yield from _draw(operation.as_strategy(generation_mode=mode), count, seed=seed)


def _covering(operation: Operation, mode: GenerationMode) -> list[Case]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = operation.schema.config.generation_for(operation=operation, phase="coverage")
        return list(
            operation.schema.iter_coverage_cases(operation, generation_modes=[mode], generation_config=settings)
        )


def _one_for_each_flaw(cases: list[Case], random: Random) -> Iterator[Case]:
    """Of the many wrong values for one rule of the contract one is enough; another seed takes another."""
    kinds: dict[tuple[object, ...], list[Case]] = {}
    for case in cases:
        flaw = case.meta.phase.data
        kinds.setdefault((flaw.scenario, flaw.location, flaw.parameter, case.method), []).append(case)
    yield from (random.choice(alike) for alike in kinds.values())


def _draw(strategy: Any, count: int, *, seed: int) -> list[Case]:
    cases: list[Case] = []
    collect: Callable[[Case], None] = cases.append
    settings = hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )

    @hypothesis.seed(seed)
    @settings
    @hypothesis.given(strategy)
    def draw(case: Case) -> None:
        collect(case)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        draw()
    return cases


class Aim:
    """Makes cases fit for one target: whom they are about, and what of them may go out."""

    def __init__(self, target: Target, contract: Contract, *, unknown: int) -> None:
        self.contract = contract
        self._target = target
        first = target.places[0] if target.places else Place(customer=0)
        self.nobody = Place(customer=unknown, source=first.source, account=first.account) if unknown else None

    @property
    def place_for_updates(self) -> Place | None:
        """Whose update may be asked for whatever comes of it, None where no one's may."""
        if self._target.disposable and self._target.places:
            return self._target.places[0]
        return self.nobody if self._target.leave >= Leave.WRITES or self._target.disposable else None

    def request(self, case: Case, random: Random) -> Request | None:
        """Return the request that a case becomes, None where it may not or cannot go out."""
        flaw = _flaw_of(case, random)
        if not self._target.disposable and (flaw == "PATH" or not _is_declared(case)):
            return None
        place = self._place(case, flaw, random)
        if place is None:
            return None
        self._make_right(case, flaw, place, random)
        request = _carried(case)
        if request is None or self._may_go(request, place):
            return request
        return None if self.nobody is None else self._elsewhere(case, flaw, self.nobody, random)

    def _place(self, case: Case, flaw: str, random: Random) -> Place | None:
        named = random.choice(self._target.places) if self._target.places else None
        if case.method != "PUT" or self._target.disposable:
            return named or self.nobody
        if self._target.leave < Leave.WRITES:
            return None
        return named if flaw and self._target.leave >= Leave.IRREVERSIBLE else self.nobody

    def _may_go(self, request: Request, place: Place) -> bool:
        """An update of a named customer of a deployment goes out only if the contract refuses it."""
        if self._target.disposable or request.method != "PUT" or place == self.nobody:
            return True
        return read_asked(self.contract, request).violation is not None

    def _elsewhere(self, case: Case, flaw: str, nobody: Place, random: Random) -> Request | None:
        self._make_right(case, flaw, nobody, random)
        return _carried(case)

    def _make_right(self, case: Case, flaw: str, place: Place, random: Random) -> None:
        """Leave one flaw in a case, or none, and make the rest what the place wants."""
        if flaw != "PATH":
            case.path_parameters = {"userId": str(place.customer)}
        case.query = self._query(case, flaw, place, random)
        case.headers = _headers(case, flaw)
        if flaw == "BODY":
            case.body = self._flawed_part(case)
        elif flaw and case.method == "PUT":
            case.body, case.media_type = {}, _JSON

    def _query(self, case: Case, flaw: str, place: Place, random: Random) -> dict[str, Any]:
        right = self._right_query(case, place)
        wrong = case.meta.phase.data.parameter if flaw == "QUERY" else None
        if flaw == "QUERY" and wrong is None:
            return dict(case.query)
        if wrong is not None:
            kept = {wrong: case.query[wrong]} if wrong in case.query else {}
            return {**{name: value for name, value in right.items() if name != wrong}, **kept}
        if not flaw and self._target.disposable and random.random() < _AS_GENERATED:
            return dict(case.query)
        return {**right, **({"use_async": case.query["use_async"]} if not flaw and "use_async" in case.query else {})}

    def _right_query(self, case: Case, place: Place) -> dict[str, str]:
        routed = self.contract.route(case.method, case.path)
        declared = [item.name for item in routed.operation.parameters] if isinstance(routed, RouteMatch) else []
        right = {"source": place.source, **({"accountId": place.account} if place.account else {})}
        return {name: value for name, value in right.items() if name in declared}

    def _flawed_part(self, case: Case) -> Any:
        """Return the smallest part of a body that breaks the contract as the whole does."""
        routed = self.contract.route(case.method, case.path)
        schema = routed.operation.body if isinstance(routed, RouteMatch) else None
        if schema is None or not _is_json(case.body):
            return case.body
        flaw = schema.first_violation(case.body, "body")
        if flaw is None:
            return case.body
        return smallest(
            case.body, lambda less: is_same_violation(flaw, schema.first_violation(less, "body")), tries=_TRIES
        )


def _flaw_of(case: Case, random: Random) -> str:
    """Name the part of a case that was made wrong, one of them where several were; empty where none was."""
    meta = case.meta
    if meta is None or meta.generation.mode.is_positive:
        return ""
    if meta.phase.data.parameter_location is not None:
        return str(meta.phase.data.parameter_location.name)
    wrong = sorted(location.name for location, part in meta.components.items() if part.mode.is_negative)
    return random.choice(wrong) if wrong else ""


def _is_declared(case: Case) -> bool:
    return bool(case.method == case.operation.method.upper())


def _headers(case: Case, flaw: str) -> Any:
    """Return the headers that are carried alike everywhere; of a case with another flaw, none."""
    wrong = case.meta.phase.data.parameter if flaw == "HEADER" else None
    kept = type(case.headers)()
    for name, value in case.headers.items() if flaw in ("", "HEADER") else ():
        if (wrong is None or name.lower() == wrong.lower()) and _PLAIN_HEADER.match(str(value)):
            kept[name] = str(value)
    return kept


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _carried(case: Case) -> Request | None:
    """Return the request of a case, None where HTTP cannot carry it or servers in front refuse it by themselves."""
    try:
        options = case.as_transport_kwargs(base_url=_ADDRESS)
        prepared = requests.Request(**{**options, "cookies": None}).prepare()
    except (ValueError, TypeError, requests.RequestException, schemathesis.errors.SchemathesisError):
        return None
    address = urlsplit(str(prepared.url))
    whole = f"{address.path}?{address.query}"
    if len(whole) > _LONGEST_ADDRESS or _CONTROL.search(whole):
        return None
    body = prepared.body or b""
    return Request(
        method=str(prepared.method),
        path=address.path,
        query=address.query,
        headers={name.lower(): str(value) for name, value in prepared.headers.items() if name.lower() not in _ADDED},
        body=body if isinstance(body, bytes) else str(body).encode(),
    )
