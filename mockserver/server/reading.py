"""A request of the core, read from aiohttp: body bounded, headers lower case, path and query as they came."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mockserver.exchange import read_coding
from mockserver.messages import BODY_LIMIT, Obstacle, Request
from mockserver.server import aiohttp_web as web
from mockserver.server.body_room import BodyRoom
from mockserver.server.framing import Unreadable
from mockserver.server.heads import split_target

if TYPE_CHECKING:
    from mockserver.server.connection import Connection

_DRAIN_LIMIT = 8 * 1024 * 1024
_DRAIN_SECONDS = 2.0
_HEADERS_KEPT = 128
_LARGEST_KEPT = 8 * 1024  # characters of the headers of a request


async def read_request(
    incoming: web.BaseRequest, headers: Mapping[str, str], room: BodyRoom, obstacle: Obstacle | None = None
) -> Request:
    """Read one request to its end; its headers have been read. The body is left unread where there is an obstacle."""
    path, query = read_target(incoming)
    body, oversized, undecodable = b"", False, ""
    if incoming.body_exists and obstacle is None:
        try:
            body, oversized = await _read_body(incoming, room)
        except Unreadable as failed:
            obstacle = failed.obstacle
        if body and "content-encoding" in headers:
            body, oversized, undecodable = _decode(body, headers["content-encoding"])
    return Request(
        method=incoming.method,
        path=path,
        query=query,
        headers=headers,
        body=body,
        oversized=oversized,
        undecodable=undecodable,
        obstacle=obstacle,
    )


def _decode(body: bytes, content_encoding: str) -> tuple[bytes, bool, str]:
    """Return a body without its content encoding, whether it is too large, and why it cannot be decoded.

    One in an encoding that nobody here knows stays as it is; the core refuses it.
    """
    coding = read_coding(content_encoding)
    if not coding:
        return body, False, ""
    from mockserver.server.decoding import TooLargeError, decode  # a server is up sooner without it

    try:
        return decode(body, coding), False, ""
    except TooLargeError:
        return b"", True, ""
    except ValueError as error:
        return b"", False, f"is not {coding}, which Content-Encoding says: {error}"


class HeaderReading:
    """Reads headers; those of the latest requests are kept, since a client sends the same with each request."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[tuple[tuple[bytes, bytes], ...], Mapping[str, str]] = {}

    def read(self, incoming: web.BaseRequest) -> Mapping[str, str]:
        """Return the headers by lower-case name; those that came several times are joined."""
        raw = incoming.raw_headers
        headers = self._kept.get(raw)
        if headers is None:
            headers = _read_headers(incoming)
            self._keep(raw, headers)
        return headers

    def _keep(self, raw: tuple[tuple[bytes, bytes], ...], headers: Mapping[str, str]) -> None:
        if sum(map(len, headers.values())) > _LARGEST_KEPT:
            return
        if len(self._kept) >= _HEADERS_KEPT:
            self._kept.clear()
        self._kept[raw] = headers


def _read_headers(incoming: web.BaseRequest) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, sent in incoming.headers.items():
        key, value = name.lower(), _clean(sent)
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def _clean(text: str) -> str:
    """Return a text that can be written again: bytes that are no UTF-8, which aiohttp escapes, become `\\xff`."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def read_target(incoming: web.BaseRequest) -> tuple[str, str]:
    """Return path and query of a request."""
    return split_target(_clean(incoming.raw_path))


async def _read_body(incoming: web.BaseRequest, room: BodyRoom) -> tuple[bytes, bool]:
    content = incoming.content
    if content.is_eof() and content.exception() is None and content.total_bytes <= BODY_LIMIT:
        return content.read_nowait(), False  # it came with its head, as small bodies do
    connection: Connection = incoming.protocol  # type: ignore[assignment]  # a server makes no others
    chunks = await _read_chunks(content, room, connection.bounds.body_bytes)
    if chunks is None:
        await _drain(incoming)
        return b"", True
    return b"".join(chunks), False


async def _read_chunks(content: web.StreamReader, room: BodyRoom, most: int) -> list[bytes] | None:
    """Return the chunks of a body, None where it is too large; they take room while it has not come to its end."""
    chunks: list[bytes] = []
    length = taken = 0
    try:
        async for chunk in content.iter_any():
            length += len(chunk)
            if length > BODY_LIMIT:
                return None
            taken += room.take(length, len(chunk), most)
            chunks.append(chunk)
    finally:
        room.give(taken)
    return chunks


async def _drain(incoming: web.BaseRequest) -> None:
    """Read on for a while, so that a client that is still sending sees the answer."""
    drained = 0
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for chunk in incoming.content.iter_any():
                drained += len(chunk)
                if drained > _DRAIN_LIMIT:
                    return
    except TimeoutError:
        return
