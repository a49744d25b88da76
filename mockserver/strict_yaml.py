"""YAML as strict as JSON: text in, values out, and the line on which a part of it stands.

Keys are text and stand once, dates are text. What has no quotes is a number only if JSON, YAML 1.1 and YAML 1.2 read
the same number: `07001` is octal, `1:56:41` sexagesimal and `1e3` text in YAML 1.1, so that such a thing is refused and
what stands there is what is read. So are the words `yes`, `no`, `y`, `n`, `on` and `off`. Nothing here opens a file.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"
_UNCLEAR = "!unclear"  # the tag of what is refused
_WORDS = "y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF"
# Whatever YAML 1.1 or 1.2 may read as a number, digits with underscores and by sixties among it.
_LIKE_A_NUMBER = (
    r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?"
    r"|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|0[bB][01_]+|0[oO][0-7_]+|0[xX][0-9a-fA-F_]+"
    r"|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)"
)
# What a plain scalar is, by its first letters; the first that fits. Anything else is text.
_RESOLVERS = (
    (f"{_TAG}null", r"~|null|Null|NULL|", ("~", "n", "N", "")),
    (f"{_TAG}bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    (f"{_TAG}int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    (f"{_TAG}float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?", "-0123456789"),
    (f"{_TAG}merge", r"<<", "<"),
    (_UNCLEAR, _LIKE_A_NUMBER, "-+.0123456789"),
    (_UNCLEAR, _WORDS, "yYnNoO"),
)


_VALUES: dict[str, Callable[[str], Any]] = {
    f"{_TAG}null": lambda _: None,
    f"{_TAG}bool": lambda text: text.lower() == "true",
    f"{_TAG}int": lambda text: int(text) if len(text) < _MOST_DIGITS else math.inf,
    f"{_TAG}float": float,
}
_MOST_DIGITS = 4000  # Python reads no more than 4300
_LONGEST = 40  # characters of a scalar that a message shows


class _UnclearError(yaml.MarkedYAMLError):
    """A scalar that does not mean what stands there to every reader."""


class StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen at run time
    """The safe loader, reading as JSON would: keys are text and stand once, and values are what stands there."""

    # PyYAML's form; filled below, and nothing is inherited: no octal number, no set, no bytes.
    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012
    yaml_constructors: dict[Any, Any] = {}  # noqa: RUF012


class TextLoader(StrictLoader):
    """The strict loader that leaves every scalar as its text: `no`, 8045 and `true` are names of answers."""


class StrictDumper(yaml.SafeDumper):
    """The safe dumper, putting in quotes what the strict loader or YAML 1.1 would not read as the text that it is."""


def _construct_mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        mark = key_node.start_mark
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == f"{_TAG}merge":
            raise yaml.MarkedYAMLError(problem="a key is no plain text; write the members out", problem_mark=mark)
        if key_node.value in mapping:
            raise yaml.MarkedYAMLError(problem=f"{key_node.value!r} stands twice; keep one of them", problem_mark=mark)
        mapping[key_node.value] = loader.construct_object(value_node, deep=True)
    return mapping


def _construct_sequence(loader: Any, node: yaml.SequenceNode) -> list[Any]:
    return [loader.construct_object(item, deep=True) for item in node.value]


def _construct_text(loader: Any, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


def _as_written(read: Callable[[str], Any]) -> Callable[[Any, yaml.ScalarNode], Any]:
    """Return a constructor of what a plain scalar is; a tag that makes something else of it is refused."""

    def construct(loader: Any, node: yaml.ScalarNode) -> Any:
        plain = loader.resolve(yaml.ScalarNode, node.value, (True, False))
        if plain not in (node.tag, _UNCLEAR):
            return _refuse_other(node)
        value = read(node.value) if plain == node.tag else math.inf
        is_finite = not isinstance(value, float) or math.isfinite(value)
        return value if is_finite else _refuse_unclear(loader, node)

    return construct


def _refuse_other(node: yaml.ScalarNode) -> Any:
    tag = node.tag.replace(_TAG, "!!")
    problem = f"{tag} makes something else of {_shown(node.value)} than stands there; leave {tag} out"
    raise _UnclearError(problem=problem, problem_mark=node.start_mark)


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _refuse_unclear(_: Any, node: yaml.ScalarNode) -> Any:
    written = _shown(node.value)
    if re.fullmatch(_WORDS, node.value):
        problem = f"{written} is read as true or false by some, and as text by others; write true or false"
    else:
        problem = f"{written} is not the same number to all that read YAML; write it in plain digits"
    raise _UnclearError(problem=f"{problem}, or put it in quotes: {json.dumps(written)}", problem_mark=node.start_mark)


def _refuse_tag(_: Any, node: yaml.Node) -> Any:
    tag = node.tag.replace(_TAG, "!!")
    raise yaml.MarkedYAMLError(problem=f"{tag} makes what JSON has no value for", problem_mark=node.start_mark)


def _set_up() -> None:
    for tag, pattern, first in _RESOLVERS:
        StrictLoader.add_implicit_resolver(tag, re.compile(rf"(?:{pattern})\Z"), list(first))
    StrictDumper.add_implicit_resolver(_UNCLEAR, re.compile(rf"(?:{_LIKE_A_NUMBER})\Z"), list("-+.0123456789"))
    StrictDumper.add_implicit_resolver(_UNCLEAR, re.compile(rf"(?:{_WORDS})\Z"), list("yYnNoO"))
    StrictLoader.add_constructor(f"{_TAG}map", _construct_mapping)
    StrictLoader.add_constructor(f"{_TAG}seq", _construct_sequence)
    for kind in ("str", "timestamp"):
        StrictLoader.add_constructor(f"{_TAG}{kind}", _construct_text)
    StrictLoader.add_constructor(_UNCLEAR, _refuse_unclear)
    StrictLoader.add_constructor(None, _refuse_tag)
    for tag, read in _VALUES.items():
        StrictLoader.add_constructor(tag, _as_written(read))
        TextLoader.add_constructor(tag, _construct_text)
    TextLoader.add_constructor(_UNCLEAR, _construct_text)


_set_up()


def parse_yaml(text: str, *, loader: Any = StrictLoader) -> object:
    """Return the value of a YAML text; ValueError says `:LINE: why` where it has none."""
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506  # a subclass of the safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as cause:
        raise ValueError(_not_yaml(text, cause)) from cause


def _not_yaml(text: str, cause: Exception) -> str:
    """Say why a text is not YAML, and on which line where the parser knows it."""
    mark, position = getattr(cause, "problem_mark", None), getattr(cause, "position", None)
    reason = getattr(cause, "problem", None) or getattr(cause, "reason", None) or str(cause)
    line = mark.line if mark is not None else text.encode()[:position].count(b"\n") if position is not None else None
    place = "" if line is None else f":{line + 1}"
    return (
        f"{place}: {reason}"
        if isinstance(cause, _UnclearError)
        else f"{place}: is not YAML that can be used: {reason}; fix it there"
    )


def line_of(text: str, where: tuple[str | int, ...]) -> int:
    """Return the line on which a path of a record stands, or that of the nearest part that stands at all."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for segment in where:
        found = _step(node, segment)
        if found is None:
            return line
        node, line = found
    return line


def _step(node: yaml.Node | None, segment: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(segment, int) and segment < len(node.value):
        item = node.value[segment]
        return item, item.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(segment):
                return value, key.start_mark.line + 1
    return None
