"""Laws of the API reference, in a real browser."""

import pytest

from tests.server.chromium import COMMAND
from tests.server.client import Client
from tests.server.pages.browser import Page
from tests.server.pages.looks import BESIDE, TOO_PALE, UNNAMED

pytestmark = pytest.mark.skipif(COMMAND is None, reason="no Chromium or Chrome is on the PATH of this machine")
MADE = "document.querySelector('#control-operations section') && document.querySelectorAll('.operation').length"
SHOWN = "[...document.querySelectorAll('.operation')].filter((one) => one.checkVisibility()).map((one) => one.id)"


@pytest.fixture
def docs(client: Client) -> str:
    """The address of the reference of the test's own world."""
    return f"{client.root}/_mock/docs"


def test_every_operation_of_both_contracts_is_there(page: Page, docs: str, client: Client) -> None:
    operations = {
        operation["operationId"]
        for path in ("contract", "pages/control.json")
        for item in client.send("GET", f"/_mock/{path}").json["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }

    page.open(docs)

    page.wait_for(MADE)
    assert set(page.evaluate(SHOWN)) == operations
    assert page.errors == []


def test_the_update_has_its_parameters_members_and_examples(page: Page, docs: str) -> None:
    page.open(docs)
    page.wait_for(MADE)

    text = page.evaluate("document.querySelector('#updateCustomer').textContent")

    for told in ("USER-CONTEXT", "profiles[].commChannels[].type", "The page's own request", "8018", "use_async"):
        assert told in text


def test_the_contract_is_that_of_the_worlds_dialect(page: Page, docs: str, client: Client) -> None:
    client.send("PUT", "/_mock/dialect", json={"created-id-type": "text"})

    page.open(f"{docs}#updateCustomer-200")

    page.wait_for("document.querySelector('#updateCustomer-200')?.open")
    assert '"createdId": "171891944"' in page.evaluate("document.querySelector('#updateCustomer-200').textContent")


def test_the_filter_leaves_what_has_the_text(page: Page, docs: str) -> None:
    page.open(docs)
    page.wait_for(MADE)

    page.type("#filter", "tierNumber")
    page.wait_for_text("#filter-count", "of")

    page.wait_for(f"({SHOWN}).includes('updateCustomer') && !({SHOWN}).includes('getHealth')")


def test_an_operation_leads_to_the_console(page: Page, docs: str) -> None:
    page.open(docs)
    page.wait_for(MADE)

    page.click("#getLoyaltyDetails a[href$='#try/getLoyaltyDetails']")

    page.wait_for("document.querySelector('#try-operation')?.value === 'getLoyaltyDetails'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_the_reference_fits_and_can_be_read(page: Page, docs: str, width: int, scheme: str) -> None:
    page.look(width=width, scheme=scheme)
    page.open(docs)
    page.wait_for(MADE)
    page.evaluate("document.querySelectorAll('#updateCustomer details').forEach((one) => { one.open = true; })")

    assert page.evaluate(BESIDE) <= 0
    assert page.evaluate(TOO_PALE) == []
    assert page.evaluate(UNNAMED) == []
