"""Every test of the contract is asked of every kind of store."""

import pytest

from tests.storage.contract.kinds import Kind, kinds


@pytest.fixture(params=kinds())
def kind(request: pytest.FixtureRequest) -> Kind:
    """One kind of store."""
    return Kind(*request.param)
