"""`serve --reload` takes a saved world file, and keeps the old world where the new file is wrong."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from mockserver.domain.customer import CustomerId
from mockserver.server.options import ServeOptions
from mockserver.server.reloading import reloading
from mockserver.server.running import make_worlds

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
        world = make_worlds(options).default
        lines: asyncio.Queue[str] = asyncio.Queue()

        def first_name() -> str | None:
            customer = world.store.find(CustomerId(1))
            assert customer is not None
            return customer.profiles[0].first_name

        async with reloading(options, world, lines.put_nowait):
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
        world = make_worlds(options).default
        lines: asyncio.Queue[str] = asyncio.Queue()
        origin = path.with_name("origin.yaml")
        origin.write_text(WRONG, encoding="utf-8")

        async with reloading(options, world, lines.put_nowait):
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
        world = make_worlds(options).default
        told: asyncio.Queue[str] = asyncio.Queue()

        def tell(line: str) -> None:
            told.put_nowait(line)
            raise BrokenPipeError

        async with reloading(options, world, tell):
            for text in (ADA, NOAH):
                said = await _until_told(partial(path.write_text, text, encoding="utf-8"), told)
                assert said == f"{path}: taken again: 1 customers"

    asyncio.run(run())


def test_json_lines_are_taken_again_too_and_a_wrong_line_leaves_the_old_world(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    line = '{"id": 1, "loyaltyType": "loyalty"}\n'
    path.write_text(line, encoding="utf-8")

    async def run() -> None:
        options = ServeOptions(world=str(path), reload=True)
        world = make_worlds(options).default
        lines: asyncio.Queue[str] = asyncio.Queue()
        async with reloading(options, world, lines.put_nowait):
            said = await _until_told(lambda: path.write_text(line * 2, encoding="utf-8"), lines)
            assert said == (f"{path}:2: id: 1 stands twice; give each customer its own id; the world stays as it was")
            assert len(world.store) == 1

            both = line + line.replace("1", "2")
            said = await _until_told(lambda: path.write_text(both, encoding="utf-8"), lines)
            assert (said, len(world.store)) == (f"{path}: taken again: 2 customers", 2)

    asyncio.run(run())
