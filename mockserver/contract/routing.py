"""Find the operation that a method and a raw path name.

The law: a path is split before it is decoded, so `%2F` stays within its segment; a trailing or doubled
slash makes another path; HEAD is asked of GET and OPTIONS is always allowed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from mockserver.contract.endpoint import Endpoint
from mockserver.contract.parameters import decode
from mockserver.errors import ContractError
from mockserver.values import Value

_ROUTES_KEPT = 1024
_LONGEST_KEPT = 128  # characters of a method and a path


class MethodUnknown(Value, frozen=True, kw_only=True):
    """The path is there, the method is not; these are."""

    allow: tuple[str, ...]


class PathUnknown(Value, frozen=True, kw_only=True):
    """No operation has this path."""


class RouteMatch(Value, frozen=True, kw_only=True):
    """What was asked for, with the values of the path's variables."""

    operation: Endpoint
    path_values: Mapping[str, str]


Routed: TypeAlias = RouteMatch | MethodUnknown | PathUnknown


class _Path(Value, frozen=True, kw_only=True):
    template: str
    segments: tuple[str, ...]  # a variable's segment is empty: no real segment is
    names: tuple[str, ...]
    by_method: Mapping[str, Endpoint]
    allow: tuple[str, ...]


class Router:
    """All paths, by their number of segments, those with fewer variables first."""

    __slots__ = ("_find_kept", "_paths")

    def __init__(self, operations: Iterable[Endpoint]) -> None:
        by_template: dict[str, dict[str, Endpoint]] = {}
        for operation in operations:
            by_template.setdefault(operation.path, {})[operation.method] = operation
        paths: dict[int, list[_Path]] = {}
        for template, by_method in by_template.items():
            path = _path(template, by_method)
            paths.setdefault(len(path.segments), []).append(path)
        for alike in paths.values():
            alike.sort(key=lambda path: len(path.names))
        self._paths: Mapping[int, Sequence[_Path]] = paths
        # The same customers are asked of again and again.
        self._find_kept: Callable[[str, str], Routed] = lru_cache(_ROUTES_KEPT)(self._find)

    def route(self, method: str, raw_path: str) -> Routed:
        """Find an operation."""
        if len(method) + len(raw_path) > _LONGEST_KEPT:
            return self._find(method, raw_path)
        return self._find_kept(method, raw_path)

    def _find(self, method: str, raw_path: str) -> Routed:
        segments = raw_path.split("/")
        for path in self._paths.get(len(segments), ()):
            values = _matched(path.segments, segments)
            if values is not None:
                return _chosen(path, method, values)
        return PathUnknown()


def _chosen(path: _Path, method: str, values: Sequence[str]) -> RouteMatch | MethodUnknown:
    operation = path.by_method.get("GET" if method == "HEAD" and "HEAD" not in path.by_method else method)
    if operation is None:
        return MethodUnknown(allow=path.allow)
    return RouteMatch(operation=operation, path_values=dict(zip(path.names, values, strict=True)))


def _matched(expected: Sequence[str], segments: Sequence[str]) -> list[str] | None:
    values = []
    for wanted, segment in zip(expected[1:], segments[1:], strict=True):
        if not segment:
            return None
        if not wanted:
            decoded = decode(segment)
            values.append(segment if decoded is None else decoded)
        elif wanted != segment and wanted != decode(segment):
            return None
    return None if segments[0] else values


def _path(template: str, by_method: Mapping[str, Endpoint]) -> _Path:
    segments = template.split("/")
    names = [segment[1:-1] for segment in segments if segment.startswith("{") and segment.endswith("}")]
    literal = [segment for segment in segments if segment[1:-1] not in names or not segment.startswith("{")]
    if not template.startswith("/") or any("{" in segment for segment in literal) or "" in literal[1:]:
        raise ContractError(f"path {template!r} is not supported; a segment is either fixed or one {{variable}}")
    return _Path(
        template=template,
        segments=tuple("" if segment.startswith("{") else segment for segment in segments),
        names=tuple(names),
        by_method=by_method,
        allow=_allow(by_method),
    )


def _allow(methods: Iterable[str]) -> tuple[str, ...]:
    allowed = {*methods, "OPTIONS"}
    return tuple(sorted(allowed | {"HEAD"} if "GET" in allowed else allowed))
