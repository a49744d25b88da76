"""Origins of web pages (RFC 6454): which are of this machine, and which `--cors` allows.

An origin is compared as browsers write it: scheme and host in lower case, no default port, no path.
"""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

from mockserver.errors import ConfigurationError
from mockserver.exchange.secrecy import hide_in_text
from mockserver.values import Value

DEFAULT_PORTS = {"http": 80, "https": 443}
LAST_PORT = 65_535
_ANY = "*"
_NO_ORIGIN = "null"  # what a page from a file or in a sandbox sends
_WILDCARD = "*."
_LABELS = r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*"
_HOST = re.compile(rf"{_LABELS}\.?\Z")
_LOCAL_FORM = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?\Z")
_FORM = re.compile(r"([a-z][a-z0-9+.-]*)://(.*?)(?::([0-9]{0,5}))?/?\Z", re.DOTALL)
_VISIBLE = re.compile(r"[!-~]+\Z")
_NEVER_SENT = frozenset({"about", "blob", "data", "file", "ftp", "ftps", "javascript", "ws", "wss"})


class Origins(Value, frozen=True, kw_only=True):
    """Which origins may ask: those of this machine, and these. `patterns` match subdomains, `takes_any` any origin."""

    exact: frozenset[str] = frozenset()
    patterns: tuple[re.Pattern[str], ...] = ()
    takes_any: bool = False

    def admit(self, origin: str) -> bool:
        """Tell whether pages of an origin may ask."""
        if is_loopback_origin(origin):
            return True
        lowered = origin.lower()
        if lowered in self.exact or any(pattern.match(lowered) for pattern in self.patterns):
            return True
        return self.takes_any and _VISIBLE.match(origin) is not None


@lru_cache(maxsize=256)
def is_loopback_origin(origin: str) -> bool:
    """Tell whether an Origin is a page of this machine."""
    found = _LOCAL_FORM.match(origin.lower())
    return found is not None and is_loopback_host(found[1].strip("[]"))


def is_loopback_host(host: str) -> bool:
    """Tell whether a name or an address is always this machine (RFC 6761 §6.3: also every name under localhost)."""
    if host == "localhost" or (host.endswith(".localhost") and _HOST.match(host)):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a name, and no other name is known to be this machine
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def read_origins(texts: Iterable[str], *, option: str = "--cors") -> Origins:
    """Read values of `--cors`; ConfigurationError, which names the option, for one that no page can ever match."""
    exact, patterns, takes_any = set(), [], False
    for text in texts:
        try:
            read = _read_origin(text.strip().lower())
        except ValueError as problem:
            raise ConfigurationError(f"{option} {hide_in_text(text)[:80]!r} never matches a page: {problem}") from None
        match read:
            case re.Pattern():
                patterns.append(read)
            case "*":
                takes_any = True
            case _:
                exact.add(read)
    return Origins(exact=frozenset(exact), patterns=tuple(patterns), takes_any=takes_any)


def _read_origin(origin: str) -> str | re.Pattern[str]:
    """Return an origin as browsers write it, or what matches its subdomains; ValueError with the cure."""
    if origin in (_ANY, _NO_ORIGIN):
        return origin
    found = _FORM.match(origin)
    if found is None:
        raise ValueError(f"it has no scheme; write https://{_host_in(origin)}")
    scheme, host = found[1], found[2]
    if scheme in _NEVER_SENT:
        cure = "null for pages from files" if scheme == "file" else "the page's own http or https origin"
        raise ValueError(f"no page has an origin with {scheme}:; write {cure}")
    port, rest = _read_port(scheme, found[3]), host.removeprefix(_WILDCARD)
    name = _read_name(scheme, rest)
    if rest == host:
        return f"{scheme}://{name}{port}"
    return re.compile(rf"{re.escape(scheme)}://{_LABELS}\.{re.escape(name + port)}\Z")


def _read_port(scheme: str, port: str | None) -> str:
    """Return `:PORT`, or nothing for the scheme's own."""
    if not port or int(port) == DEFAULT_PORTS.get(scheme):
        return ""
    if not 0 < int(port) <= LAST_PORT:
        raise ValueError(f"{port} is not a port; give one from 1 to {LAST_PORT}")
    return f":{int(port)}"


def _read_name(scheme: str, host: str) -> str:
    if "://" in host:
        raise ValueError("these are several origins; give the option once for each")
    if any(sign in host for sign in "@/?#\\"):
        raise ValueError(f"it has more than scheme, host and port; write {scheme}://{_host_in(host)}")
    if "*" in host:
        raise ValueError("a wildcard is one whole label at the start; write https://*.example, or * for any origin")
    name = read_host_name(host)
    if name is None:
        raise ValueError(f"{host or 'nothing'!r} is not a host; write an origin such as https://app.example")
    return name


def _host_in(text: str) -> str:
    """Return the host and port that a text seems to mean, or an example."""
    found = re.match(rf"(?:[^/?#@]*@)?({_LABELS}(?::[0-9]{{1,5}})?)(?:[/?#]|\Z)", text)
    return found[1] if found else "app.example"


def read_host_name(host: str) -> str | None:
    """Return a host as browsers write it: lower case, names in other scripts by IDNA; None where it is not a host."""
    if host.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(host.removeprefix('[').removesuffix(']'))}]" if host[-1] == "]" else None
        except ValueError:
            return None
    try:
        name = (host if host.isascii() else host.encode("idna").decode()).lower()
    except UnicodeError:  # no name in any script
        return None
    if name.rpartition(".")[2].isdigit():  # WHATWG URL §3.5: what ends in a number is an IPv4 address, or no host
        return name if _is_ipv4(name) else None
    return name if _HOST.match(name) else None


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
