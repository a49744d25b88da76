"""One real server for the tests of the shell, on a free port, in a thread of its own; each test forks a world."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.client import Client


@pytest.fixture(scope="session")
def server() -> Iterator[ServerThread]:
    """A server of the demo world."""
    with ServerThread(ServeOptions(port=0)) as running:
        yield running


@pytest.fixture
def client(server: ServerThread) -> Client:
    """A client of a world that only this test uses."""
    name = f"t{uuid4().hex[:12]}"
    root = Client(server.url)
    assert root.send("POST", "/_mock/worlds", json={"name": name}).status == 201
    return Client(f"{server.url}/_mock/w/{name}")
