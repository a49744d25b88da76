"""YAML as strict as JSON: text in, values out, and the line on which a part of it stands.

Keys are text and stand once, dates are text. Nothing here opens a file.
"""

from typing import Any

import yaml


class StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen at run time
    """The safe loader, reading as JSON would: keys are text and stand once, dates are text."""


class TextLoader(StrictLoader):
    """The strict loader that leaves every scalar as its text: `no`, 8045 and `true` are names of answers."""


def _construct_mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        mark = key_node.start_mark
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
            raise yaml.MarkedYAMLError(problem="a key is no plain text; write the members out", problem_mark=mark)
        if key_node.value in mapping:
            raise yaml.MarkedYAMLError(problem=f"{key_node.value!r} stands twice; keep one of them", problem_mark=mark)
        mapping[key_node.value] = loader.construct_object(value_node, deep=True)
    return mapping


def _construct_text(loader: Any, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


StrictLoader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", _construct_text)
for _kind in ("int", "float", "bool", "null"):
    TextLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", _construct_text)


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
    return f"{place}: is not YAML that can be used: {reason}; mend it there"


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
