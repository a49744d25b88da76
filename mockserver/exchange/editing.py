"""Edits of a request: one place each, set to a value or removed.

The law: an edit says all that is done, and nothing else of the request changes. Edits are applied in their order, and
a place is one in the request as the edits before it have left it. A body that is edited is written anew as JSON: its
white space goes, and nothing else. `Content-Length` goes with it, since it is the sender's to say.
"""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from mockserver.contract import Contract, RouteMatch
from mockserver.contract.parameters import decode
from mockserver.contract.violation import LONGEST_GLIMPSE, Step, part_of
from mockserver.exchange.lenient_json import read_leniently, write
from mockserver.exchange.plain import Json, plain
from mockserver.lossless_json import write_json
from mockserver.messages import Request
from mockserver.values import replace

Do: TypeAlias = Literal["set", "remove"]
_NOTHING = object()  # a body that is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit of a request.

    `place` is `method`, `path`, `path/NAME`, `query/NAME`, `header/NAME`, or `body` with a JSON Pointer into it.
    `value` is any JSON in the body and text elsewhere. `note` stands for a value that must not be written.
    """

    place: str
    do: Do
    value: Json = None
    note: str = ""

    def __str__(self) -> str:
        if self.do == "remove":
            return f"leave out {self.place}"
        return f"set {self.place} to {self.note or _shortly(self.value)}"

    def record(self) -> dict[str, Json]:
        """Return the edit as JSON; `value` stands there only where something is set."""
        shown: dict[str, Json] = {"place": plain(self.place), "do": self.do}
        if self.do == "set":
            shown["value"] = plain(self.value)
        return shown | ({"note": self.note} if self.note else {})


def _shortly(value: Json) -> str:
    text = write_json(plain(value)).decode()
    return text if len(text) <= LONGEST_GLIMPSE else text[: LONGEST_GLIMPSE - 1] + "…"


def folded(edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """Return edits of which none changes what one before it sets: that is set at once as it is in the end.

    Where edits between the two move what stands in a list this may come to something else, so the core is asked after.
    """
    kept: list[Edit] = []
    for edit in edits:
        around = next((number for number in reversed(range(len(kept))) if _is_within(edit, kept[number])), None)
        if around is None:
            kept.append(edit)
            continue
        outer = kept[around]
        inner = replace(edit, place="body" + edit.place.removeprefix(outer.place))
        try:
            kept[around] = replace(outer, value=_edited_value(deepcopy(outer.value), inner))
        except (LookupError, TypeError, ValueError):
            return edits
    return tuple(kept)


def _is_within(edit: Edit, outer: Edit) -> bool:
    return outer.do == "set" and part_of(outer.place) == "body" and edit.place.startswith(f"{outer.place}/")


def edited(contract: Contract, request: Request, edits: Iterable[Edit]) -> Request | None:
    """Return the request with these edits, None where one of them has no place in it."""
    on_body: list[Edit] = []
    try:
        for edit in edits:
            if part_of(edit.place) == "body":
                on_body.append(edit)
            else:
                request = _edited_outside(contract, request, edit)
        return _edited_body(request, on_body) if on_body else request
    except (LookupError, TypeError, ValueError, RecursionError):  # a place that is not there, a body that is no JSON
        return None


def steps_in(place: str) -> tuple[str, ...]:
    """Return the steps of a place below its first part, unescaped; the index of an item is text too."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:])


def value_at(value: Any, steps: Iterable[str]) -> Any:  # Any: JSON
    """Return what stands at steps in a JSON value, LookupError or TypeError where nothing does."""
    for step in steps:
        value = value[_step_of(value, step)]
    return value


def _step_of(container: Any, step: str) -> Step:
    return int(step) if isinstance(container, list) else step


def _edited_outside(contract: Contract, request: Request, edit: Edit) -> Request:
    kind, _, name = edit.place.partition("/")
    value = edit.value if edit.do == "set" else None
    match kind, name:
        case "method", "":
            return replace(request, method=str(value))
        case "path", "":
            return replace(request, path=str(value))
        case "path", _:
            return replace(request, path=_edited_path(contract, request, name, str(value)))
        case "query", _:
            return replace(request, query=_edited_query(request.query, name, value))
        case "header", _:
            return _edited_header(request, name.lower(), value)
    raise LookupError(edit.place)


def _edited_path(contract: Contract, request: Request, name: str, value: str) -> str:
    routed = contract.route(request.method, request.path)
    if not isinstance(routed, RouteMatch):
        raise LookupError(f"path/{name}")
    number = routed.operation.path.split("/").index(f"{{{name}}}")
    segments = request.path.split("/")
    return "/".join([*segments[:number], quote(value, safe=""), *segments[number + 1 :]])


def _edited_query(query: str, name: str, value: str | None) -> str:
    """Set a parameter where it first stands, or at the end; it then stands once, or not at all."""
    parts = [part for part in query.split("&") if part]
    places = [number for number, part in enumerate(parts) if _is_named(part, name)]
    if value is None and not places:
        raise LookupError(f"query/{name}")
    at = places[0] if places else len(parts)
    sent = [] if value is None else [f"{quote(name, safe='')}={quote(value, safe='')}"]
    kept = [part for number, part in enumerate(parts) if number not in places]
    return "&".join([*kept[:at], *sent, *kept[at:]])


def _is_named(part: str, name: str) -> bool:
    sent = part.partition("=")[0].replace("+", " ")
    decoded = decode(sent)
    return (part.partition("=")[0] if decoded is None else decoded) == name


def _edited_header(request: Request, name: str, value: str | None) -> Request:
    headers = dict(request.headers)
    if value is None:
        del headers[name]
        return replace(request, headers=headers)
    return replace(request, headers={**headers, name: value})


def _edited_body(request: Request, edits: list[Edit]) -> Request:
    value = read_leniently(request.body) if request.body else _NOTHING
    for edit in edits:
        value = _edited_value(value, edit)
    written = b"" if value is _NOTHING else write(value)
    if written is None:  # what stands twice still does
        return request
    headers = {name: text for name, text in request.headers.items() if name != "content-length"}
    return replace(request, body=written, headers=headers)


def _edited_value(value: Any, edit: Edit) -> Any:  # Any: JSON; it was read for this edit, and is changed in place
    steps = steps_in(edit.place)
    value_set = deepcopy(edit.value)  # edits after this one may change what is set here
    if not steps:
        return value_set if edit.do == "set" else _NOTHING
    container = value_at(value, steps[:-1])
    step = _step_of(container, steps[-1])
    if edit.do == "set":
        container[step] = value_set
    else:
        del container[step]
    return value
