"""What the fixture `customer_api` costs: the sample suite with it, and the same suite on worlds that were made before.

    python -m benchmarks.plugin_share --rounds 5

Both suites are run in turn, each in a process of its own. What pytest reports of each test is added up, but for the
first test, which starts the server. The table has medians over the rounds; "share" is what the fixture adds to the
time of a test, "ratio" how much longer the suite takes with it.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.plugin.running import Suite

_SAMPLE = Path(__file__).resolve().parent.parent / "tests" / "plugin" / "sample_suite.py"
_TIMES = """
import json, pathlib
import pytest

spent = {}

def pytest_runtest_logreport(report):
    spent.setdefault(report.nodeid, {})[report.when] = report.duration

def pytest_sessionfinish():
    tests = list(spent.values())[1:]
    pathlib.Path("times.json").write_text(json.dumps(tests))
"""
_MADE_BEFORE = """
from mockserver import MockServer

@pytest.fixture(scope="session")
def worlds():
    with MockServer() as mock:
        yield [mock.fork() for _ in range(300)]

@pytest.fixture
def customer_api(worlds):
    return worlds.pop()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Microseconds of one test, on average: around it, and in it."""

    around: float
    within: float

    @property
    def whole(self) -> float:
        return self.around + self.within


def measure(conftest: str) -> Spent:
    """Run the sample suite once."""
    with TemporaryDirectory() as folder:
        suite = Suite(Path(folder))
        suite.write("conftest.py", conftest)
        suite.write("test_sample.py", _SAMPLE.read_text(encoding="utf-8"))
        ran = suite.run("-q")
        if ran.code:
            sys.exit(ran.text)
        tests = json.loads((suite.folder / "times.json").read_text(encoding="utf-8"))
    around = statistics.mean(test["setup"] + test["teardown"] for test in tests)
    within = statistics.mean(test["call"] for test in tests)
    return Spent(around=around * 1e6, within=within * 1e6)


def median(rounds: Sequence[Spent]) -> Spent:
    """Return the medians of several runs."""
    return Spent(
        around=statistics.median(one.around for one in rounds), within=statistics.median(one.within for one in rounds)
    )


def table(with_fixture: Spent, made_before: Spent) -> Iterator[str]:
    """Yield the table as Markdown."""
    yield "| 300 tests, one update each | setup and teardown | the test itself | together |"
    yield "|---|---:|---:|---:|"
    for name, spent in (("with `customer_api`", with_fixture), ("with worlds made before", made_before)):
        yield f"| {name} | {spent.around:.0f} µs | {spent.within:.0f} µs | {spent.whole:.0f} µs |"
    share = with_fixture.around - made_before.around
    yield ""
    yield f"share: {share:.0f} µs a test; ratio: {with_fixture.whole / made_before.whole:.2f}"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each suite (default: 5)")
    rounds = parser.parse_args().rounds
    pairs = [(measure(_TIMES), measure(_TIMES + _MADE_BEFORE)) for _ in range(rounds)]
    print("\n".join(table(median([one for one, _ in pairs]), median([other for _, other in pairs]))))


if __name__ == "__main__":
    main()
