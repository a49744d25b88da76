"""The paths of the control plane: each module has the routes of one subject, and a path finds its actions here."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from mockserver.messages import Response
from mockserver.server.control import customers, exports, faults, pages, requests, serving, state, worlds
from mockserver.server.control.calls import Action, Routes, decoded, refuse

_ROUTES: Routes = {
    **serving.ROUTES,
    **customers.ROUTES,
    **state.ROUTES,
    **worlds.ROUTES,
    **requests.ROUTES,
    **exports.ROUTES,
    **faults.ROUTES,
    **pages.ROUTES,
}


def find_route(path: str) -> tuple[Mapping[str, Action], str] | None:
    """Find the actions of a path, and what stands for `*` in it, None where there are none.

    A name goes before a `*`.
    """
    segments = path.removeprefix("/_mock").strip("/").split("/")
    for pattern in _patterns(segments):
        actions = _ROUTES.get("/".join(pattern))
        if actions is not None:
            argument = segments[pattern.index("*")] if "*" in pattern else ""
            return actions, decoded(argument)
    return None


def _patterns(segments: list[str]) -> Iterator[list[str]]:
    yield segments
    if len(segments) > 1 and segments[1]:
        yield [segments[0], "*", *segments[2:]]


def refuse_path(path: str) -> Response:
    """Refuse a path that the control plane does not have, and name the nearest."""
    resource = path.removeprefix("/_mock").strip("/").partition("/")[0]
    near = get_close_matches(resource, list(_ROUTES), n=3)
    known = ", ".join(f"/_mock/{name}" for name in near or _ROUTES)
    return refuse(404, f"{path[:100]} is no path of the control plane; there are {known}")
