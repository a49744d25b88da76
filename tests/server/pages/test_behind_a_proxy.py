"""The console and the reference behind a proxy that strips a path prefix, in a real browser: all links are relative."""

from collections.abc import Iterator

import pytest

from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.chromium import COMMAND
from tests.server.client import Client
from tests.server.pages.browser import Page
from tests.server.pages.sites import StrippingProxy

pytestmark = pytest.mark.skipif(COMMAND is None, reason="no Chromium or Chrome is on the PATH of this machine")
PREFIX = "/tools/mock"
STYLED = "[...document.styleSheets].some((one) => one.cssRules.length > 20)"


@pytest.fixture(scope="module")
def behind() -> Iterator[str]:
    """The address of a mock behind a proxy, which has the prefix; it has a world `w1` beside its own."""
    with ServerThread(ServeOptions(port=0)) as server:
        client = Client(server.url)
        client.send("POST", "/_mock/worlds", json={"name": "w1"})
        with StrippingProxy(PREFIX, client.port).running() as proxy:
            yield f"http://127.0.0.1:{proxy.port}{PREFIX}"


def arrive(page: Page, address: str, page_address: str) -> None:
    """Open an address that leads to another one."""
    page.command("Page.navigate", url=address)
    page.wait_for(f"location.href === '{page_address}' && document.readyState === 'complete'")


@pytest.mark.parametrize(
    ("world", "path"),
    [
        *(("", path) for path in ("/", "/_mock", "/_mock/")),
        *(("/_mock/w/w1", path) for path in ("", "/", "/_mock", "/_mock/")),
    ],
)
def test_the_console_works_whichever_way_it_is_opened(page: Page, behind: str, world: str, path: str) -> None:
    arrive(page, f"{behind}{world}{path}", f"{behind}{world}/_mock/")

    page.wait_for_text("#journal-count", "live")
    assert page.evaluate(STYLED)
    assert page.errors == []


@pytest.mark.parametrize("world", ["", "/_mock/w/w1"])
@pytest.mark.parametrize("path", ["/_mock/docs", "/_mock/docs/"])
def test_the_reference_works_and_leads_to_the_console(page: Page, behind: str, world: str, path: str) -> None:
    arrive(page, f"{behind}{world}{path}", f"{behind}{world}/_mock/docs")

    page.click("#getLoyaltyDetails a[href$='#try/getLoyaltyDetails']")

    page.wait_for("document.querySelector('#try-operation')?.value === 'getLoyaltyDetails'")
    assert page.evaluate("location.href") == f"{behind}{world}/_mock/#try/getLoyaltyDetails"
    page.click("#docs-link")
    page.wait_for(f"location.href === '{behind}{world}/_mock/docs'")
    page.click("#console-link")
    page.wait_for(f"location.href === '{behind}{world}/_mock/'")
    assert page.errors == []


def test_requests_events_and_worlds_stay_under_the_prefix(page: Page, behind: str) -> None:
    arrive(page, f"{behind}/", f"{behind}/_mock/")
    page.wait_for_text("#journal-count", "live")
    page.evaluate("location.hash = '#try'")
    page.click_button("Send")
    page.wait_for_text("#try-answer", "200 OK")
    page.evaluate("location.hash = '#journal'")
    page.wait_for_text("#exchanges", "/v2/customers/171891944?source=INSTORE")

    page.wait_for("[...document.querySelectorAll('#world option')].some((one) => one.text === 'w1')")
    choose = "const one = document.querySelector('#world'); one.value = [...one.options].find((o) => o.text.startsWith"
    page.evaluate(f"(() => {{ {choose}('w1')).value; one.dispatchEvent(new Event('change')); }})()")
    page.wait_for(f"location.href === '{behind}/_mock/w/w1/_mock/'")
    page.wait_for_text("#journal-count", "0 exchanges, live")
    page.wait_for("document.querySelector('#world option')")
    page.evaluate(f"(() => {{ {choose}('demo')).value; one.dispatchEvent(new Event('change')); }})()")
    page.wait_for(f"location.href === '{behind}/_mock/'")
    assert page.errors == []


def test_the_page_of_the_public_url_is_the_server_s_own(page: Page) -> None:
    """Its requests carry the origin that the proxy is reached under, which is foreign unless the option names it."""
    with StrippingProxy(PREFIX, 0).running() as proxy:
        public = f"http://mock.example:{proxy.port}{PREFIX}"
        with ServerThread(ServeOptions(port=0)) as server:
            proxy.upstream = Client(server.url).port
            page.open(f"{public}/_mock/")
            page.wait_for("document.readyState === 'complete'")
            assert ["403" in error and error.endswith("/console.js") for error in page.errors] == [True]
            page.open("about:blank")  # a browser that is still asking must not meet a server that stops

        with ServerThread(ServeOptions(port=0, public_url=public)) as server:
            proxy.upstream = Client(server.url).port
            page.open(f"{public}/_mock/")
            page.wait_for_text("#journal-count", "live")
            page.evaluate("document.querySelector('#settle').click()")
            page.wait_for_text("#notice", "All background work is done.")
            page.open("about:blank")
