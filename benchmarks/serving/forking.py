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
from mockserver.server.served import ServedWorld
from mockserver.storage import MemoryStore
from mockserver.values import replace

_FORKS = 101
_FIRST = 200


def world_with(customers: int) -> ServedWorld:
    """Return the demo world with so many made customers in place of its own."""
    world = make_worlds(ServeOptions()).default
    attribution = read_attribution(ATTRIBUTION)
    if not isinstance(attribution, Attribution):
        raise ValueError(f"the generator's attribution is none: {attribution}")
    held: dict[CustomerId, Customer] = {}
    for record in records(customers):
        customer = read_customer(record, world.setting.organisation, attribution=attribution)
        if not isinstance(customer, Customer):
            raise ValueError(f"the generator made a record that is none: {customer}")
        held[customer.id] = customer
    return replace(world, store=MemoryStore(held))


def fork_microseconds(world: ServedWorld) -> float:
    """Return the median time of a fork."""
    customer = world.store.find(CustomerId(FIRST_CUSTOMER))
    if customer is None:
        raise ValueError("the world has none of the made customers")
    times = []
    for number in range(_FORKS):
        world.store.put(customer)
        started = time.perf_counter()
        world.fork(f"fork-{number}")
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
    world = world_with(customers)
    seconds = time.perf_counter() - started
    told = {
        "customers": customers,
        "seconds": round(seconds, 2),
        "bytes_each": round((_resident_bytes() - before) / customers),
        "beside": len(first.store),
        "microseconds": fork_microseconds(world),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
