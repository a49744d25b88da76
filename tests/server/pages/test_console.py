"""Laws of the console, in a real browser."""

import json
from urllib.parse import quote

import pytest

from tests.server.chromium import COMMAND
from tests.server.client import Client
from tests.server.pages.browser import Page
from tests.server.pages.looks import BESIDE, INTRUDERS, TOO_PALE, UNNAMED

pytestmark = pytest.mark.skipif(COMMAND is None, reason="no Chromium or Chrome is on the PATH of this machine")
TOM = {"profiles": [{"firstName": "Tom"}]}
READY = {
    "journal": "#exchanges li",
    "customers": "#customer-list a",
    "errors": "#codes button",
    "settings": "#questions select",
    "try": "#try-authorization",
}
KEEP_COPIED = "navigator.clipboard.writeText = async (text) => { window.copied = text; }"
HOSTILE = [
    '<img src=x onerror="window.ran=1">',
    "</script><script>window.ran=1</script>",
    "\"><svg onload='window.ran=1'>",
    "{{ran=1}}<b>`${window.ran=1}`",
]


def show(page: Page, console: str, view: str) -> None:
    """Open a view of the console and wait until it has something to show."""
    page.open("about:blank")
    page.open(f"{console}#{view}")
    page.wait_for(f"document.querySelector('{READY[view.partition('/')[0]]}')")


def test_the_console_loads_without_an_error(page: Page, console: str, client: Client) -> None:
    client.update(171891944, TOM)

    for view in READY:
        show(page, console, view)

    assert page.errors == []
    assert page.evaluate("document.title").startswith(client.root.rpartition("/")[2])


def test_looking_leaves_no_trace_in_the_journal(page: Page, console: str, client: Client) -> None:
    page.open(console)
    page.wait_for_text("#journal-count", "0 exchanges, live")

    page.wait_for_text("#journal-empty", "Nothing was requested yet")
    assert client.send("GET", "/_mock/requests").json == {"requests": [], "total": 0, "forgotten": 0}


def test_what_another_client_sends_appears_at_once(page: Page, console: str, client: Client) -> None:
    page.open(console)
    page.wait_for_text("#journal-count", "0 exchanges, live")

    client.update(171891944, TOM)
    client.update(1, TOM)
    client.send("PUT", "/v2/customers/900008018?source=INSTORE", json={})

    page.wait_for_text("#journal-count", "3 exchanges, live")
    lines = page.evaluate("[...document.querySelectorAll('#exchanges li')].map((line) => line.innerText)")
    assert "/v2/customers/900008018?source=INSTORE" in lines[0]
    assert "400 refused 8018" in lines[0]
    assert "forced" in lines[0]
    assert "400 refused 8015" in lines[1]
    assert "200 OK" in lines[2]


def test_an_exchange_says_why_and_how_to_mend_it(page: Page, console: str, client: Client) -> None:
    exchange = client.update(171891944, {"profiles": [{"firstName": 5}]}).headers["x-mock-exchange"]

    show(page, console, f"journal/{exchange}")

    page.wait_for_text("#exchange .stages .refused", "validate body refused with 400")
    page.wait_for_text("#exchange .sentences", 'Set body/profiles/0/firstName to "5".')
    page.wait_for_text("#exchange pre[aria-label='Body of the request']", '"firstName": 5')
    page.evaluate(KEEP_COPIED)
    page.click_button("Copy repaired request as curl")
    page.wait_for_text("#notice", "Copied the repaired request as curl.")
    assert '--data-raw \'{"profiles": [{"firstName": "5"}]}\'' in page.evaluate("window.copied")


def test_an_exchange_shows_what_it_changed(page: Page, console: str, client: Client) -> None:
    exchange = client.update(171891944, TOM).headers["x-mock-exchange"]

    show(page, console, f"journal/{exchange}")

    page.wait_for_text("#exchange tbody", 'profiles/INSTORE/firstName"Asha""Tom"')


