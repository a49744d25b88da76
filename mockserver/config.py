"""What a check is asked to do, read from the command line, a target's file and the environment, and joined.

The command line says most, then the target's file, then what is usual. Credentials come from an environment variable
that is named; a file that holds a secret is refused, and no environment variable grants a leave.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from mockserver.domain.record import suggest
from mockserver.errors import ConfigurationError
from mockserver.files import expand, line_at, read_documents

PHASES = ("golden", "statements", "schema", "model")
REPORTS = ("junit", "html", "json")
_ALLOW = ("writes", "irreversible")
_TARGET_MEMBERS = (
    "url",
    "auth-env",
    "customers",
    "allow",
    "world",
    "dialect",
    "rate",
    "budget",
    "parallel",
    "max-time",
    "headers",
    "values",
    "ca-bundle",
    "timeout",
    "phases",
)
_Problem: TypeAlias = tuple[tuple[str | int, ...], str]  # where in the file, and what is wrong there
_SECRET = re.compile(r"(?i)authorization|password|secret|token|cookie|api-?key")
_CREDENTIALS_IN_URL = re.compile(r"[a-z]+://[^/?#]*@")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|min|h)\Z")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?)/(s|m|min|h)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """What the command line or a target's file says; None, or nothing, where it says nothing.

    `known` is what a target's file says of its customers: patterns by path of the state, by the customer as written.
    """

    url: str | None = None
    auth_env: str | None = None
    customers: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    world: str | None = None
    dialect: Path | None = None
    rate: str | None = None
    budget: int | None = None
    max_time: str | None = None
    headers: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    ca_bundle: Path | None = None
    timeout: str | None = None
    parallel: bool = False
    phases: tuple[str, ...] = ()
    known: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def over(self, other: "CheckOptions") -> "CheckOptions":
        """Return these options, and the others' where these say nothing."""
        return CheckOptions(**{name: getattr(self, name) or getattr(other, name) for name in self.__slots__})


def read_target(path: Path) -> CheckOptions:
    """Read a target's file; paths in it are seen from where it lies."""
    [document] = read_documents([path], ConfigurationError)
    for where, problem in _problems_of(document.record):
        raise ConfigurationError(f"{path}:{line_at(document, where, ConfigurationError)}: {problem}")
    record = document.record
    customers = record.get("customers") or ()
    return CheckOptions(
        url=record.get("url"),
        auth_env=record.get("auth-env"),
        customers=tuple(str(customer) for customer in customers),
        allow=tuple(record.get("allow") or ()),
        world=_world_from(path, record.get("world")),
        dialect=_path_from(path, record.get("dialect")),
        rate=record.get("rate"),
        budget=record.get("budget"),
        max_time=record.get("max-time"),
        headers=tuple(f"{name}: {value}" for name, value in (record.get("headers") or {}).items()),
        values=tuple(f"{name}={value}" for name, value in (record.get("values") or {}).items()),
        ca_bundle=_path_from(path, record.get("ca-bundle")),
        timeout=record.get("timeout"),
        parallel=record.get("parallel", False),
        phases=tuple(record.get("phases") or ()),
        known={str(name): value for name, value in customers.items() if value} if isinstance(customers, dict) else {},
    )


def _path_from(target: Path, named: str | None) -> Path | None:
    return None if named is None else expand(target).parent / expand(named)


def _world_from(target: Path, named: str | None) -> str | None:
    """A world may be named, or be a file beside the target's."""
    beside = _path_from(target, named)
    return str(beside) if beside is not None and os.path.isfile(beside) else named


def _problems_of(record: Mapping[str, Any]) -> Iterator[_Problem]:
    """Give what is wrong with a target's file, secrets first."""
    yield from _secrets_in(record, ())
    for name, value in record.items():
        if name not in _TARGET_MEMBERS:
            yield (name,), f"{name!r} is no member; {suggest(name, _TARGET_MEMBERS, owner='a target has')}"
        elif not isinstance(value, _KINDS.get(name, (str,))) or isinstance(value, bool) != (name == "parallel"):
            yield (name,), f"{name} is {value!r}; write {_FORMS.get(name, 'text')}"
        else:
            yield from (((name, *where), problem) for where, problem in _PROBLEMS.get(name, _no_problems)(value))
    variable = record.get("auth-env")
    if isinstance(variable, str) and not _VARIABLE.match(variable):
        yield ("auth-env",), "auth-env is no name of an environment variable; credentials do not belong into the file"


def _no_problems(_: Any) -> Iterator[_Problem]:
    yield from ()


def _problems_of_url(url: str) -> Iterator[_Problem]:
    if _CREDENTIALS_IN_URL.match(url):
        yield (), "url holds credentials, which do not belong there; name an environment variable with auth-env"


def _problems_of_budget(budget: int) -> Iterator[_Problem]:
    if budget < 1:
        yield (), f"budget is {budget}; write {_FORMS['budget']}"


