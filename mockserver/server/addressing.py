"""Which world a request is for, and the path within it: the world stands in the base path or in a header."""

from difflib import get_close_matches
from urllib.parse import unquote

from mockserver.messages import Request
from mockserver.server.served import ServedWorld, ServedWorlds
from mockserver.storage import Soon, eager, soon

_WORLD = "/_mock/w/"
_CONTROL = "/_mock"


def read_address(request: Request) -> tuple[str | None, str]:
    """Return the name of the world that a request is for, None where it names none, and the path within it."""
    if request.path.startswith(_WORLD):
        name, _, rest = request.path.removeprefix(_WORLD).partition("/")
        return unquote(name), f"/{rest}"
    return request.headers.get("x-mock-world"), request.path


def find_world(worlds: ServedWorlds, name: str | None) -> Soon[ServedWorld | str]:
    """Return the world of a name, the default for None, or what is to be said where it is not held.

    An empty name is none of the default's: a client whose own name for its world got lost would change what others see.
    """
    if name is None:
        return worlds.default
    world = worlds.find(name)
    return world if isinstance(world, ServedWorld) else eager(_await_world(worlds, name, world))


async def _await_world(worlds: ServedWorlds, name: str, found: Soon[ServedWorld | None]) -> ServedWorld | str:
    world = await soon(found)
    if world is not None:
        return world
    names = await worlds.names()
    near = get_close_matches(name, names, n=3) or names[:5]
    return f"{name[:60] or 'an empty name'} is not held; there are {', '.join(near)}"


def is_control(path: str) -> bool:
    """Tell whether a path within a world is one of the control plane."""
    return path == _CONTROL or path.startswith(f"{_CONTROL}/")
