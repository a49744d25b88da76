"""Whatever is answered is told of and kept: as an exchange in a world's journal, and to who watches.

The control plane's own requests are the exception, in every case: they are nobody's exchanges.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from mockserver.exchange import refuse, text_header
from mockserver.exchange.hiding import hide_path
from mockserver.messages import Obstacle, Request, Response
from mockserver.server.addressing import is_control, read_address
from mockserver.server.exchanging import exchange_unread, exchange_with
from mockserver.server.journal import Exchange
from mockserver.server.served import ServedWorld, ServedWorlds
from mockserver.storage import Soon
from mockserver.values import replace

_LOG = logging.getLogger("mockserver")
Watch: TypeAlias = Callable[[Exchange], None]


class Recorder:
    """Answers by the core and keeps what came of it; `watch` is told of every vendor exchange."""

    def __init__(self, worlds: ServedWorlds, watch: Watch | None) -> None:
        self._worlds = worlds
        self._watch = watch

    def exchange(self, world: ServedWorld, request: Request, exchange_id: str) -> Soon[Response]:
        """Answer a request, whose path is the one within the world."""
        done = exchange_with(world, request, exchange_id)
        if isinstance(done, tuple):
            self.show(done[0])
            return done[1]
        return self._exchange_later(done)

    async def _exchange_later(self, exchanging: Awaitable[tuple[Exchange, Response]]) -> Response:
        exchange, response = await exchanging
        self.show(exchange)
        return response

    def turn_away(self, request: Request, met: Obstacle, exchange_id: str) -> Response:
        """Refuse a request for what was met; the default world keeps it where it names none that is held."""
        request = replace(request, obstacle=met)
        name, path = read_address(request)
        if is_control(path):
            return self._refuse(met)
        world = self._worlds.default if name is None else self._worlds.known(name)
        asked = request if world is None else replace(request, path=path)
        exchange, response = exchange_unread(world or self._worlds.default, asked, exchange_id)
        self.show(exchange)
        return response

    def fail(self, defect: BaseException | None, request: Request, exchange_id: str) -> Response:
        """Log a defect of ours whole, and answer for it."""
        asked = f"{text_header(request.method)} {text_header(hide_path(request.path))}"
        _LOG.error("exchange %s failed, %s", exchange_id, asked, exc_info=defect)
        met = Obstacle(code="500", place="request", why=f"a defect of the mock; its log names {exchange_id}")
        try:
            return self.turn_away(request, met, exchange_id)
        except Exception:  # noqa: BLE001  # it came up again; an answer without an entry is better than none
            _LOG.exception("exchange %s is in no journal", exchange_id)
            return self._refuse(met)

    def lose(self, exchange_id: str) -> None:
        """Note that nobody can tell what the client saw, since it left before it was answered."""
        for world in self._worlds.served:
            world.journal.amend(exchange_id, "unknown")

    def _refuse(self, met: Obstacle) -> Response:
        return refuse(self._worlds.default.setting, met.code, met.why, place=met.place).response

    def show(self, exchange: Exchange) -> None:
        """Tell who watches of an exchange."""
        if self._watch is None:
            return
        try:
            self._watch(exchange)
        except (OSError, ValueError):  # nobody reads any more; what is saved is answered all the same
            self._watch = None
