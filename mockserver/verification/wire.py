"""How an answer came over a connection: what a lenient client overlooks, and strict reading has to know."""

import json
from dataclasses import dataclass

from mockserver.messages import Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """The raw facts of one answer.

    `headers` stand as they came, one that came twice stands twice. An answer that is not `is_ended` was cut behind what
    is JSON as it is: the last chunk did not come, or `missing` bytes that Content-Length announced. `surplus` is how
    many bytes came after the end of the message, which belong to the body where they make it JSON (RFC 9112 §6.3).
    """

    headers: tuple[tuple[str, str], ...] = ()
    is_ended: bool = True
    missing: int = 0
    surplus: int = 0

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of each header line of this name, whatever its case."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())


class Received(Response, frozen=True, kw_only=True):
    """An answer that came over a connection, its body as it came."""

    wire: Wire


def is_whole_json(body: bytes | bytearray) -> bool:
    """Tell whether bytes are a JSON object or array to its end, after which only white space can follow."""
    if bytes(body[:64]).lstrip()[:1] not in (b"{", b"["):
        return False
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True
