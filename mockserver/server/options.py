"""What a server is asked to serve, and where."""

from dataclasses import dataclass

from mockserver.exchange import Auth


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """The options of `serve`. Port 0 is any free one; `cors` are origins besides the loopback ones."""

    host: str = "127.0.0.1"
    port: int = 8080
    world: str = "demo"
    auth: Auth = "any"
    cors: tuple[str, ...] = ()
    control_token: str | None = None
