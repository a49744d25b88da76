"""Placeholders of golden exchanges: what a text may leave open until a customer is known.

    {customer} {source} {account}    the customer that a run was given, and where
    {unknown}                        an id that nobody has
    {word}                           a made-up text of small letters, another one in each run
    {made.mobile} {made.email} {made.externalId}   a made-up value of the kind, as --value has it, that nobody holds
    {made.local}                     a made-up mobile number without country code
    {state:PATH}                     what is held at a path, such as {state:lastName} or {state:fields/city}
    {other:PATH:A|B}                 the first of these texts that is not held at the path, whatever its case
    {channel} {mobile} {email}       the first channel held (of that type), as TYPE:VALUE, the way paths have it;
    {channel.type} {channel.value}   its type, its value, and what is held below it:
    {channel.verified} {channel.meta/residence}
    {field}                          a custom field held: the city, else the first
    {extended}                       an extended field held that takes any text
    {program} {program.tier}         a program that the customer is not in, and its second tier
    {enrolled} {enrolled.tier} {enrolled.other}    a program that the customer is in, its tier, another tier of it
    {not:…} {text:…}                 the opposite of a yes or no; a value as text

A placeholder that is a whole text keeps the type of its value, and `{{` and `}}` stand for braces. Where there is
nothing to put in, the exchange does not fit the customer, and the reason says so.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.domain.record import suggest
from mockserver.verification.target import Place

_TOKEN = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[{}]")
_OF_PROFILE = ("firstName", "lastName", "fields", "identifiers", "commChannels")
_OF_CUSTOMER = ("profiles", "extendedFields", "loyaltyType", "programs")
CHANNELS = ("channel", "mobile", "email")
PLAIN = (
    "customer",
    "source",
    "account",
    "unknown",
    "word",
    "field",
    "extended",
    "program",
    "program.tier",
    "enrolled",
    "enrolled.tier",
    "enrolled.other",
    "made.mobile",
    "made.email",
    "made.externalId",
    "made.local",
)
_NAMES = (*PLAIN, *CHANNELS, "state:PATH", "other:PATH:A|B", "not:NAME", "text:NAME")


def full_path(path: str, place: Place) -> str:
    """Return a path of the state: one that begins within a profile means the addressed one."""
    return f"profiles/{place.profile}/{path}" if path.partition("/")[0] in _OF_PROFILE else path


def find_path_problem(path: str, *more: str) -> tuple[str, str] | None:
    """Return what is wrong with a path of the state, and the cure; `more` are other names that may stand there."""
    known = (*_OF_PROFILE, *_OF_CUSTOMER, *more)
    head = path.partition("/")[0]
    return (
        None if head in known else (f"{head!r} begins no path of the state", suggest(head, known, owner="begin with"))
    )


def placeholders_of(value: Any) -> Iterator[str]:
    """Give the names of the placeholders in a JSON value, its keys included."""
    for text in _texts_of(value):
        yield from (found["name"] for found in _TOKEN.finditer(text) if found["name"] is not None)


def find_problem(text: str) -> tuple[str, str] | None:
    """Return what is wrong with the placeholders of a text, and the cure, or None."""
    for found in _TOKEN.finditer(text):
        if found[0] in ("{", "}"):
            return f"a brace stands alone in {text!r}", "write {{ and }} for braces that are sent as such"
        problem = None if found["name"] is None else _find_name_problem(found["name"])
        if problem is not None:
            return problem
    return None


def _find_name_problem(name: str) -> tuple[str, str] | None:
    head, colon, rest = name.partition(":")
    match head if colon else "":
        case "not" | "text":
            return _find_name_problem(rest)
        case "state":
            return find_path_problem(rest)
        case "other":
            path, _, choice = rest.rpartition(":")
            return find_path_problem(path) if "|" in choice else ("{other:…} has no choice", "write {other:PATH:A|B}")
    if name in PLAIN or (name.partition(".")[0] in CHANNELS and not colon):
        return None
    cure = suggest(name, _NAMES, owner="write {{ and }} for braces, or one of")
    return f"{{{name}}} is no placeholder", cure


def is_bare_placeholder(value: Any) -> bool:
    """Tell whether a value is what YAML makes of a placeholder without quotes: a mapping of it to nothing."""
    if not isinstance(value, Mapping) or list(value.values()) != [None]:
        return False
    [name] = value
    return name != "source" and (name in PLAIN or name.partition(".")[0] in CHANNELS)


def fill(value: Any, values: Mapping[str, Any]) -> Any:
    """Return a JSON value with its placeholders filled."""
    if isinstance(value, str):
        whole = _TOKEN.fullmatch(value)
        return fill_text(value, values) if whole is None or whole["name"] is None else values[whole["name"]]
    if isinstance(value, Mapping):
        return {fill_text(name, values): fill(member, values) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [fill(item, values) for item in value]
    return value


def fill_text(text: str, values: Mapping[str, Any], *, quote: Callable[[str], str] = str) -> str:
    """Return a text with its placeholders filled; `quote` makes the values fit for where the text goes."""

    def put(found: re.Match[str]) -> str:
        return found[0][0] if found["name"] is None else quote(as_text(values[found["name"]]))

    return _TOKEN.sub(put, text)


def escape(value: Any) -> Any:
    """Return a JSON value that gives this very value when it is filled."""
    if isinstance(value, str):
        return value.replace("{", "{{").replace("}", "}}")
    if isinstance(value, Mapping):
        return {escape(name): escape(member) for name, member in value.items()}
    return [escape(item) for item in value] if isinstance(value, list | tuple) else value


def as_text(value: Any) -> str:
    """Return a text as it is, anything else as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield name
            yield from _texts_of(member)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts_of(item)
