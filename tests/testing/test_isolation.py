"""The law of isolation: whatever clients do at once in their own worlds, each world ends as its own model says.

Every thread updates the same customers, resets, keeps and restores snapshots, and fails requests, by a seeded draw.
"""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mockserver import CustomerApi
from tests.server.client import Client

CUSTOMERS = {171891944: "Asha", 171891945: "Ravi", 171891948: "Tomás"}
THREADS = 8
STEPS = 40


class Model:
    """What one world must hold: first names, the journal's length, the snapshot."""

    def __init__(self) -> None:
        self.names = dict(CUSTOMERS)
        self.kept = dict(CUSTOMERS)
        self.added: list[int] = []
        self.kept_added: list[int] = []
        self.requests = 0

    def shown_by(self, api: CustomerApi) -> bool:
        names = {number: api.customer(number).profile("INSTORE").first_name for number in CUSTOMERS}
        added = [customer.id for customer in api.customers if customer.id >= 500_000_001]
        return (names, added, len(api.requests)) == (self.names, self.added, self.requests)


def play(api: CustomerApi, model: Model, seed: int) -> None:
    """Do random steps in one world, and the same in its model."""
    draw = random.Random(seed)
    client = Client(api.url)
    for number in range(STEPS):
        step = draw.choice([rename, rename, rename, fail, add, reset, keep, restore])
        step(api, client, model, draw, f"T{seed}-{number}")
        assert model.shown_by(api), f"{step.__name__} in step {number} of seed {seed}"


def rename(api: CustomerApi, client: Client, model: Model, draw: random.Random, name: str) -> None:
    customer = draw.choice(list(CUSTOMERS))
    assert client.update(customer, {"profiles": [{"firstName": name}]}).status == 200
    model.names[customer] = name
    model.requests += 1


def fail(api: CustomerApi, client: Client, model: Model, draw: random.Random, name: str) -> None:
    api.fail(8018)
    assert client.update(draw.choice(list(CUSTOMERS)), {"profiles": [{"firstName": name}]}).code == 8018
    model.requests += 1


def add(api: CustomerApi, client: Client, model: Model, draw: random.Random, name: str) -> None:
    model.added.append(api.add_customer(first_name=name).id)


def reset(api: CustomerApi, client: Client, model: Model, draw: random.Random, name: str) -> None:
    api.reset()
    model.names, model.added = dict(CUSTOMERS), []


def keep(api: CustomerApi, client: Client, model: Model, draw: random.Random, name: str) -> None:
    api.snapshot("kept")
    model.kept, model.kept_added = dict(model.names), list(model.added)


def restore(api: CustomerApi, client: Client, model: Model, draw: random.Random, name: str) -> None:
    api.restore("kept")
    model.names, model.added = dict(model.kept), list(model.kept_added)


@pytest.mark.parametrize("seed", range(2))
def test_each_world_ends_as_its_own_model_says(customer_api_factory: Callable[[], CustomerApi], seed: int) -> None:
    worlds = [customer_api_factory() for _ in range(THREADS)]
    models = [Model() for _ in worlds]
    untouched = customer_api_factory()
    for api in worlds:
        api.snapshot("kept")

    def run(index: int) -> Any:
        play(worlds[index], models[index], seed * THREADS + index)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, range(THREADS)))

    assert [model.shown_by(api) for api, model in zip(worlds, models, strict=True)] == [True] * THREADS
    assert Model().shown_by(untouched)
