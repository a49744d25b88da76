"""Two versions are compared by all that they answer: a difference anywhere is told, and requests are of every kind."""

from collections import Counter
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest

from benchmarks.same_answers import Comparison, Given, compare
from benchmarks.sample_requests import Asked, sample_requests
from mockserver.exchange import Setting, respond
from mockserver.files import World
from mockserver.messages import Request

_QUESTIONS = {"questions": [{"id": "a-question", "implemented": ["yes"], "ours": "yes"}]}
_CONTRACT: Mapping[str, Any] = {
    "components": {"examples": {"8015": {}}},
    "paths": {"/v2/customers/{userId}": {"get": {}}},
}


class _Version:
    """Answers all alike, but for one request of which it is another version."""

    def __init__(self, *, unlike: int = 0) -> None:
        self._numbers = count(1)
        self._unlike = unlike

    def ask(self, _: Asked) -> Given:
        return Given(status=400 if next(self._numbers) == self._unlike else 200, headers=(), body=b"{}")

    def control(self, method: str, path: str, body: object = None) -> Any:  # Any: JSON
        del method, body
        return {"/_mock/questions": _QUESTIONS, "/_mock/contract": _CONTRACT}.get(path)


@pytest.mark.parametrize("unlike", [1, 120, 130, 200])
def test_a_difference_in_any_part_is_told(unlike: int) -> None:
    comparison = Comparison(_Version(), _Version(unlike=unlike))

    told = list(compare(comparison, count=20, seed=1))

    assert len(comparison.different) == 1
    assert sum(", 1 different" in line for line in told) == 1


def test_versions_that_answer_alike_are_not_different() -> None:
    comparison = Comparison(_Version(), _Version())

    told = list(compare(comparison, count=20, seed=1))

    assert comparison.different == []
    assert comparison.asked > 200
    assert all(", 0 different" in line for line in told)


def test_the_same_seed_draws_the_same_requests_and_another_one_others() -> None:
    drawn = list(sample_requests(50, 1))

    assert drawn == list(sample_requests(50, 1))
    assert drawn != list(sample_requests(50, 2))


def test_generated_requests_are_granted_warned_of_and_refused_in_many_ways(setting: Setting, demo: World) -> None:
    customers = dict(demo.customers)
    refusals: Counter[int] = Counter()
    warnings: Counter[int] = Counter()
    granted = 0
    for asked in sample_requests(1_000, 1):
        path, _, query = asked.target.partition("?")
        headers = {name.lower(): value for name, value in asked.headers.items()}
        request = Request(method=asked.method, path=path, query=query, headers=headers, body=asked.body)
        reply = respond(setting, request, load=customers.get, now="2026-01-01T00:00:00Z")
        customers.update({customer.id: customer for customer in reply.changed})
        granted += reply.code is None
        refusals.update([] if reply.code is None else [reply.code])
        warnings.update(reply.warnings)

    assert granted > 300
    assert {400, 401, 404, 405, 406, 415, 1061, 1101, 3217, 8003, 8010, 8015, 8018, 8045, 8067} <= refusals.keys()
    assert {1017, 8057, 8058, 91006, 91015} <= warnings.keys()
