"""Answers that take long to make, or are long, go out in pieces, so that nobody else waits for them.

The event loop answers others after each piece.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping

from mockserver.real_time import monotonic
from mockserver.server.events import Stream

_MOST_BYTES = 64 * 1024  # of a piece
_MOST_SECONDS = 0.005  # that are spent on a piece


def in_pieces(parts: Iterable[bytes], headers: Mapping[str, str]) -> Stream:
    """Return an answer whose parts are made one after the other; a part may be empty, where nothing was found yet."""

    async def pieces() -> AsyncIterator[bytes]:
        piece, since = bytearray(), monotonic()
        for part in parts:
            piece += part
            if len(piece) > _MOST_BYTES or monotonic() - since > _MOST_SECONDS:
                if piece:
                    yield bytes(piece)
                await asyncio.sleep(0)
                piece, since = bytearray(), monotonic()
        yield bytes(piece)

    return ending(headers, pieces)


def ending(headers: Mapping[str, str], parts: Callable[[], AsyncIterator[bytes]]) -> Stream:
    """Return a stream that ends by itself; the server waits for it as for any other answer."""
    return Stream(headers=headers, parts=parts, end=lambda: None)
