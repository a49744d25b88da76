"""Refuse, with place and cure, every part of a schema that is not honoured everywhere alike.

The law: nothing of the contract is ignored silently. What stands in a schema is a keyword that both the
validators of the fast path and openapi-core enforce in the same way, or an annotation, or it is refused here.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from mockserver.contract.breaches import is_lost_name
from mockserver.contract.pointers import Node, below, find, steps_of
from mockserver.errors import ContractError

FORMATS = frozenset({"date-time"})

_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_ASSERTIONS = frozenset({
    "type", "enum", "const", "required", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
})  # fmt: skip
_ONE_SCHEMA = frozenset({"items", "additionalProperties", "not"})
_SEVERAL_SCHEMAS = frozenset({"allOf", "anyOf", "oneOf"})
_ANNOTATIONS = frozenset({"title", "description", "default", "deprecated", "examples", "$comment", "externalDocs"})
_KNOWN = _ASSERTIONS | _ONE_SCHEMA | _SEVERAL_SCHEMAS | _ANNOTATIONS | {"$ref", "properties"}

_STEPS_OF_A_COMPONENT = 3  # components, schemas, its name

# What OpenAPI 3.0 or other validators know and what to write instead.
_CURES = {
    "nullable": 'that is OpenAPI 3.0; write type: [string, "null"]',
    "example": "that is OpenAPI 3.0; write examples: […]",
    "multipleOf": "implementations round differently; use bounds",
    "discriminator": "write oneOf alone",
    "readOnly": "describe the request and the response by schemas of their own",
    "writeOnly": "describe the request and the response by schemas of their own",
}
# Python and Rust disagree about \d, \w, \s and \b beyond ASCII, and about $ before a final newline.
_AMBIGUOUS_CLASS = re.compile(r"\\[dDwWsSbB]")
_AMBIGUOUS_END = re.compile(r"(?<!\\)\$(?!\(\?!\\n\))")


def refuse_unsupported(document: Node, schema: Any, place: str) -> None:
    """Walk a schema and all it refers to; recursive references are walked once."""
    pending, seen = [(schema, place)], set()
    while pending:
        node, where = pending.pop()
        if where in seen or isinstance(node, bool):
            continue
        seen.add(where)
        _refuse_keywords(node, where)
        pending.extend(_schemas_within(document, node, where))


def _refuse_keywords(node: Any, place: str) -> None:
    if not isinstance(node, Mapping):
        raise ContractError(f"{place} is {node!r}; a schema is an object")
    for keyword in node:
        if keyword not in _KNOWN and not keyword.startswith("x-"):
            cure = _CURES.get(keyword, "leave it out, or say it with supported keywords")
            raise ContractError(f"{keyword!r} at {place} is not supported: {cure}")
    _refuse_lost_names(node, place)
    _refuse_types(node, place)
    _refuse_format(node, place)
    _refuse_pattern(node, place)
    _refuse_refusals(node, place)
    _refuse_inner_reference(node, place)


def _refuse_inner_reference(node: Node, place: str) -> None:
    """jsonschema-rs (0.60) loses a step of the path to a schema that a reference and its parent both lead to."""
    reference = node.get("$ref")
    if reference is not None and len(steps_of(reference)) > _STEPS_OF_A_COMPONENT:
        raise ContractError(f"$ref at {place} points inside another schema; make {reference} a component of its own")


def _refuse_lost_names(node: Node, place: str) -> None:
    for name in (*node.get("properties", ()), *node.get("required", ())):
        if is_lost_name(name):
            raise ContractError(f"the member {name!r} at {place} cannot be named in explanations; give it letters")


def _refuse_types(node: Node, place: str) -> None:
    types = node.get("type", [])
    for name in types if isinstance(types, list) else [types]:
        if name not in _TYPES:
            raise ContractError(f"type {name!r} at {place} is unknown; use one of {', '.join(sorted(_TYPES))}")


def _refuse_format(node: Node, place: str) -> None:
    name = node.get("format")
    if name is not None and name not in FORMATS:
        raise ContractError(
            f"format {name!r} at {place} is not judged alike everywhere; use date-time, a pattern or bounds"
        )


def _refuse_pattern(node: Node, place: str) -> None:
    pattern = node.get("pattern", "")
    if _AMBIGUOUS_CLASS.search(pattern):
        raise ContractError(
            f"pattern {pattern!r} at {place} means other things elsewhere; write [0-9] for \\d and so on"
        )
    if _AMBIGUOUS_END.search(pattern):
        raise ContractError(f"pattern {pattern!r} at {place} lets a final newline pass in Python; end it with $(?!\\n)")


def _refuse_refusals(node: Node, place: str) -> None:
    refuse_unknown_refusals(node.get("x-refusal", {}), place)


def refuse_unknown_refusals(refusal: Any, place: str) -> None:
    """Accept `{missing: "8106", invalid: "8010"}` or parts of it only."""
    if not isinstance(refusal, Mapping) or not set(refusal) <= {"missing", "invalid"}:
        raise ContractError(f"x-refusal at {place} is {refusal!r}; write {{missing: code, invalid: code}}")
    for code in refusal.values():
        if not isinstance(code, str) or not code.isdigit():
            raise ContractError(f"x-refusal at {place} names {code!r}; write a code of the catalogue in quotes")


def _schemas_within(document: Node, node: Node, place: str) -> Iterator[tuple[Any, str]]:
    if "$ref" in node:
        yield find(document, node["$ref"]), node["$ref"]
    for name, schema in node.get("properties", {}).items():
        yield schema, below(place, "properties", name)
    for keyword in _ONE_SCHEMA & node.keys():
        yield node[keyword], below(place, keyword)
    for keyword in _SEVERAL_SCHEMAS & node.keys():
        for position, schema in enumerate(node[keyword]):
            yield schema, below(place, keyword, position)


def refuse_members(node: Any, known: set[str], place: str) -> None:
    """Accept an object with known members, `$ref` and extensions only."""
    if not isinstance(node, Mapping):
        raise ContractError(f"{place} is {type(node).__name__}; write an object")
    for name in node:
        if name not in known and not name.startswith("x-"):
            raise ContractError(
                f"{name!r} at {place} is not supported; leave it out or write one of {', '.join(sorted(known))}"
            )


def refuse_not_json(document: Any) -> None:
    """Refuse what YAML can say and JSON cannot: keys that are numbers, dates, NaN.

    What is the same once it was written as JSON and read again need not be looked through.
    """
    if _is_json(document):
        return
    pending: list[tuple[Any, str]] = [(document, "#")]
    while pending:
        node, place = pending.pop()
        if isinstance(node, Mapping):
            _refuse_keys(node, place)
            pending.extend((value, below(place, name)) for name, value in node.items())
        elif isinstance(node, list):
            pending.extend((value, below(place, position)) for position, value in enumerate(node))
        elif not (node is None or isinstance(node, str | bool | int | float)) or node != node:
            raise ContractError(f"{place} is {node!r}, which JSON has not; put it in quotes")


def _is_json(document: Any) -> bool:
    try:
        return bool(orjson.loads(orjson.dumps(document, option=orjson.OPT_PASSTHROUGH_DATETIME)) == document)
    except TypeError:  # some of it cannot be written; the other values may be fine all the same, such as a huge number
        return False


def _refuse_keys(node: Mapping[Any, Any], place: str) -> None:
    for name in node:
        if not isinstance(name, str):
            raise ContractError(f"the key {name!r} at {place} is no text; put it in quotes")