def test_a_number_is_shown_as_it_was_written(page: Page, console: str, client: Client) -> None:
    body = b'{"loyaltyInfo": {"loyaltyType": "loyalty"}, "unknown": [1e2, 25.0, 12345678901234567890]}'
    exchange = client.send("PUT", "/v2/customers/171891944?source=INSTORE", body=body).headers["x-mock-exchange"]

    show(page, console, f"journal/{exchange}")

    page.wait_for_text("#exchange pre[aria-label='Body of the request']", "1e2,\n    25.0,\n    12345678901234567890\n")
    page.wait_for_text("#exchange pre[aria-label='Body of the response']", '"rawAwardedPoints": 25.0,')


def test_editing_a_customer_changes_the_state(page: Page, console: str, client: Client) -> None:
    show(page, console, "customers/171891944")
    text = page.wait_for("document.querySelector('#customer-json').value")

    page.type("#customer-json", text.replace('"Asha"', '"Ravi"'))
    page.click_button("Save")

    page.wait_for_text("#notice", "Customer 171891944 is saved.")
    assert client.send("GET", "/_mock/customers/171891944").json["profiles"][0]["firstName"] == "Ravi"
    page.wait_for_text("#customer-list", "Ravi Menon")


def test_what_is_wrong_with_a_customer_is_said_at_its_place(page: Page, console: str, client: Client) -> None:
    show(page, console, "customers/171891944")
    text = page.wait_for("document.querySelector('#customer-json').value")

    page.type("#customer-json", text.replace('"Asha"', "5"))
    page.click_button("Save")

    page.wait_for_text("#customer-problem", "body/profiles/0/firstName")
    field = "document.querySelector('#customer-json')"
    assert page.evaluate(f"{field}.value.slice({field}.selectionStart, {field}.selectionEnd)") == "5"
    assert page.evaluate("document.activeElement.id") == "customer-json"
    assert client.send("GET", "/_mock/customers/171891944").json["profiles"][0]["firstName"] == "Asha"


def test_a_customer_is_made_and_deleted(page: Page, console: str, client: Client) -> None:
    show(page, console, "customers")
    page.click_button("New…")
    page.type("#new-id", "42")
    page.click_button("Go on")
    page.wait_for("document.querySelector('#customer-json')")
    page.click_button("Save")
    page.wait_for("location.hash === '#customers/42'")
    assert client.send("GET", "/_mock/customers/42").json["profiles"][0]["lastName"] == "Sawyer"

    page.wait_for_text("#customer h2", "Customer 42")
    page.click_button("Delete")
    page.wait_for_text("#question", "Delete customer 42?")
    page.click("#question button[value=yes]")

    page.wait_for_text("#notice", "Customer 42 is deleted.")
    assert client.send("GET", "/_mock/customers/42").status == 404


def test_the_search_narrows_the_customers(page: Page, console: str) -> None:
    show(page, console, "customers")

    page.type("#customers-search", "okafor")

    page.wait_for_text("#customers-count", "1 of 18 customers")


def test_many_customers_come_in_pages_and_are_sought_by_the_server(page: Page, console: str, client: Client) -> None:
    for number in range(150):
        client.send("PUT", f"/_mock/customers/{500 + number}", json={"loyaltyType": "loyalty"})
    show(page, console, "customers")
    page.wait_for_text("#customers-count", "168 customers; 100 are shown")

    page.click("#customer-list li:last-child button")

    page.wait_for_text("#customers-count", "168 customers")
    page.wait_for("document.querySelectorAll('#customer-list a').length === 168")
    page.type("#customers-search", "649")
    page.wait_for_text("#customers-count", "1 of 168 customers")
    page.wait_for_text("#customer-list", "649")


