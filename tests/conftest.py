"""Hypothesis profiles; and values that many tests share, read from the real files once a session."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.vendor.pretty import RepresentationPrinter, for_type_by_name

from mockserver.contract import Contract
from mockserver.domain.dialect import Dialect
from mockserver.exchange import Setting
from mockserver.exchange.dialects import Dialects
from mockserver.files import World, read_dialect, read_dialects, read_world

settings.register_profile("dev", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    max_examples=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("night", deadline=None, max_examples=3000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


def _print_shortly(value: object, printer: RepresentationPrinter, _: bool) -> None:
    printer.text(repr(value))


# Hypothesis prints every member of a value, which for these is a contract or a world: megabytes, and a warning.
for_type_by_name("mockserver.exchange.reply", "Setting", _print_shortly)
for_type_by_name("mockserver.files.worlds", "World", _print_shortly)


@pytest.fixture(scope="session")
def dialects() -> Dialects:
    """All dialects that our questions allow."""
    return read_dialects()


@pytest.fixture(scope="session")
def documented(dialects: Dialects) -> Dialect:
    """Our answer to every question."""
    return read_dialect(dialects)


@pytest.fixture(scope="session")
def contract(dialects: Dialects, documented: Dialect) -> Contract:
    """The contract of the documented dialect."""
    return dialects.contract_of(documented)


@pytest.fixture(scope="session")
def demo() -> World:
    """The world that is served by default."""
    return read_world("demo")


@pytest.fixture(scope="session")
def setting(contract: Contract, documented: Dialect, dialects: Dialects, demo: World) -> Setting:
    """The demo world under the documented dialect, any credentials."""
    return Setting(contract=contract, organisation=demo.organisation, dialect=documented, dialects=dialects)
