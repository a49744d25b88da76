"""Ask openapi-core, the authority on what an OpenAPI document means; it takes milliseconds and judges tests and checks.

The law: it gives the same verdict as the fast path, by judging a message after the same strict reading. openapi-core
is loose where the wire is concerned, so this is put right before it sees a message: of a repeated query
parameter it would take the first, for booleans it would take `yes` and `1`, for integers ` 7 ` and `1_000`, for JSON
duplicate keys and NaN. Its `servers` match the vendor's host only, and credentials are ours to judge, so both are
taken out of its copy of the contract. Nothing in this package imports this module: openapi-core loads slowly.
"""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.deserializing.media_types.exceptions import MediaTypeDeserializeError
from openapi_core.exceptions import OpenAPIError
from openapi_core.validation.request.exceptions import ParameterValidationError
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from mockserver.contract.cataloguing import JSON
from mockserver.contract.compiled import compile_contract
from mockserver.contract.formats import is_date_time
from mockserver.contract.parameters import Parameter, read_query
from mockserver.contract.routing import RouteMatch
from mockserver.contract.strict_json import read_json
from mockserver.contract.violation import Violation, pointer
from mockserver.errors import ContractError
from mockserver.messages import Request, Response

_SPELLINGS = {"boolean": re.compile("true|false"), "integer": re.compile("0|-?[1-9][0-9]*")}
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


@dataclass(slots=True, kw_only=True)
class _Question:
    """A request as openapi-core wants to see it; it sets `parameters.path` itself, so this is not frozen."""

    method: str
    path_pattern: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None
    host_url: str = ""

    @property
    def path(self) -> str:
        return self.path_pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    """A response as openapi-core wants to see it."""

    status_code: int
    headers: Headers
    content_type: str
    data: bytes | None


class Authority:
    """openapi-core for one contract."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._contract = compile_contract(document)
        config: Config = Config(
            extra_format_validators={"date-time": _is_date_time_if_text},
            extra_media_type_deserializers={JSON: _read_strictly},
        )
        try:
            self._openapi = OpenAPI.from_dict(_without_servers_and_security(document), config=config)
        except (OpenAPIError, OpenAPIValidationError) as error:
            raise ContractError(f"openapi-core refuses the document: {error}; mend it there") from error

    def judge_request(self, request: Request) -> tuple[str, ...]:
        """Say what breaks the contract in a request, nothing if it is valid."""
        match = self._contract.route(request.method, request.path)
        if not isinstance(match, RouteMatch):
            return (f"path: {request.method} {request.path} is no operation of the contract",)
        misspelt = tuple(_misspelt(match.operation.parameters, read_query(request.query), request.headers))
        with warnings.catch_warnings():
            # allowEmptyValue is deprecated in OpenAPI, but it is what the vendor does.
            warnings.simplefilter("ignore", DeprecationWarning)
            errors = list(self._openapi.iter_request_errors(_question(match, request)))
        return misspelt + tuple(text for error in errors for text in _texts(error, request.body))

    def judge_response(self, request: Request, response: Response) -> tuple[str, ...]:
        """Say what breaks the contract in a response; outside of the contract's operations nothing can."""
        match = self._contract.route(request.method, request.path)
        if not isinstance(match, RouteMatch) or request.method == "HEAD":
            return ()
        reply = _Reply(
            status_code=response.status,
            headers=Headers(dict(response.headers)),
            content_type=_media_type({name.lower(): value for name, value in response.headers.items()}),
            data=response.body,
        )
        errors = list(self._openapi.iter_response_errors(_question(match, request), reply))
        return tuple(text for error in errors for text in _texts(error, response.body))


def _without_servers_and_security(document: Mapping[str, Any]) -> dict[str, Any]:
    paths = {path: _operations_without_security(item) for path, item in document["paths"].items()}
    copy = {name: member for name, member in document.items() if name != "security"}
    return copy | {"servers": [{"url": "/"}], "paths": paths}


def _operations_without_security(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {key: value for key, value in member.items() if key != "security"} if name in _METHODS else member
        for name, member in item.items()
    }


def _is_date_time_if_text(value: object) -> bool:
    """A format judges text only; openapi-core asks about null and numbers too."""
    return not isinstance(value, str) or is_date_time(value)


def _read_strictly(body: bytes, **_: str) -> Any:  # Any: any JSON value
    read = read_json(body)
    if isinstance(read, Violation):
        raise ValueError(str(read))  # openapi-core takes it for "cannot be deserialized"
    return read.value


def _question(match: RouteMatch, request: Request) -> _Question:
    sent = read_query(request.query)
    readable = [(name, value) for name, values in sent.items() for value in values if value is not None]
    parameters = RequestParameters(
        query=ImmutableMultiDict(readable),
        header=Headers(dict(request.headers)),
        path=dict(match.path_values),
    )
    return _Question(
        method=match.operation.method.lower(),
        path_pattern=match.operation.path,
        parameters=parameters,
        content_type=_media_type(request.headers),
        body=request.body or None,
    )


def _media_type(headers: Mapping[str, str]) -> str:
    """Leave parameters out: openapi-core fails on `application/json; charset`."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _misspelt(
    parameters: Sequence[Parameter], query: Mapping[str, Sequence[str | None]], headers: Mapping[str, str]
) -> Iterator[str]:
    for parameter in parameters:
        sent: Sequence[str | None] = ()
        if parameter.where == "query":
            sent = query.get(parameter.name, ())
        elif parameter.name.lower() in headers:
            sent = (headers[parameter.name.lower()],)
        spelling = _SPELLINGS.get(parameter.kind)
        if len(sent) > 1 or None in sent:
            yield f"{parameter.place}: is repeated or not percent-encoded UTF-8"
        elif sent and spelling and not spelling.fullmatch(sent[0] or ""):
            yield f"{parameter.place}: {sent[0]!r} is not spelt as a {parameter.kind}"


def _texts(error: Exception, body: bytes) -> Iterator[str]:
    cause = error.__cause__
    place = "body"
    if isinstance(error, ParameterValidationError):
        place = f"{error.location}/{error.name}"
    if isinstance(cause, MediaTypeDeserializeError):
        # Its own text fails on a body that is not UTF-8.
        reason = read_json(body)
        yield str(reason) if isinstance(reason, Violation) else f"{place}: cannot be read"
    elif isinstance(cause, InvalidSchemaValue):
        for schema_error in cause.schema_errors:
            # jsonschema has no type stubs, so its errors are plain exceptions to the type checker.
            path = getattr(schema_error, "absolute_path", ())
            yield f"{place}{pointer(path)}: {getattr(schema_error, 'message', schema_error)}"
    else:
        yield f"{place}: {cause or error}"
