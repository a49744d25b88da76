"""How long a fork of a world takes in process: `python -m benchmarks.serving.forking 100000`, one line of JSON.

One customer is changed before each fork, so that each has something to share. The memory is that of the customers:
what the process holds more than before they were read.
"""

import gc
import json
import os
import statistics
import sys
import time
from pathlib import Path

from benchmarks.serving.asking import FIRST_CUSTOMER
from benchmarks.serving.customers import ATTRIBUTION, records
from mockserver.domain.customer import Attribution, Customer, CustomerId
from mockserver.domain.record import read_attribution, read_customer
from mockserver.server.options import ServeOptions
from mockserver.server.running import make_worlds
from mockserver.server.served import ServedWorld, ServedWorlds
from mockserver.storage import at_once, eager

_FORKS = 101
_FIRST = 200


def world_with(customers: int) -> ServedWorld:
    """Return the demo world with so many made customers in place of its own."""
    return worlds_with(customers).default


def worlds_with(customers: int) -> ServedWorlds:
    """Return the worlds of a server whose default has so many made customers in place of the demo world's."""
    worlds = make_worlds(ServeOptions())
    world = worlds.default
    attribution = read_attribution(ATTRIBUTION)
    if not isinstance(attribution, Attribution):
        raise ValueError(f"the generator's attribution is none: {attribution}")
    held: dict[CustomerId, Customer] = {}
    for record in records(customers):
        customer = read_customer(record, world.setting.organisation, attribution=attribution)
        if not isinstance(customer, Customer):
            raise ValueError(f"the generator made a record that is none: {customer}")
        held[customer.id] = customer
    worlds.default.state.reseed(worlds.store.prepare(held), lambda settings: settings)
    return worlds


def fork_microseconds(worlds: ServedWorlds) -> float:
    """Return the median time of a fork."""
    state = worlds.default.state
    customer, _ = at_once(state.load(CustomerId(FIRST_CUSTOMER)))
    if customer is None:
        raise ValueError("the world has none of the made customers")
    times = []
    for _ in range(_FORKS):
        state.put(customer)
        started = time.perf_counter()
        eager(worlds.fork(worlds.default, None))
        times.append(time.perf_counter() - started)
    return round(statistics.median(times) * 1e6, 1)


def _resident_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Make a world, fork it, and tell."""
    customers = int(sys.argv[1])
    first = world_with(_FIRST)  # it brings what is kept once, whatever the number of customers
    before, started = _resident_bytes(), time.perf_counter()
    worlds = worlds_with(customers)
    seconds = time.perf_counter() - started
    told = {
        "customers": customers,
        "seconds": round(seconds, 2),
        "bytes_each": round((_resident_bytes() - before) / customers),
        "beside": at_once(first.state.count()),
        "microseconds": fork_microseconds(worlds),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
