"""Values that are there at once or are to be awaited, so that memory costs no await and other stores may wait.

What calls a store is written once, as a coroutine, and run by `eager`: with a store that answers at once it runs
through like a plain function.
"""

from collections.abc import Awaitable, Coroutine, Generator
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")
Soon: TypeAlias = T | Awaitable[T]


async def soon(value: Soon[T]) -> T:
    """Return a value that may have to be awaited."""
    return await value if isinstance(value, Awaitable) else value


def eager(coroutine: Coroutine[Any, Any, T]) -> Soon[T]:
    """Run a coroutine until it waits for something: return its result, or what is to be awaited for that."""
    try:
        waits_for = coroutine.send(None)
    except StopIteration as ended:
        result: T = ended.value
        return result
    return _Begun(coroutine, waits_for)


def at_once(value: Soon[T]) -> T:
    """Return a value of a store that answers at once; TypeError where it would have to be awaited."""
    if isinstance(value, Awaitable):
        raise TypeError("the store does not answer at once; await it")
    return value


class _Begun(Generic[T]):
    """A coroutine that has begun, and waits; whoever awaits this goes on with it."""

    __slots__ = ("_coroutine", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, T], waits_for: object) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, T]:
        waits_for = self._waits_for
        while True:
            failure: BaseException | None = None
            sent = None
            try:
                sent = yield waits_for
            except BaseException as error:  # noqa: BLE001  # it is the coroutine's, a cancellation too
                failure = error
            try:
                waits_for = self._coroutine.send(sent) if failure is None else self._coroutine.throw(failure)
            except StopIteration as ended:
                result: T = ended.value
                return result
