"""Say a breach in words: what is wrong in a few, and in one sentence what to send instead.

The law: a problem shows the value, a repair names the place; both are complete without the contract at hand.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.contract.breaches import Breach
from mockserver.contract.keywords import NOTHING, Form
from mockserver.contract.violation import Violation, glimpse, listed, pointer

# What was sent, what the schema says → problem and what to send. Any: both are JSON.
Wording = Callable[[Any, Any], tuple[str, str]]

TYPE_WORDS: Mapping[str, str] = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "text",
}
_OF_UNKNOWN = ("additionalProperties", NOTHING)  # keywords that members which the contract does not name break
DATE_TIME_SAMPLE = "2024-07-11T16:36:17+05:30"


def describe(breach: Breach, root: str) -> Violation:
    """Turn a breach of the value at `root` into a violation."""
    place = root + pointer(breach.path)
    problem, repair, wanted = _worded(breach, place)
    return Violation(
        place=place,
        problem=problem,
        rule=breach.keyword.rule,
        refusal=breach.refusal,
        repair=repair,
        is_of_name=breach.is_missing or breach.keyword.name in _OF_UNKNOWN,
        wanted=wanted,
    )


def missing(place: str) -> tuple[str, str]:
    """Say that something required is not there."""
    return "is missing", f"send {place}"


def _worded(breach: Breach, place: str) -> tuple[str, str, str]:
    if breach.is_null:
        return "is null, which counts as missing", f"send a value at {place}", "a value"
    if breach.is_missing:
        return *missing(place), "there"
    keyword = breach.keyword
    if keyword.name in _OF_UNKNOWN:
        return "is not in the contract", f"leave out {place}", "left out"
    problem, instead = _WORDINGS.get(keyword.name, _plainly)(breach.value, keyword.limit)
    return problem, f"send {instead} at {place}", instead


def _type(value: Any, types: Any) -> tuple[str, str]:
    wanted = _type_names(types)
    return f"{glimpse(value)} is not {wanted}", wanted


def _type_names(types: Any) -> str:
    names = types if isinstance(types, list) else [types]
    # null is allowed almost everywhere and never the cure, so it is not offered.
    return listed([TYPE_WORDS[name] for name in names if name != "null"] or ["null"])


def _enum(value: Any, members: Any) -> tuple[str, str]:
    offered = [member for member in members if member is not None]
    if len(offered) == 1:
        return f"{glimpse(value)} is not {glimpse(offered[0])}", glimpse(offered[0])
    return f"{glimpse(value)} is none of {listed(offered, last=', ')}", f"one of {listed(offered)}"


def _const(value: Any, member: Any) -> tuple[str, str]:
    return _enum(value, [member])


def _alternatives(value: Any, branches: Any) -> tuple[str, str]:
    wanted: list[str] = []
    for branch in branches:
        wanted.extend(_wanted(branch))
    if not wanted:
        return _plainly(value, branches)
    named = listed(list(dict.fromkeys(wanted)))
    return f"{glimpse(value)} is not {named}", named


def _wanted(branch: Any) -> list[str]:
    if not isinstance(branch, Mapping) or branch.get("type") == "null":
        return []
    if "enum" in branch:
        return [glimpse(member) for member in branch["enum"] if member is not None]
    return [_type_names(branch["type"])] if "type" in branch else []


def _format(value: Any, _: Any) -> tuple[str, str]:
    return f"{glimpse(value)} is no date and time with an offset", f"a date and time like {DATE_TIME_SAMPLE}"


def _plainly(value: Any, _: Any) -> tuple[str, str]:
    return f"{glimpse(value)} is none of the forms that the contract allows", "a form that the contract allows"


def _min_length(value: Any, limit: Any) -> tuple[str, str]:
    problem = "is empty" if value == "" else f"{glimpse(value)} is shorter than {limit} characters"
    return problem, f"text of {limit} or more characters"


def _not(value: Any, _: Any) -> tuple[str, str]:
    return f"{glimpse(value)} is not allowed", "another value, or leave it out"


def _pattern(value: Any, form: Form) -> tuple[str, str]:
    found = (problem for pattern, problem in form.near_misses.items() if re.search(pattern, value))
    return f"{glimpse(value)} {next(found, f'is not {form.words}')}", form.words


def _stating(problem: str, instead: str) -> Wording:
    def wording(value: Any, limit: Any) -> tuple[str, str]:
        return problem.format(glimpse(value), limit), instead.format(limit)

    return wording


_WORDINGS: Mapping[str, Wording] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "not": _not,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
    "format": _format,
    "minLength": _min_length,
    "maxLength": _stating("{0} is longer than {1} characters", "text of at most {0} characters"),
    "pattern": _pattern,
    "minimum": _stating("{0} is less than {1}", "{0} or more"),
    "maximum": _stating("{0} is more than {1}", "{0} or less"),
    "exclusiveMinimum": _stating("{0} is not more than {1}", "more than {0}"),
    "exclusiveMaximum": _stating("{0} is not less than {1}", "less than {0}"),
    "minItems": _stating("{0} has fewer than {1} items", "{0} or more items"),
    "maxItems": _stating("{0} has more than {1} items", "at most {0} items"),
    "uniqueItems": _stating("{0} has an item twice", "each item once"),
    "minProperties": _stating("{0} has fewer than {1} members", "{0} or more members"),
    "maxProperties": _stating("{0} has more than {1} members", "at most {0} members"),
}
