"""A customer's state as reads show it: one flat mapping from paths to values, which any two states are compared by.

    profiles/INSTORE/firstName              profiles/WECHAT:22232/fields/city
    profiles/INSTORE/identifiers/mobile     profiles/INSTORE/commChannels/mobile:9999000000/primary
    profiles/INSTORE/commChannels/mobile:9999000000/meta/residence
    profiles/INSTORE                        "there", since a profile may be empty
    extendedFields/city                     loyaltyType
    programs/699/points  …/tier  …/tierExpiryDate

What reads show beside this (attribution, segments, cards) no update promises anything about, so it is left out. A value
that a deployment shows in another form than ours (text for a boolean) stays as it is shown.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.domain.customer import Customer, Profile
from mockserver.verification.expectation import ABSENT
from mockserver.verification.target import Place

_CHANNEL = re.compile(
    r"(.*?commChannels/[^:/]+:)(.*?)((?: again)*(?:/(?:primary|verified|meta\b.*))?(?: of [0-9]+)?)", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What reads show of one customer. `flat` is by path; `bodies` are the reads' bodies, for the oracle.

    `has_programs` says that the loyalty details were read; without them nothing is known of programs.
    """

    customer: int
    flat: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON
    bodies: tuple[Mapping[str, Any], ...] = ()
    has_programs: bool = False

    def at(self, place: Place) -> Mapping[str, Any]:
        """Return what is known of one profile, by path within it; empty where the customer has none there."""
        prefix = f"profiles/{place.profile}/"
        return {path.removeprefix(prefix): value for path, value in self.flat.items() if path.startswith(prefix)}

    def places(self) -> Iterator[Place]:
        """Give the place of each profile that was read."""
        for path in self.flat:
            kind, _, name = path.partition("/")
            if kind == "profiles" and "/" not in name:
                source, _, account = name.partition(":")
                yield Place(customer=self.customer, source=source, account=account or None)

    def has_profile(self, place: Place) -> bool:
        """Tell whether the customer has a profile at the place."""
        return f"profiles/{place.profile}" in self.flat


def split_channel(path: str) -> tuple[str, str, str] | None:
    """Split a path at the value of the channel that it leads to: what is before, the value, and what is behind.

    None for a path that leads to no channel.
    """
    found = _CHANNEL.fullmatch(path)
    return None if found is None else (found[1], found[2], found[3])


def changes_between(before: State, after: State) -> dict[str, Any]:
    """Return what is different afterwards, by path, ABSENT for what is gone; what one side did not read is none."""
    both = before.has_programs and after.has_programs
    paths = [path for path in {**before.flat, **after.flat} if both or not path.startswith("programs/")]
    return {
        path: after.flat.get(path, ABSENT)
        for path in paths
        if not _is_same(before.flat.get(path, ABSENT), after.flat.get(path, ABSENT))
    }


def _is_same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def read_state(customer: int, body: Mapping[str, Any], loyalty: Mapping[str, Any] | None) -> State:
    """Read a state from the bodies of `getCustomer` and, where it was read, `getLoyaltyDetails`."""
    flat = flat_customer(body)
    if loyalty is not None:
        flat |= flat_programs(loyalty)
    bodies = (body,) if loyalty is None else (body, loyalty)
    return State(customer=customer, flat=flat, bodies=bodies, has_programs=loyalty is not None)


def flat_customer(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a read of a customer shows, by path."""
    return dict(_flat_customer(body))


def flat_programs(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what loyalty details show, by path."""
    return dict(_flat_programs(body))


def _flat_customer(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for profile in _objects(body.get("profiles")):
        yield from _flat_profile(profile)
    info = body.get("loyaltyInfo")
    if isinstance(info, Mapping) and "loyaltyType" in info:
        yield "loyaltyType", info["loyaltyType"]
    yield from _flat_members("extendedFields", body.get("extendedFields"))


def _flat_profile(profile: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    account = profile.get("accountId")
    where = f"profiles/{profile.get('source')}" + (f":{account}" if account else "")
    yield where, "there"
    for name in ("firstName", "lastName"):
        if profile.get(name) is not None:
            yield f"{where}/{name}", profile[name]
    yield from _flat_members(f"{where}/fields", profile.get("fields"))
    for identifier in _objects(profile.get("identifiers")):
        yield f"{where}/identifiers/{identifier.get('type')}", identifier.get("value")
    yield from _flat_channels(f"{where}/commChannels", profile.get("commChannels"))


def _flat_channels(where: str, channels: Any) -> Iterator[tuple[str, Any]]:
    """A channel that is shown twice gets a path of its own, so that the second one is seen."""
    seen: set[str] = set()
    for channel in _objects(channels):
        path = f"{where}/{channel.get('type')}:{channel.get('value')}"
        while path in seen:
            path += " again"
        seen.add(path)
        yield f"{path}/primary", channel.get("primary")
        yield f"{path}/verified", channel.get("verified")
        yield from _flat_members(f"{path}/meta", channel.get("meta"))


def _flat_programs(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for item in _objects(body.get("data")):
        where = f"programs/{item.get('programId')}"
        yield f"{where}/tier", item.get("slabSNo")
        yield f"{where}/points", item.get("loyaltyPoints")
        if item.get("slabExpiryDate"):
            yield f"{where}/tierExpiryDate", item["slabExpiryDate"]


def _flat_members(where: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((f"{where}/{name}", member) for name, member in value.items() if member is not None)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else ()


def state_of(customer: Customer, *, with_programs: bool) -> State:
    """Return what reads would show of a customer that the oracle holds."""
    flat: dict[str, Any] = {}
    for profile in customer.profiles:
        flat |= dict(_flat_of(profile))
    flat["loyaltyType"] = customer.loyalty_type
    flat |= {f"extendedFields/{name}": value for name, value in customer.extended_fields.items()}
    for enrolment in customer.enrolments if with_programs else ():
        where = f"programs/{enrolment.program}"
        flat |= {f"{where}/tier": enrolment.tier, f"{where}/points": enrolment.points}
        if enrolment.tier_expiry is not None:
            flat[f"{where}/tierExpiryDate"] = enrolment.tier_expiry
    return State(customer=customer.id, flat=flat, has_programs=with_programs)


def _flat_of(profile: Profile) -> Iterator[tuple[str, Any]]:
    where = f"profiles/{profile.source}" + (f":{profile.account}" if profile.account else "")
    yield where, "there"
    for name, value in (("firstName", profile.first_name), ("lastName", profile.last_name)):
        if value is not None:
            yield f"{where}/{name}", value
    yield from ((f"{where}/fields/{name}", value) for name, value in profile.fields.items())
    yield from ((f"{where}/identifiers/{item.type}", item.value) for item in profile.identifiers)
    for channel in profile.channels:
        path = f"{where}/commChannels/{channel.type}:{channel.value}"
        yield f"{path}/primary", channel.primary
        yield f"{path}/verified", channel.verified
        yield from ((f"{path}/meta/{name}", value) for name, value in channel.meta.items())
