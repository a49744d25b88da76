"""Who may use the control plane: this machine or who has the token, but no page of a foreign origin or Host.

A foreign Host is how DNS rebinding comes in: a page's own name, made to lead to this machine.
"""

import ipaddress
from collections.abc import Mapping
from hmac import compare_digest

from mockserver.server.cors import is_loopback_origin
from mockserver.values import Value


class Guard(Value, frozen=True, kw_only=True):
    """What lets a caller in.

    `hosts` are the names that the server is bound to; empty: to every address, so that any name may be its own and
    the token alone tells a caller from a rebound name.
    """

    token: str | None = None
    hosts: frozenset[str] = frozenset()

    def find_fault(self, headers: Mapping[str, str], remote: str) -> str | None:
        """Return why a caller at an address may not ask, or None."""
        is_trusted = self._is_trusted(headers.get("x-mock-token", ""))
        origin = headers.get("origin")
        if origin is not None and not is_loopback_origin(origin):
            return f"the control plane is refused to pages of {origin[:80]}; use a page of a loopback origin"
        if not (is_trusted or _is_loopback(remote)):
            return "the control plane answers this machine only; send X-Mock-Token (serve --control-token)"
        host = _host_name(headers.get("host", ""))
        if not (_is_loopback(host) or host in self.hosts or (is_trusted and not self.hosts)):
            return f"the control plane is refused under the host {host[:80]}; use 127.0.0.1"
        return None

    def _is_trusted(self, token: str) -> bool:
        return self.token is not None and compare_digest(token.encode(), self.token.encode())


def _host_name(host: str) -> str:
    """Return the name in a Host header, without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, and no other name is known to be this machine
        return False
