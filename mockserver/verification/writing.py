"""Single values to write, and the body that writes several: what an update can write of a profile and its customer.

A member is told by the names that lead to it: `("firstName",)`, `("fields", "city")`, `("extendedFields", "city")`,
`("commChannels", "email", "a@b.c", "verified")`, `("commChannels", "email", "a@b.c", "meta", "residence")`.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from mockserver.verification.oracle import customer_of
from mockserver.verification.state import State
from mockserver.verification.target import Place

Member: TypeAlias = tuple[str, ...]
Write: TypeAlias = tuple[Member, Any]  # Any: JSON


def members_of(place: Place, state: State) -> Iterator[Write]:
    """Give what a customer holds at a place, a name that is missing as None."""
    customer = customer_of(state)
    profile = customer.profile_of(place.source, place.account)
    if profile is not None:
        yield from ((("firstName",), profile.first_name), (("lastName",), profile.last_name))
        yield from ((("fields", name), value) for name, value in profile.fields.items())
        for channel in profile.channels:
            where = ("commChannels", channel.type, channel.value)
            yield from (((*where, "verified"), channel.verified), ((*where, "primary"), channel.primary))
            yield from (((*where, "meta", name), value) for name, value in channel.meta.items())
    yield from ((("extendedFields", name), value) for name, value in customer.extended_fields.items())


def path_of(place: Place, member: Member) -> str:
    """Return the path of a member in a state."""
    if member[0] == "extendedFields":
        return "/".join(member)
    inner = member if member[0] != "commChannels" else (member[0], f"{member[1]}:{member[2]}", *member[3:])
    return "/".join(("profiles", place.profile, *inner))


def body_of(writes: Iterable[Write]) -> dict[str, Any]:
    """Return the body that writes these values, each channel once."""
    body: dict[str, Any] = {}
    for member, value in writes:
        match member:
            case ("commChannels", kind, name, *flag):
                profile = body.setdefault("profiles", [{}])[0]
                channel = _channel_in(profile.setdefault("commChannels", []), kind, name)
                inner = channel if len(flag) == 1 else channel.setdefault("meta", {})
                inner[flag[-1]] = value
            case ("fields", name):
                body.setdefault("profiles", [{}])[0].setdefault("fields", {})[name] = value
            case ("firstName" | "lastName" as name,):
                body.setdefault("profiles", [{}])[0][name] = value
            case (*outer, name):
                inner = body.setdefault(outer[0], {}) if outer else body
                inner[name] = value
    return body


def _channel_in(channels: list[dict[str, Any]], kind: str, value: str) -> dict[str, Any]:
    for channel in channels:
        if (channel["type"], channel["value"]) == (kind, value):
            return channel
    channels.append({"type": kind, "value": value})
    return channels[-1]
