"""Laws of a whole exchange: why it was answered so, what decided, what it changed, and how to mend the request."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.customer import Customer
from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.server.running import ServerThread
from mockserver.server.unfolding import changes
from tests.server.client import CREDENTIALS, Answer, Client
from tests.server.exchanges import exchange_of


def whole(client: Client, answer: Answer) -> Any:
    return client.send("GET", f"/_mock/requests/{answer.headers['x-mock-exchange']}").json


def test_every_stage_of_an_accepted_update_is_told_in_its_order(client: Client) -> None:
    shown = whole(client, client.update(171891944, {"profiles": [{"firstName": "Tom"}]}))

    assert [(stage["stage"], stage["outcome"]) for stage in shown["why"]] == [
        ("route", "passed"),
        ("authenticate", "passed"),
        ("forced answer", "passed"),
        ("negotiate", "passed"),
        ("read body", "passed"),
        ("validate parameters", "passed"),
        ("validate body", "passed"),
        ("read command", "passed"),
        ("decide", "accepted"),
        ("show", "answered"),
    ]
    assert shown["changes"] == [{"member": "profiles/INSTORE/firstName", "previous": "Asha", "current": "Tom"}]
    assert (shown["repair"], shown["violations"], shown["said"], shown["faults"]) == (None, [], "", [])


def test_request_and_response_are_there_as_they_went_over_the_wire(client: Client) -> None:
    answer = client.send("PUT", "/v2/customers/171891944?source=INSTORE", json={}, headers={"X-Own": "a b"})

    shown = whole(client, answer)

    assert shown["request"]["body"] == "{}"
    assert shown["request"]["headers"]["x-own"] == "a b"
    assert shown["request"]["headers"]["authorization"] == "[hidden]"
    assert shown["response"]["body"] == answer.body.decode()
    assert shown["response"]["headers"]["X-Mock-Basis"] == answer.headers["x-mock-basis"]


def test_a_refusal_by_the_contract_lists_every_breach_with_its_rule(client: Client) -> None:
    answer = client.update(171891944, {"profiles": [{"firstName": 5}], "extendedFields": []})

    shown = whole(client, answer)

    assert [(item["pointer"], item["problem"]) for item in shown["violations"]] == [
        ("/profiles/0/firstName", "5 is not text"),
        ("/extendedFields", "an empty list is not an object"),
    ]
    assert shown["violations"][0]["rule"] == "#/components/schemas/ProfileUpdate/properties/firstName/type"
    assert shown["violations"][0]["repair"] == "send text at body/profiles/0/firstName"
    assert shown["decided"]["stage"] == "validate body"
    assert shown["decided"]["rule"] == shown["violations"][0]["rule"]
    assert shown["said"] == answer.headers["x-mock-why"]


def test_a_breach_outside_the_body_has_no_json_pointer(client: Client) -> None:
    shown = whole(client, client.update(171891944, {}, "source=INSTORE&use_async=True"))

    (violation,) = shown["violations"]
    assert (violation["place"], violation["pointer"]) == ("query/use_async", None)


def test_the_question_that_decided_is_named_with_the_answer_of_the_dialect(client: Client) -> None:
    shown = whole(client, client.update(171891945, {}, "source=INSTORE&accountId=7"))

    assert shown["decided"]["stage"] == "decide"
    assert {"kind": "assumed", "name": "account-on-single-account-source", "answer": "3217"} in shown["decided"][
        "basis"
    ]
    assert {"kind": "documented", "name": "UPD-ERR-2"} in shown["decided"]["basis"]


def test_an_exchange_is_explained_under_the_dialect_that_answered_it(client: Client) -> None:
    answer = client.update(171891945, {}, "source=INSTORE&accountId=7")
    client.send("PUT", "/_mock/dialect", json={"account-on-single-account-source": "ignore"})

    shown = whole(client, answer)

    assert shown["why"][-1]["code"] == 3217
    assert shown["repair"]["text"] == "leave out query/accountId"


def test_a_forced_answer_is_told_as_forced(client: Client) -> None:
    shown = whole(client, client.update(900008018, {}))

    assert (shown["forced"], shown["decided"]["stage"]) == (True, "forced answer")
    assert shown["decided"]["basis"] == [{"kind": "forced", "name": "8018"}]
    assert shown["repair"] is None or shown["repair"]["edits"]


def test_refused_credentials_are_told_and_never_shown(client: Client) -> None:
    answer = client.send(
        "PUT", "/v2/customers/171891944?source=INSTORE", json={}, headers={"Authorization": "Bearer s3cr3t"}
    )

    shown = whole(client, answer)

    assert [stage["outcome"] for stage in shown["why"]] == ["passed", "refused"]
    assert shown["why"][-1]["why"] == "is not `Basic` and a base64 value"
    assert shown["repair"]["edits"][0]["place"] == "header/Authorization"
    assert "s3cr3t" not in json.dumps(shown)


def test_a_repair_is_accepted_when_it_is_sent(client: Client) -> None:
    answer = client.update(1, {"profiles": [{"firstName": 5}]}, "source=INSTOR")
    shown = whole(client, answer)

    result = run(shown["repair"]["curl"])

    assert result.startswith("HTTP/1.1 200 OK")
    assert [edit["place"] for edit in shown["repair"]["edits"]]


def test_the_curl_of_an_exchange_sends_the_same_request_again(client: Client) -> None:
    answer = client.update(171891944, {"profiles": [{"firstName": "Tom's \u00e9"}]}, "source=INSTORE&accountId=%37")
    shown = whole(client, answer)

    assert run(shown["curl"]).endswith(answer.body.decode())
    again = client.send("GET", "/_mock/requests?limit=1").json["requests"][0]
    assert (again["path"], again["query"]) == (shown["path"], shown["query"])
    assert whole(client, answer)["request"]["body"] == shown["request"]["body"]
    assert "dGVzdA==" not in shown["curl"]


def run(curl: str) -> str:
    """Run a command as a reader would, with credentials in the variable that it names."""
    environment = {"AUTHORIZATION": CREDENTIALS["Authorization"], "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["sh", "-c", curl], env=environment, capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.replace("\r\n", "\n")


def test_an_exchange_that_is_not_there_is_404(client: Client, server: ServerThread) -> None:
    elsewhere = Client(server.url).update(171891944, {}).headers["x-mock-exchange"]

    assert client.send("GET", "/_mock/requests/x0").code == 404
    assert client.send("GET", f"/_mock/requests/{elsewhere}").code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/v2/customers/171891944", 405), ("OPTIONS", "/v2/customers/171891944", 204)],
)
def test_what_is_no_operation_is_explained_too(client: Client, method: str, path: str, status: int) -> None:
    shown = whole(client, client.send(method, path))

    assert shown["why"][-1]["status"] == status
    assert shown["why"][-1]["stage"] == "route"


def test_bytes_that_are_no_text_can_be_looked_at(client: Client) -> None:
    answer = client.send("PUT", "/v2/customers/171891944?source=INSTORE", body=b'\xff{"a": "\x00"}')

    shown = whole(client, answer)

    assert shown["request"]["body"].startswith("\\xff")
    assert shown["decided"]["stage"] == "read body"


NAME = st.sampled_from(["Tom", "Asha", "", "Ünal"])
CHANNEL = st.fixed_dictionaries(
    {"type": st.sampled_from(["mobile", "email"]), "value": st.sampled_from(["9999000000", "a@b.example", "x"])},
    optional={"primary": st.booleans(), "meta": st.just({"residence": True})},
)
PROFILE = st.fixed_dictionaries(
    {}, optional={"firstName": NAME, "lastName": NAME, "commChannels": st.lists(CHANNEL, max_size=2)}
)
UPDATE = st.fixed_dictionaries(
    {},
    optional={
        "profiles": st.lists(PROFILE, min_size=1, max_size=1),
        "extendedFields": st.dictionaries(st.sampled_from(["gender", "city"]), st.sampled_from(["MALE", "Delhi"])),
        "loyaltyInfo": st.just({"loyaltyType": "loyalty"}),
    },
)


@given(body=UPDATE, customer=st.sampled_from([171891944, 171891945, 171891950]))
def test_the_changes_applied_to_what_was_before_give_what_is_after(
    setting: Setting, demo: World, body: Mapping[str, Any], customer: int
) -> None:
    exchange = exchange_of(setting, demo, customer, body)

    for after in exchange.reply.changed:
        before = exchange.loaded[after.id]
        assert before is not None
        assert applied(flat_members(before), changes(exchange)) == without_enrolments(flat_members(after))


def flat_members(customer: Customer) -> dict[str, object]:
    """Return what is known of a customer by the paths that changes are named by."""
    known: dict[str, object] = {"loyaltyInfo/loyaltyType": customer.loyalty_type}
    for profile in customer.profiles:
        place = f"profiles/{profile.source}" + (f":{profile.account}" if profile.account else "")
        known |= {f"{place}/firstName": profile.first_name, f"{place}/lastName": profile.last_name}
        for channel in profile.channels:
            shown = {"primary": channel.primary, "verified": channel.verified, "meta": dict(channel.meta)}
            known[f"{place}/commChannels/{channel.type}:{channel.value}"] = shown
    known |= {f"extendedFields/{name}": value for name, value in customer.extended_fields.items()}
    return {name: value for name, value in known.items() if value is not None}


def without_enrolments(members: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if not name.startswith("loyaltyProgramEnrollments/")}


def applied(members: dict[str, object], listed: list[dict[str, Any]]) -> dict[str, object]:
    """Apply changes; what each calls previous must be what is there."""
    after = dict(members)
    for change in listed:
        assert after.get(change["member"]) == change["previous"] or "Enrollments" in change["member"]
        after[change["member"]] = change["current"]
    return without_enrolments({name: value for name, value in after.items() if value is not None})


def test_a_misspelt_name_is_marked_wherever_the_exchange_is_told(client: Client) -> None:
    client.send("PUT", "/v2/customers/171891944?source=INSTORE&Source=x", json={"profils": [], "foo": 1})
    marked = [{"place": "query/Source", "meant": "source"}, {"place": "body/profils", "meant": "profiles"}]

    (line,) = client.send("GET", "/_mock/requests").json["requests"]
    whole = client.send("GET", f"/_mock/requests/{line['id']}").json
    (entry,) = client.send("GET", "/_mock/requests.har").json["log"]["entries"]

    assert [shown["misspelt"] for shown in (line, whole, entry["_exchange"])] == [marked] * 3
    assert whole["said"].startswith("query/Source: did you mean source?; body/profils: did you mean profiles?; ")
