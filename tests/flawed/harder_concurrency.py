"""Flaws of two updates at once: what one does is lost, mixed with the other, or answered to it."""

import re
from collections.abc import Callable
from typing import TypeAlias

from mockserver.domain.customer import Customer, CustomerId, Enrolment, Profile
from mockserver.exchange import Reply, refuse
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import ASHA, RAVI, channel, enrolment, get, profile, put, put_async, standing
from tests.flawed.flaw import Flaw, Make
from tests.flawed.racing import Held, Racing, is_raced
from tests.flawed.twists import is_update, showing, with_enrolments, with_profiles

_ANY = ("concurrent-update", "UPD-USE-1")
_EMAIL = "asha.menon@example.com"
_CUSTOMER = re.compile(r"/v2/customers/([0-9]+)\Z")
_Merge: TypeAlias = Callable[[Customer, Customer, Customer], Customer]


def _racing(end: Callable[[Racing, Request, Held], Reply]) -> Make:
    return lambda: Racing(end)


def _merging(merge: _Merge) -> Make:
    """Return what saves, where others wrote meanwhile, another customer than one update after the other makes.

    `merge` gets the customer as the others left it, as it should be now, and as it would be without the others.
    """

    def end(deployment: Racing, request: Request, held: Held) -> Reply:
        reply, alone = deployment.ask(request), deployment.ask(request, held)
        number = CustomerId(reply.customer or 0)
        if not is_update(reply) or not alone.changed or held.get(number) is deployment.customers[number]:
            return reply
        now = deployment.customers[number]
        right = reply.changed[0] if reply.changed else now
        return replace(reply, changed=(merge(now, right, alone.changed[0]),))

    return _racing(end)


def _from_what_was_read(deployment: Racing, request: Request, held: Held) -> Reply:
    return deployment.ask(request, held)


def _fails_when_raced(deployment: Racing, request: Request, held: Held) -> Reply:
    reply = deployment.ask(request)
    return refuse(deployment.setting, "500", "flawed") if is_raced(deployment, reply, held) else reply


def _async_fails_when_raced(deployment: Racing, request: Request, held: Held) -> Reply:
    reply = deployment.ask(request)
    return replace(reply, later=None) if is_raced(deployment, reply, held) else reply


def _answers_the_latest(deployment: Racing, request: Request, _: Held) -> Reply:
    """Name in the answer the customer of the update that began last."""
    latest = _CUSTOMER.search(deployment.latest.path if deployment.latest else "")
    number = int(latest[1]) if latest else 0
    return showing(is_update, lambda body: {**body, "createdId": number})(deployment, request)


def _takes_the_latest_body(deployment: Racing, request: Request, _: Held) -> Reply:
    return deployment.ask(replace(request, body=deployment.latest.body if deployment.latest else request.body))


def _with_first_names_of(customer: Customer, other: Customer) -> Customer:
    def named(item: Profile) -> Profile:
        held = other.profile_of(item.source, item.account)
        return replace(item, first_name=held.first_name) if held else item

    return with_profiles(customer, named)


def _with_channels_of(customer: Customer, other: Customer) -> Customer:
    def reached(item: Profile) -> Profile:
        held = other.profile_of(item.source, item.account)
        return replace(item, channels=held.channels) if held else item

    return with_profiles(customer, reached)


def _with_fields_of(customer: Customer, other: Customer) -> Customer:
    def described(item: Profile) -> Profile:
        held = other.profile_of(item.source, item.account)
        return replace(item, fields=held.fields) if held else item

    return with_profiles(customer, described)


def _credited_twice(now: Customer, right: Customer, alone: Customer) -> Customer:
    def twice(held: Enrolment) -> Enrolment:
        mine, theirs = alone.enrolment_in(held.program), now.enrolment_in(held.program)
        is_met = mine is not None and theirs is not None and mine.points and held == theirs == mine
        return replace(held, points=2 * held.points) if is_met else held

    return with_enrolments(right, twice)


_NAME, _LAST_NAME = put(ASHA, profile(firstName="Tom")), put(ASHA, profile(lastName="Sawyer"))
_CITY = put(ASHA, {"extendedFields": {"city": "Bangalore"}})
_GENDER = put(ASHA, {"extendedFields": {"gender": "Other"}})

