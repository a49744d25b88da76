"""As much as can be read of a head that aiohttp's parser refused, and why it was refused.

A head is the request line and the header lines. What is returned may be shown: a reason never quotes what was sent,
which may be a secret at the wrong place, and a line that is no header is left out. So is the rest of a head behind a
line that has not come to its end.
"""

import re
from collections.abc import Iterator

from mockserver.messages import Obstacle, Request
from mockserver.server import aiohttp_web as web
from mockserver.server.bounds import Bounds

UNKNOWN = "?"  # the method of a request whose own could not be read
_REQUEST_LINE = re.compile(rb"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) ([^ \r\n]+)")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)")  # RFC 9112 §5
_ORIGIN_OF_TARGET = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?]*")
_HTTP_2 = b"PRI * HTTP/2"  # its preface (RFC 9113 §3.4)
_TLS = b"\x16\x03"  # a handshake: record type 22, major version 3 (RFC 8446 §5.1)
_WITHOUT_A_LINE = {
    web.InvalidHeader: "a header has a value that HTTP does not allow; send no control characters in it",
    web.InvalidURLError: "the request target cannot be read; send a path such as /v2/customers/171891944",
    web.BadHttpMethod: "there is no method that HTTP knows; send GET, PUT, POST or DELETE, in capitals",
}


def read_head(head: bytes, bounds: Bounds) -> Request:
    """Return the request that a head begins, without a body."""
    first = _REQUEST_LINE.match(head)
    method, target = (UNKNOWN, "") if first is None else (_text(first[1]), _text(first[2]))
    path, query = split_target(target) if target else ("", "")
    headers: dict[str, str] = {}
    for name, value in _read_lines(head, bounds):
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Request(method=method, path=path, query=query, headers=headers)


def split_target(target: str) -> tuple[str, str]:
    """Return path and query of a request target; an absolute one (RFC 9112 §3.2.2) loses its scheme and host."""
    absolute = _ORIGIN_OF_TARGET.match(target)
    path, _, query = target[absolute.end() if absolute else 0 :].partition("?")
    return path or "/", query


def _read_lines(head: bytes, bounds: Bounds) -> Iterator[tuple[str, str]]:
    whole = head[: head.rfind(b"\n") + 1]
    for line in whole.split(b"\n")[1 : bounds.head_fields]:
        found = _HEADER.match(line)
        if found is not None:
            yield _text(found[1]).lower(), _text(found[2]).rstrip()


def _text(part: bytes) -> str:
    return part.decode("utf-8", "backslashreplace")


def why_refused(error: Exception, head: bytes) -> Obstacle:
    """Return what the parser found in a head."""
    return Obstacle(code="400", place="request", why=_reason(error, head))


def _reason(error: Exception, head: bytes) -> str:
    if head.startswith(_TLS):
        return "TLS came, and this server speaks plain HTTP; use http:// instead of https://"
    if head.startswith(_HTTP_2):
        return "HTTP/2 came, and this server speaks HTTP/1.1; switch HTTP/2 off in the client (curl --http1.1)"
    said = _WITHOUT_A_LINE.get(type(error))
    if said is None and type(error) is web.BadHttpMessage:
        said = error.message.partition("\n")[0].rstrip(": ")  # the parser's own words; what it quotes comes behind
    return said or "cannot be read as HTTP"


def too_large(bounds: Bounds) -> Obstacle:
    """Return what a head beyond its bounds comes to."""
    why = (
        f"request line and headers are larger than {bounds.head_bytes // 1024} KiB together, or more than "
        f"{bounds.head_fields} headers; send fewer or shorter cookies, tokens and parameters"
    )
    return Obstacle(code="431", place="request", why=why)


def unfinished(bounds: Bounds, place: str) -> Obstacle:
    """Return what a request comes to whose rest did not come in time; the place is `request` or `body`."""
    cure = "send as many bytes as Content-Length says" if place == "body" else "end the headers with an empty line"
    why = f"the rest did not come within {bounds.request_seconds:g} s; {cure}"
    return Obstacle(code="408", place=place, why=why)
