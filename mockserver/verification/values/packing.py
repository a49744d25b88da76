"""Packs of values: one update writes a value to each of several members, so that all values are tried by few requests.

In the next update each member gets the next of its values. What a pack shows otherwise names its member by itself;
where a pack is refused, its parts say which value it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.messages import Request
from mockserver.verification.checks import Foretold
from mockserver.verification.statements.asking import put
from mockserver.verification.target import Place
from mockserver.verification.writing import Member, Write, body_of


def pack(place: Place, writes: Sequence[Write]) -> Foretold:
    """Return the update that writes these values, each of which is a part of it."""

    def of_parts(kept: Sequence[int]) -> Request:
        return put(place, body_of([writes[at] for at in kept]))

    parts = ("",) * len(writes) if len(writes) > 1 else ()
    return Foretold(request=of_parts(range(len(writes))), parts=parts, of_parts=of_parts)


def rounds(place: Place, pools: Mapping[Member, Sequence[Any]]) -> Iterator[Foretold]:
    """Give updates until each member was sent each of its values; members begin at different ones."""
    usable = {member: pool for member, pool in pools.items() if pool}
    for turn in range(max(map(len, usable.values()), default=0)):
        yield pack(place, [(member, pool[(turn + at) % len(pool)]) for at, (member, pool) in enumerate(usable.items())])
