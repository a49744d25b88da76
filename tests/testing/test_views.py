"""Laws of the views: they show what the world holds, never change, and say what there is where something is sought."""

import dataclasses
from typing import Any

import pytest

from mockserver import CustomerApi
from mockserver.testing import CustomerView
from tests.server.client import Client

ASHA, RAVI, GRACE = 171891944, 171891945, 171891947


def test_a_view_shows_what_the_last_answer_left(customer_api: CustomerApi, client: Client) -> None:
    body = {"profiles": [{"firstName": "Tom", "fields": {"city": "Pune"}}], "extendedFields": {"kids": 3}}
    assert client.update(ASHA, body).status == 200

    customer = customer_api.customer(ASHA)

    assert (customer.id, customer.loyalty_type, customer.merged_into) == (ASHA, "non_loyalty", None)
    profile = customer.profile("INSTORE")
    assert (profile.first_name, profile.last_name, profile.account) == ("Tom", "Menon", None)
    assert profile.fields == {"gender": "Female", "city": "Pune"}
    assert customer.extended_fields["kids"] == 3
    assert [change.member for change in customer.audit[-1].changes] == [
        "profiles/INSTORE/firstName",
        "profiles/INSTORE/fields/city",
        "extendedFields/kids",
    ]


def test_a_view_shows_channels_identifiers_and_enrolments(customer_api: CustomerApi) -> None:
    customer = customer_api.customer(RAVI)

    assert [(item.type, item.value) for item in customer.profile("INSTORE").identifiers] == [
        ("mobile", "919999001945"),
        ("email", "ravi.kulkarni@example.com"),
    ]
    channel = customer.profile("WECHAT", "22232").channel("email")
    assert (channel.value, channel.primary, channel.verified) == ("ravi.k@example.com", True, False)
    enrolment = customer.enrolment(699)
    assert (enrolment.points, enrolment.tier, enrolment.tier_expiry) == (120, 2, "2030-12-31T23:59:59+05:30")


def test_the_record_is_what_the_control_plane_shows(customer_api: CustomerApi, client: Client) -> None:
    assert customer_api.customer(RAVI).record == client.send("GET", f"/_mock/customers/{RAVI}").json


def test_the_account_may_be_left_out_where_there_is_one(customer_api: CustomerApi) -> None:
    assert customer_api.customer(RAVI).profile("WECHAT").account == "22232"


def test_views_are_equal_where_they_show_the_same(customer_api: CustomerApi, client: Client) -> None:
    before = customer_api.customer(ASHA)
    assert before == customer_api.customer(ASHA)

    client.update(ASHA, {"profiles": [{"firstName": "Tom"}]})

    assert before != customer_api.customer(ASHA)
    assert before.profile("INSTORE").first_name == "Asha"


def test_a_view_cannot_be_changed_and_leads_to_no_world(customer_api: CustomerApi, client: Client) -> None:
    client.update(RAVI, {"loyaltyProgramEnrollments": [{"programId": 1016, "tierNumber": 1}]})
    customer = customer_api.customer(ASHA)
    with pytest.raises(dataclasses.FrozenInstanceError):
        customer.loyalty_type = "loyalty"  # type: ignore[misc]  # that is what is tested

    before = customer_api.customer(RAVI)
    for held in holders_of(customer_api.customer(RAVI)):
        held["city"] = "Pune"

    assert customer_api.customer(RAVI) == before


def holders_of(customer: CustomerView) -> list[dict[str, Any]]:
    """Return everything in a view that Python would let one change."""
    profiles = customer.profiles
    metas = [channel.meta for profile in profiles for channel in profile.channels]
    audited = [change.current for entry in customer.audit for change in entry.changes]
    found = [customer.extended_fields, customer.record, *(profile.fields for profile in profiles), *metas, *audited]
    assert all(isinstance(held, dict) for held in found)
    return [held for held in found if isinstance(held, dict)]


def test_all_customers_come_by_id(customer_api: CustomerApi) -> None:
    ids = [customer.id for customer in customer_api.customers]

    assert ids == sorted(ids)
    assert {ASHA, RAVI, GRACE} <= set(ids)


def test_what_is_not_there_is_said_with_what_there_is(customer_api: CustomerApi) -> None:
    for seek, words in (
        (lambda: customer_api.customer(5), "has no customer 5; there are 171891944, 171891945, "),
        (lambda: customer_api.customer(ASHA).profile("JD"), "has no profile in JD; there are INSTORE"),
        (
            lambda: customer_api.customer(RAVI).profile("WECHAT", "1"),
            "no profile in WECHAT account 1; there are INSTORE, ",
        ),
        (lambda: customer_api.customer(GRACE).profile("FACEBOOK"), "has 2 profiles in FACEBOOK; name the account"),
        (lambda: customer_api.customer(ASHA).enrolment(699), "is not in program 699; there are none"),
        (lambda: customer_api.customer(RAVI).enrolment(1), "is not in program 1; there are 699"),
        (
            lambda: customer_api.customer(ASHA).profile("INSTORE").channel("line"),
            "has no channel line; there are mobile:91",
        ),
    ):
        with pytest.raises(LookupError) as raised:
            seek()
        assert words in str(raised.value)


def test_an_empty_world_says_that_there_is_nobody(customer_api_factory: object) -> None:
    assert callable(customer_api_factory)
    with pytest.raises(LookupError, match="has no customer 5; there are none"):
        customer_api_factory("empty").customer(5)


def test_a_view_is_shown_in_one_short_line(customer_api: CustomerApi) -> None:
    assert repr(customer_api.customer(RAVI)) == (
        "<customer 171891945, loyalty: INSTORE Ravi Kulkarni, WECHAT account 22232 Ravi Kulkarni>"
    )
    assert repr(customer_api.customer(RAVI).profile("INSTORE")) == "<profile INSTORE: Ravi Kulkarni>"
