"""The record of an accepted update that changed something: which members, with previous and current value.

Points are recorded as the request asked for them, so that an update whose points are credited later leaves
the same record as one that credits them at once.
"""

from collections.abc import Mapping, Sequence, Set

from mockserver.domain.customer import Change, CommChannel, Customer, Enrolment, Profile


def list_changes(before: Customer, after: Customer, asked_points: Mapping[int, int]) -> tuple[Change, ...]:
    """Return what differs between two states of a customer, in the order of the body."""
    return (
        *_profile_changes(before, after),
        *_mapping_changes("extendedFields", before.extended_fields, after.extended_fields),
        *_change("loyaltyInfo/loyaltyType", before.loyalty_type, after.loyalty_type),
        *_enrolment_changes(before, after, asked_points),
    )


def _profile_changes(before: Customer, after: Customer) -> Sequence[Change]:
    changes: list[Change] = []
    for profile in after.profiles:
        previous = before.profile_of(profile.source, profile.account)
        if previous is not profile and previous != profile:
            changes += _changes_within(previous, profile)
    return changes


def _changes_within(previous: Profile | None, profile: Profile) -> Sequence[Change]:
    place = f"profiles/{profile.source}" + (f":{profile.account}" if profile.account else "")
    old = previous or Profile(source=profile.source, attribution=profile.attribution)
    return (
        *_identifier_changes(place, old, profile),
        *_change(f"{place}/firstName", old.first_name, profile.first_name),
        *_change(f"{place}/lastName", old.last_name, profile.last_name),
        *_mapping_changes(f"{place}/fields", old.fields, profile.fields),
        *_channel_changes(f"{place}/commChannels", old, profile),
    )


def _identifier_changes(place: str, old: Profile, profile: Profile) -> Sequence[Change]:
    if old.identifiers == profile.identifiers:
        return ()
    return [
        Change(member=f"{place}/identifiers/{identifier.type}", previous=None, current=identifier.value)
        for identifier in profile.identifiers
        if identifier not in old.identifiers
    ]


def _channel_changes(place: str, old: Profile, profile: Profile) -> Sequence[Change]:
    if old.channels == profile.channels:
        return ()
    alike = {*map(id, old.channels)} & {*map(id, profile.channels)}  # most of a long list stays the same values
    return _mapping_changes(place, _by_name(old, alike), _by_name(profile, alike))


def _by_name(profile: Profile, alike: Set[int]) -> Mapping[str, object]:
    return {
        f"{channel.type}:{channel.value}": _show_channel(channel)
        for channel in profile.channels
        if id(channel) not in alike
    }


def _show_channel(channel: CommChannel) -> Mapping[str, object]:
    return {
        "primary": channel.primary,
        "verified": channel.verified,
        "meta": channel.meta,
    }


def _enrolment_changes(before: Customer, after: Customer, asked_points: Mapping[int, int]) -> Sequence[Change]:
    if before.enrolments == after.enrolments:
        return ()
    return [
        Change(
            member=f"loyaltyProgramEnrollments/{enrolment.program}",
            previous=None,
            current=_show_enrolment(enrolment, asked_points.get(enrolment.program, 0)),
        )
        for enrolment in after.enrolments
        if before.enrolment_in(enrolment.program) is None
    ]


def _show_enrolment(enrolment: Enrolment, points: int) -> Mapping[str, object]:
    return {
        "tierNumber": enrolment.tier,
        "loyaltyPoints": points,
        "tierExpiryDate": enrolment.tier_expiry,
        "pointsExpiryDate": enrolment.points_expiry,
    }


def _mapping_changes(place: str, previous: Mapping[str, object], current: Mapping[str, object]) -> Sequence[Change]:
    if previous == current:
        return ()
    return [
        change
        for name in {**previous, **current}
        for change in _change(f"{place}/{name}", previous.get(name), current.get(name))
    ]


def _change(member: str, previous: object, current: object) -> Sequence[Change]:
    return () if previous == current else (Change(member=member, previous=previous, current=current),)