def test_a_snapshot_brings_the_customers_back(page: Page, console: str, client: Client) -> None:
    show(page, console, "customers")
    page.type("#snapshot-name", "before")
    page.click_button("Keep a snapshot")
    page.wait_for_text("#snapshots", "before")
    client.update(171891944, TOM)

    page.click("#snapshots button")
    page.click("#question button[value=yes]")

    page.wait_for_text("#notice", "Snapshot before is restored.")
    assert client.send("GET", "/_mock/customers/171891944").json["profiles"][0]["firstName"] == "Asha"


def test_a_button_makes_the_next_request_fail_and_no_other(page: Page, console: str, client: Client) -> None:
    show(page, console, "errors")

    page.click_button("Answer the next request with 8018")
    page.wait_for_text("#rules", "answers 8018")

    assert client.update(171891944, TOM).code == 8018
    assert client.update(171891944, TOM).status == 200
    page.wait_for_text("#rules", "applied 1 of 1")


def test_a_warning_is_asked_for_by_its_name(page: Page, console: str, client: Client) -> None:
    show(page, console, "errors")

    page.click_button("Answer the next request with 8057-warning")
    page.wait_for_text("#rules", "answers 8057-warning")

    assert client.update(171891944, TOM).json["warnings"][0]["code"] == 8057


def test_a_preset_is_switched_on_and_off(page: Page, console: str, client: Client) -> None:
    show(page, console, "errors")

    page.click("#preset-maintenance")
    page.wait_for_text("#notice", "Preset maintenance is on.")
    assert client.update(171891944, TOM).status == 503

    page.click("#preset-maintenance")
    page.wait_for_text("#notice", "Preset maintenance is off.")
    assert client.update(171891944, TOM).status == 200


def test_the_slider_sets_one_delay(page: Page, console: str, client: Client) -> None:
    show(page, console, "errors")
    move = "const one = document.querySelector('#delay'); one.value = %d; one.dispatchEvent(new Event('change'))"

    for milliseconds in (4000, 100):
        page.evaluate(f"(() => {{ {move % milliseconds} }})()")
        page.wait_for_text("#notice", f"Every answer comes {milliseconds} ms later.")

    (rule,) = client.send("GET", "/_mock/faults").json["faults"]
    assert rule["do"] == {"delay": {"milliseconds": 100}}
    page.evaluate(f"(() => {{ {move % 0} }})()")
    page.wait_for_text("#notice", "Answers come at once again.")
    assert client.send("GET", "/_mock/faults").json["faults"] == []


def test_the_clock_is_frozen_advanced_and_set_free(page: Page, console: str, client: Client) -> None:
    show(page, console, "settings")
    page.type("#freeze", "2026-01-01T00:00:00Z")
    page.click_button("Freeze")
    page.wait_for_text("#clock-now", "2026-01-01T00:00:00Z")

    page.type("#advance", "soon")
    page.click_button("Advance")
    page.wait_for_text("#clock-error", "'soon' is no duration")
    page.type("#advance", "2h")
    page.click_button("Advance")
    page.wait_for_text("#clock-now", "2026-01-01T02:00:00Z")
    page.click_button("Follow the real time")
    page.wait_for_text("#clock-state", "runs")

    assert client.send("GET", "/_mock/clock").json["frozen"] is False


def test_a_question_gets_another_answer(page: Page, console: str, client: Client) -> None:
    show(page, console, "settings")

    chosen = "document.querySelector('#answer-loyalty-downgrade')"
    page.evaluate(f"{chosen}.value = 'ignore'; {chosen}.dispatchEvent(new Event('change'))")

    page.wait_for_text("#questions-count", "1 answered otherwise")
    assert client.send("GET", "/_mock/dialect").json["loyalty-downgrade"] == "ignore"
    page.click_button("Back to our answers")
    page.click("#question button[value=yes]")
    page.wait_for_text("#questions-count", "0 answered otherwise")
    assert client.send("GET", "/_mock/dialect").json["loyalty-downgrade"] == "8018"


