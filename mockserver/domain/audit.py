"""The record of an accepted update that changed something: which members, with previous and current value.

Points are recorded as the request asked for them, so that an update whose points are credited later leaves
the same record as one that credits them at once.
"""

from collections.abc import Iterator, Mapping

from mockserver.domain.customer import Change, CommChannel, Customer, Enrolment, Profile


def list_changes(before: Customer, after: Customer, asked_points: Mapping[int, int]) -> tuple[Change, ...]:
    """Return what differs between two states of a customer, in the order of the body."""
    return (
        *_profile_changes(before, after),
        *_mapping_changes("extendedFields", before.extended_fields, after.extended_fields),
        *_change("loyaltyInfo/loyaltyType", before.loyalty_type, after.loyalty_type),
        *_enrolment_changes(before, after, asked_points),
    )


def _profile_changes(before: Customer, after: Customer) -> Iterator[Change]:
    for profile in after.profiles:
        previous = before.profile_of(profile.source, profile.account)
        if previous is not profile and previous != profile:
            yield from _changes_within(previous, profile)


def _changes_within(previous: Profile | None, profile: Profile) -> Iterator[Change]:
    place = f"profiles/{profile.source}" + (f":{profile.account}" if profile.account else "")
    old = previous or Profile(source=profile.source, attribution=profile.attribution)
    for identifier in profile.identifiers:
        if identifier not in old.identifiers:
            yield Change(member=f"{place}/identifiers/{identifier.type}", previous=None, current=identifier.value)
    yield from _change(f"{place}/firstName", old.first_name, profile.first_name)
    yield from _change(f"{place}/lastName", old.last_name, profile.last_name)
    yield from _mapping_changes(f"{place}/fields", old.fields, profile.fields)
    if old.channels != profile.channels:
        yield from _mapping_changes(f"{place}/commChannels", _by_name(old), _by_name(profile))


def _by_name(profile: Profile) -> Mapping[str, object]:
    return {f"{channel.type}:{channel.value}": _show_channel(channel) for channel in profile.channels}


def _show_channel(channel: CommChannel) -> Mapping[str, object]:
    return {
        "primary": channel.primary,
        "verified": channel.verified,
        "meta": channel.meta,
    }


def _enrolment_changes(before: Customer, after: Customer, asked_points: Mapping[int, int]) -> Iterator[Change]:
    for enrolment in after.enrolments:
        if before.enrolment_in(enrolment.program) is None:
            points = asked_points.get(enrolment.program, 0)
            yield Change(
                member=f"loyaltyProgramEnrollments/{enrolment.program}",
                previous=None,
                current=_show_enrolment(enrolment, points),
            )


def _show_enrolment(enrolment: Enrolment, points: int) -> Mapping[str, object]:
    return {
        "tierNumber": enrolment.tier,
        "loyaltyPoints": points,
        "tierExpiryDate": enrolment.tier_expiry,
        "pointsExpiryDate": enrolment.points_expiry,
    }


def _mapping_changes(place: str, previous: Mapping[str, object], current: Mapping[str, object]) -> Iterator[Change]:
    for name in {**previous, **current} if previous != current else ():
        yield from _change(f"{place}/{name}", previous.get(name), current.get(name))


def _change(member: str, previous: object, current: object) -> Iterator[Change]:
    if previous != current:
        yield Change(member=member, previous=previous, current=current)
