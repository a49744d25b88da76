"""The pages: the console, the API reference, and what they are made of.

The files are the same for every world; what they show they ask of the control plane. They are guarded as all of it
is. A browser sends no token with an address, so another machine's browser comes through a tunnel (`ssh -L`). All links
are relative, since a proxy may strip a path prefix. The policy lets nothing in from elsewhere and no script but these
files, so that no text of a client can become one.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from mockserver.files import list_pages, read_control_document, read_page
from mockserver.messages import Response
from mockserver.server.control.calls import Call, Routes, refuse, show

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _console(call: Call) -> Response:
    """Show the console, whose links are relative to an address that ends in a slash."""
    return show_page("console.html") if call.request.path.endswith("/") else redirect("_mock/")


def _docs(call: Call) -> Response:
    """Show the reference, whose links are relative to an address that does not end in a slash."""
    return redirect("../docs") if call.request.path.endswith("/") else show_page("docs.html")


def _file(call: Call) -> Response:
    known = list_pages()
    if call.argument not in known:
        return refuse(404, f"{call.argument[:60]} is no file of the pages; there are {', '.join(known)}")
    return show_page(call.argument)


def show_page(name: str) -> Response:
    """Return a file of the pages."""
    kind = _TYPES[name.rpartition(".")[2]]
    return Response(status=200, headers={**_HEADERS, "Content-Type": kind}, body=read_page(name))


def redirect(target: str) -> Response:
    """Lead a browser to a page; `target` is relative, so that it stays behind a proxy that strips a path prefix."""
    return Response(status=302, headers={"Location": target, "Cache-Control": "no-store"})


def _control_contract(call: Call) -> Response:
    del call  # one control plane for all worlds
    return show(_control_document())


@cache
def _control_document() -> Mapping[str, Any]:
    return read_control_document()


ROUTES: Routes = {
    "": {"GET": _console},
    "docs": {"GET": _docs},
    "pages/control.json": {"GET": _control_contract},
    "pages/*": {"GET": _file},
}
