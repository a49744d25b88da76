"""Laws of updates: what holds for every update, whoever is updated with whatever in whichever source."""

import json
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from mockserver.domain.customer import Customer
from mockserver.domain.record import write_customer
from mockserver.exchange import Reply, Setting
from mockserver.files import World
from tests.exchange.mock import LATER, Mock, a_mock, body_of, codes_of, flat, points_of
from tests.laws.updates import (
    ADDRESSES,
    EXTENDED,
    Body,
    Update,
    accepted_updates,
    any_updates,
    bodies,
    channels,
    is_usable,
    is_usable_extended,
    warnings_due,
)


def put(mock: Mock, update: Update, *, background: bool = False) -> Reply:
    """Send an update."""
    query = update.query + ("&use_async=true" if background else "")
    return mock.put(update.customer, update.body, query=query)


def accept(mock: Mock, update: Update, *, background: bool = False) -> Reply:
    """Send an update that must be accepted."""
    reply = put(mock, update, background=background)
    assert reply.response.status == 200, reply.why
    return reply


def written(mock: Mock) -> str:
    """Return the whole state as text, to the byte."""
    return json.dumps([write_customer(customer) for customer in mock.customers.values()])


@given(update=accepted_updates())
def test_twice_is_once(setting: Setting, demo: World, update: Update) -> None:
    mock = a_mock(setting, demo)
    accept(mock, update)
    once = written(mock)
    mock.now = LATER

    again = accept(mock, update)

    assert (again.changed, again.later, written(mock)) == ((), None, once)
    assert points_of(again) == ()


@given(update=accepted_updates())
def test_an_update_that_changes_something_is_recorded_once_and_no_other_is(
    setting: Setting, demo: World, update: Update
) -> None:
    mock = a_mock(setting, demo)
    before = mock.customer(update.customer)

    accept(mock, update)

    after = mock.customer(update.customer)
    is_changed = flat(before) != flat(after)
    event(f"changes something: {is_changed}")
    assert len(after.audit) == len(before.audit) + is_changed
    assert (after.attribution.modified == mock.now) is is_changed
    assert all(entry.changes for entry in after.audit)


def _disjoint_parts() -> st.SearchStrategy[tuple[Body, Body]]:
    """Draw two bodies that name no member in common."""
    texts = st.sampled_from(("Tom", "Pune", "Male"))
    members: dict[str, st.SearchStrategy[Any]] = {
        "firstName": texts,
        "lastName": texts,
        "gender": texts,
        "city": texts,
        "mobile": st.just("9999000000"),
        "email": st.just("tom@example.com"),
        **{f"extended {name}": st.sampled_from(usable) for name, usable in EXTENDED.items()},
        "loyalty": st.just([{"programId": 1016, "tierNumber": 2, "loyaltyPoints": 5}]),
    }
    split = st.fixed_dictionaries({name: st.booleans() for name in members})
    return st.tuples(st.fixed_dictionaries({}, optional=members), split).map(
        lambda drawn: (
            _body({name: value for name, value in drawn[0].items() if drawn[1][name]}),
            _body({name: value for name, value in drawn[0].items() if not drawn[1][name]}),
        )
    )


def _body(members: dict[str, Any]) -> Body:
    told = {name: members[name] for name in ("firstName", "lastName") if name in members}
    fields = {name: members[name] for name in ("gender", "city") if name in members}
    sent = [{"type": name, "value": members[name], "primary": True} for name in ("mobile", "email") if name in members]
    extended = {name.split()[1]: value for name, value in members.items() if name.startswith("extended ")}
    loyalty = {"loyaltyInfo": {"loyaltyType": "loyalty"}, "loyaltyProgramEnrollments": members.get("loyalty")}
    return {
        "profiles": [{**told, "fields": fields, "commChannels": sent}],
        "extendedFields": extended,
        **(loyalty if "loyalty" in members else {}),
    }


@given(
    places=st.sampled_from([(one, two) for one in ADDRESSES for two in ADDRESSES if one[0] == two[0]]),
    parts=_disjoint_parts(),
)
def test_updates_of_different_members_commute(
    setting: Setting, demo: World, places: tuple[tuple[int, str], tuple[int, str]], parts: tuple[Body, Body]
) -> None:
    one, two = (Update(customer=place[0], query=place[1], body=body) for place, body in zip(places, parts, strict=True))
    ahead, behind = a_mock(setting, demo), a_mock(setting, demo)

    for mock, order in ((ahead, (one, two)), (behind, (two, one))):
        for update in order:
            accept(mock, update)

    assert flat(ahead.customer(one.customer)) == flat(behind.customer(one.customer))


@given(one=bodies(), two=bodies())
def test_updates_of_different_accounts_commute(setting: Setting, demo: World, one: Body, two: Body) -> None:
    first = Update(customer=171891947, query=ADDRESSES[5][1], body={"profiles": one.get("profiles", [])})
    second = Update(customer=171891947, query=ADDRESSES[6][1], body={"profiles": two.get("profiles", [])})
    ahead, behind = a_mock(setting, demo), a_mock(setting, demo)

    for mock, order in ((ahead, (first, second)), (behind, (second, first))):
        for update in order:
            accept(mock, update)

    assert flat(ahead.customer(171891947)) == flat(behind.customer(171891947))


@given(updates=st.lists(any_updates(), min_size=1, max_size=4))
def test_what_is_refused_changes_nothing(setting: Setting, demo: World, updates: list[Update]) -> None:
    mock = a_mock(setting, demo)

    for update in updates:
        before = written(mock)
        reply = put(mock, update)
        event(f"status {reply.response.status}")
        if reply.response.status != 200:
            assert (reply.changed, reply.later, written(mock)) == ((), None, before)
            assert len(body_of(reply)["errors"]) == 1


