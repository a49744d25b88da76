"""Read a validator's errors as breaches: where in the message, which rule, which refusal, in which order.

The law: a breach's place in the order depends on the message alone, on how it was written, and never on the
order in which the schema or its validator looks at things.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

import jsonschema_rs

from mockserver.contract.keywords import Keyword, Keywords
from mockserver.contract.violation import Step
from mockserver.values import Value, replace

# id of an object → its members' positions. Without it an object with a hundred thousand wrong members
# would be looked through as often; ids are safe because the message outlives the listing.
Positions: TypeAlias = dict[int, dict[str, int]]
Path: TypeAlias = tuple[Step, ...]
Order: TypeAlias = tuple[tuple[int, ...], int]

# jsonschema-rs (0.60) names members by paths in which "" is lost and "007" has become 7. Where that happened, the
# value is judged again with such members renamed; contracts that declare members of such names are refused.
_LOST_NAME = re.compile(r"\+?[0-9]+|")
_MARK = "\x00"


class Breach(Value, frozen=True):
    """One rule that one value, or one member that is not there, breaks."""

    path: Path
    keyword: Keyword
    value: Any  # Any: what was sent, None where nothing was
    is_missing: bool = False
    is_null: bool = False

    @property
    def refusal(self) -> str | None:
        """The vendor's code for it, None where it has none."""
        keyword = self.keyword
        if keyword.name == "required":
            return keyword.members[str(self.path[-1])][1]
        return keyword.missing if self.is_missing else keyword.invalid


class _Error(Value, frozen=True):
    """One error of the validator; `named` are the members that it is about, where it is about members."""

    path: Path
    keyword: Keyword
    named: Sequence[str] = ()


def read_breaches(keywords: Keywords, value: Any, validator: jsonschema_rs.Draft202012Validator) -> list[Breach]:
    """Read all errors about a value, in the order in which the value was written."""
    positions: Positions = {}
    breaches = [breach for error in _read_errors(keywords, value, validator) for breach in _read(error, value)]
    return sorted(breaches, key=lambda breach: _order_of(breach, value, positions))


def read_first_breach(
    keywords: Keywords, value: Any, validator: jsonschema_rs.Draft202012Validator, path: Path = ()
) -> Breach:
    """Read the first error about an invalid value alone; `path` leads to the part where it is known to be."""
    part, way = _alone(value, path) if path else (value, ())
    errors = [error for error in _read_errors(keywords, part, validator) if error.path[: len(way)] == way]
    if not errors:
        raise ValueError("a valid value has no first breach; ask is_valid before")
    first = next(_read(errors[0], part)) if len(errors) == 1 else _read_first(errors, part)
    return replace(first, path=(*path, *first.path[len(way) :])) if path else first


def _alone(value: Any, path: Path) -> tuple[Any, Path]:
    """Return a value with nothing but the part that a path leads to, and the path to it there."""
    part = _value_at(value, path)
    for step in reversed(path):
        part = {step: part} if isinstance(step, str) else [part]
    return part, tuple(step if isinstance(step, str) else 0 for step in path)


def _read_first(errors: Sequence[_Error], value: Any) -> Breach:
    positions: Positions = {}
    orders = [_order(value, error.path, positions) for error in errors]
    first = min(zip(orders, errors, strict=True), key=itemgetter(0))[1]
    known = min(_order_of(breach, value, positions) for breach in _read(first, value))
    # A breach never stands before the value that its error is about, so what follows the known one is later.
    near = [(order, error) for order, error in zip(orders, errors, strict=True) if order <= known[0]]
    breaches = [breach for _, error in sorted(near, key=itemgetter(0)) for breach in _read(error, value)]
    return min(breaches, key=lambda breach: _order_of(breach, value, positions))


def is_lost_name(name: str) -> bool:
    """Tell whether the validator's paths would not say this name of a member."""
    return name.startswith(_MARK) or _LOST_NAME.fullmatch(name) is not None


def _read_errors(keywords: Keywords, value: Any, validator: jsonschema_rs.Draft202012Validator) -> list[_Error]:
    errors = [_error(keywords, error) for error in validator.iter_errors(value)]
    if all(_leads_there(error, value) for error in errors):
        return errors
    return [_unmarked(_error(keywords, error)) for error in validator.iter_errors(_with_marked_names(value))]


def _error(keywords: Keywords, error: jsonschema_rs.ValidationError) -> _Error:
    kind = error.kind
    name = kind.name
    keyword = keywords.at(tuple(error.evaluation_path), error.absolute_keyword_location or "", name == "falseSchema")
    path = tuple(error.instance_path)
    if name == "required":
        return _Error(path, keyword, (kind.as_dict()["property"],))
    if name == "additionalProperties":
        return _Error(path, keyword, kind.as_dict()["unexpected"])
    return _Error(path, keyword)


def _leads_there(error: _Error, value: Any) -> bool:
    """Tell whether each step of an error's path is as it was sent."""
    if len(error.path) != error.keyword.steps:
        return False
    for step in error.path:
        if isinstance(value, dict):
            if step not in value:
                return False
        elif not (isinstance(value, list) and isinstance(step, int)):
            return False
        value = value[step]
    return True


def _with_marked_names(value: Any) -> Any:
    """Copy a value, its lost names marked; strict reading has bounded how deep this goes."""
    if isinstance(value, dict):
        return {_MARK * is_lost_name(name) + name: _with_marked_names(item) for name, item in value.items()}
    return [_with_marked_names(item) for item in value] if isinstance(value, list) else value


def _unmarked(error: _Error) -> _Error:
    path = tuple(step.removeprefix(_MARK) if isinstance(step, str) else step for step in error.path)
    return _Error(path, error.keyword, [name.removeprefix(_MARK) for name in error.named])


def _read(error: _Error, value: Any) -> Iterator[Breach]:
    """Give the breaches that an error is about: one, or one for each member that is not in the contract."""
    keyword, path = error.keyword, error.path
    if keyword.name == "required":
        yield Breach((*path, error.named[0]), keyword, None, is_missing=True)
        return
    found = _value_at(value, path)
    if not error.named:
        is_null = found is None and bool(path) and path[-1] in keyword.demanded
        yield Breach(path, keyword, found, is_missing=is_null, is_null=is_null)
        return
    unexpected = set(error.named)
    for name, member in found.items():
        if name in unexpected:
            yield Breach((*path, name), keyword, member)


def _value_at(root: Any, path: Path) -> Any:
    for step in path:
        root = root[step]
    return root


def _order_of(breach: Breach, root: Any, positions: Positions) -> Order:
    """Return where a breach stands; a member that is missing stands at the start of its object."""
    if breach.keyword.name != "required":
        return _order(root, breach.path, positions), 0
    return _order(root, breach.path[:-1], positions), 1 + breach.keyword.members[str(breach.path[-1])][0]


def _order(root: Any, path: Path, positions: Positions) -> tuple[int, ...]:
    order = []
    for step in path:
        order.append(step if isinstance(step, int) else _position(root, step, positions))
        root = root[step]
    return tuple(order)


def _position(container: Mapping[str, Any], name: str, positions: Positions) -> int:
    known = positions.get(id(container))
    if known is None:
        known = positions[id(container)] = {key: place for place, key in enumerate(container)}
    return known[name]
