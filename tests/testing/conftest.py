"""A client of the world that a test has from the plugin itself."""

import pytest

from mockserver import CustomerApi
from tests.server.client import Client


@pytest.fixture
def client(customer_api: CustomerApi) -> Client:
    """A real client of the test's world."""
    return Client(customer_api.url)
