"""The page's own example, told from beginning to end in the demo world, and the reads that show what it did."""

import pytest

from mockserver.exchange import Setting
from mockserver.files import World
from tests.exchange.mock import LATER, Mock, a_mock, basis_of, body_of, codes_of, flat, message_of, points_of

_TOM = 171891944
_QUERY = "source=INSTORE&use_async=false"
_HELD = {
    "INSTORE/mobile:919999001944": (False, True, {"residence": True, "office": False}),
    "INSTORE/email:asha.menon@example.com": (True, False, {"residence": True, "office": False}),
}
_AS_SENT = (True, True, {"residence": True})


def a_page_body(address: str = "[email protected]") -> dict[str, object]:
    """Build the body of the page's curl; its own e-mail address is a placeholder that the page's host put there."""
    told = {"primary": "true", "verified": "true", "meta": {"residence": "true"}}
    expiry = "2024-07-11T16:36:17+05:30"
    return {
        "profiles": [
            {
                "firstName": "Tom",
                "lastName": "Sawyer",
                "fields": {"gender": "Male", "city": "Bangalore"},
                "commChannels": [
                    {"type": "mobile", "value": "9999000000", **told},
                    {"type": "email", "value": address, **told},
                ],
            }
        ],
        "loyaltyInfo": {"loyaltyType": "loyalty"},
        "extendedFields": {"gender": "MALE", "city": "Bangalore"},
        "loyaltyProgramEnrollments": [
            {
                "programId": 699,
                "tierNumber": 1,
                "loyaltyPoints": 0,
                "tierExpiryDate": expiry,
                "pointsExpiryDate": expiry,
            }
        ],
    }


def test_the_page_s_curl_gives_25_points_and_one_warning(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)

    reply = mock.put(_TOM, a_page_body(), query=_QUERY)

    assert reply.response.status == 200
    assert body_of(reply) == {
        "createdId": 171891944,
        "warnings": [{"status": False, "code": 8057, "message": body_of(reply)["warnings"][0]["message"]}],
        "sideEffects": [{"entityType": "USER", "rawAwardedPoints": 25.0, "awardedPoints": 25, "type": "points"}],
    }
    assert '"createdId":171891944,' in reply.response.body.decode()
    assert "INSTORE/email:[email protected]" not in flat(mock.customer(_TOM))


def test_a_real_address_gives_no_warning_and_both_channels(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)

    reply = mock.put(_TOM, a_page_body("tomsawyer@gmail.com"), query=_QUERY)

    assert (codes_of(reply), points_of(reply)) == ((), (25,))
    assert flat(mock.customer(_TOM)) == {
        "loyalty": "loyalty",
        "INSTORE": "there",
        "INSTORE/firstName": "Tom",
        "INSTORE/lastName": "Sawyer",
        "INSTORE/fields/gender": "Male",
        "INSTORE/fields/city": "Bangalore",
        "INSTORE/identifiers/mobile": "919999001944",
        **_HELD,
        "INSTORE/email:asha.menon@example.com": (False, False, {"residence": True, "office": False}),
        "INSTORE/mobile:9999000000": _AS_SENT,
        "INSTORE/email:tomsawyer@gmail.com": _AS_SENT,
        "extended/gender": "Male",
        "extended/city": "Bangalore",
        "program/699": (1, 25, "2024-07-11T16:36:17+05:30", "2024-07-11T16:36:17+05:30"),
    }


def test_the_same_again_gives_no_points_and_says_that_he_is_enrolled(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)
    mock.put(_TOM, a_page_body("tomsawyer@gmail.com"), query=_QUERY)
    mock.now = LATER

    reply = mock.put(_TOM, a_page_body("tomsawyer@gmail.com"), query=_QUERY)

    assert (codes_of(reply), points_of(reply), reply.changed) == ((91006,), (), ())
    assert "loyalty program 699" in body_of(reply)["warnings"][0]["message"]


def test_the_published_sample_is_the_page_s_body_with_an_address(setting: Setting) -> None:
    body = setting.contract.document["paths"]["/v2/customers/{userId}"]["put"]["requestBody"]
    examples = body["content"]["application/json"]["examples"].values()

    assert a_page_body("tomsawyer@gmail.com") in [example["value"] for example in examples]


