"""Customers as they may be found: whatever an update could have left, the checker's own texts and numbers among it."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from mockserver.domain.customer import (
    LOYALTY,
    NON_LOYALTY,
    CommChannel,
    Customer,
    CustomerId,
    Enrolment,
    Identifier,
    Profile,
)
from mockserver.domain.organisation import Organisation
from mockserver.values import replace
from mockserver.verification.fiction import Fiction
from tests.flawed.checking import PLACES
from tests.flawed.deployment import Deployment, read_demo

# What a run with seed 1 would make up first, and what checks send as it is.
_FICTION = Fiction(1)
_WORDS = tuple(_FICTION.word() for _ in range(200))
_texts = st.sampled_from(("Tom", "Sawyer", "Ærøskøbing Ñandú", "李小龙", "Nova", " Nova ")) | st.sampled_from(_WORDS)
_ADDRESSES = ("tom.sawyer@example.com", *(f"{word}@example.com" for word in _WORDS))
_NUMBERS = ("5550123", "9999000000", *(f"447700900{number:03}" for number in range(0, 1000, 7)))
_FIELDS = ("city", "gender")
_NAMED = frozenset(CustomerId(place.customer) for place in PLACES)

_names = st.none() | _texts
_flags = st.booleans()
_meta = st.dictionaries(st.sampled_from(("residence", "office")), _flags)


@st.composite
def _channels(draw: st.DrawFn) -> tuple[CommChannel, ...]:
    listed = [
        *(("email", value) for value in draw(st.lists(st.sampled_from(_ADDRESSES), max_size=2, unique=True))),
        *(("mobile", value) for value in draw(st.lists(st.sampled_from(_NUMBERS), max_size=2, unique=True))),
    ]
    primary = {kind: draw(st.integers(-1, 1)) for kind in ("email", "mobile")}
    return tuple(
        CommChannel(
            type=kind,
            value=value,
            primary=[one for one in listed if one[0] == kind].index((kind, value)) == primary[kind],
            verified=draw(_flags),
            meta=draw(_meta),
        )
        for kind, value in listed
    )


@st.composite
def _profiles(draw: st.DrawFn, profile: Profile) -> Profile:
    fields = draw(st.dictionaries(st.sampled_from(_FIELDS), _texts))
    kinds = draw(st.lists(st.sampled_from(("mobile", "email", "externalId")), unique=True))
    values = {"mobile": _NUMBERS, "email": _ADDRESSES, "externalId": _WORDS}
    identifiers = tuple(Identifier(type=kind, value=draw(st.sampled_from(values[kind]))) for kind in kinds)
    return replace(
        profile,
        first_name=draw(_names),
        last_name=draw(_names),
        fields=fields,
        identifiers=identifiers,
        channels=draw(_channels()),
    )


@st.composite
def _enrolments(draw: st.DrawFn, organisation: Organisation) -> tuple[Enrolment, ...]:
    programs = draw(st.lists(st.sampled_from(sorted(organisation.programs)), unique=True))
    return tuple(
        Enrolment(
            program=number,
            tier=draw(st.sampled_from([tier.number for tier in organisation.programs[number].tiers])),
            points=draw(st.integers(0, 50)),
            tier_expiry=draw(st.none() | st.just("2031-07-11T16:36:17+05:30")),
        )
        for number in programs
    )


@st.composite
def _customers(draw: st.DrawFn, customer: Customer, organisation: Organisation) -> Customer:
    values: Mapping[str, st.SearchStrategy[Any]] = {
        "city": _texts,
        "gender": st.sampled_from(("Male", "Female", "Other")),
        "kids": st.integers(0, 4),
    }
    names = draw(st.lists(st.sampled_from(sorted(values)), unique=True))
    return replace(
        customer,
        loyalty_type=draw(st.sampled_from((LOYALTY, NON_LOYALTY))),
        profiles=tuple(draw(_profiles(profile)) for profile in customer.profiles),
        extended_fields={name: draw(values[name]) for name in names},
        enrolments=draw(_enrolments(organisation)),
    )


@st.composite
def deployments(draw: st.DrawFn) -> Deployment:
    """Draw a sound deployment whose named customers may be anything that updates could have made of them."""
    deployment = Deployment()
    for number in sorted(_NAMED):
        customer = read_demo().customers[number]
        deployment.customers[number] = draw(_customers(customer, deployment.setting.organisation))
    return deployment
