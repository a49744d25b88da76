"""Resends: a request that a rule disturbed, and that its client sends again of its own accord.

RFC 9110 §9.2.2 lets a client repeat an idempotent request when its connection breaks, and RFC 9112 §9.3.1 says how.
Browsers do so on a connection that they had used before, so that a page never sees a fault that applies once.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Generic, TypeVar

from mockserver.server.fault_rules import Facts

SECONDS = 5.0  # for which a request is waited for again, since it was first met
MOST_REMEMBERED = 256  # requests of one rule
_OF_THE_CONNECTION = frozenset(  # RFC 9110 §7.6.1: they say nothing of the request
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
A = TypeVar("A")


class Resends(Generic[A]):
    """The requests that one rule has met in the last seconds, each with what it did to them."""

    __slots__ = ("_met",)

    def __init__(self) -> None:
        self._met: dict[bytes, tuple[float, A]] = {}  # by what was sent: until when, and what was done; oldest first

    def note(self, facts: Facts, applied: A, now: float) -> None:
        """Remember a request that was met first now; the oldest is forgotten where there are too many."""
        if len(self._met) >= MOST_REMEMBERED:
            del self._met[next(iter(self._met))]
        key = _key_of(facts)
        self._met.pop(key, None)
        self._met[key] = now + SECONDS, applied

    def find(self, facts: Facts, now: float) -> A | None:
        """Return what was done to the same request of the same client a moment ago, None where there was none."""
        self._forget(now)
        found = self._met.get(_key_of(facts)) if self._met else None
        return None if found is None else found[1]

    def are_awaited(self, now: float) -> bool:
        """Tell whether any request may still come again."""
        self._forget(now)
        return bool(self._met)

    def _forget(self, now: float) -> None:
        while self._met and self._met[oldest := next(iter(self._met))][0] <= now:
            del self._met[oldest]


def _key_of(facts: Facts) -> bytes:
    """Return a digest of what makes two requests the same: client, method, target, headers that count, and body."""
    request = facts.request
    key = blake2b(request.body, digest_size=16)
    head = (facts.client, request.method, request.path, request.query, _counting(request.headers))
    key.update(repr(head).encode("utf-8", "backslashreplace"))
    return key.digest()


def _counting(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(item for item in headers.items() if item[0] not in _OF_THE_CONNECTION)
