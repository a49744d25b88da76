"""The order of judgement: of all that is wrong with a request, what stands earliest in the list is said.

Each fault spoils one sound request at one step. Any two together must be answered as the earlier one alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pytest

from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.messages import Request
from mockserver.values import replace
from tests.exchange.mock import PAGE_CREDENTIALS, a_mock, body_of

_Draft = dict[str, Any]  # Any: the parts of a request before it is put together


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong with a request, the code that says it, and the place that X-Mock-Why names."""

    name: str
    code: int
    place: str
    spoil: Callable[[_Draft], None]


def a_draft() -> _Draft:
    """Build the parts of a sound request."""
    return {
        "method": "PUT",
        "root": "/v2/customers/",
        "customer": "171891945",
        "source": "WECHAT",
        "accountId": "22232",
        "use_async": "false",
        "headers": {"authorization": PAGE_CREDENTIALS, "content-type": "application/json"},
        "firstName": '"Tom"',
        "type": '"email"',
        "loyaltyType": '"loyalty"',
        "program": "1016",
        "tier": "1",
        "end": "}",
        "oversized": False,
    }


def _set(**parts: object) -> Callable[[_Draft], None]:
    return lambda draft: draft.update(parts)


def _header(name: str, value: str) -> Callable[[_Draft], None]:
    return lambda draft: draft["headers"].update({name: value})


def _no_credentials(draft: _Draft) -> None:
    del draft["headers"]["authorization"]


FAULTS = (
    Fault(name="path", code=404, place="path: ", spoil=_set(root="/v3/customers/")),
    Fault(name="method", code=405, place="method: ", spoil=_set(method="PATCH")),
    Fault(name="credentials", code=401, place="header/Authorization: ", spoil=_no_credentials),
    Fault(name="forced", code=8107, place="forced: ", spoil=_header("prefer", "example=8107-error")),
    Fault(name="content-type", code=415, place="header/Content-Type: ", spoil=_header("content-type", "text/plain")),
    Fault(name="accept", code=406, place="header/Accept: ", spoil=_header("accept", "text/html")),
    Fault(name="size", code=413, place="body: ", spoil=_set(oversized=True)),
    Fault(name="json", code=400, place="body: ", spoil=_set(end="")),
    Fault(name="userId", code=8015, place="path/userId: ", spoil=_set(customer="abc")),
    Fault(name="source", code=8003, place="query/source: ", spoil=_set(source="FAX")),
    Fault(name="use_async", code=400, place="query/use_async: ", spoil=_set(use_async="True")),
    Fault(
        name="lookup-type",
        code=400,
        place="header/X-CAP-API-ATTRIBUTION-LOOKUP-TYPE: ",
        spoil=_header("x-cap-api-attribution-lookup-type", "PIGEON"),
    ),
    Fault(name="name", code=400, place="body/profiles/0/firstName: ", spoil=_set(firstName="5")),
    Fault(name="channel", code=8010, place="body/profiles/0/commChannels/0/type: ", spoil=_set(type='"pigeon"')),
    Fault(name="loyalty-type", code=400, place="body/loyaltyInfo/loyaltyType: ", spoil=_set(loyaltyType='"gold"')),
    Fault(name="customer", code=8015, place="path/userId: there is no", spoil=_set(customer="1")),
    Fault(name="account", code=8045, place="query/accountId: is missing", spoil=_set(accountId="")),
    Fault(name="downgrade", code=8018, place="body/loyaltyInfo/loyaltyType: ", spoil=_set(loyaltyType='"non_loyalty"')),
    Fault(name="program", code=1101, place="body/loyaltyProgramEnrollments/0/programId: ", spoil=_set(program="5")),
    Fault(name="tier", code=10002, place="body/loyaltyProgramEnrollments/0/tierNumber: ", spoil=_set(tier="9")),
)


def put_together(draft: _Draft) -> Request:
    """Build a request from its parts."""
    body = (
        f'{{"profiles": [{{"firstName": {draft["firstName"]}, "commChannels": [{{"type": {draft["type"]}, '
        f'"value": "tom@example.com"}}]}}], "loyaltyInfo": {{"loyaltyType": {draft["loyaltyType"]}}}, '
        f'"loyaltyProgramEnrollments": [{{"programId": {draft["program"]}, "tierNumber": {draft["tier"]}}}]'
        f"{draft['end']}"
    )
    return Request(
        method=draft["method"],
        path=f"{draft['root']}{draft['customer']}",
        query=f"source={draft['source']}&accountId={draft['accountId']}&use_async={draft['use_async']}",
        headers=draft["headers"],
        body=b"" if draft["oversized"] else body.encode(),
        oversized=draft["oversized"],
    )