def _problems_of_customers(customers: Any) -> Iterator[_Problem]:
    known = customers.items() if isinstance(customers, dict) else ()
    for name, value in known:
        if value is not None and not isinstance(value, dict):
            yield (name,), f"what is known of {name} is no mapping; write it by path, such as {{loyaltyType: loyalty}}"
    for index, customer in enumerate(customers):
        if not isinstance(customer, str | int) or isinstance(customer, bool):
            yield (index,), f"a customer is no mapping; write {_FORMS['customers']}"


def _problems_of_headers(headers: Mapping[str, Any]) -> Iterator[_Problem]:
    for name, value in headers.items():
        if not isinstance(value, str | int | float):
            yield (name,), f"{name} is no text; write {_FORMS['headers']}"


def _problems_of_values(values: Mapping[str, Any]) -> Iterator[_Problem]:
    for name, value in values.items():
        if not isinstance(value, str):
            yield (name,), f'{name} is no text; write it in quotes, such as "447700900{{n:3}}"'


def _problems_of_names(known: tuple[str, ...], names: list[Any]) -> Iterator[_Problem]:
    for index, name in enumerate(names):
        if name not in known:
            yield (index,), f"{name!r} is none; {suggest(str(name), known, owner='there are')}"


_PROBLEMS: Mapping[str, Callable[[Any], Iterator[_Problem]]] = {
    "url": _problems_of_url,
    "budget": _problems_of_budget,
    "customers": _problems_of_customers,
    "headers": _problems_of_headers,
    "values": _problems_of_values,
    "allow": partial(_problems_of_names, _ALLOW),
    "phases": partial(_problems_of_names, PHASES),
}
_KINDS: Mapping[str, tuple[type, ...]] = {
    "customers": (list, dict),
    "allow": (list,),
    "phases": (list,),
    "headers": (dict,),
    "values": (dict,),
    "budget": (int,),
    "parallel": (bool,),
}
_FORMS = {
    "customers": "a list of ID@SOURCE, or a mapping from those to what is known of each",
    "allow": "a list, such as [writes]",
    "phases": "a list, such as [golden, statements]",
    "headers": "a mapping from names to texts",
    "values": "a mapping from mobile, email or externalId to a pattern",
    "budget": "a number of requests, 1 or more",
    "parallel": "true or false",
    "rate": "requests per time, such as 5/s or 45/m",
    "max-time": "a duration such as 60s, 2m or 500ms",
    "timeout": "a duration such as 60s, 2m or 500ms",
}


def _secrets_in(value: object, where: tuple[str | int, ...]) -> Iterator[_Problem]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if isinstance(name, str) and _SECRET.search(name):
                cure = "put it into an environment variable and name that with auth-env"
                yield (*where, name), f"{name} looks like a secret, which does not belong into the file; {cure}"
            yield from _secrets_in(inner, (*where, name))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _secrets_in(inner, (*where, index))
    if isinstance(value, str) and re.match(r"(?i)(basic|bearer) |(token|oauth):", value):
        cure = "put it into an environment variable and name that with auth-env"
        yield where, f"{where[-1] if where else 'the file'} holds a credential, which does not belong there; {cure}"


def read_secret(variable: str) -> str:
    """Return the value of an environment variable; an unset one is an error that names it."""
    value = os.environ.get(variable)
    if not value:
        raise ConfigurationError(f"the environment variable {variable} is not set; it is to hold the credentials")
    return value


def read_seconds(text: str, option: str) -> float:
    """Read a duration such as 60s, 2m or 500ms."""
    found = _DURATION.match(text)
    if found is None or not float(found[1]):
        raise ConfigurationError(f"{option} is {text!r}; write a duration such as 60s, 2m or 500ms")
    return float(found[1]) * _SECONDS[found[2]]


def read_rate(text: str) -> float:
    """Read a rate such as 5/s or 45/m, in requests a second."""
    found = _RATE.match(text)
    if found is None or not float(found[1]):
        raise ConfigurationError(f"--rate is {text!r}; write requests per time, such as 5/s or 45/m")
    return float(found[1]) / _SECONDS[found[2]]


def read_header(text: str) -> tuple[str, str]:
    """Read `Name: value`; credentials are refused, since they would be shown."""
    name, colon, value = text.partition(":")
    is_name = re.match(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z", name) is not None
    if _SECRET.search(name):
        shown = f"{name} " if is_name else ""
        raise ConfigurationError(f"--header {shown}looks like a secret; give credentials with --auth-env")
    if not (colon and is_name and value.isascii() and value.strip().isprintable()):
        raise ConfigurationError(f"--header is {text[:40]!r}; write it as 'Name: value', in ASCII")
    return name, value.strip()


def read_names(given: tuple[str, ...], known: tuple[str, ...], option: str) -> tuple[str, ...]:
    """Read names, each given alone or several with commas, in the order of the known ones."""
    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise ConfigurationError(f"{option} {name!r} is none; {suggest(name, known, owner='there are')}")
    return tuple(name for name in known if name in names)


def read_allow(given: tuple[str, ...]) -> tuple[str, ...]:
    """Read what is allowed: writes, irreversible; the latter includes the former."""
    return read_names(given, _ALLOW, "--allow")
