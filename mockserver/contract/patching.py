"""A document with parts of it replaced: how one dialect's contract is made from another's.

A patch is a JSON Pointer (RFC 6901) and the value that shall stand there; None takes the member away. Two patches
of one place must agree, and none may stand inside another: the order of patches never matters.

JSON Schema cannot say that the case of letters does not matter. A node with `x-ignore-case: true` beside its `enum`
says it here, and is spelt out as a pattern that any tool understands.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mockserver.contract.pointers import Node, find, steps_of
from mockserver.errors import ContractError

Patches = Mapping[str, Any]  # Any: a JSON value
_IGNORE_CASE = "x-ignore-case"


def patched(document: Node, patches: Iterable[Patches]) -> dict[str, Any]:
    """Return a document with all patches applied; one that does not fit is a ContractError.

    What no patch touches is the given document's own: many dialects' contracts are held at once.
    """
    changed = dict(document)
    joined = _joined(patches)
    for place, value in joined.items():
        changed = _with(changed, place, value)
    for place, value in joined.items():
        if place.endswith(f"/{_IGNORE_CASE}") and value is True:
            parent = place.rpartition("/")[0]
            changed = _with(changed, parent, _spelt_out(find(changed, f"#{parent}")))
    return changed


def touches(place: str, rule: str, holder: str) -> bool:
    """Tell whether a patch at `place` may change a violation: the node of its rule, or the parameter it is about."""
    patched_place, node = f"#{place}", rule.rpartition("/")[0]
    is_near = patched_place.rpartition("/")[0] == node or rule.startswith(f"{patched_place}/")
    return is_near or any(patched_place.startswith(f"{near}/") for near in (rule, holder) if near)


def _joined(patches: Iterable[Patches]) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for some in patches:
        for place, value in some.items():
            if joined.setdefault(place, value) != value:
                raise ContractError(f"two answers want different things at {place} of the contract; choose one of them")
    for place in joined:
        around = next((other for other in joined if place.startswith(f"{other}/")), None)
        if around is not None:
            raise ContractError(f"the patch at {place} stands inside the one at {around}; let one answer say both")
    return joined


def _with(document: Node, place: str, value: Any) -> dict[str, Any]:
    """Return the document with this value at a place, copying no more than what holds it."""
    find(document, f"#{place.rpartition('/')[0]}")  # which says it where the place does not fit
    changed: dict[str, Any] = _replaced(document, steps_of(f"#{place}"), value)
    return changed


def _replaced(holder: Any, steps: Sequence[str], value: Any) -> Any:
    step, *further = steps
    if isinstance(holder, list):
        position = int(step)
        inner = _replaced(holder[position], further, value) if further else value
        return [*holder[:position], inner, *holder[position + 1 :]]
    if not further and value is None:
        return {name: part for name, part in holder.items() if name != step}
    return {**holder, step: _replaced(holder[step], further, value) if further else value}


def _spelt_out(ignoring_case: Node) -> dict[str, Any]:
    """Return a schema with a pattern in place of its enum of texts, which takes each of them in any case."""
    node = dict(ignoring_case)
    members = [member for member in node.pop("enum") if member is not None]
    spelt = "|".join("".join(_either_case(letter) for letter in member) for member in members)
    node["pattern"] = f"^({spelt})$(?!\\n)"
    node["x-form"] = f"one of {', '.join(members)}, in any case"
    if isinstance(node.get("default"), bool):
        node["default"] = str(node["default"]).lower()
    return node


def _either_case(letter: str) -> str:
    return f"[{letter.upper()}{letter.lower()}]" if letter.isalpha() else letter
