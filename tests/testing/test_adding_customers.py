"""Laws of `add_customer`: what is left out is filled up alike in each run, and what cannot be is said with the cure."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import CustomerApi
from mockserver.domain.organisation import Organisation, Source
from mockserver.files import World
from mockserver.testing.building import FIRST_ID, Wish, build, drawable
from tests.server.client import Client
from tests.server.test_accepted_can_be_read import exact


def test_a_customer_can_be_added_without_a_word(customer_api: CustomerApi, client: Client) -> None:
    customer = customer_api.add_customer()

    assert customer == customer_api.customer(customer.id)
    assert (customer.id, customer.loyalty_type, customer.enrolments) == (FIRST_ID, "non_loyalty", ())
    assert customer.profile("INSTORE").channel("email").value == f"customer{FIRST_ID}@example.com"
    answer = client.send("GET", f"/v2/customers/{customer.id}?source=INSTORE")
    assert answer.json["profiles"][0]["firstName"] == customer.profile("INSTORE").first_name


def test_what_is_named_is_taken(customer_api: CustomerApi) -> None:
    customer = customer_api.add_customer(
        42,
        first_name="Mei",
        last_name="",
        source="WECHAT",
        account="22232",
        mobile="919999000042",
        tier=2,
        points=75,
        program=1016,
        fields={"city": "Pune"},
        extended_fields={"kids": 2},
    )

    profile = customer.profile("WECHAT", "22232")
    assert (customer.id, profile.first_name, profile.last_name) == (42, "Mei", "")
    assert [(item.type, item.value) for item in profile.channels] == [("mobile", "919999000042")]
    assert [(item.type, item.value) for item in profile.identifiers] == [("mobile", "919999000042")]
    assert (customer.loyalty_type, customer.enrolment(1016).points, customer.enrolment(1016).tier) == ("loyalty", 75, 2)
    assert (profile.fields, customer.extended_fields) == ({"city": "Pune"}, {"kids": 2})


@pytest.mark.parametrize("how", [{"loyalty": True}, {"points": 0}, {"tier": 1}, {"program": 699}], ids=str)
def test_one_word_of_loyalty_enrols_in_the_default_program(customer_api: CustomerApi, how: dict[str, Any]) -> None:
    customer = customer_api.add_customer(**how)

    assert customer.loyalty_type == "loyalty"
    assert [(item.program, item.tier, item.points) for item in customer.enrolments] == [(699, 1, 0)]


def test_ids_are_drawn_alike_in_every_world_and_never_twice(customer_api_factory: Callable[[], CustomerApi]) -> None:
    one, other = customer_api_factory(), customer_api_factory()
    one.add_customer(FIRST_ID + 1)

    assert [one.add_customer().id for _ in range(2)] == [FIRST_ID, FIRST_ID + 2]
    assert [other.add_customer().id for _ in range(2)] == [FIRST_ID, FIRST_ID + 1]


@given(start=st.integers(899_999_985, 1_000_000_005))
def test_a_drawn_id_asks_for_no_answer(start: int) -> None:
    drawn = drawable(start)

    assert drawn >= start
    assert not 900_000_000 <= drawn <= 999_999_999


def test_in_every_source_a_customer_can_be_added_and_read(
    customer_api: CustomerApi, client: Client, demo: World
) -> None:
    for source in demo.organisation.sources:
        (profile,) = customer_api.add_customer(source=source).profiles
        account = "" if profile.account is None else f"&accountId={profile.account}"
        customer = customer_api.customers[-1].id

        answer = client.send("GET", f"/v2/customers/{customer}?source={source}{account}")

        assert answer.json["profiles"][0]["source"] == source


def test_an_organisation_without_programs_has_no_loyalty_customers() -> None:
    organisation = Organisation(sources={"INSTORE": Source(name="INSTORE")})

    with pytest.raises(
        ValueError, match="loyalty: the organisation has no program; leave loyalty, points and tier out"
    ):
        build(1, Wish(loyalty=True), organisation)


@pytest.mark.parametrize("height", [10**30, -(2**64), 0.1, Decimal("0.10000000000000000001"), 1e308])
def test_a_number_of_any_size_is_the_one_that_every_read_shows(
    customer_api: CustomerApi, client: Client, height: object
) -> None:
    added = customer_api.add_customer(extended_fields={"height": height}, loyalty=True, points=2**53 + 1)

    read = client.send("GET", f"/v2/customers/{added.id}?source=INSTORE")
    details = client.send("GET", f"/v2/customers/{added.id}/loyaltyDetails")
    record = client.send("GET", f"/_mock/customers/{added.id}")

    assert customer_api.customer(added.id).extended_fields == {"height": height}
    assert exact(read.body)["extendedFields"] == exact(record.body)["extendedFields"] == {"height": exact(str(height))}
    assert exact(details.body)["data"][0]["loyaltyPoints"] == 2**53 + 1


WRONG = [
    ({"tier": 99}, "tier: 99 is not configured; the organisation has 1, 2, 3"),
    ({"source": "INSTOR"}, "source: 'INSTOR' is not configured; did you mean INSTORE?"),
    ({"source": 5}, "source: 5 is not of type string; put it in quotes"),
    ({"account": "x"}, "account: INSTORE takes no accountId; leave it out"),
    ({"source": "WECHAT", "account": "x"}, "account: 'x' is not configured; the organisation has 1234, 22232"),
    ({"points": "3"}, "points: '3' is not of type integer"),
    ({"points": -1}, "points: -1 is less than the minimum of 0"),
    ({"program": 1}, "program: 1 is not configured; the organisation has 1016, 699"),
    ({"fields": {"colour": "red"}}, "fields/colour: 'colour' is not configured; "),
    ({"extended_fields": {"kids": "two"}}, "extended_fields/kids: 'two' is no INTEGER; "),
    ({"first_name": 4}, "first_name: 4 is not of type string; put it in quotes"),
    ({"email": 3}, "email: 3 is not of type string; put it in quotes"),
    ({"mobile": 3}, "mobile: 3 is not of type string; put it in quotes"),
    ({"id": 171891944}, "id: there is a customer 171891944 already; give another id, or leave it out"),
    ({"id": 900008018}, "id: 900008018 asks for the answer 8018, so no request finds a customer there; leave it out"),
    ({"id": -3}, "id: -3 is no id; give a whole number from 0 "),
    ({"id": True}, "id: True is no id; "),
    ({"first_name": "half \ud83d"}, "first_name: holds half of a surrogate pair; write whole characters"),
    (
        {"extended_fields": {"height": float("inf")}},
        "extended_fields/height: inf is no number in JSON; write a finite number",
    ),
    ({"extended_fields": {"height": 10**400}}, "extended_fields/height: "),
    ({"extended_fields": {"kids": 2**63}}, "extended_fields/kids: 9223372036854775808 is no INTEGER"),
    ({"points": 2**63}, "points: 9223372036854775808 is greater than the maximum of 9223372036854775807"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=[str(arguments) for arguments, _ in WRONG])
def test_a_wrong_argument_is_named_with_the_cure(
    customer_api: CustomerApi, arguments: dict[str, Any], words: str
) -> None:
    before = customer_api.customers
    with pytest.raises(ValueError, match=r"^add_customer: ") as raised:
        customer_api.add_customer(**arguments)

    assert words in str(raised.value)
    assert customer_api.customers == before
