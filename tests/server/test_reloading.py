"""`serve --reload` takes a saved world file, and keeps the old world where the new file is wrong."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mockserver.domain.customer import CustomerId
from mockserver.domain.keys import NO_KEYS
from mockserver.domain.outcome import Later
from mockserver.files import read_world
from mockserver.server.options import ServeOptions
from mockserver.server.reloading import reloading
from mockserver.server.running import RunningServer, make_worlds
from mockserver.storage import Decided, MemoryWorld, Outdated, at_once
from tests.server.client import Client
from tests.server.worlds import present

NOAH = "extends: demo\ncustomers:\n  - {id: 1, loyaltyType: loyalty, profiles: [{source: INSTORE, firstName: Noah}]}\n"
ADA = NOAH.replace("Noah", "Ada")
WRONG = NOAH.replace("INSTORE", "NOWHERE")


async def _until_told(save: Callable[[], object], lines: "asyncio.Queue[str]") -> str:
    save()
    async with asyncio.timeout(20):
        return await lines.get()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(NOAH, encoding="utf-8")
    return path


def test_a_saved_file_is_taken_and_a_wrong_one_leaves_the_old_world(path: Path) -> None:
    async def run() -> None:
        options = ServeOptions(world=str(path), reload=True)
        worlds = make_worlds(options)
        lines: asyncio.Queue[str] = asyncio.Queue()

        def first_name() -> str | None:
            customer = present(worlds.default, 1)
            assert customer is not None
            return customer.profiles[0].first_name

        async with reloading(options, worlds, lines.put_nowait):
            assert first_name() == "Noah"
            said = await _until_told(lambda: path.write_text(ADA, encoding="utf-8"), lines)
            assert (said, first_name()) == (f"{path}: taken again: 1 customers", "Ada")

            said = await _until_told(lambda: path.write_text(WRONG, encoding="utf-8"), lines)
            assert said.startswith(f"{path}:3: customers/0/profiles/0/source: ")
            assert said.endswith("; the world stays as it was")
            assert first_name() == "Ada"

            said = await _until_told(path.unlink, lines)
            assert "cannot be read" in said
            assert first_name() == "Ada"

            said = await _until_told(lambda: path.write_text(NOAH, encoding="utf-8"), lines)
            assert (said, first_name()) == (f"{path}: taken again: 1 customers", "Noah")

    asyncio.run(run())


def test_a_file_that_is_extended_anew_and_wrong_is_looked_at_until_it_is_mended(path: Path) -> None:
    async def run() -> None:
        options = ServeOptions(world=str(path), reload=True)
        worlds = make_worlds(options)
        lines: asyncio.Queue[str] = asyncio.Queue()
        origin = path.with_name("origin.yaml")
        origin.write_text(WRONG, encoding="utf-8")

        async with reloading(options, worlds, lines.put_nowait):
            said = await _until_told(lambda: path.write_text("extends: origin.yaml\n", encoding="utf-8"), lines)
            assert said.startswith(f"{origin}:3: ")

            said = await _until_told(lambda: origin.write_text(ADA, encoding="utf-8"), lines)
            assert said == f"{path}: taken again: 1 customers"

            said = await _until_told(origin.unlink, lines)
            assert said.startswith(f"{origin}: cannot be read")

    asyncio.run(run())


def test_the_world_is_taken_also_where_nobody_reads_what_is_told(path: Path) -> None:
    async def run() -> None:
        options = ServeOptions(world=str(path), reload=True)
        worlds = make_worlds(options)
        told: asyncio.Queue[str] = asyncio.Queue()

        def tell(line: str) -> None:
            told.put_nowait(line)
            raise BrokenPipeError

        async with reloading(options, worlds, tell):
            for text in (ADA, NOAH):
                said = await _until_told(partial(path.write_text, text, encoding="utf-8"), told)
                assert said == f"{path}: taken again: 1 customers"

    asyncio.run(run())


def failing_once(reseed: Callable[..., None]) -> Callable[..., None]:
    """Return what fails the first time, for a reason that nobody foresaw, and reseeds from then on."""
    failures = iter([LookupError("a defect\nof ours")])

    def reseed_or_fail(*args: Any) -> None:
        for failure in failures:
            raise failure
        reseed(*args)

    return reseed_or_fail


def test_what_nobody_foresaw_is_told_in_one_line_and_the_next_save_is_taken(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        options = ServeOptions(world=str(path), reload=True)
        worlds = make_worlds(options)
        before = present(worlds.default, 1)
        lines: asyncio.Queue[str] = asyncio.Queue()
        monkeypatch.setattr(MemoryWorld, "reseed", failing_once(MemoryWorld.reseed))
        async with reloading(options, worlds, lines.put_nowait):
            said = await _until_told(lambda: path.write_text(ADA, encoding="utf-8"), lines)
            assert said == (
                f"{path}: cannot be taken again: LookupError: a defect of ours; the world stays as it was; "
                "save the file once more"
            )
            assert present(worlds.default, 1) == before

            said = await _until_told(lambda: path.write_text(f"{ADA}\n", encoding="utf-8"), lines)
            assert said == f"{path}: taken again: 1 customers"

    asyncio.run(run())


def test_a_listener_that_fails_in_a_way_nobody_foresaw_stops_nothing(path: Path) -> None:
    async def run() -> None:
        options = ServeOptions(world=str(path), reload=True)
        worlds = make_worlds(options)
        told: asyncio.Queue[str] = asyncio.Queue()

        def tell(line: str) -> None:
            told.put_nowait(line)
            raise RuntimeError(line)

        async with reloading(options, worlds, tell):
            for text in (ADA, NOAH):
                said = await _until_told(partial(path.write_text, text, encoding="utf-8"), told)
                assert said == f"{path}: taken again: 1 customers"

    asyncio.run(run())


def _whole(mark: int) -> str:
    """Return a world of two programs' names and two customers that all carry one mark."""
    people = "".join(
        f"  - {{id: {number}, loyaltyType: loyalty, profiles: [{{source: INSTORE, firstName: mark{mark}}}]}}\n"
        for number in (1, 2)
    )
    return f"extends: demo\norganisation:\n  till: mark{mark}\ncustomers:\n{people}"