def test_the_sample_of_the_page_is_sent_and_copied(page: Page, console: str, client: Client) -> None:
    show(page, console, "try")

    page.click_button("Send")

    page.wait_for_text("#try-answer", "200 OK")
    (exchange,) = client.send("GET", "/_mock/requests").json["requests"]
    assert exchange["query"] == "source=INSTORE"
    assert client.send("GET", "/_mock/customers/171891944").json["profiles"][0]["firstName"] == "Tom"
    page.evaluate(KEEP_COPIED)
    page.click_button("Copy as curl")
    page.wait_for("window.copied")
    copied = page.evaluate("window.copied")
    assert copied.startswith(f"curl -i -X PUT '{client.root}/v2/customers/171891944?source=INSTORE'")


@pytest.mark.parametrize("sent", [("#try-prefer", "code=401"), ("#try-authorization", "")], ids=str)
def test_a_challenge_raises_no_dialog_of_the_browser_and_later_requests_are_sent(
    page: Page, console: str, sent: tuple[str, str]
) -> None:
    """A dialog would hold the answer back until somebody closes it."""
    show(page, console, "try")
    field, value = sent
    for _ in range(2):
        page.type(field, value)
        page.click_button("Send")
        page.wait_for_text("#try-answer", "401 refused")
        page.wait_for_text("#try-answer details pre", 'www-authenticate: Basic realm="customers"')

        page.type(field, "Basic dGVzdA==" if field == "#try-authorization" else "")
        page.click_button("Send")
        page.wait_for_text("#try-answer", "200 OK")


def test_a_refused_request_is_taken_into_the_form_as_it_was_sent(page: Page, console: str, client: Client) -> None:
    refused = client.update(171891945, {"profiles": [{"firstName": 5}]}, "source=NOWHERE&accountId=7")

    page.open(f"{console}#try/updateCustomer/{refused.headers['x-mock-exchange']}")

    page.wait_for("document.querySelector('#try-query-source')?.value === 'NOWHERE'")
    assert page.evaluate("document.querySelector('#try-path-userId').value") == "171891945"
    assert page.evaluate("document.querySelector('#try-query-accountId').value") == "7"
    assert json.loads(page.evaluate("document.querySelector('#try-body').value")) == {"profiles": [{"firstName": 5}]}


def test_a_world_is_forked_reset_and_deleted(page: Page, console: str, client: Client) -> None:
    client.update(171891944, TOM)
    name = f"{client.root.rpartition('/')[2]}-fork"
    show(page, console, "journal")
    page.click_button("Fork…")
    page.type("#fork-name", name)
    page.click_button("Fork")
    page.wait_for_text("#journal-count", "0 exchanges")
    fork = Client(f"{client.root}-fork")
    assert fork.send("GET", "/_mock/customers/171891944").json["profiles"][0]["firstName"] == "Tom"
    fork.update(171891944, {"profiles": [{"firstName": "Zoe"}]})

    page.click_button("Reset")
    page.click("#question button[value=yes]")
    page.wait_for_text("#notice", f"World {name} is as at its start.")
    assert fork.send("GET", "/_mock/customers/171891944").json["profiles"][0]["firstName"] == "Tom"

    page.click("#delete-world")
    page.click("#question button[value=yes]")
    page.wait_for("location.pathname === '/_mock/' && document.querySelector('#world').selectedIndex >= 0")
    assert name not in page.evaluate("document.querySelector('#world').textContent")


def test_a_failure_is_shown(page: Page, console: str, client: Client) -> None:
    show(page, console, "customers")
    client.send("PUT", "/_mock/customers/171891944", json={"loyaltyType": "loyalty"})
    client.send("DELETE", "/_mock/customers/171891945")

    page.evaluate("location.hash = '#customers/171891945'")

    page.wait_for_text("#customer [role=alert]", "has no customer 171891945")


