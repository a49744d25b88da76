"""A request of the core, read from aiohttp: body bounded, headers lower case, path and query as they came."""

import asyncio
import re

from aiohttp import web

from mockserver.messages import BODY_LIMIT, Request

_DRAIN_LIMIT = 8 * 1024 * 1024
_DRAIN_SECONDS = 2.0
_DECODING_ERRORS = (web.RequestPayloadError, web.PayloadAccessError)
_ORIGIN_OF_TARGET = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?]*")


async def read_request(incoming: web.BaseRequest) -> Request:
    """Read one request to its end."""
    headers = read_headers(incoming)
    path, query = _split_target(_clean(incoming.raw_path))
    body, oversized, undecodable = b"", False, ""
    if incoming.body_exists:
        try:
            body, oversized = await _read_body(incoming)
        except _DECODING_ERRORS:  # a broken chunk or content encoding
            undecodable = "cannot be decoded; check Content-Encoding and the length of the body"
    return Request(
        method=incoming.method,
        path=path,
        query=query,
        headers=headers,
        body=body,
        oversized=oversized,
        undecodable=undecodable,
    )


def read_headers(incoming: web.BaseRequest) -> dict[str, str]:
    """Return the headers by lower-case name; those that came several times are joined."""
    headers: dict[str, str] = {}
    for name, sent in incoming.headers.items():
        key, value = name.lower(), _clean(sent)
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def _clean(text: str) -> str:
    """Return a text that can be written again: bytes that are no UTF-8, which aiohttp escapes, become `\\xff`."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _split_target(target: str) -> tuple[str, str]:
    """Split a request target; an absolute one (RFC 9112 §3.2.2) loses its scheme and host."""
    absolute = _ORIGIN_OF_TARGET.match(target)
    path, _, query = target[absolute.end() if absolute else 0 :].partition("?")
    return path or "/", query


async def _read_body(incoming: web.BaseRequest) -> tuple[bytes, bool]:
    chunks: list[bytes] = []
    length = 0
    async for chunk in incoming.content.iter_any():
        length += len(chunk)
        if length > BODY_LIMIT:
            await _drain(incoming)
            return b"", True
        chunks.append(chunk)
    return b"".join(chunks), False


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
