"""The URL that others reach a server under, where something stands in front of it: `serve --public-url`."""

import re
from urllib.parse import SplitResult, urlsplit

from mockserver.errors import ConfigurationError
from mockserver.exchange.secrecy import hide_in_text
from mockserver.server.origins import DEFAULT_PORTS, read_host_name
from mockserver.values import Value

_EXAMPLE = "https://mock.example/tools"
_PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&()*+,;=:@-]|%[0-9A-Fa-f]{2})+)*\Z")  # RFC 3986 §3.3; no empty segments


class PublicUrl(Value, frozen=True, kw_only=True):
    """A URL without a slash at its end: `origin` as browsers write it, `host` alone, and the whole as `text`."""

    text: str
    origin: str
    host: str


def read_public_url(text: str) -> PublicUrl:
    """Read a public URL; ConfigurationError with the cure for what is none."""
    try:
        return _read(urlsplit(text.strip()), text.strip())
    except ValueError as problem:
        raise ConfigurationError(
            f"--public-url {hide_in_text(text)[:120]!r}: {problem}; write one such as {_EXAMPLE}"
        ) from None


def _read(parts: SplitResult, text: str) -> PublicUrl:
    if parts.scheme not in DEFAULT_PORTS:
        raise ValueError("it does not begin with http:// or https://")
    if "@" in parts.netloc:
        raise ValueError("it holds a user or a password, which browsers leave out")
    if "?" in text or "#" in text:
        raise ValueError("it has a query or a fragment")
    name = read_host_name(f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or "")
    if name is None:
        raise ValueError(f"{parts.netloc or 'nothing'!r} is not a host")
    path = parts.path.rstrip("/")
    if not _PATH.match(path) or {".", ".."} & set(path.split("/")):
        raise ValueError(f"{parts.path!r} is not a path that a proxy can stand under")
    origin = f"{parts.scheme}://{name}{_port_of(parts)}"
    return PublicUrl(text=f"{origin}{path}", origin=origin, host=name.strip("[]"))


def _port_of(parts: SplitResult) -> str:
    """Return `:PORT`, or nothing for the scheme's own; ValueError for what is not a port."""
    if parts.port == 0:
        raise ValueError("0 is not a port that others reach")
    return "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
