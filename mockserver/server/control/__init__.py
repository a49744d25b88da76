"""The control plane, `/_mock`: see and set the state, reset it, read the journal, fork worlds, set faults.

It needs no vendor credentials; `guard` says who may use it. Each module has the routes of one subject, and
`openapi/control.yaml` describes them all.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache, partial

from mockserver.atlas import read_atlas
from mockserver.messages import Request, Response
from mockserver.server.control import faults, pages, requests, serving, state, worlds
from mockserver.server.control.calls import Action, Answer, Call, Routes, decoded, refuse
from mockserver.server.control.guard import Guard
from mockserver.server.served import ServedWorld, ServedWorlds

__all__ = ["Control", "Guard"]

_ROUTES: Routes = {
    **serving.ROUTES,
    **state.ROUTES,
    **worlds.ROUTES,
    **requests.ROUTES,
    **faults.ROUTES,
    **pages.ROUTES,
}


class Control:
    """The control plane of one server."""

    def __init__(self, held: ServedWorlds, guard: Guard) -> None:
        self._worlds = held
        self._guard = guard
        self._atlas = cache(partial(read_atlas, held.default.setting.dialects))  # read when it is first asked for

    def answer(self, world: ServedWorld | str, request: Request, path: str, remote: str) -> Answer:
        """Answer one control request from an address, unless the caller may not ask.

        `world` is the one to act on, or what is to be said where there is none of that name.
        """
        fault = self._guard.find_fault(request.headers, remote, is_page=pages.is_page(path.removeprefix("/_mock")))
        if fault is not None:
            return refuse(403, fault)
        found = _find_route(path.removeprefix("/_mock").strip("/").split("/"))
        if found is None:
            return _refuse_path(path)
        actions, argument = found
        action = actions.get("GET" if request.method == "HEAD" else request.method)
        if action is None:
            allow = ", ".join(sorted(actions))
            return refuse(405, f"{request.method[:20]} is not among {allow}", Allow=allow)
        if isinstance(world, str):
            return refuse(404, world)
        if request.oversized or request.undecodable:
            return refuse(413 if request.oversized else 400, request.undecodable or "the body is larger than 1 MiB")
        return action(Call(world=world, worlds=self._worlds, atlas=self._atlas, request=request, argument=argument))


def _find_route(segments: list[str]) -> tuple[Mapping[str, Action], str] | None:
    """Find the actions of a path, and what stands for `*` in it; a name goes before a `*`."""
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


def _refuse_path(path: str) -> Response:
    resource = path.removeprefix("/_mock").strip("/").partition("/")[0]
    near = get_close_matches(resource, list(_ROUTES), n=3)
    known = ", ".join(f"/_mock/{name}" for name in near or _ROUTES)
    return refuse(404, f"{path[:100]} is no path of the control plane; there are {known}")
