"""Laws of records: what is written can be read back and is the same customer; what does not fit is a problem."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.customer import (
    Attribution,
    AuditEntry,
    Change,
    CommChannel,
    Customer,
    CustomerId,
    Enrolment,
    Identifier,
    Profile,
)
from mockserver.domain.organisation import ExtendedField, Organisation, Program, Source, Tier
from mockserver.domain.record import RecordProblem, read_attribution, read_customer, read_organisation, write_customer
from mockserver.values import replace

STAMP = Attribution(created="2024-01-01T00:00:00Z", created_by="t", modified="2024-01-02T00:00:00Z", modified_by="u")
ORGANISATION = Organisation(
    sources={
        "INSTORE": Source(name="INSTORE"),
        "WECHAT": Source(name="WECHAT", accounts=frozenset({"a-1", "a-2"})),
    },
    programs={1: Program(id=1, name="One", tiers=(Tier(number=1, name="Low"),))},
    extended_fields={
        "city": ExtendedField(name="city", datatype="STRING"),
        "kids": ExtendedField(name="kids", datatype="INTEGER"),
        "gender": ExtendedField(name="gender", datatype="STANDARD_ENUM", values=("Male", "Female")),
    },
    custom_fields=frozenset({"size"}),
)
texts = st.text(st.characters(codec="utf-8"), max_size=8)
channels = st.builds(
    CommChannel,
    type=st.sampled_from(["mobile", "email"]),
    value=texts,
    primary=st.booleans(),
    verified=st.booleans(),
    meta=st.dictionaries(texts, texts | st.booleans(), max_size=2),
)
PLACES = [{"source": "INSTORE"}, {"source": "WECHAT", "account": "a-1"}, {"source": "WECHAT", "account": "a-2"}]
MOMENTS = ["2024-01-01T00:00:00Z", "2030-12-31T23:59:59+05:30"]
stamps = st.builds(
    Attribution,
    created=st.sampled_from(MOMENTS),
    created_by=texts,
    modified=st.sampled_from(MOMENTS),
    modified_by=texts,
)
values = st.none() | st.booleans() | st.integers(-9, 9) | texts
changes = st.builds(Change, member=texts, previous=values, current=st.lists(values, max_size=2) | values)
entries = st.builds(
    AuditEntry,
    at=st.sampled_from(MOMENTS),
    context=st.dictionaries(texts, texts, max_size=2),
    changes=st.lists(changes, max_size=2).map(tuple),
)
enrolments = st.builds(
    Enrolment,
    program=st.just(1),
    tier=st.just(1),
    points=st.integers(0, 2**31),
    tier_expiry=st.none() | st.sampled_from(MOMENTS),
    points_expiry=st.none() | st.sampled_from(MOMENTS),
)
extended = st.fixed_dictionaries(
    {}, optional={"city": texts, "kids": st.integers(-9, 9), "gender": st.sampled_from(["Male", "Female"])}
)
profiles = st.builds(
    Profile,
    source=st.just("INSTORE"),
    first_name=texts | st.none(),
    last_name=texts | st.none(),
    fields=st.dictionaries(st.just("size"), texts, max_size=1),
    identifiers=st.builds(Identifier, type=texts, value=texts).map(lambda item: (item,)),
    channels=st.lists(channels, max_size=2).map(tuple),
    attribution=stamps,
)


@st.composite
def profiles_of_a_customer(draw: st.DrawFn) -> tuple[Profile, ...]:
    """Draw at most one profile per source and account."""
    places = draw(st.lists(st.sampled_from(PLACES), max_size=3, unique_by=lambda place: tuple(place.values())))
    return tuple(replace(draw(profiles), source=place["source"], account=place.get("account")) for place in places)


customers = st.builds(
    Customer,
    id=st.integers(0, 2**63 - 1).map(CustomerId),
    loyalty_type=st.sampled_from(["loyalty", "non_loyalty"]),
    profiles=profiles_of_a_customer(),
    extended_fields=extended,
    enrolments=st.lists(enrolments, max_size=1).map(tuple),
    attribution=stamps,
    merged_into=st.none() | st.just(CustomerId(7)),
    audit=st.lists(entries, max_size=2).map(tuple),
)


@given(customers)
def test_what_is_written_is_read_back_as_the_same_customer(customer: Customer) -> None:
    assert read_customer(write_customer(customer), ORGANISATION) == customer


def test_a_time_in_small_letters_is_the_same_time() -> None:
    times = {"createDate": "2024-07-11t16:36:17z", "modifiedDate": "2024-07-12T16:36:17+05:30"}

    read = read_attribution({**times, "createdBy": "1", "modifiedBy": "1"})

    assert isinstance(read, Attribution)
    assert (read.created, read.modified) == ("2024-07-11T16:36:17Z", "2024-07-12T16:36:17+05:30")


@given(customers)
def test_a_record_goes_through_json_unharmed(customer: Customer) -> None:
    record = write_customer(customer)

    assert json.loads(json.dumps(record)) == record


def problem_of(**members: Any) -> RecordProblem:
    """Read a record that is sound but for these members, and return its problem."""
    problem = read_customer({"id": 1, "loyaltyType": "loyalty", **members}, ORGANISATION, attribution=STAMP)
    assert isinstance(problem, RecordProblem)
    return problem


ENROLMENT = {"programId": 1, "tierNumber": 1}


@pytest.mark.parametrize(
    ("members", "path", "cure"),
    [
        pytest.param({"loyalty": 1}, ("loyalty",), "did you mean loyaltyType?", id="an unknown key"),
        pytest.param({"id": "1"}, ("id",), "write a value of type integer", id="text for a number"),
        pytest.param(
            {"profiles": [{"source": "INSTOR"}]}, ("profiles", 0, "source"), "did you mean INSTORE?", id="a source"
        ),
        pytest.param(
            {"profiles": [{"source": "WECHAT"}]}, ("profiles", 0), "name one of a-1, a-2", id="an account left out"
        ),
        pytest.param(
            {"profiles": [{"source": "INSTORE", "accountId": "a-1"}]},
            ("profiles", 0, "accountId"),
            "leave it out",
            id="an account where there is none",
        ),
        pytest.param(
            {"profiles": [{"source": "INSTORE"}, {"source": "INSTORE"}]},
            ("profiles", 1),
            "keep one profile per source and account",
            id="two profiles of a source",
        ),
        pytest.param(
            {"profiles": [{"source": "INSTORE", "fields": {"sizes": "L"}}]},
            ("profiles", 0, "fields", "sizes"),
            "did you mean size?",
            id="a custom field",
        ),
        pytest.param({"extendedFields": {"City": "X"}}, ("extendedFields", "City"), "did you mean city?", id="a field"),
        pytest.param(
            {"extendedFields": {"kids": "2"}},
            ("extendedFields", "kids"),
            "write 2, as it is kept",
            id="a number as text",
        ),
        pytest.param(
            {"extendedFields": {"gender": "Mle"}}, ("extendedFields", "gender"), "did you mean Male?", id="an enum"
        ),
        pytest.param(
            {"loyaltyProgramEnrollments": [{**ENROLMENT, "programId": 3}]},
            ("loyaltyProgramEnrollments", 0, "programId"),
            "the organisation has 1",
            id="a program",
        ),
        pytest.param(
            {"loyaltyProgramEnrollments": [{**ENROLMENT, "tierNumber": 3}]},
            ("loyaltyProgramEnrollments", 0, "tierNumber"),
            "the organisation has 1",
            id="a tier",
        ),
        pytest.param(
            {"loyaltyProgramEnrollments": [ENROLMENT, ENROLMENT]},
            ("loyaltyProgramEnrollments", 1),
            "keep one enrolment per program",
            id="two enrolments in a program",
        ),
        pytest.param({"extendedFields": {1: "a"}}, (), "write what JSON could say too", id="what JSON cannot say"),
    ],
)
def test_what_does_not_fit_is_a_problem_with_path_and_cure(
    members: dict[str, Any], path: tuple[str | int, ...], cure: str
) -> None:
    problem = problem_of(**members)

    assert (problem.path, problem.cure) == (path, cure)


def test_attribution_left_out_is_filled_in_or_else_a_problem() -> None:
    record = {"id": 1, "loyaltyType": "loyalty", "profiles": [{"source": "INSTORE"}]}

    filled = read_customer(record, ORGANISATION, attribution=STAMP)
    unfilled = read_customer(record, ORGANISATION)

    assert isinstance(filled, Customer)
    assert (filled.attribution, filled.profiles[0].attribution) == (STAMP, STAMP)
    assert isinstance(unfilled, RecordProblem)
    assert "attribution is missing" in str(unfilled)


PROGRAM: dict[str, Any] = {"id": 1, "name": "One", "tiers": [{"number": 1, "name": "Low"}]}


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"defaultProgram": 2}, ("defaultProgram",)),
        ({"incentives": [{"program": 2, "points": 5}]}, ("incentives", 0, "program")),
        ({"programs": [PROGRAM, PROGRAM]}, ("programs", 1)),
        ({"programs": [{**PROGRAM, "tiers": PROGRAM["tiers"] * 2}]}, ("programs", 0, "tiers", 1)),
        (
            {"extendedFields": {"city": {"datatype": "STRING"}, "City": {"datatype": "STRING"}}},
            ("extendedFields", "City"),
        ),
        ({"extendedFields": {"city": {"datatype": "STRNG"}}}, ("extendedFields", "city", "datatype")),
        ({"dualEligibilty": True}, ("dualEligibilty",)),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_an_organisation_that_contradicts_itself_is_a_problem(
    members: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    problem = read_organisation({"sources": {}, "programs": [PROGRAM], **members})

    assert isinstance(problem, RecordProblem)
    assert problem.path == path