def spoilt(*faults: Fault) -> Request:
    """Build a request with these faults; where two cannot stand together the earlier one stands."""
    draft = a_draft()
    for fault in reversed(faults):
        fault.spoil(draft)
    return put_together(draft)


def test_the_sound_request_is_accepted(setting: Setting, demo: World) -> None:
    assert a_mock(setting, demo).receive(spoilt()).response.status == 200


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_alone_is_refused_for_what_it_is(setting: Setting, demo: World, fault: Fault) -> None:
    reply = a_mock(setting, demo).receive(spoilt(fault))

    assert (reply.code, reply.changed, reply.later) == (fault.code, (), None)
    assert reply.why.startswith(fault.place)
    assert len(body_of(reply)["errors"]) == 1


@pytest.mark.parametrize("number", range(len(FAULTS)))
def test_of_all_faults_from_one_on_that_one_is_said(setting: Setting, demo: World, number: int) -> None:
    reply = a_mock(setting, demo).receive(spoilt(*FAULTS[number:]))

    assert reply.code == FAULTS[number].code
    assert reply.why.startswith(FAULTS[number].place)


def test_of_any_two_faults_the_earlier_is_said(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)

    for earlier, later in combinations(FAULTS, 2):
        reply = mock.receive(spoilt(earlier, later))
        said = (earlier.name, later.name, reply.code)

        assert said == (earlier.name, later.name, earlier.code)
        assert reply.why.startswith(earlier.place), said


def test_a_refused_body_says_its_first_fault_in_the_order_of_the_document(setting: Setting, demo: World) -> None:
    body = b'{"loyaltyProgramEnrollments": [{"programId": "x"}], "profiles": [{"firstName": 5}]}'

    reply = a_mock(setting, demo).put(171891944, body)

    assert reply.why.startswith("body/loyaltyProgramEnrollments/0/programId: ")


def test_a_body_of_a_read_is_not_looked_at(setting: Setting, demo: World) -> None:
    request = Request(
        method="GET",
        path="/v2/customers/171891944",
        query="source=INSTORE",
        headers={"authorization": PAGE_CREDENTIALS, "content-type": "text/plain"},
        body=b"{",
    )

    assert a_mock(setting, demo).receive(request).response.status == 200


def test_an_undecodable_body_is_refused_with_its_reason(setting: Setting, demo: World) -> None:
    request = replace(spoilt(), body=b"", undecodable="is not gzip")

    reply = a_mock(setting, demo).receive(request)

    assert (reply.code, reply.why) == (400, "body: is not gzip")


@pytest.mark.parametrize(("items", "is_named"), [(20, True), (5000, False)])
def test_no_question_is_sought_behind_a_large_body_that_breaks_the_contract(
    setting: Setting, demo: World, items: int, *, is_named: bool
) -> None:
    mock = a_mock(setting, demo)
    channels = [{"type": "mobile", "value": "919000000000"}] * items
    reply = mock.put(171891944, {"profiles": [{"commChannels": [*channels, {"type": "MOBILE", "value": "91"}]}]})

    assert reply.code == 8010
    assert ("channel-type-case" in reply.basis) == is_named


@pytest.mark.parametrize(
    ("user_id", "why"),
    [
        ("18446744073709551617", '"18446744073709551617" is too large; an id has at most 19 digits'),
        ("10000000000000000000", '"10000000000000000000" is too large; an id has at most 19 digits'),
        ("9999999999999999999", "there is no customer 9999999999999999999"),
        ("00000000000000000000", '"00000000000000000000" is not a number in canonical decimal digits'),
        ("1844674407370955161x7", '"1844674407370955161x7" is not a number in canonical decimal digits'),
    ],
)
def test_an_id_that_is_too_large_is_not_said_to_be_no_number(
    setting: Setting, demo: World, user_id: str, why: str
) -> None:
    reply = a_mock(setting, demo).put(user_id, {})

    assert (reply.code, reply.why) == (8015, f"path/userId: {why}")
