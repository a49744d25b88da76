"""Worlds with many customers, as JSON lines: `python -m benchmarks.serving.customers 100000 world.jsonl`.

The first line says what the world extends; each other one is a customer's record. Two customers of the demo world come
first, because the cases ask for them; the others are ordinary: one profile, two channels, one program.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.serving.asking import FIRST_CUSTOMER
from benchmarks.serving.cases import LOYAL_CUSTOMER, PAGE_CUSTOMER
from mockserver.files import bundled
from mockserver.strict_yaml import parse_yaml

_CITIES = ("Pune", "Kochi", "Lagos", "Bogotá", "上海", "Stockholm", "Nairobi", "दिल्ली")
_FIRST = ("Asha", "Ravi", "Grace", "Tomás", "Emma", "娜", "Ada", "प्रिया")
_LAST = ("Menon", "Kulkarni", "Okafor", "Herrera", "Lindqvist", "李", "Mwangi", "शर्मा")


def records(customers: int) -> Iterator[dict[str, Any]]:
    """Yield the records of a world with so many customers besides the two of the demo world."""
    yield from _of_the_demo()
    for number in range(customers):
        yield _ordinary(number)


def _of_the_demo() -> Iterator[dict[str, Any]]:
    demo: Any = parse_yaml(bundled("fixtures", "worlds", "demo.yaml").read_text(encoding="utf-8"))  # as it is written
    yield from (one for one in demo["customers"] if one["id"] in (PAGE_CUSTOMER, LOYAL_CUSTOMER))


def _ordinary(number: int) -> dict[str, Any]:
    """Return the record of an ordinary customer; those of different numbers share no identifier."""
    mobile, email = f"9188{number:08d}", f"person{number}@example.com"
    first, last, city = _FIRST[number % 8], _LAST[number // 8 % 8], _CITIES[number // 64 % 8]
    shown = {"primary": True, "verified": True, "meta": {"residence": True, "office": False}}
    profile = {
        "source": "INSTORE",
        "firstName": first,
        "lastName": last,
        "fields": {"city": city},
        "identifiers": [{"type": "mobile", "value": mobile}],
        "commChannels": [{"type": "mobile", "value": mobile, **shown}, {"type": "email", "value": email, **shown}],
    }
    return {
        "id": FIRST_CUSTOMER + number,
        "loyaltyType": "loyalty",
        "profiles": [profile],
        "extendedFields": {"city": city},
        "loyaltyProgramEnrollments": [{"programId": 699, "tierNumber": 1, "loyaltyPoints": 10}],
    }


def write_world(path: Path, customers: int) -> None:
    """Write such a world."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"extends": "demo"}\n')
        for record in records(customers):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write_world(Path(sys.argv[2]), int(sys.argv[1]))
