"""Cross-origin requests (Fetch standard, CORS protocol): pages of a loopback origin may always ask.

Every answer to an allowed origin carries the headers, refusals too: without them a page sees no answer at all.
"""

import re
from collections.abc import Mapping

_LOOPBACK = re.compile(r"https?://(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?\Z")
_ALLOWED_HEADER = re.compile(
    r"(?:authorization|content-type|accept|prefer|user-context-[\w-]+|x-cap-[\w-]+|x-mock-[\w-]+)\Z", re.ASCII
)
_DEFAULT_HEADERS = "Authorization, Content-Type, Accept, Prefer, X-CAP-API-OAUTH-TOKEN, X-Mock-World, X-Mock-Token"
_EXPOSED = "X-Mock-Basis, X-Mock-Why, X-Mock-Exchange, X-Cap-Requestid, Allow, Retry-After, WWW-Authenticate"
_MAX_AGE_SECONDS = "600"


def is_loopback_origin(origin: str) -> bool:
    """Tell whether an Origin is a page of this machine."""
    return _LOOPBACK.match(origin.lower()) is not None


def answer_headers(headers: Mapping[str, str], allowed: frozenset[str]) -> dict[str, str]:
    """Return the CORS headers of an answer."""
    origin = headers.get("origin")
    if origin is None:
        return {}
    if not is_loopback_origin(origin) and origin not in allowed:
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": _EXPOSED,
        "Vary": "Origin",
    }


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request is a preflight."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def preflight_headers(headers: Mapping[str, str], allowed: frozenset[str]) -> dict[str, str]:
    """Return what a preflight is answered with: which methods and headers a page may use."""
    answer = answer_headers(headers, allowed)
    if "Access-Control-Allow-Origin" not in answer:
        return answer
    asked = [name.strip() for name in headers.get("access-control-request-headers", "").split(",")]
    permitted = [name for name in asked if _ALLOWED_HEADER.match(name.lower())]
    answer["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS, PUT, POST, DELETE"
    answer["Access-Control-Allow-Headers"] = ", ".join(permitted) or _DEFAULT_HEADERS
    answer["Access-Control-Max-Age"] = _MAX_AGE_SECONDS
    if headers.get("access-control-request-private-network") == "true":
        answer["Access-Control-Allow-Private-Network"] = "true"
    return answer