def test_the_reads_show_what_the_update_did(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)
    mock.put(_TOM, a_page_body("tomsawyer@gmail.com"), query=_QUERY)

    customer = body_of(mock.get(_TOM, query="source=INSTORE"))
    standing = body_of(mock.get_loyalty(_TOM))

    [profile] = customer["profiles"]
    assert (profile["firstName"], profile["lastName"], profile["source"]) == ("Tom", "Sawyer", "INSTORE")
    assert {channel["value"] for channel in profile["commChannels"]} >= {"9999000000", "tomsawyer@gmail.com"}
    assert customer["loyaltyInfo"]["loyaltyType"] == "loyalty"
    assert [(item["programId"], item["slabSNo"], item["loyaltyPoints"]) for item in standing["data"]] == [(699, 1, 25)]


def test_an_update_is_recorded_with_who_when_and_what(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)
    headers = {"user-context-entity-type": "STAFF", "x-cap-api-attribution-till-code": "till-9"}
    body = {"profiles": [{"firstName": "Tom"}], "extendedFields": {"kids": 2}}

    mock.put(_TOM, body, headers=headers)

    [entry] = mock.customer(_TOM).audit
    assert entry.at == mock.now
    assert entry.context == {"USER-CONTEXT-ENTITY-TYPE": "STAFF", "X-CAP-API-ATTRIBUTION-TILL-CODE": "till-9"}
    assert [(change.member, change.previous, change.current) for change in entry.changes] == [
        ("profiles/INSTORE/firstName", "Asha", "Tom"),
        ("extendedFields/kids", None, 2),
    ]
    assert mock.customer(_TOM).attribution.modified == mock.now
    assert mock.customer(_TOM).profiles[0].attribution.modified == mock.now
    assert mock.customer(_TOM).attribution.created == demo.customers[mock.customer(_TOM).id].attribution.created


def test_an_update_that_changes_nothing_leaves_no_record(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)

    reply = mock.put(_TOM, {"profiles": [{"firstName": "Asha"}], "loyaltyInfo": {"loyaltyType": "non_loyalty"}})

    assert (reply.changed, mock.customers) == ((), dict(demo.customers))


@pytest.mark.parametrize(
    ("query", "code", "name"),
    [
        ("source=FAX", 8012, None),
        ("", 8016, "get-source-missing"),
        ("source=WECHAT", 8045, "get-account-missing"),
        ("source=MARTJACK", 8065, None),
        ("source=INSTORE&accountId=1", 3217, "account-on-single-account-source"),
    ],
)
def test_a_read_is_refused_with_its_own_code(
    setting: Setting, demo: World, query: str, code: int, name: str | None
) -> None:
    reply = a_mock(setting, demo).get(_TOM, query=query)

    assert (reply.response.status, reply.code) == (400, code)
    assert basis_of(reply) & setting.dialect.answers.keys() == ({name} if name else set())


def test_a_merged_customer_is_not_read_and_the_survivor_is_named(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)

    for reply in (mock.get(171891949), mock.get_loyalty(171891949)):
        assert (reply.response.status, reply.code) == (400, 8069)
        assert "171891945" in message_of(reply) + reply.why


def test_all_profiles_are_read_with_their_accounts(setting: Setting, demo: World) -> None:
    body = body_of(a_mock(setting, demo).get(171891945))

    assert [(item["source"], item.get("accountId")) for item in body["profiles"]] == [
        ("INSTORE", None),
        ("WECHAT", "22232"),
    ]


def test_one_who_is_in_no_program_has_no_standing(setting: Setting, demo: World) -> None:
    reply = a_mock(setting, demo).get_loyalty(_TOM)

    assert body_of(reply)["data"] == []
    assert "loyalty-details-of-non-loyalty" in basis_of(reply)


@pytest.mark.parametrize("number", [171891944, 171891945, 171891947, 171891951, 171891959])
def test_reads_change_nothing_and_keep_the_contract(setting: Setting, demo: World, number: int) -> None:
    mock: Mock = a_mock(setting, demo)

    for reply in (mock.get(number), mock.get_loyalty(number)):
        assert (reply.response.status, reply.changed, reply.later) == (200, (), None)
        operation = setting.contract.operations[str(reply.operation)]
        assert operation.judge_response(200, body_of(reply)) == ()
