"""What one client may take of the server: sizes, deadlines and connections. `docs/limits.md` lists them."""

from mockserver.values import Value, replace

SPARE_FILES = 64  # of those that the system lets a process open, for all that is no connection


class Bounds(Value, frozen=True, kw_only=True):
    """The bounds of one server; bytes, seconds and numbers.

    `head_bytes` are of request line and headers together, `head_fields` are header lines. `queued_bytes` and
    `queued_requests` are of what came on a connection and waits for answers before it. `body_bytes` are of the bodies
    above 64 KiB that have not come to their end, on all connections together. `request_seconds` is how long a request
    may take from its first byte to its last, `unread_seconds` how long a client may take nothing of what it is sent,
    `idle_seconds` how long a connection is kept on which nothing happens. `goodbye_seconds` and `goodbye_bytes` are
    how much is still read of a client that is answered before it has sent all.
    """

    head_bytes: int = 64 * 1024
    head_fields: int = 256
    queued_bytes: int = 64 * 1024
    queued_requests: int = 16
    body_bytes: int = 64 * 1024 * 1024
    request_seconds: float = 60.0
    unread_seconds: float = 30.0
    idle_seconds: float = 120.0
    goodbye_seconds: float = 2.0
    goodbye_bytes: int = 8 * 1024 * 1024
    connections: int = 1_000

    @property
    def look_seconds(self) -> float:
        """How often connections are looked at: so that a deadline is kept within a quarter of the shortest."""
        return min(1.0, min(self.request_seconds, self.unread_seconds, self.idle_seconds) / 4)


def bounds_of_process() -> Bounds:
    """Return our bounds, with no more connections than the system lets this process open files."""
    bounds = Bounds()
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return bounds
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY or files >= bounds.connections + SPARE_FILES:
        return bounds
    return replace(bounds, connections=max(1, files - SPARE_FILES))