def test_hostile_text_stays_text(page: Page, console: str, client: Client) -> None:
    for text in reversed(HOSTILE):
        client.update(171891944, {"profiles": [{"firstName": text, "fields": {text: text}}], text: text})
        client.update(171891944, {"profiles": [{"firstName": [text]}], "extendedFields": {"city": text}})
        client.send("GET", f"/v2/{text.replace(' ', '/')}?{text.replace(' ', '+')}")
        client.send("GET", f"/v2/customers/{quote(text, safe='')}?source={quote(text)}", headers={"Prefer": text})
        client.send(
            "PUT", "/v2/customers/1?source=INSTORE", body=text.encode(), headers={"X-Note": text, "Accept": text}
        )
        fault = {"name": text, "match": {"header": {"X-Other": text}}, "do": {"contentType": "text/html"}}
        assert client.send("POST", "/_mock/faults", json=fault).status == 201
    kept = [one["id"] for one in client.send("GET", "/_mock/requests").json["requests"]]

    show(page, console, "journal")
    assert page.evaluate(INTRUDERS) == []
    assert HOSTILE[1].replace(" ", "/") in page.evaluate("document.querySelector('#exchanges').textContent")
    for exchange in kept:
        page.evaluate(f"location.hash = '#journal/{exchange}'")
        page.wait_for_text("#exchange", f"{exchange} · ")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert page.evaluate(INTRUDERS) == []
    for view, place in (("customers/171891944", "#customer-list"), ("errors", "#rules")):
        page.evaluate(f"location.hash = '#{view}'")
        page.wait_for_text(place, HOSTILE[0])
        assert page.evaluate(INTRUDERS) == []
    show(page, console, f"try/getCustomer/{kept[1]}")
    page.wait_for("document.querySelector('#try-query-source').value.includes('window.ran')")
    page.click_button("Send")
    page.wait_for("document.querySelector('#try-answer pre')")
    assert page.evaluate(INTRUDERS) == []
    assert [error for error in page.errors if "Failed to load resource" not in error] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_each_view_fits_and_can_be_read(page: Page, console: str, client: Client, width: int, scheme: str) -> None:
    client.update(171891944, TOM)
    client.send("PUT", "/v2/customers/900008018?source=INSTORE", json={})
    long = "x" * 90
    refused = client.update(171891945, {"profiles": [{"firstName": 5}]}, f"source=WECHAT&{long}={long}")
    client.send("POST", "/_mock/faults", json={"name": long, "do": {"delay": {"milliseconds": 1}}})
    client.send("PUT", "/_mock/dialect", json={"loyalty-downgrade": "ignore"})
    page.look(width=width, scheme=scheme)

    for view in (*READY, f"journal/{refused.headers['x-mock-exchange']}", "customers/171891944"):
        show(page, console, view)
        assert page.evaluate(BESIDE) <= 0, view
        assert page.evaluate(TOO_PALE) == [], view
        assert page.evaluate(UNNAMED) == [], view


def test_a_keyboard_reaches_the_content_first_and_sees_where_it_is(page: Page, console: str) -> None:
    page.open(console)
    page.wait_for_text("#journal-count", "live")

    page.command("Input.dispatchKeyEvent", type="rawKeyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)

    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_the_customer_that_is_looked_at_follows_the_requests(page: Page, console: str, client: Client) -> None:
    show(page, console, "customers/171891944")
    page.wait_for("document.querySelector('#customer-json').value.includes('Asha')")

    client.update(171891944, TOM)

    page.wait_for("document.querySelector('#customer-json').value.includes('\"Tom\"')")
    page.wait_for_text("#customer-list", "Tom Menon")


def test_a_text_that_is_being_changed_is_not_taken_away(page: Page, console: str, client: Client) -> None:
    show(page, console, "customers/171891944")
    page.wait_for("document.querySelector('#customer-json').value.includes('Asha')")
    page.type("#customer-json", "half of it")

    client.update(171891944, TOM)

    page.wait_for_text("#customer-list", "Tom Menon")
    assert page.evaluate("document.querySelector('#customer-json').value") == "half of it"
