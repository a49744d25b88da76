"""The cases of the schema phase: what Schemathesis generates, made into requests, and what of them may go out.

Schemathesis generates and never sends: a case becomes a request, or nothing where HTTP cannot carry it.
"""

import json
import re
import warnings
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Verbosity
from schemathesis import GenerationMode

from mockserver.contract import Contract, RouteMatch, Violation, read_json
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.fiction import Fiction
from mockserver.verification.schema_asked import is_same_violation, read_asked
from mockserver.verification.schema_shrinking import smaller, smallest
from mockserver.verification.target import Leave, Place, Target

Case: TypeAlias = Any  # Schemathesis' types are not known to mypy here
Operation: TypeAlias = Any
ADDRESS = "http://target.invalid"
_CONFIG = {"generation": {"allow-extra-parameters": False, "with-security-parameters": False}}
_CLIENT_HEADERS = frozenset({"accept", "accept-encoding", "connection", "content-length", "cookie", "user-agent"})
_NOT_CARRIED = _CLIENT_HEADERS | {"authorization", "x-cap-api-oauth-token", "x-schemathesis-testcaseid"}
# Other values are not the same for every HTTP client, proxy and server (RFC 9110 §5.5).
_PLAIN_HEADER = re.compile(r"(?:[!-~](?:[ -~]*[!-~])?)?\Z")
_CONTROL = re.compile(r"%(?:[01][0-9A-F]|7F)", re.IGNORECASE)
_LONGEST_ADDRESS = 4096
_AS_GENERATED = 0.25  # of the queries of valid cases, where any may be sent


