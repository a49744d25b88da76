"""What a server is asked to serve, and where."""

from pathlib import Path

from mockserver.exchange import Auth
from mockserver.values import Value


class ServeOptions(Value, frozen=True, kw_only=True):
    """The options of `serve`. Port 0 is any free one; `cors` are origins besides the loopback ones.

    No `dialect` is the documented one. `reload` takes a changed world file on save. `journal` is how many exchanges of
    each world are kept.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    world: str = "demo"
    dialect: Path | None = None
    auth: Auth = "any"
    cors: tuple[str, ...] = ()
    control_token: str | None = None
    reload: bool = False
    journal: int = 1_000
