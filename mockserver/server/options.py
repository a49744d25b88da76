"""What a server is asked to serve, and where."""

import re
from collections.abc import Mapping
from pathlib import Path

from mockserver.errors import ConfigurationError
from mockserver.exchange import Auth
from mockserver.files import OURS, Specification
from mockserver.values import Value

_TOKEN = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?\Z")


class ServeOptions(Value, frozen=True, kw_only=True):
    """The options of `serve`. Port 0 is any free one; `cors` are origins besides the loopback ones.

    No `dialect` is the documented one. `reload` takes a changed world file on save. `public_url` is where others reach
    the server, where that is not its own address. `journal` is how many exchanges of each world are kept.
    `specification` is what is doubled, which no option of the command line changes.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    world: str = "demo"
    dialect: Path | None = None
    auth: Auth = "any"
    cors: tuple[str, ...] = ()
    control_token: str | None = None
    public_url: str | None = None
    reload: bool = False
    journal: int = 1_000
    specification: Specification = OURS


def check_token(token: str | None, *, option: str = "--control-token") -> str | None:
    """Return a token that a header can carry; ConfigurationError for another one, which is never shown."""
    if token is None or _TOKEN.match(token):
        return token
    problem = "begins or ends with a blank, or holds a control character" if token else "is empty"
    raise ConfigurationError(f"{option} {problem}; give a text that a header can carry, or leave it out")


def read_token(token: str | None, variable: str | None, environ: Mapping[str, str]) -> str | None:
    """Return the control token that the command line gives: itself, or the variable that holds it."""
    if variable is None:
        return check_token(token)
    if token is not None:
        raise ConfigurationError("--control-token and --control-token-env exclude each other; give one of them")
    held = environ.get(variable)
    if not held:
        state = "is not set" if held is None else "is empty"
        raise ConfigurationError(f"--control-token-env: the variable {variable!r} {state}; export the token in it")
    return check_token(held, option=f"--control-token-env: the variable {variable!r}")
