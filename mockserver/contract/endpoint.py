"""One operation of the document, a method of a path: read its parameters, judge its body, judge its responses.

The law: it says what breaks the contract and nothing else; which of several refusals an answer shows,
and what a valid request means, is decided elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from mockserver.contract.parameters import UNKNOWN, Parameter, Parameters, read_query
from mockserver.contract.schemas import Refused, Schema
from mockserver.contract.violation import Violation
from mockserver.contract.wording import missing

BODY = "body"
_PATHS_KEPT = 1024
_READINGS_KEPT = 512
_LONGEST_KEPT = 512  # characters of all that is read together


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path."""

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]  # in the order of judgement
    body: Schema | None
    body_required: bool
    responses: Mapping[str, Schema | None]  # status → schema of the body, None where there is no body
    place: str  # in the document
    refuses_unknown: bool = False  # query parameters that the contract does not name
    query_names: frozenset[str] = field(init=False, repr=False, compare=False)
    _in_path: tuple[Parameter, ...] = field(init=False, repr=False, compare=False)
    _path_names: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _header_names: tuple[str, ...] = field(init=False, repr=False, compare=False)
    # Most requests of a client have the same query and headers, and ask of the same customers: readings are kept.
    _read_path_kept: Callable[[tuple[str, ...]], Mapping[str, Any] | Violation] = field(
        init=False, repr=False, compare=False
    )
    _read_beside_path: Callable[[str, tuple[str | None, ...]], Parameters | Violation] = field(
        init=False, repr=False, compare=False
    )

    @property
    def takes_body(self) -> bool:
        """Tell whether the contract gives this operation a request body."""
        return self.body is not None

    def __post_init__(self) -> None:
        header_names = tuple(item.name.lower() for item in self.parameters if item.where == "header")
        object.__setattr__(self, "_header_names", header_names)
        in_query = frozenset(item.name for item in self.parameters if item.where == "query")
        object.__setattr__(self, "query_names", in_query)
        in_path = tuple(item for item in self.parameters if item.where == "path")
        object.__setattr__(self, "_in_path", in_path)
        object.__setattr__(self, "_path_names", tuple(item.name for item in in_path))
        object.__setattr__(self, "_read_path_kept", lru_cache(_PATHS_KEPT)(self._read_path))
        object.__setattr__(self, "_read_beside_path", lru_cache(_READINGS_KEPT)(self._read_query_and_headers))

    def read_parameters(
        self, path_values: Mapping[str, str], query: str, headers: Mapping[str, str]
    ) -> Parameters | Violation:
        """Read all declared parameters, or give the first violation."""
        sent_path = tuple(map(path_values.__getitem__, self._path_names))
        sent_headers = tuple(map(headers.get, self._header_names))
        if len("".join(filter(None, (query, *sent_path, *sent_headers)))) > _LONGEST_KEPT:
            in_path, beside = self._read_path(sent_path), self._read_query_and_headers(query, sent_headers)
        else:
            in_path, beside = self._read_path_kept(sent_path), self._read_beside_path(query, sent_headers)
        if isinstance(in_path, Violation):
            return in_path  # those of the path are judged first
        if isinstance(beside, Violation):
            return beside
        return Parameters(
            values={**in_path, **beside.values}, unknown_query=beside.unknown_query, repeated=beside.repeated
        )

    def _read_path(self, sent_path: tuple[str, ...]) -> Mapping[str, Any] | Violation:
        """Read what stands in the path; `sent_path` are the values of its parameters, in their order."""
        values: dict[str, Any] = {}
        for parameter, sent in zip(self._in_path, sent_path, strict=True):
            value = parameter.read((sent,))
            if isinstance(value, Violation):
                return value
            values[parameter.name] = value
        return values

    def _read_query_and_headers(self, query: str, sent_headers: tuple[str | None, ...]) -> Parameters | Violation:
        """Read what does not stand in the path; `sent_headers` are those that are declared, in their order."""
        sent_query = read_query(query)
        headers = dict(zip(self._header_names, sent_headers, strict=True))
        values: dict[str, Any] = {}
        repeated = False
        for parameter in self.parameters:
            if parameter.where == "path":
                continue
            sent = _sent(parameter, {}, sent_query, headers)
            value = parameter.read(sent)
            if isinstance(value, Violation):
                return value
            repeated = repeated or len(sent) > 1
            if value is not None:
                values[parameter.name] = value
        unknown = self._unknown(sent_query)
        if unknown and self.refuses_unknown:
            return _unknown_parameter(unknown[0])
        return Parameters(values=values, unknown_query=unknown, repeated=repeated)

    def explain_parameters(
        self, path_values: Mapping[str, str], query: str, headers: Mapping[str, str]
    ) -> tuple[Violation, ...]:
        """Give all violations of the parameters, in the order of judgement."""
        sent_query = read_query(query)
        read = (parameter.read(_sent(parameter, path_values, sent_query, headers)) for parameter in self.parameters)
        found = [value for value in read if isinstance(value, Violation)]
        unknown = self._unknown(sent_query) if self.refuses_unknown else ()
        return (*found, *(_unknown_parameter(name) for name in unknown))

    def _unknown(self, sent_query: Mapping[str, Sequence[str | None]]) -> tuple[str, ...]:
        return tuple(name for name in sent_query if name not in self.query_names)

    def judge_body(self, value: Any, *, is_large: bool = False) -> Violation | None:  # Any: any JSON value
        """Give the first violation of a body, in the order in which it was written; what `is_large` is narrowed."""
        return None if self.body is None else self.body.first_violation(value, BODY, is_large=is_large)

    def find_refusal(self, value: Any) -> Refused | None:  # Any: any JSON value
        """Give place and code of the first violation of a body, without words; None if there is none."""
        return None if self.body is None else self.body.first_refusal(value, BODY)

    def judge_absence(self) -> Violation | None:
        """Give the violation of a request without a body, where the contract requires one."""
        if not self.body_required:
            return None
        problem, repair = missing(BODY)
        rule = f"{self.place}/requestBody/required"
        return Violation(place=BODY, problem=problem, rule=rule, refusal=None, repair=repair)

    def explain_body(self, value: Any) -> tuple[Violation, ...]:  # Any: any JSON value
        """Give all violations of a body, in the order in which it was written."""
        return () if self.body is None else self.body.violations(value, BODY)

    def judge_response(self, status: int, body_value: Any) -> tuple[str, ...]:  # Any: any JSON value
        """Say what is wrong with a response; headers are for `Authority` to judge."""
        declared = str(status) if str(status) in self.responses else "default"
        if declared not in self.responses:
            return (f"status: {status} is not declared for {self.id}",)
        schema = self.responses[declared]
        if schema is None:
            return () if body_value is None else (f"body: {self.id} {status} is declared without one",)
        if schema.is_valid(body_value):
            return ()
        return tuple(str(violation) for violation in schema.violations(body_value, BODY))


def _unknown_parameter(name: str) -> Violation:
    place = f"query/{name}"
    problem, repair = "is not in the contract", f"leave out {place}"
    return Violation(place=place, problem=problem, rule=UNKNOWN, refusal=None, repair=repair, is_of_name=True)


def _sent(
    parameter: Parameter,
    path_values: Mapping[str, str],
    sent_query: Mapping[str, Sequence[str | None]],
    headers: Mapping[str, str | None] | Mapping[str, str],
) -> Sequence[str | None]:
    if parameter.where == "query":
        return sent_query.get(parameter.name, ())
    if parameter.where == "path":
        return (path_values[parameter.name],)
    value = headers.get(parameter.name.lower())
    return () if value is None else (value,)
