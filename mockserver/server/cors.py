"""Cross-origin requests (Fetch standard, CORS protocol): pages of allowed origins read every answer.

Refusals and faults carry the headers too: without them a page sees no answer at all. Credentials are always allowed,
for which the standard wants the origin itself, never `*`.
"""

import re
from collections.abc import Iterator, Mapping

from mockserver.server.origins import Origins

VARY = {"Vary": "Origin"}
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")  # RFC 9110 §5.6.2, token; a method is one, too
_METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE")
_USUAL_HEADERS = "Authorization, Content-Type, Accept, Prefer, X-CAP-API-OAUTH-TOKEN, X-Mock-World, X-Mock-Token"
_EXPOSED = (
    "X-Mock-Basis, X-Mock-Why, X-Mock-Exchange, X-Cap-Requestid, Allow, ETag, Location, Retry-After, WWW-Authenticate"
)
_MAX_AGE_SECONDS = "600"


def answer_headers(headers: Mapping[str, str], allowed: Origins) -> Mapping[str, str]:
    """Return the CORS headers of an answer."""
    origin = headers.get("origin")
    if origin is None or not allowed.admit(origin):
        return VARY
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": _EXPOSED,
        **VARY,
    }


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request is a preflight."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def permissions(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what a preflight of an allowed origin is told besides `answer_headers`: all that it asks for, by name.

    By name, since `*` covers neither Authorization nor requests with credentials.
    """
    method = headers["access-control-request-method"]
    methods = dict.fromkeys((*_METHODS, method) if _FIELD_NAME.match(method) else _METHODS)
    asked = dict.fromkeys(_field_names(headers.get("access-control-request-headers", "")))
    permitted = {
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": ", ".join(asked) or _USUAL_HEADERS,
        "Access-Control-Max-Age": _MAX_AGE_SECONDS,
    }
    if headers.get("access-control-request-private-network") == "true":
        permitted["Access-Control-Allow-Private-Network"] = "true"
    return permitted


def _field_names(text: str) -> Iterator[str]:
    """Yield the names of a list; what cannot be a field name is left out."""
    return (name for item in text.split(",") if _FIELD_NAME.match(name := item.strip()))
