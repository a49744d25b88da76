"""Each stage of an explanation says what the step of judgement found, and the last one says why it ended there."""

import json
from collections.abc import Mapping

import pytest

from mockserver.domain.customer import CustomerId
from mockserver.domain.update import AUDIT_LENGTH
from mockserver.exchange import Setting, respond
from mockserver.exchange.dialects import Dialects
from mockserver.exchange.explaining import MOST_VIOLATIONS, Stage, changes_of, explain
from mockserver.exchange.plain import plain
from mockserver.files import World
from mockserver.messages import Request
from mockserver.values import replace
from tests.exchange.mock import NOW, PAGE_CREDENTIALS, a_mock
from tests.exchange.rows import becoming_loyalty, enrolments, profile
from tests.exchange.test_order_of_judgement import FAULTS, Fault, spoilt

_TOM = 171891944
_HEADERS = {"authorization": PAGE_CREDENTIALS, "content-type": "application/json"}
_STAGE_OF = {
    "path": "route",
    "method": "route",
    "credentials": "authenticate",
    "forced": "forced answer",
    "content-type": "negotiate",
    "accept": "negotiate",
    "size": "read body",
    "json": "read body",
    "userId": "validate parameters",
    "source": "validate parameters",
    "use_async": "validate parameters",
    "lookup-type": "validate parameters",
    "name": "validate body",
    "channel": "validate body",
    "loyalty-type": "validate body",
}


def _put(body: object, *, query: str = "source=INSTORE", headers: Mapping[str, str] = _HEADERS) -> Request:
    return Request(
        method="PUT", path=f"/v2/customers/{_TOM}", query=query, headers=headers, body=json.dumps(body).encode()
    )


def _stages(setting: Setting, world: World, request: Request) -> Mapping[str, Stage]:
    return {stage.name: stage for stage in explain(setting, request, load=world.customers.get, now=NOW)}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_stage_that_refuses_is_the_last_and_says_where_and_why(setting: Setting, demo: World, fault: Fault) -> None:
    reply = respond(setting, spoilt(fault), load=demo.customers.get, now=NOW)

    last = explain(setting, spoilt(fault), load=demo.customers.get, now=NOW)[-1]

    assert last.name == _STAGE_OF.get(fault.name, "decide")
    assert (last.status, last.code, last.basis) == (reply.response.status, fault.code, reply.basis)
    assert reply.why in (f"{last.place}: {last.why}", last.why)


def test_an_accepted_update_passes_every_stage(setting: Setting, demo: World) -> None:
    request = _put(profile(firstName="Tom", shoe=5), query="source=INSTORE&use_async=false&x=1")

    stages = _stages(setting, demo, request)

    assert {name: stage.value for name, stage in stages.items()} == {
        "route": {"operation": "updateCustomer", "path": {"userId": "171891944"}},
        "authenticate": {"auth": "any", "credentials": ["Authorization"]},
        "forced answer": None,
        "negotiate": {"contentType": "application/json", "accept": None},
        "read body": {"bytes": len(request.body), "is": "an object"},
        "validate parameters": {
            "values": {"userId": "171891944", "source": "INSTORE", "use_async": False},
            "unknown": ["x"],
        },
        "validate body": None,
        "read command": {
            "customer": _TOM,
            "source": "INSTORE",
            "account": None,
            "use_async": False,
            "now": NOW,
            "context": {},
            "form": ["unknown-query-parameter", "unknown-body-member"],
            "unknown": ["query/x", "body/profiles/0/shoe"],
            "is_doubtful": True,
            "profiles": [{"place": "body/profiles/0", "first_name": "Tom", "identifiers": []}],
        },
        "decide": {
            "changes": [{"member": "profiles/INSTORE/firstName", "previous": "Asha", "current": "Tom"}],
            "warnings": [],
            "effects": [],
            "later": None,
            "ignored": [
                "query/x: is not part of the contract",
                "body/profiles/0/shoe: is not part of the contract",
            ],
        },
        "show": {"status": 200, "code": None},
    }
    assert [stage.outcome for stage in stages.values()] == ["passed"] * 8 + ["accepted", "answered"]
    assert stages["decide"].basis == stages["show"].basis != ""


