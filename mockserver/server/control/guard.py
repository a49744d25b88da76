"""Who may use the control plane: this machine, or who has the token once one is set; no foreign page, no foreign Host.

A foreign Host is how DNS rebinding comes in: a page's own name, made to lead to this machine. It needs a name, so an
address that is written out is never foreign to a server that is bound to all addresses.
"""

import ipaddress
import re
from collections.abc import Mapping
from hmac import compare_digest

from mockserver.server.origins import is_loopback_host, is_loopback_origin
from mockserver.values import Value

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:@/?#\[\]\\]+)(?::[0-9]{0,5})?\Z")  # RFC 9110 §7.2
_BEARER = re.compile(r"bearer +(\S.*)\Z", re.IGNORECASE)
_PROXIED = frozenset({"forwarded", "via"})
_TOKEN = "send the token as X-Mock-Token, or as Authorization: Bearer"  # noqa: S105  # advice, no secret


class Guard(Value, frozen=True, kw_only=True):
    """What lets a caller in.

    `hosts` are the names that the server is bound to and known under, `is_everywhere` tells that it is bound to all
    addresses, and `origin` is that of the public URL. Once there is a `token`, everybody needs it.
    """

    token: str | None = None
    hosts: frozenset[str] = frozenset()
    is_everywhere: bool = False
    origin: str | None = None

    def find_fault(self, headers: Mapping[str, str], remote: str) -> str | None:
        """Return why a caller at an address may not ask, or None."""
        fault = self.find_foreign_page(headers)
        if fault is not None:
            return fault
        host = headers.get("host", "")
        if not self._is_own_host(host):
            return f"the control plane is refused under the host {host[:80]}; use 127.0.0.1, or serve --public-url"
        if self.token is not None:
            return None if _has_token(headers, self.token) else f"the control plane needs the token; {_TOKEN}"
        if is_forwarded(headers):
            return f"the control plane answers nobody through a proxy; serve --control-token, and {_TOKEN}"
        if not is_loopback_host(remote):
            return f"the control plane answers this machine only; serve --control-token, and {_TOKEN}"
        return None

    def find_foreign_page(self, headers: Mapping[str, str]) -> str | None:
        """Return why the page that a request comes from may not ask, or None."""
        origin = headers.get("origin")
        if origin is None or is_loopback_origin(origin) or origin == self.origin:
            return None
        host = headers.get("host", "")
        if origin == f"http://{host}" and self._is_own_host(host):
            return None
        return f"the control plane is refused to pages of {origin[:80]}; use a loopback page, or serve --public-url"

    def _is_own_host(self, host: str) -> bool:
        found = _HOST.match(host.lower())
        if found is None:
            return False
        name = found[1].strip("[]")
        return is_loopback_host(name) or name in self.hosts or (self.is_everywhere and _is_address(name))


def is_forwarded(headers: Mapping[str, str]) -> bool:
    """Tell whether a request says that it came through a proxy, whose own address says nothing of the caller's."""
    return any(name in _PROXIED or name.startswith("x-forwarded-") for name in headers)


def _has_token(headers: Mapping[str, str], token: str) -> bool:
    bearer = _BEARER.match(headers.get("authorization", ""))
    sent, known = headers.get("x-mock-token", ""), token.encode()
    return compare_digest(sent.encode(), known) | compare_digest((bearer[1] if bearer else "").encode(), known)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
