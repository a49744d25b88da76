"""Laws of what is there at once or awaited: a coroutine runs through where nothing waits, and goes on where it does."""

import asyncio

import pytest

from mockserver.storage import at_once, eager, soon


async def doubled(value: "int | asyncio.Future[int]") -> int:
    return 2 * await soon(value)


def test_what_waits_for_nothing_is_there_at_once_without_a_loop() -> None:
    assert at_once(eager(doubled(21))) == 42


def test_what_fails_at_once_tells_so_at_once() -> None:
    with pytest.raises(TypeError):
        eager(doubled("x".encode))  # type: ignore[arg-type]  # twice a method is no number


def test_what_waits_goes_on_where_it_stood() -> None:
    async def run() -> int:
        waited: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        begun = eager(doubled(waited))
        waited.set_result(21)
        return await soon(begun)

    assert asyncio.run(run()) == 42


def test_what_it_waited_for_may_fail() -> None:
    async def run() -> None:
        waited: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        begun = eager(doubled(waited))
        waited.set_exception(LookupError("gone"))
        with pytest.raises(LookupError, match="gone"):
            await soon(begun)

    asyncio.run(run())


def test_a_cancellation_reaches_what_waits() -> None:
    told: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            told.append("cancelled")
            raise

    async def run() -> None:
        task = asyncio.ensure_future(soon(eager(work())))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert told == ["cancelled"]


def test_what_must_be_awaited_is_not_there_at_once() -> None:
    async def run() -> None:
        begun = eager(doubled(asyncio.get_running_loop().create_future()))
        with pytest.raises(TypeError, match="await it"):
            at_once(begun)

    asyncio.run(run())
