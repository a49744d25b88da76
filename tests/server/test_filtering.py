"""The law of filters: what a filter asks, every exchange that is listed has, and no other; what is wrong is told."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.server.journal import Exchange
from mockserver.server.matching import read_filter
from mockserver.server.matching.filtering import Filter, Term
from mockserver.values import replace
from tests.server.client import Client
from tests.server.exchanges import exchange_of

OPERATIONS = ("updateCustomer", "getCustomer", "getLoyaltyDetails")


@pytest.fixture(scope="module")
def exchanges(setting: Setting, demo: World) -> dict[str, Exchange]:
    """One exchange of each kind."""
    channels = [{"type": "email", "value": "nobody"}]
    return {
        "updated": exchange_of(setting, demo, 171891944, {"profiles": [{"firstName": "Tom Sawyer"}]}),
        "warned": exchange_of(setting, demo, 171891945, {"profiles": [{"commChannels": channels}]}),
        "unknown": exchange_of(setting, demo, 5, {}),
        "read": exchange_of(setting, demo, 171891944, method="GET", query="source=ALL"),
        "forced": exchange_of(setting, demo, 171891944, {}, headers={"prefer": "code=8018"}),
        "dropped": replace(exchange_of(setting, demo, 171891944, {}), outcome="dropped", delayed=1450),
        "nowhere": exchange_of(setting, demo, "x/y", method="GET"),
    }


ROWS = [
    ("", "updated warned unknown read forced dropped nowhere"),
    ("status:200", "updated warned read dropped"),
    ("status:4xx", "unknown forced nowhere"),
    ("code:8015", "unknown"),
    ("code:none status:200", "updated warned read dropped"),
    ("code:*", "unknown forced nowhere"),
    ("warning:8057", "warned"),
    ("warning:*", "warned"),
    ("warning:none code:none outcome:answered", "updated read"),
    ("customer:171891944", "updated read forced dropped"),
    ("customer:none", "nowhere"),
    ("operation:getCustomer", "read"),
    ("operation:UPDATECUSTOMER customer:5", "unknown"),
    ("operation:none", "nowhere"),
    ("source:all", "read"),
    ("account:*", ""),
    ("method:get", "read nowhere"),
    ("path:/x/y", "nowhere"),
    ("query:source=all", "read"),
    ('body:"tom sawyer"', "updated"),
    ("body:nobody", "warned"),
    ("forced:yes", "forced"),
    ("forced:no status:400", "unknown"),
    ("outcome:dropped", "dropped"),
    ("dropped", "dropped"),
    ('"delayed 1450 ms"', "dropped"),
    ('why:"no customer 5"', "unknown"),
    ("basis:forced", "forced"),
    ("sawyer", "updated"),
    ("SAWYER  status:200 ", "updated"),
    ('"Tom Sawyer" PUT', "updated"),
    ('"/v2/customers/5?source=INSTORE"', "unknown"),
    ("8057", "warned"),
]


@pytest.mark.parametrize(("text", "named"), ROWS)
def test_what_a_filter_asks_is_what_is_listed(exchanges: dict[str, Exchange], text: str, named: str) -> None:
    asked = read_filter(text, OPERATIONS)

    assert isinstance(asked, Filter), asked
    assert [name for name, exchange in exchanges.items() if asked.fits(exchange)] == named.split()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sttaus:400", "sttaus:400: sttaus is no key; the nearest: status"),
        ("content-type:json", "content-type:json: content-type is no key; there are status, code"),
        ("-status:200", "-status:200: -status is no key; the nearest: status"),
        ("http_code:8018", "http_code:8018: http_code is no key"),
        ("status:200 colour:red", "colour:red: colour is no key; there are status, code"),
        ("http://localhost", "put a text with a colon in double quotes"),
        ("status:", "status:: status has no value; write status:* for any"),
        ('status:""', "status has no value"),
        ("status:many", "status:many: many is no whole number of at most 19 digits; write a number, * for any or none"),
        ("customer:18446744073709551617", "18446744073709551617 is no whole number of at most 19 digits"),
        ("code:4xx", "4xx is no whole number"),
        ("customer:-1", "-1 is no whole number"),
        ("forced:maybe", "forced:maybe: maybe is neither yes nor no"),
        ("operation:updateCustmer", "updatecustmer is no operation; the nearest: updateCustomer"),
        ("outcome:lost", "lost is no outcome; the nearest: closed"),
        ('body:"Tom', 'body:"Tom: a quote is not closed'),
        ('"Tom" body:"a"b', 'body:"a"b: a quote is not closed or stands within a word'),
    ],
)
def test_what_cannot_be_asked_is_told_with_place_and_cure(text: str, said: str) -> None:
    problem = read_filter(text, OPERATIONS)

    assert isinstance(problem, str)
    assert said in problem


@given(values=st.lists(st.text(max_size=8), max_size=4))
def test_any_text_can_be_asked_within_quotes(values: list[str]) -> None:
    quoted = ['"{}"'.format(value.replace("\\", "\\\\").replace('"', '\\"')) for value in values]

    asked = read_filter(" ".join(f"body:{text}" for text in quoted if text != '""'), OPERATIONS)

    assert asked == Filter(tuple(Term("body", value.lower()) for value in values if value))


@given(text=st.text(max_size=20) | st.lists(st.sampled_from(['"', ":", " ", "status", "*", "\\", "4"])).map("".join))
def test_any_text_is_a_filter_or_is_refused(exchanges: dict[str, Exchange], text: str) -> None:
    asked = read_filter(text, OPERATIONS)

    if isinstance(asked, str):
        assert asked.replace("\n", "").isprintable()
    else:
        assert all(isinstance(asked.fits(exchange), bool) for exchange in exchanges.values())


# Over HTTP.


def listed(client: Client, query: str) -> Any:
    answer = client.send("GET", f"/_mock/requests?{query}")
    assert answer.status == 200, answer.body
    return answer.json


def test_the_list_has_what_fits_and_counts_all_of_it(client: Client) -> None:
    for number in range(5):
        client.update(171891944, {"profiles": [{"firstName": f"Tom {number}"}]})
    client.update(5, {})

    page = listed(client, f"filter={quote('status:200 body:Tom')}&limit=2")
    assert (len(page["requests"]), page["total"]) == (2, 5)
    older = listed(client, f"filter=status:200&limit=2&before={page['requests'][-1]['id']}")
    assert (older["total"], older["forgotten"]) == (5, 0)
    ids = [one["id"] for one in page["requests"] + older["requests"]]
    assert ids == [one["id"] for one in listed(client, "status=200")["requests"]][:4]
    assert listed(client, "filter=status:200&code=8015")["total"] == 0


def test_warnings_and_outcomes_are_asked_for_by_parameters_too(client: Client) -> None:
    client.update(171891944, {"profiles": [{"commChannels": [{"type": "email", "value": "nobody"}]}]})
    client.update(171891944, {})

    (warned,) = listed(client, "warning=8057")["requests"]
    assert warned["warnings"] == [8057]
    assert listed(client, "code=8057")["total"] == 0


@pytest.mark.parametrize("query", ["filter=sttaus:1", "filter=%22", "warning=x", "preflight=perhaps", "outcome=lost"])
def test_what_the_list_cannot_be_asked_is_refused(client: Client, query: str) -> None:
    answer = client.send("GET", f"/_mock/requests?{query}")

    assert answer.status == 400
    assert answer.json["errors"][0]["message"].startswith(f"query/{query.partition('=')[0]}: ")