def test_warnings_effects_and_later_work_are_shown(setting: Setting, demo: World) -> None:
    body = {**becoming_loyalty({"programId": 1016, "loyaltyPoints": 75}), "extendedFields": {"shoe": 1}}

    decided = _stages(setting, demo, _put(body, query="source=INSTORE&use_async=true"))["decide"].value

    due = [
        {"program": 1016, "points": 75, "by_incentive": False},
        {"program": 699, "points": 25, "by_incentive": True},
    ]
    assert [warning["code"] for warning in decided["warnings"]] == [91015]
    assert decided["effects"] is None
    assert decided["later"] == {"customer": _TOM, "credits": due, "update": None}
    enrolled = {change["member"]: change["current"] for change in decided["changes"]}
    assert enrolled["loyaltyProgramEnrollments/1016"]["loyaltyPoints"] == 75


def test_all_violations_of_a_body_are_listed_with_their_rules(setting: Setting, demo: World) -> None:
    body = profile(firstName=5, commChannels=[{"value": "a"}])

    last = _stages(setting, demo, _put(body))["validate body"]

    assert last.outcome == "refused"
    assert [(item["place"], item["code"]) for item in last.value["violations"]] == [
        ("body/profiles/0/firstName", 400),
        ("body/profiles/0/commChannels/0/type", 8106),
    ]
    assert last.value["violations"][0] == {
        "place": "body/profiles/0/firstName",
        "problem": "5 is not text",
        "rule": "#/components/schemas/ProfileUpdate/properties/firstName/type",
        "code": 400,
        "repair": "send text at body/profiles/0/firstName",
    }


def test_all_violations_of_parameters_are_listed(setting: Setting, demo: World) -> None:
    last = _stages(setting, demo, _put({}, query="source=FAX&use_async=True"))["validate parameters"]

    assert [item["place"] for item in last.value["violations"]] == ["query/source", "query/use_async"]


def test_a_parameter_that_the_dialect_refuses_is_listed(setting: Setting, demo: World, dialects: Dialects) -> None:
    strict = setting.under(dialects.with_answers(setting.dialect, ("unknown-query-parameter", "reject")))

    last = _stages(strict, demo, _put({}, query="source=FAX&x=1"))["validate parameters"]

    assert [item["place"] for item in last.value["violations"]] == ["query/source", "query/x"]


def test_a_lookup_without_its_type_is_a_violation_too(setting: Setting, demo: World) -> None:
    request = _put({}, headers={**_HEADERS, "x-cap-api-attribution-lookup": "a"})

    last = _stages(setting, demo, request)["validate parameters"]

    assert [item["code"] for item in last.value["violations"]] == [1061]


def test_a_long_list_of_violations_is_cut_and_says_so(setting: Setting, demo: World) -> None:
    last = _stages(setting, demo, _put({"profiles": ["x"] * (MOST_VIOLATIONS + 7)}))["validate body"]

    assert (len(last.value["violations"]), last.value["more"]) == (MOST_VIOLATIONS, 7)


def test_a_rejection_names_the_rule_that_decided(setting: Setting, demo: World) -> None:
    last = _stages(setting, demo, _put({}, query="source=INSTORE&accountId=7"))["decide"]

    assert last.record() == {
        "stage": "decide",
        "outcome": "rejected",
        "value": None,
        "place": "query/accountId",
        "why": "INSTORE takes no accountId",
        "basis": "assumed empty-body; assumed account-on-single-account-source; documented UPD-ERR-2",
        "status": 400,
        "code": 3217,
    }


def test_a_forced_answer_ends_the_way(setting: Setting, demo: World) -> None:
    last = _stages(setting, demo, _put({}, headers={**_HEADERS, "prefer": "code=8018"}))["forced answer"]

    assert (last.outcome, last.value, last.code) == ("answered", {"answer": "8018"}, 8018)


def test_a_read_shows_which_profiles_were_found(setting: Setting, demo: World) -> None:
    request = Request(method="GET", path="/v2/customers/171891945", query="source=ALL", headers=_HEADERS)

    stages = _stages(setting, demo, request)

    assert stages["decide"].value["profiles"] == [
        {"source": "INSTORE", "accountId": None},
        {"source": "WECHAT", "accountId": "22232"},
    ]
    assert stages["read command"].value["source"] == "ALL"