def load_operations(document: Mapping[str, Any]) -> Mapping[str, Operation]:
    """Load a contract's document into Schemathesis, and return its operations by their ids."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = schemathesis.Config.from_dict(_CONFIG)
        loaded = schemathesis.openapi.from_dict({**document, "servers": [{"url": ADDRESS}]}, config=config)
        return {
            node["operationId"]: loaded[path][method.upper()]
            for path, item in document["paths"].items()
            for method, node in item.items()
            if isinstance(node, Mapping) and "operationId" in node
        }


def examples_of(operation: Operation) -> Iterator[Case]:
    for strategy in operation.get_strategies_from_examples():
        yield from _draw(strategy, 1, seed=0)


def cases_of(operation: Operation, random: Random, *, seed: int, examples: int) -> Iterator[Case]:
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
        schema = operation.schema
        config = schema.config.generation_for(operation=operation, phase="coverage")
        return list(schema.iter_coverage_cases(operation, generation_modes=[mode], generation_config=config))


def _one_for_each_flaw(cases: list[Case], random: Random) -> Iterator[Case]:
    """Of the many wrong values for one rule of the contract one is enough; another seed takes another."""
    kinds: dict[tuple[object, ...], list[Case]] = {}
    for case in cases:
        flaw = case.meta.phase.data
        kinds.setdefault((flaw.scenario, flaw.location, flaw.parameter, case.method), []).append(case)
    yield from (random.choice(alike) for alike in kinds.values())


def _draw(strategy: Any, count: int, *, seed: int) -> list[Case]:
    cases: list[Case] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @hypothesis.given(strategy)
    def draw(case: Case) -> None:
        cases.append(case)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        draw()
    return cases


class Aim:
    """Makes cases fit for one target: whom they are about, and what of them may go out."""

    def __init__(self, target: Target, contract: Contract, *, unknown: int, fiction: Fiction | None = None) -> None:
        self.contract = contract
        self._target = target
        self._fiction = fiction or Fiction(0)
        first = target.places[0] if target.places else Place(customer=0)
        self.nobody = Place(customer=unknown, source=first.source, account=first.account) if unknown else None

    @property
    def place_for_reads(self) -> Place | None:
        """Whose read may be asked for."""
        return self._target.places[0] if self._target.places else self.nobody

    @property
    def place_for_updates(self) -> Place | None:
        """Whose update may be asked for whatever comes of it."""
        if self._target.disposable:
            return self.place_for_reads
        return self.nobody if self._target.leave >= Leave.WRITES else None

    def is_about_nobody(self, request: Request) -> bool:
        """Tell whether a request is about the customer that nobody has."""
        return self.nobody is not None and request.path == f"/v2/customers/{self.nobody.customer}"

    def may_go(self, request: Request) -> bool:
        """An update of a named customer of a deployment goes out only if the contract refuses it."""
        if self._target.disposable or request.method != "PUT" or self.is_about_nobody(request):
            return True
        return read_asked(self.contract, request).violation is not None

    def request(self, case: Case, random: Random) -> Request | None:
        """Return the request that a case becomes, None where it may not or cannot go out."""
        flaw = _flaw_of(case, random)
        if not self._target.disposable and (flaw == "PATH" or case.method != case.operation.method.upper()):
            return None
        for place in self._places(case, flaw, random):
            self._make_right(case, flaw, place, random)
            request = self._harmless(carried(case))
            if request is not None and self.may_go(request):
                return request
        return None

    def _harmless(self, request: Request | None) -> Request | None:
        """Put a made-up value wherever a request to a deployment holds what may reach a stranger."""
        parsed = None if request is None or self._target.disposable else read_json(request.body)
        if request is None or parsed is None or isinstance(parsed, Violation):
            return request
        harmless = self._fiction.instead(parsed.value)
        return request if harmless == parsed.value else replace(request, body=json.dumps(harmless).encode())

    def _places(self, case: Case, flaw: str, random: Random) -> list[Place]:
        """Return whom a case may be about, the best first."""
        nobody = [self.nobody] if self.nobody is not None else []
        named = [random.choice(self._target.places)] if self._target.places else nobody
        if case.method != "PUT" or self._target.disposable:
            return [random.choice([*named, *named, *named, *nobody])] if named and not flaw else named
        if self._target.leave < Leave.WRITES:
            return []
        return [*named, *nobody] if flaw and self._target.leave >= Leave.IRREVERSIBLE else nobody

    def _make_right(self, case: Case, flaw: str, place: Place, random: Random) -> None:
        """Leave one flaw in a case, or none, and make the rest what the place wants."""
        if flaw != "PATH":
            case.path_parameters = {"userId": str(place.customer)}
        case.query = self._query(case, flaw, place, random)
        case.headers = _headers(case, flaw)
        if flaw == "BODY":
            case.body = self._flawed_part(case)
        elif flaw and case.method == "PUT":
            case.body, case.media_type = {}, "application/json"

    def _query(self, case: Case, flaw: str, place: Place, random: Random) -> dict[str, Any]:
        as_generated = not flaw and self._target.disposable and random.random() < _AS_GENERATED
        wrong = case.meta.phase.data.parameter if flaw == "QUERY" and case.meta is not None else None
        if as_generated or (flaw == "QUERY" and wrong is None):
            return dict(case.query)
        right = {name: value for name, value in self._right_query(case, place).items() if name != wrong}
        kept = wrong or ("" if flaw else "use_async")
        return {**right, **({kept: case.query[kept]} if kept in case.query else {})}

    def _right_query(self, case: Case, place: Place) -> dict[str, str]:
        routed = self.contract.route(case.method, case.path)
        declared = [item.name for item in routed.operation.parameters] if isinstance(routed, RouteMatch) else []
        right = {"source": place.source, **({"accountId": place.account} if place.account else {})}
        return {name: value for name, value in right.items() if name in declared}

    def _flawed_part(self, case: Case) -> Any:
        """Return the smallest part of a body that breaks the contract as the whole does."""
        routed = self.contract.route(case.method, case.path)
        schema = routed.operation.body if isinstance(routed, RouteMatch) else None
        flaw = schema.first_violation(case.body, "body") if schema is not None and _is_json(case.body) else None
        if schema is None or flaw is None:
            return case.body
        return smallest(
            case.body,
            smaller,
            lambda less: is_same_violation(schema.first_violation(less, "body"), flaw),
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


def carried(case: Case) -> Request | None:
    """Return the request of a case, None where HTTP cannot carry it or servers in front refuse it by themselves."""
    try:
        prepared = requests.Request(**{**case.as_transport_kwargs(base_url=ADDRESS), "cookies": None}).prepare()
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
        headers={
            name.lower(): str(value) for name, value in prepared.headers.items() if name.lower() not in _NOT_CARRIED
        },
        body=body if isinstance(body, bytes) else str(body).encode(),
    )
