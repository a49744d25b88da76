"""One browser for all tests of the pages; each test has a tab of its own, at the console of a world of its own."""

from collections.abc import Iterator

import pytest

from tests.server.client import Client
from tests.server.pages.browser import Browser, Page, browsing


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with browsing() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab."""
    with browser.page() as tab:
        tab.look(width=1280)
        yield tab


@pytest.fixture
def console(client: Client) -> str:
    """The address of the console of the test's own world."""
    return f"{client.root}/_mock/"