@given(update=any_updates(), background=st.booleans())
def test_what_the_world_held_is_never_written_to(
    setting: Setting, demo: World, update: Update, background: bool
) -> None:
    before = json.dumps([write_customer(customer) for customer in demo.customers.values()])
    mock = a_mock(setting, demo)

    put(mock, update, background=background)
    mock.settle()

    assert json.dumps([write_customer(customer) for customer in demo.customers.values()]) == before


@given(update=accepted_updates())
def test_other_customers_and_other_sources_stay(setting: Setting, demo: World, update: Update) -> None:
    mock = a_mock(setting, demo)

    accept(mock, update)

    for number, customer in demo.customers.items():
        if number != update.customer:
            assert mock.customers[number] is customer
    before, after = _elsewhere(demo.customers, update), _elsewhere(mock.customers, update)
    assert after == before


def _elsewhere(customers: Any, update: Update) -> list[Any]:
    customer: Customer = customers[update.customer]
    return [profile for profile in customer.profiles if (profile.source, profile.account) != update.place]


@given(update=accepted_updates())
def test_identifiers_and_sources_never_change(setting: Setting, demo: World, update: Update) -> None:
    mock = a_mock(setting, demo)
    before = mock.customer(update.customer)

    accept(mock, update)

    for profile in mock.customer(update.customer).profiles:
        held = before.profile_of(profile.source, profile.account)
        assert profile.identifiers == (held.identifiers if held else ())
        assert held or (profile.source, profile.account) == update.place


@given(update=accepted_updates())
def test_what_was_read_is_what_was_written(setting: Setting, demo: World, update: Update) -> None:
    mock = a_mock(setting, demo)
    accept(mock, update)

    customer = body_of(mock.get(update.customer))

    shown = {(item["source"], item.get("accountId")): item for item in customer["profiles"]}
    if any(value for value in update.profile.values()) and update.place in shown:
        _compare_profile(update, shown[update.place])
    for name, value in update.body.get("extendedFields", {}).items():
        if is_usable_extended(name, value):
            assert customer["extendedFields"][name] == value
    if "loyaltyType" in update.body.get("loyaltyInfo", {}):
        assert customer["loyaltyInfo"]["loyaltyType"] == "loyalty"


def _compare_profile(update: Update, shown: Body) -> None:
    for name in ("firstName", "lastName"):
        if update.profile.get(name) is not None:
            assert shown[name] == update.profile[name]
    for name, value in update.profile.get("fields", {}).items():
        assert value is None or shown["fields"].get(name, "x") == value
    held = {(item["type"], item["value"]): item for item in shown["commChannels"]}
    last = {(item["type"], item["value"]): item for item in update.channels}
    for key, item in last.items():
        assert (key in held) is is_usable(item)
        if key in held and item.get("verified") is not None:
            assert held[key]["verified"] is (item["verified"] in (True, "true"))
        for member, value in item.get("meta", {}).items() if key in held else ():
            assert held[key]["meta"][member] == value


@given(update=accepted_updates(), more=st.lists(channels(invalid=False), min_size=1, max_size=3))
def test_after_a_channel_is_sent_as_primary_its_type_has_one_primary(
    setting: Setting, demo: World, update: Update, more: list[Body]
) -> None:
    mock = a_mock(setting, demo)
    accept(mock, update)
    sent = [{**channel, "primary": True} for channel in more]
    accept(mock, Update(customer=update.customer, query=update.query, body={"profiles": [{"commChannels": sent}]}))

    profile = mock.customer(update.customer).profile_of(*update.place)

    assert profile is not None
    for kind, value in {channel["type"]: channel["value"] for channel in sent}.items():
        assert [item.value for item in profile.channels if item.type == kind and item.primary] == [value]


@given(update=accepted_updates())
def test_there_is_one_warning_for_each_thing_that_was_not_taken(setting: Setting, demo: World, update: Update) -> None:
    mock = a_mock(setting, demo)
    due = warnings_due(mock.customer(update.customer), update)

    reply = accept(mock, update)

    event(f"{len(due)} warnings")
    assert codes_of(reply) == due


@given(update=accepted_updates())
def test_the_points_awarded_are_the_points_credited(setting: Setting, demo: World, update: Update) -> None:
    mock = a_mock(setting, demo)
    before = sum(item.points for item in mock.customer(update.customer).enrolments)

    reply = accept(mock, update)

    after = sum(item.points for item in mock.customer(update.customer).enrolments)
    assert after - before == sum(points_of(reply) or ())
    assert all(points > 0 for points in points_of(reply) or ())


@given(update=accepted_updates())
def test_in_the_background_and_settled_is_at_once(setting: Setting, demo: World, update: Update) -> None:
    at_once, in_background = a_mock(setting, demo), a_mock(setting, demo)
    awarded = points_of(accept(at_once, update))

    reply = accept(in_background, update, background=True)

    assert points_of(reply) is None
    assert (reply.later is not None) is bool(awarded)
    assert codes_of(reply) == codes_of(accept(a_mock(setting, demo), update))
    in_background.settle()
    assert written(in_background) == written(at_once)


@given(updates=st.lists(st.tuples(any_updates(), st.booleans()), max_size=5))
def test_work_that_comes_later_may_come_at_any_time(
    setting: Setting, demo: World, updates: list[tuple[Update, bool]]
) -> None:
    at_once, in_background = a_mock(setting, demo), a_mock(setting, demo)
    for update, settles in updates:
        put(at_once, update)
        put(in_background, update, background=True)
        if settles:
            in_background.settle()

    in_background.settle()

    assert written(in_background) == written(at_once)
