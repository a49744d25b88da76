"""What a browser asks for by itself, besides vendor traffic: the root of the server, and its icon."""

from urllib.parse import quote

from mockserver.exchange.negotiation import weight_of
from mockserver.messages import Request, Response

_ROOT = "/"
_ICON = "/favicon.ico"
_HTML = "text/html"
_READS = frozenset({"GET", "HEAD"})


def answer_browser(request: Request, path: str) -> Response | None:
    """Lead a browser from the root of a world to its console, and give it the icon; None for all other requests.

    `path` is the one within the world. Clients other than browsers get the vendor's answer at the root.
    """
    if path not in (_ROOT, _ICON) or request.method not in _READS:
        return None
    from mockserver.server.control.pages import redirect, show_page  # a server is up sooner without them

    if path == _ICON:
        return show_page("icon.svg")
    if not _wants_page(request.headers.get("accept", "")):
        return None
    last = request.path.rpartition("/")[2]  # the world's name, where no slash is behind it
    found = redirect(f"./{quote(last, safe='%')}/_mock/" if last else "./_mock/")
    return Response(status=found.status, headers={**found.headers, "Vary": "Origin, Accept"})


def _wants_page(accept: str) -> bool:
    """Tell whether an Accept header names HTML, as those of browsers do, and does not exclude it."""
    return _HTML in accept.lower() and weight_of(accept, _HTML) > 0