@pytest.mark.parametrize("auth", ["any", "world", "off"])
def test_no_credential_is_ever_shown(setting: Setting, demo: World, auth: str) -> None:
    strict = replace(setting, auth=auth)
    secrets = {"authorization": "Basic c2VjcmV0", "x-cap-api-oauth-token": "demo-token"}

    stages = _stages(strict, demo, _put({}, headers={**_HEADERS, **secrets}))

    shown = json.dumps([stage.record() for stage in stages.values()])
    assert "c2VjcmV0" not in shown
    assert "demo-token" not in shown
    enough = ["X-CAP-API-OAUTH-TOKEN"] if auth == "world" else ["Authorization", "X-CAP-API-OAUTH-TOKEN"]
    assert stages["authenticate"].value == {"auth": auth, "credentials": enough}


@pytest.mark.parametrize("sent", ["Bearer x", "Basic dGVzdA=="])
def test_hidden_credentials_are_explained_as_they_were_answered(setting: Setting, demo: World, sent: str) -> None:
    request = _put({}, headers={**_HEADERS, "authorization": sent})
    answered = respond(setting, request, load=demo.customers.get, now=NOW)
    kept = replace(request, headers={**_HEADERS, "authorization": "[hidden]"})

    stages = explain(setting, kept, load=demo.customers.get, now=NOW, answered=answered)

    assert (stages[-1].status, stages[-1].code) == (answered.response.status, answered.code)
    assert stages[1].value == (None if answered.code == 401 else {"auth": "any", "credentials": ["Authorization"]})


def test_a_forced_401_says_nothing_of_the_credentials(setting: Setting, demo: World) -> None:
    request = _put({}, headers={**_HEADERS, "authorization": "[hidden]", "prefer": "code=401"})
    answered = respond(replace(setting, auth="off"), request, load=demo.customers.get, now=NOW)

    stages = explain(setting, request, load=demo.customers.get, now=NOW, answered=answered)

    assert (stages[-1].name, stages[-1].code) == ("forced answer", 401)


def test_numbers_are_shown_whatever_their_size_and_half_a_surrogate_pair_as_its_escape(
    setting: Setting, demo: World
) -> None:
    body = profile(commChannels=[{"type": "line", "value": "a", "meta": {"x": 10**30}}])

    command = _stages(setting, demo, _put(body))["read command"].value

    assert command["profiles"][0]["channels"][0]["meta"] == {"x": 10**30}
    assert plain({"a\udcff": "b\ud800 ü"}) == {"a\\udcff": "b\\ud800 ü"}


def test_the_violation_of_a_refusal_is_part_of_the_reply(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)

    refused = mock.put(_TOM, profile(firstName=5))
    assert refused.violation is not None
    assert (refused.violation.place, refused.place) == ("body/profiles/0/firstName", "body/profiles/0/firstName")
    assert mock.put(_TOM, b"{").violation is not None
    assert mock.put(_TOM, query="source=FAX").violation is not None
    assert mock.put(1).violation is None
    assert mock.put(_TOM).violation is None
    assert mock.put(1).place == "path/userId"


@pytest.mark.parametrize("updates", [1, AUDIT_LENGTH, AUDIT_LENGTH + 1])
def test_changes_are_those_of_the_update_and_not_of_earlier_ones(setting: Setting, demo: World, updates: int) -> None:
    mock = a_mock(setting, demo)
    for number in range(updates):
        mock.put(_TOM, profile(firstName=f"Tom {number}"))
    before = mock.customer(_TOM)
    mock.put(_TOM, enrolments({"programId": 699, "loyaltyPoints": 10}), query="source=INSTORE&use_async=true")

    assert mock.customer(_TOM).enrolments[0].points == 0
    assert changes_of(before, mock.customer(_TOM)) == [
        {
            "member": "loyaltyProgramEnrollments/699",
            "previous": None,
            "current": {"tierNumber": 1, "loyaltyPoints": 10, "tierExpiryDate": None, "pointsExpiryDate": None},
        }
    ]


def test_changes_without_a_record_are_found_by_comparing(demo: World) -> None:
    customer = demo.customers[CustomerId(171891945)]

    assert changes_of(customer, replace(customer, loyalty_type="non_loyalty")) == [
        {"member": "loyaltyInfo/loyaltyType", "previous": "loyalty", "current": "non_loyalty"}
    ]
    assert changes_of(customer, customer) == []
    added = {change["member"]: change["current"] for change in changes_of(None, customer)}
    assert added["loyaltyInfo/loyaltyType"] == "loyalty"
    assert added["profiles/WECHAT:22232/firstName"] == "Ravi"
    assert added["loyaltyProgramEnrollments/699"]["loyaltyPoints"] == 120