def test_requests_meet_the_old_world_or_the_new_one_and_versions_go_on(path: Path) -> None:
    path.write_text(_whole(0), encoding="utf-8")

    async def run() -> None:
        options = ServeOptions(world=str(path), port=0, reload=True)
        server = RunningServer(options)
        worlds = server.worlds
        lines: asyncio.Queue[str] = asyncio.Queue()
        seen: list[tuple[str, str, int]] = []
        stop = asyncio.Event()

        def ask() -> None:
            client = Client(server.url)
            while not stop.is_set():
                page = client.send("GET", "/_mock/customers").json["customers"]
                names = {one["profiles"][0]["firstName"] for one in page}
                assert len(names) == 1, f"half of a world: {page}"
                answer = client.update(1, {"profiles": [{"lastName": "x"}]}, "source=INSTORE&use_async=true")
                assert answer.status == 200, answer.body
                one = client.send("GET", "/_mock/customers/1")
                seen.append((names.pop(), one.json["attribution"]["modifiedBy"], int(one.headers["etag"].strip('"'))))

        async with server, reloading(options, worlds, lines.put_nowait):
            asking = [asyncio.create_task(asyncio.to_thread(ask)) for _ in range(2)]
            for mark in range(1, 5):
                said = await _until_told(partial(path.write_text, _whole(mark), encoding="utf-8"), lines)
                assert said == f"{path}: taken again: 2 customers"
            stop.set()
            await asyncio.gather(*asking)
        assert {name for name, _, _ in seen} > {"mark0", "mark3"}

    asyncio.run(run())


def test_a_version_of_before_a_reload_is_not_one_of_after_it(path: Path) -> None:
    worlds = make_worlds(ServeOptions(world=str(path)))
    state, key = worlds.default.state, CustomerId(1)
    versions = [at_once(state.load(key))[1]]
    for text in (ADA, NOAH):
        path.write_text(text, encoding="utf-8")
        read = read_world(str(path))
        state.transact(NO_KEYS, lambda *_: Decided(later=Later(customer=key)))
        state.reseed(worlds.store.prepare(read.customers), lambda settings: settings)
        customer, version = at_once(state.load(key))
        versions.append(version)
        assert customer is not None
        assert at_once(state.put(customer, version=versions[-2])) == Outdated(customer, version)
        assert at_once(state.waiting()) == 0

    assert versions == sorted(set(versions))


def test_json_lines_are_taken_again_too_and_a_wrong_line_leaves_the_old_world(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    line = '{"id": 1, "loyaltyType": "loyalty"}\n'
    path.write_text(line, encoding="utf-8")

    async def run() -> None:
        options = ServeOptions(world=str(path), reload=True)
        worlds = make_worlds(options)
        lines: asyncio.Queue[str] = asyncio.Queue()
        async with reloading(options, worlds, lines.put_nowait):
            said = await _until_told(lambda: path.write_text(line * 2, encoding="utf-8"), lines)
            assert said == (f"{path}:2: id: 1 stands twice; give each customer its own id; the world stays as it was")
            assert at_once(worlds.default.state.count()) == 1

            both = line + line.replace("1", "2")
            said = await _until_told(lambda: path.write_text(both, encoding="utf-8"), lines)
            assert (said, at_once(worlds.default.state.count())) == (f"{path}: taken again: 2 customers", 2)

    asyncio.run(run())
