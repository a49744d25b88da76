"""Where each request of a connection begins and ends: aiohttp's parser, fed with one head or one body at a time.

The parser takes whatever a socket gives, and where it fails it forgets the requests before, in the same bytes. Fed so,
it has told of every request that it could read before it fails at the next one, and it is known which head that was,
and how large. What the connection cannot serve yet waits here, and while something does, nothing more need be read of
the client (`has_more`).
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from mockserver.messages import Obstacle
from mockserver.server import aiohttp_web as web
from mockserver.server.bounds import Bounds
from mockserver.server.heads import too_large, unfinished, why_refused

_END = b"\r\n\r\n"  # of a head, and of a body in chunks
_SEAM = len(_END) - 1  # bytes at the end of a part that may begin an end
_SMALL = 1024  # bytes of a head that cannot have too many headers
Received: TypeAlias = tuple[web.RawRequestMessage, web.StreamReader]
Fed: TypeAlias = tuple[Sequence[Received], bool, bytes]  # what has begun; whether HTTP is over, and what follows then
_NOTHING: Fed = ((), False, b"")


class Unreadable(web.HttpProcessingError):
    """What came is no request; `head` is how it began, empty where it failed in the body."""

    def __init__(self, obstacle: Obstacle, head: bytes = b"") -> None:
        super().__init__(code=int(obstacle.code), message=obstacle.why)
        self.obstacle = obstacle
        self.head = head


class Framing:
    """The parser of one connection, as aiohttp asks it.

    `has_more` tells that something waits here, `begun` since when a request has been unfinished, `told` of how many
    requests aiohttp was told, and `dropped` how many bytes came after a failure. `go_on` is called when there is room
    for what waits; who hears it calls `feed_data(b"")`. `clock` gives seconds.
    """

    __slots__ = (
        "_bounds", "_clock", "_failure", "_go_on", "_head", "_held", "_is_over", "_left", "_parser", "_payload",
        "_queued", "_queued_bytes", "_seam", "begun", "dropped", "has_more", "is_paused", "told",
    )  # fmt: skip

    def __init__(
        self, parser: web.HttpRequestParser, bounds: Bounds, go_on: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        self._parser, self._bounds, self._go_on, self._clock = parser, bounds, go_on, clock
        self._head = bytearray()  # what has come of a head
        self._payload: web.StreamReader | None = None  # of a body that has not come to its end
        self._left = 0  # bytes of that body, 0 where it comes in chunks
        self._seam = b""  # the last bytes of a body in chunks
        self._held = b""  # what came behind, and waits
        self._queued = self._queued_bytes = 0  # what was told of, and aiohttp has not taken up
        self._failure: Unreadable | None = None  # that is still to be told
        self._is_over = False  # nothing can be read any more
        self.is_paused = False  # until who reads the body has read some of it
        self.has_more = False
        self.begun: float | None = None
        self.told = self.dropped = 0

    @property
    def is_idle(self) -> bool:
        """Tell whether all that came has been taken up."""
        return self.begun is None and not (self._queued or self.has_more)

    def feed_data(self, data: bytes) -> Fed:
        """Read on, and return the requests that have begun; HttpProcessingError where what came is none."""
        if self._is_over:
            return self._refuse(len(data))
        if self.has_more:
            self.is_paused = False
            self._feed(b"")  # the parser itself may have kept some of a body
            data, self._held = self._held + data, b""
        if self.is_idle and len(data) <= _SMALL and data.find(_END) == len(data) - len(_END):  # most are so
            fed, start, has_failed = self._feed(data), len(data), self._failure is not None
        else:
            fed, start, has_failed = self._feed_parts(data)
        if has_failed:
            return fed if fed[0] else self._refuse(len(data) - start)
        if start < len(data):
            self._held = data[start:]
        self.has_more = start < len(data) or self.is_paused
        if self.begun is None and (self._payload is not None or self._head):
            self.begun = self._clock()
        return fed

    def message_consumed(self) -> None:
        """Note that a request is taken up."""
        self._parser.message_consumed()
        self._queued -= 1
        if self._queued <= 0:
            self._queued = self._queued_bytes = 0
            if self.has_more and not self.is_paused:
                self._go_on()

    def pause_reading(self) -> None:
        """Read no more of the body for now."""
        self._parser.pause_reading()
        self.is_paused = self.has_more = True

    def set_upgraded(self, value: bool) -> None:  # as aiohttp calls it
        """Go on as HTTP after an upgrade that was declined."""
        self._parser.set_upgraded(value)

    def expire(self) -> None:
        """Give up the request that is unfinished; who hears `go_on`, or reads its body, is told."""
        self._fail(unfinished(self._bounds, "request" if self._payload is None else "body"), bytes(self._head))
        if self.has_more:
            self._go_on()

    @property
    def _is_full(self) -> bool:
        queued, bounds = self._queued, self._bounds
        return queued >= bounds.queued_requests or (queued != 0 and self._queued_bytes >= bounds.queued_bytes)

    def _feed_parts(self, data: bytes) -> tuple[Fed, int, bool]:
        """Let the parser read part by part, as many as can be served; return how far it came, and whether it failed."""
        fed, start, length = _NOTHING, 0, len(data)
        while start < length and not (self.is_paused or self._is_full):
            end = self._find_end(data, start)
            now = self._feed(data[start:end])
            start = end
            fed = ([*fed[0], *now[0]], *now[1:]) if fed[0] else now
            if now[1]:
                return (fed[0], True, now[2] + data[start:]), length, False
            if self._is_over:
                return fed, start, True
        return fed, start, False

    def _refuse(self, came: int) -> Fed:
        """Tell the failure, once, and read nothing more."""
        self.dropped += came
        failure, self._failure, self.has_more = self._failure, None, False
        if failure is not None:
            raise failure
        return _NOTHING

    def _find_end(self, data: bytes, start: int) -> int:
        """Return where the head or the body ends that the data goes on with, or the end of the data."""
        if self._left:
            return min(start + self._left, len(data))
        before = self._seam or (bytes(self._head[-_SEAM:]) if self._head else b"")
        if before:
            end = (before + data[start : start + _SEAM]).find(_END)
            if end >= 0:
                return start + end + len(_END) - len(before)
        end = data.find(_END, start)
        return len(data) if end < 0 else end + len(_END)

    def _feed(self, part: bytes) -> Fed:
        """Let the parser read a part that ends where a head or a body does, or before."""
        self._queued_bytes += len(part)
        is_head = self._payload is None
        if is_head and len(part) + len(self._head) > _SMALL and self._is_too_large(part):
            return self._fail(too_large(self._bounds), bytes(self._head) + part)
        try:
            fed: Fed = self._parser.feed_data(part)
        except web.HttpProcessingError as error:
            head = bytes(self._head) + part
            return self._fail(why_refused(error, head), head)
        if not is_head:
            self._follow_body(part)
        elif fed[0]:
            self._begin_body(*fed[0][0])
        else:
            self._head += part
        return fed

    def _is_too_large(self, part: bytes) -> bool:
        bounds = self._bounds
        fields = self._head.count(b"\n") + part.count(b"\n") - 2  # without request line and empty line
        return len(self._head) + len(part) > bounds.head_bytes or fields > bounds.head_fields

    def _begin_body(self, message: web.RawRequestMessage, payload: web.StreamReader) -> None:
        """Note how much body comes after a head."""
        if self._head:
            self._head.clear()
        self.told += 1
        self._queued += 1
        self.begun = None
        if not payload.is_eof():
            self._payload = payload
            self._left = 0 if message.chunked else int(message.headers.get("Content-Length", "0"))

    def _follow_body(self, part: bytes) -> None:
        """Note how much of a body has come."""
        if self._left:
            self._left -= len(part)
            ended = not self._left
        else:
            ended = self._payload is not None and self._payload.is_eof()
            self._seam = b"" if ended else (self._seam + part)[-_SEAM:]
        if ended:
            self._payload = self.begun = None

    def _fail(self, obstacle: Obstacle, head: bytes) -> Fed:
        """Read nothing more; who reads the body is told, else who asks for the next request."""
        self._is_over, self.begun, self._held = True, None, b""
        payload, self._payload = self._payload, None
        if payload is None:
            self._failure, self.has_more = Unreadable(obstacle, head), True
        else:
            self.has_more = False
            payload.set_exception(Unreadable(obstacle))
            payload.feed_eof()  # aiohttp would wait for the rest
        return _NOTHING
