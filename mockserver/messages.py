"""The two values that every layer speaks about: what came in and what goes out.

Both are plain HTTP, free of any server. Header names of a request are lower case; a header that came
several times stands once, its values joined by `, ` (RFC 9110 §5.3).
"""

from collections.abc import Mapping

from mockserver.values import Value, member

BODY_LIMIT = 1024 * 1024  # bytes of a request's body that a shell accepts


class Obstacle(Value, frozen=True, kw_only=True):
    """What kept a request from being judged, as the shell found it: the code of its refusal, the place, and why.

    It could not be read as HTTP, its head is too large, it was never finished, it names a world that is not held, or
    judging it failed.
    """

    code: str
    place: str
    why: str


class Request(Value, frozen=True, kw_only=True, gc=False):  # in no circle, and kept by the thousand
    """One HTTP request.

    `path` and `query` are as they came, percent-encoded, without the `?`. `oversized` says that the body was
    longer than the shell accepts (and is therefore empty here); `undecodable` says why its content
    encoding could not be undone, or is empty. Where there is an `obstacle`, the rest is as much as could be read.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = member(default_factory=dict)
    body: bytes = b""
    oversized: bool = False
    undecodable: str = ""
    obstacle: Obstacle | None = None


class Response(Value, frozen=True, kw_only=True, gc=False):
    """One HTTP response; the body is complete, its length and date are the server's to say."""

    status: int
    headers: Mapping[str, str] = member(default_factory=dict)
    body: bytes = b""
