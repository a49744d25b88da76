"""Follow JSON Pointers and `$ref` inside the contract document; nothing outside it is ever fetched."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from mockserver.contract.violation import pointer
from mockserver.errors import ContractError

# Any: the document is untyped until it is compiled; this module is its border.
Node = Mapping[str, Any]

_MOST_HOPS = 32


def find(document: Node, place: str) -> Any:  # Any: whatever stands there
    """Give what stands at `#/…`, or refuse a pointer that leads nowhere."""
    found: Any = document
    for step in steps_of(place):
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise ContractError(
                f"{place} points to nothing: there is no {step!r}; write the place that is meant"
            ) from None
    return found


def steps_of(place: str) -> list[str]:
    """Take a pointer `#/a/b~1c` apart."""
    if place != "#" and not place.startswith("#/"):
        raise ContractError(f"$ref {place!r} is not local; write it as #/components/…")
    parts = unquote(place[1:]).split("/")[1:]
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def follow(document: Node, node: Any, place: str) -> tuple[Any, str]:
    """Replace a reference object by what it means, with the place where that stands."""
    for _ in range(_MOST_HOPS):
        if not (isinstance(node, Mapping) and isinstance(node.get("$ref"), str)):
            return node, place
        place = node["$ref"]
        node = find(document, place)
    raise ContractError(f"$ref at {place} leads in a circle; let it end at something")


def below(place: str, *steps: str | int) -> str:
    """Extend a place by steps."""
    return place + pointer(steps)


def as_fragment(place: str) -> str:
    """Write a place as the fragment of a URI, where braces are not allowed."""
    return quote(place, safe="#/~:@!$&'()*+,;=?")
