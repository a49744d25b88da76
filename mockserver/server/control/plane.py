"""The control plane of one server: lets a caller in, finds the route, and acts on the world."""

from collections.abc import Coroutine
from functools import cache
from typing import TYPE_CHECKING

from mockserver.exchange import CODINGS, read_coding
from mockserver.files import OURS, Specification
from mockserver.messages import Request
from mockserver.server.control.calls import Answer, Call, refuse
from mockserver.server.control.guard import Guard
from mockserver.server.served import ServedWorld, ServedWorlds
from mockserver.storage import Soon, eager

if TYPE_CHECKING:
    from mockserver.atlas import AtlasEntry

_OPEN = frozenset({"/_mock/live", "/_mock/health"})  # to every machine and under every Host: orchestrators ask these


class Control:
    """The control plane of one server; `public_url` is where others reach it, if that is not its own address.

    `specification` is what the server doubles.
    """

    def __init__(
        self,
        held: ServedWorlds,
        guard: Guard,
        *,
        public_url: str | None = None,
        specification: Specification = OURS,
    ) -> None:
        self._worlds = held
        self._guard = guard
        self._public_url = public_url
        self._specification = specification
        self._atlas = cache(self._read_atlas)  # when it is first asked for

    def _read_atlas(self) -> "tuple[AtlasEntry, ...]":
        from mockserver.atlas import read_atlas  # a server is up sooner without it

        return read_atlas(self._worlds.default.setting.dialects, self._specification)

    def answer(self, world: ServedWorld | str, request: Request, path: str, remote: str) -> Soon[Answer]:
        """Answer one control request from an address, unless the caller may not ask.

        `world` is the one to act on, or what is to be said where there is none of that name.
        """
        guard, headers = self._guard, request.headers
        fault = guard.find_foreign_page(headers) if path.rstrip("/") in _OPEN else guard.find_fault(headers, remote)
        if fault is not None:
            return refuse(403, fault)
        from mockserver.server.control.routes import find_route, refuse_path  # a server is up sooner without them

        found = find_route(path)
        if found is None:
            return refuse_path(path)
        actions, argument = found
        action = actions.get("GET" if request.method == "HEAD" else request.method)
        if action is None:
            allow = ", ".join(sorted(actions))
            return refuse(405, f"{request.method[:20]} is not among {allow}", Allow=allow)
        if isinstance(world, str):
            return refuse(404, world)
        if request.body and read_coding(request.headers.get("content-encoding")) is None:
            return refuse(415, "the Content-Encoding is unknown; send gzip or deflate", **{"Accept-Encoding": CODINGS})
        if request.oversized or request.undecodable:
            return refuse(413 if request.oversized else 400, request.undecodable or "the body is larger than 1 MiB")
        call = Call(
            world=world,
            worlds=self._worlds,
            atlas=self._atlas,
            request=request,
            argument=argument,
            public_url=self._public_url,
        )
        answer = action(call)
        return eager(answer) if isinstance(answer, Coroutine) else answer
