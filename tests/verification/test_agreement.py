"""Laws of reads held against each other: forms of one state agree, and each member that one shows otherwise is told."""

from collections.abc import Mapping
from typing import Any

import pytest

from mockserver.messages import Request, Response
from mockserver.verification.agreement import disagreements
from mockserver.verification.exchanges import Exchange, read_body
from mockserver.verification.reader import customer_request, loyalty_request
from mockserver.verification.state import State, read_state
from mockserver.verification.target import Place
from tests.flawed.asking import AUTHORIZATION, GRACE, RAVI
from tests.flawed.checking import PLACES
from tests.flawed.deployment import Deployment


def ask(request: Request) -> Exchange:
    """Return what a sound deployment shows."""
    asked = Request(
        method="GET", path=request.path, query=request.query, headers={"authorization": AUTHORIZATION}, body=b""
    )
    response = Deployment().handle(asked)
    return Exchange(request=request, response=response, at="", milliseconds=0.0, body=read_body(response.body))


def known(place: Place) -> State:
    """Return a customer's state, as it is read in every source."""
    every, standing = ask(customer_request(place, everywhere=True)), ask(loyalty_request(place.customer))
    return read_state(place.customer, every.body, standing.body)


def showing(request: Request, body: Mapping[str, Any]) -> Exchange:
    return Exchange(request=request, response=Response(status=200), at="", milliseconds=0.0, body=body)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_every_form_of_a_sound_read_agrees(place: Place) -> None:
    forms = (customer_request(place), customer_request(place, everywhere=True), loyalty_request(place.customer))

    assert [disagreements(known(place), ask(form)) for form in forms] == [[], [], []]


def test_a_member_that_a_form_shows_otherwise_is_told_by_its_place() -> None:
    place = Place(customer=RAVI, source="WECHAT", account="22232")
    body = ask(customer_request(place)).body
    [shown] = body["profiles"]

    told = disagreements(
        known(place), showing(customer_request(place), {**body, "profiles": [{**shown, "lastName": "X"}]})
    )

    assert [(wrong.place, wrong.came) for wrong in told] == [("state/profiles/WECHAT:22232/lastName", '"X"')]


def test_a_profile_that_one_form_lacks_is_told() -> None:
    place = Place(customer=GRACE, source="FACEBOOK", account="fb-2")
    body = ask(customer_request(place)).body

    told = disagreements(known(place), showing(customer_request(place), {**body, "profiles": []}))

    assert "state/profiles/FACEBOOK:fb-2" in {wrong.place for wrong in told}


def test_a_program_that_the_details_lack_is_told() -> None:
    place = Place(customer=RAVI)

    told = disagreements(known(place), showing(loyalty_request(RAVI), {"data": []}))

    assert {wrong.place.rpartition("/")[0] for wrong in told} == {"state/programs/699"}


def test_what_a_form_does_not_show_by_its_nature_is_no_disagreement() -> None:
    """A read of one source lacks the other profiles, and no read of a customer has programs."""
    place = Place(customer=RAVI, source="WECHAT", account="22232")

    assert disagreements(known(Place(customer=RAVI)), ask(customer_request(place))) == []