CONCURRENCY = (
    Flaw(
        name="updates-lost",
        says="Of two updates of a customer at once the first is lost, whatever either is about.",
        names=(*_ANY, "UPD-USE-2", "UPD-USE-6", "UPD-BODY-2", "UPD-BODY-3"),
        needs="writes",
        make=_racing(_from_what_was_read),
        at_once=(_NAME, _LAST_NAME),
        shown_by=(get(ASHA),),
    ),
    Flaw(
        name="extended-fields-lost-at-once",
        says="Of two updates at once that change extended fields one is lost.",
        names=(*_ANY, "UPD-USE-6", "UPD-BODY-16", "UPD-BODY-30", "extended-fields"),
        needs="writes",
        make=_merging(lambda _, right, alone: replace(right, extended_fields=alone.extended_fields)),
        at_once=(_CITY, _GENDER),
        shown_by=(get(ASHA),),
    ),
    Flaw(
        name="custom-fields-lost-at-once",
        says="Of two updates at once the custom fields of one are lost.",
        names=(*_ANY, "UPD-USE-8", "UPD-BODY-4", "UPD-BODY-6", "custom-fields"),
        needs="writes",
        make=_merging(lambda _, right, alone: _with_fields_of(right, alone)),
        at_once=(put(ASHA, profile(fields={"city": "Pune"})), put(ASHA, profile(fields={"gender": "Other"}))),
        shown_by=(get(ASHA),),
    ),
    Flaw(
        name="channels-lost-at-once",
        says="Of two updates at once the channels of one are lost.",
        names=(*_ANY, "UPD-USE-7", "UPD-BODY-7", "comm-channels"),
        needs="writes",
        make=_merging(lambda _, right, alone: _with_channels_of(right, alone)),
        at_once=(
            put(ASHA, channel("email", _EMAIL, verified=True)),
            put(ASHA, channel("mobile", "919999001944", verified=False)),
        ),
        shown_by=(get(ASHA),),
    ),
    Flaw(
        name="names-mixed-at-once",
        says="Two updates at once of both names leave the first name of one and the last name of the other.",
        names=(*_ANY, "UPD-USE-2", "UPD-BODY-2", "UPD-BODY-3"),
        needs="writes",
        make=_merging(lambda now, right, _: _with_first_names_of(right, now)),
        at_once=(
            put(ASHA, profile(firstName="Tom", lastName="Sawyer")),
            put(ASHA, profile(firstName="Huck", lastName="Finn")),
        ),
        shown_by=(get(ASHA),),
    ),
    Flaw(
        name="credited-twice-at-once",
        says="An enrolment that comes twice at once credits its points twice.",
        names=(*_ANY, "UPD-BODY-21", "UPD-BODY-23", "UPD-BODY-19", "already-enrolled"),
        needs="irreversible",
        make=_merging(_credited_twice),
        at_once=(put(RAVI, enrolment()), put(RAVI, enrolment())),
        shown_by=(standing(RAVI),),
    ),
    Flaw(
        name="fails-at-once",
        says="Of two updates of a customer at once the second is answered 500.",
        names=_ANY,
        needs="writes",
        make=_racing(_fails_when_raced),
        at_once=(_NAME, _LAST_NAME),
        shown_by=(get(ASHA),),
    ),
    Flaw(
        name="background-lost-at-once",
        says="Work in the background is lost where another update of the customer came at once.",
        names=(*_ANY, "UPD-QRY-3", "UPD-BODY-23", "UPD-BODY-19"),
        needs="irreversible",
        make=_racing(_async_fails_when_raced),
        at_once=(
            put_async(RAVI, enrolment()),
            put_async(RAVI, enrolment(program=699)),
            put(RAVI, profile(lastName="S")),
        ),
        shown_by=(standing(RAVI),),
    ),
    Flaw(
        name="answer-names-another",
        says="Of two updates at once of two customers one is answered with the id of the other.",
        names=(*_ANY, "UPD-RSP-1", "UPD-RES-5", "UPD-PATH-1"),
        needs="writes",
        make=_racing(_answers_the_latest),
        at_once=(_NAME, put(RAVI, profile(firstName="Tom"))),
        shown_by=(get(ASHA),),
    ),
    Flaw(
        name="body-of-another",
        says="Two updates at once both do what the later one says.",
        names=(*_ANY, "UPD-RES-5", "UPD-PATH-1", "UPD-USE-2", "UPD-BODY-2", "UPD-BODY-3"),
        needs="writes",
        make=_racing(_takes_the_latest_body),
        at_once=(_NAME, _LAST_NAME),
        shown_by=(get(ASHA),),
    ),
)
