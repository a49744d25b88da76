"""Which world a request is for, and the path within it: the world stands in the base path or in a header."""

from difflib import get_close_matches
from urllib.parse import unquote

from mockserver.messages import Request
from mockserver.server.served import ServedWorld, ServedWorlds

_WORLD = "/_mock/w/"


def read_address(request: Request) -> tuple[str, str]:
    """Return the name of the world that a request is for, empty for the default, and the path within it."""
    if request.path.startswith(_WORLD):
        name, _, rest = request.path.removeprefix(_WORLD).partition("/")
        return unquote(name), f"/{rest}"
    return request.headers.get("x-mock-world", ""), request.path


def find_world(worlds: ServedWorlds, name: str) -> ServedWorld | str:
    """Return the world of a name, or what is to be said where it is not held."""
    world = worlds.find(name) if name else worlds.default
    if world is not None:
        return world
    near = get_close_matches(name, worlds.names(), n=3) or worlds.names()[:5]
    return f"{name[:60]} is not held; there are {', '.join(near)}"
