"""What a deployment sees of a connection, and what it writes where an HTTP library would write something else.

A request that came over a connection says which, and a response may be bytes of its own choice. In memory, where there
are neither, the same deployments answer as well as they can.
"""

from collections.abc import Mapping

from mockserver.messages import Request, Response

_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized"}


class Arrived(Request, frozen=True, kw_only=True):
    """A request, and the number of the connection over which it came; numbers are not used twice."""

    connection: int


class Framed(Response, frozen=True, kw_only=True):
    """A response that is written as these bytes, its head included; the connection ends there, or goes on."""

    wire: bytes
    ends: bool = True


def connection_of(request: Request) -> int:
    """Return the number of a request's connection, 0 where it came over none."""
    return request.connection if isinstance(request, Arrived) else 0


def over(connection: int, request: Request) -> Arrived:
    """Return the request as it comes over a connection."""
    return Arrived(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=request.headers,
        body=request.body,
        connection=connection,
    )


def framed(response: Response, headers: Mapping[str, str], body: bytes, *, ends: bool = True) -> Framed:
    """Return the response with these headers added, and this for a body, whatever its headers say of it."""
    said = {**response.headers, **headers}
    lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Other')}"]
    lines += [f"{name}: {value}" for name, value in said.items()]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return Framed(status=response.status, headers=said, body=response.body, wire=head + body, ends=ends)


def chunked(body: bytes, *, is_whole: bool = True) -> bytes:
    """Return a body in chunks of 64 bytes (RFC 9112 §7.1); without its end where it is not whole."""
    pieces = [body[start : start + 64] for start in range(0, len(body), 64)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return chunks + b"0\r\n\r\n" if is_whole else chunks
