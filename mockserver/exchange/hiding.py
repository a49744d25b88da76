"""A request without its secrets: in its path, its query and its headers; `hiding_bodies` has bodies.

Whatever holds no secret is returned as it is, the very same value, so that callers see at once that nothing was hidden.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, unquote, unquote_plus

from mockserver.exchange.hiding_json import hide_value
from mockserver.exchange.secrecy import HIDDEN, hide_in_text, is_secret_header, is_secret_key

# Credentials under any other name; headers that came several times are joined by commas.
_SCHEME = re.compile(r"(?:^|,)\s*(?:basic|bearer|digest|negotiate|ntlm)\s+\S", re.IGNORECASE)
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9]{0,40}(?:/[A-Za-z0-9]{0,40}){0,5}\Z")  # no shape of a credential fits in there
_LONGEST_KEPT = 512  # characters of a query whose hidden form is kept
_USERINFO = re.compile(r"(?<=\A//)[^/@]+(?=@)")  # of a URL that lost its scheme (RFC 3986 §4.2)
_AS_IT_IS = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in "/?#%")


def is_credential(name: str, value: str) -> bool:
    """Tell whether a header holds a credential, by its name or by how its value begins."""
    return is_secret_header(name) or _SCHEME.search(value) is not None


def hide_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return headers without credentials: those that hold one have no value, and others lose it from theirs."""
    hidden = {name: _hidden_header(name, value) for name, value in headers.items()}
    return headers if hidden == headers else hidden


def _hidden_header(name: str, value: str) -> str:
    return HIDDEN if is_credential(name, value) else hide_value(value)


def hide_path(path: str) -> str:
    """Return a path without credentials: userinfo, tokens, `;name=value` under a secret name."""
    if _PLAIN_PATH.match(path):
        return path
    return "/".join(map(_hidden_segment, _USERINFO.sub(HIDDEN, hide_in_text(path)).split("/")))


def _hidden_segment(segment: str) -> str:
    """Return a segment without credentials; one that is percent-encoded is looked at as it is meant."""
    meant = unquote(segment)
    hidden = hide_value(meant)
    return segment if hidden == meant else quote(hidden, safe=_AS_IT_IS)


def hide_query(query: str) -> str:
    """Return a query, or a form that was sent as a body, without values of secret names or shapes."""
    return _hide_query(query) if len(query) <= _LONGEST_KEPT else _hide_query.__wrapped__(query)


@lru_cache(maxsize=1024)
def _hide_query(query: str) -> str:
    return "&".join(map(_hidden_part, query.split("&")))


def _hidden_part(part: str) -> str:
    name, equals, value = part.partition("=")
    if equals and value and is_secret_key(unquote_plus(name)):
        return f"{name}={HIDDEN}"
    meant = unquote_plus(value if equals else name)
    if hide_value(meant) == meant:
        return part
    return f"{name}={HIDDEN}" if equals else HIDDEN
