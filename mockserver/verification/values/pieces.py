"""Pieces of an update, and the update that some of them make: what a row of a covering array stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mockserver.messages import Request
from mockserver.verification.checks import Foretold
from mockserver.verification.statements.asking import put
from mockserver.verification.target import Place

Part: TypeAlias = Mapping[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Members of the profile and of the body, more of the query, headers; `before` and `after` are other profiles.

    `statement` is what the page says of it, which a finding names that needs it.
    """

    profile: Part = field(default_factory=dict)
    body: Part = field(default_factory=dict)
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Part, ...] = ()
    after: tuple[Part, ...] = ()
    statement: str = ""


NOTHING = Piece()


def update_of(place: Place, pieces: Sequence[Piece], *, looks_at_programs: bool = False) -> Foretold:
    """Return the update that pieces make, which they may be taken out of; they stand in the body as they are given."""
    told = tuple(piece for piece in pieces if piece != NOTHING)
    return Foretold(
        request=request_of(place, told),
        looks_at_programs=looks_at_programs,
        parts=tuple(piece.statement for piece in told) if len(told) > 1 else (),
        of_parts=lambda kept: request_of(place, [told[at] for at in kept]),
    )


def request_of(place: Place, pieces: Sequence[Piece], *, query: str | None = None) -> Request:
    """Return the request that pieces make; `query` takes the place of the place's own."""
    asked = (place.query if query is None else query) + "".join(piece.query for piece in pieces)
    headers = {name: value for piece in pieces for name, value in piece.headers.items()}
    return put(place, body_of_pieces(pieces), query=asked, headers=headers)


def body_of_pieces(pieces: Sequence[Piece]) -> dict[str, Any]:
    """Return the body that pieces make, its members in their order; lists that several send are joined."""
    body, profile = (_merged([getattr(piece, name) for piece in pieces]) for name in ("body", "profile"))
    before = [other for piece in pieces for other in piece.before]
    after = [other for piece in pieces for other in piece.after]
    listed = [*before, *([profile] if profile or before or after else []), *after]
    if not listed:
        return body
    is_last = bool(pieces[0].body)
    return {**body, "profiles": listed} if is_last else {"profiles": listed, **body}


def _merged(parts: Sequence[Part]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            whole[name] = _joined(whole.get(name), value)
    return whole


def _joined(held: Any, value: Any) -> Any:
    if isinstance(held, list) and isinstance(value, list):
        return [*held, *value]
    if isinstance(held, Mapping) and isinstance(value, Mapping):
        return {**held, **value}
    return value
