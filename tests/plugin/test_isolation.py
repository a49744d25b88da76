"""Laws of isolation in a suite: no test sees another's world, in any order and on any number of workers."""

from pathlib import Path

from tests.plugin.running import Suite

SAMPLE = Path(__file__).with_name("sample_suite.py")


def test_three_hundred_tests_in_random_order_on_four_workers_leak_nothing(suite: Suite) -> None:
    suite.write("test_sample.py", SAMPLE.read_text(encoding="utf-8"))

    ran = suite.run("-n4", "-q", plugins=("xdist", "pytest_randomly"))

    assert ran.code == 0, ran.text
    assert ran.counts(passed=300)
