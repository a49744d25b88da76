"""Bodies in a content encoding (RFC 9110 §8.4), undone within bounds: gzip and deflate, one of them at a time.

aiohttp could undo them while it reads. But where it fails, it loses the place where the next request begins, so the
connection is of no use any more; and it knows others besides, depending on what is installed.
"""

import zlib

from mockserver.messages import BODY_LIMIT

_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_METHOD, _DEFLATE = 0x0F, 8  # compression method in the first byte of a zlib stream (RFC 1950 §2.2)


class TooLargeError(ValueError):
    """The body is larger than the limit when it is decoded."""


def decode(body: bytes, coding: str, limit: int = BODY_LIMIT) -> bytes:
    """Undo `gzip` or `deflate`; ValueError where the body is not in it, TooLargeError beyond the limit in bytes.

    gzip may have several members (RFC 1952 §2.2). deflate is a zlib stream, or one without its frame as some clients
    send it.
    """
    parts: list[bytes] = []
    while True:
        part, body = _decode_member(body, _window_of(body, coding), limit - sum(map(len, parts)))
        parts.append(part)
        if not body:
            return b"".join(parts)
        if coding != "gzip":
            raise ValueError("there is more behind its end")


def _window_of(body: bytes, coding: str) -> int:
    if coding == "gzip":
        return _GZIP
    return _ZLIB if body and body[0] & _METHOD == _DEFLATE else _RAW


def _decode_member(body: bytes, window: int, limit: int) -> tuple[bytes, bytes]:
    """Return what one member holds, and what stands behind it."""
    decoder = zlib.decompressobj(window)
    try:
        decoded = decoder.decompress(body, limit + 1)
    except zlib.error as error:
        raise ValueError("it is not in that encoding") from error
    if len(decoded) > limit:
        raise TooLargeError
    if not decoder.eof:
        raise ValueError("its end is missing")
    return decoded, decoder.unused_data
