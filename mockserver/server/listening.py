"""The sockets of a server: one port for all addresses of a host, IPv4 and IPv6 alike."""

import errno
import ipaddress
import os
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TypeAlias

from mockserver.errors import ConfigurationError
from mockserver.server.origins import is_loopback_host

_TRIES = 20  # for a port that is free in all families
_BACKLOG = 100
_ABSENT = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})  # as ::1 is where IPv6 is switched off
_Address: TypeAlias = tuple[socket.AddressFamily, tuple[str | int | bytes, ...]]  # the second is what `bind` takes


def read_host(text: str) -> str:
    """Return a host without brackets, a numeric one in its usual form; ConfigurationError for an empty one."""
    host = text.strip()
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if not host:
        raise ConfigurationError("--host is empty; give 127.0.0.1 for this machine alone, 0.0.0.0 for all addresses")
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError):  # a name, or nothing that can be one
        return host.lower()
    return str(found[0][4][0])


def is_any(host: str) -> bool:
    """Tell whether a host, as `read_host` returns it, stands for all addresses."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:  # a name
        return False


def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on all addresses of a host, on one port; port 0 is one that is free on all of them.

    ConfigurationError with the cure where that cannot be.
    """
    addresses = _resolve(host)
    for left in reversed(range(_TRIES)):
        try:
            return _bind(addresses, port)
        except OSError as cause:
            if port == 0 and cause.errno == errno.EADDRINUSE and left:  # it was free in one family only
                continue
            raise ConfigurationError(_say(host, port, cause)) from cause
    raise AssertionError("the last try returns or raises")


def _say(host: str, port: int, cause: OSError) -> str:
    is_foreign = cause.errno in _ABSENT
    cure = "give an address of this machine" if is_foreign else "choose another --port (0: any free one)"
    return f"cannot listen on {_in_url(host)}:{port}: {cause.strerror or cause}; {cure}"


def _resolve(host: str) -> Sequence[_Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as cause:
        raise ConfigurationError(
            f"--host {host[:80]!r} is not an address or a name of this machine; "
            "give one without scheme and port, such as 127.0.0.1"
        ) from cause
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _bind(addresses: Sequence[_Address], port: int) -> list[socket.socket]:
    """Bind each address to the port that the first one got; one that the machine lacks is left out beside others."""
    bound: list[socket.socket] = []
    missing: OSError | None = None
    with ExitStack() as opened:
        for family, address in addresses:
            try:
                one = opened.enter_context(_open(family, (address[0], port, *address[2:])))
            except OSError as cause:
                if cause.errno not in _ABSENT:
                    raise
                missing = cause
                continue
            port = one.getsockname()[1]
            bound.append(one)
        if missing is not None and not bound:
            raise missing
        opened.pop_all()
    return bound


def _open(family: socket.AddressFamily, address: tuple[str | int | bytes, ...]) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(address)
        one.listen(_BACKLOG)
    except OSError:
        one.close()
        raise
    return one


def url_of(host: str, sockets: Sequence[socket.socket]) -> str:
    """Return the address that this machine reaches sockets under: loopback where they are bound to all addresses."""
    bound, port = sockets[0].getsockname()[:2]
    if is_any(bound):
        host = "::1" if ":" in bound else "127.0.0.1"
    return f"http://{_in_url(host)}:{port}"


def _in_url(host: str) -> str:
    """Write a host for a URL (RFC 3986 §3.2.2; RFC 6874 for the zone of an IPv6 address)."""
    return f"[{host.replace('%', '%25')}]" if ":" in host else host


def are_local(sockets: Sequence[socket.socket]) -> bool:
    """Tell whether only this machine reaches sockets."""
    return all(is_loopback_host(one.getsockname()[0]) for one in sockets)


def have_loopback(sockets: Sequence[socket.socket]) -> bool:
    """Tell whether this machine reaches sockets by loopback, which is how it is known as this machine."""
    return any(is_loopback_host(bound) or is_any(bound) for bound in (one.getsockname()[0] for one in sockets))
