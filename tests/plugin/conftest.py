"""A folder for a suite of a user."""

from pathlib import Path

import pytest

from tests.plugin.running import Suite


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """An empty suite."""
    return Suite(tmp_path)
