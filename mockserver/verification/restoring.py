"""The before-image of the named customers, and how they are given it back.

What is written back is what an update can write: names, custom and extended fields that the customer had, and flags
and meta of channels that the customer had. What an update cannot take away again (a new channel, a new member, loyalty,
an enrolment) stays, and was done only because that was allowed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.verification.expectation import ABSENT, Expectation
from mockserver.verification.findings import Step
from mockserver.verification.state import State, changes_between
from mockserver.verification.statements.asking import put
from mockserver.verification.target import Place

_FLAGS = ("primary", "verified")
RESTORED = "restored"  # the check that a restoration is
RESTORATION = "The state before the run"  # the title of a saved before-image, by which replay knows one


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeImage:
    """The state of each named place before anything was written."""

    states: Mapping[Place, State]

    def steps(self) -> tuple[Step, ...]:
        """Return the updates that write all of it back, profiles that were read and not named among it."""
        read = {place: state for state in self.states.values() for place in state.places()}
        unnamed = {place: state for place, state in read.items() if place not in self.states}
        return tuple(
            Step(request=put(place, body), expect=Expectation(status=200))
            for place, state in {**self.states, **unnamed}.items()
            if (body := body_of(place, state.flat))
        )


def restoring_steps(place: Place, before: State, now: State) -> tuple[Step, ...]:
    """Return the update that writes the state back, none where nothing that can be written back is different.

    It holds all that was there: where lists and objects that are sent replace those held, a part would take the rest.
    """
    lost = {path: before.flat[path] for path in changes_between(before, now) if path in before.flat}
    if not body_of(place, lost):
        return ()
    body = body_of(place, {**_displaced(before, now), **before.flat})
    return (Step(request=put(place, body), expect=Expectation(status=200)),)


def _displaced(before: State, now: State) -> dict[str, bool]:
    """Return the flags of channels that came meanwhile and became primary ones: those before them cannot be both."""
    added = (path for path, value in now.flat.items() if value is True and path not in before.flat)
    return {path: False for path in added if path.endswith("/primary")}


def is_irreversible(path: str, before: State) -> bool:
    """Tell whether no update can give a path its value back: it was not there, or is loyalty's."""
    return path not in before.flat or _is_fixed(path)


def _is_fixed(path: str) -> bool:
    """Loyalty, a profile itself, and identifiers are not written back by any update."""
    parts = path.split("/")
    is_profile = parts[0] == "profiles" and (len(parts) == 2 or parts[2] == "identifiers")
    return parts[0] in ("programs", "loyaltyType") or is_profile


def body_of(place: Place, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body that writes the values at these paths."""
    prefix = f"profiles/{place.profile}/"
    within = {path.removeprefix(prefix): value for path, value in wanted.items() if path.startswith(prefix)}
    profile: dict[str, Any] = {name: within[name] for name in ("firstName", "lastName") if name in within}
    fields = dict(_below("fields/", within))
    channels = list(_channels(within))
    extended = dict(_below("extendedFields/", wanted))
    profile |= {"fields": fields} if fields else {}
    profile |= {"commChannels": channels} if channels else {}
    return ({"profiles": [profile]} if profile else {}) | ({"extendedFields": extended} if extended else {})


def _below(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from ((path.removeprefix(prefix), value) for path, value in values.items() if path.startswith(prefix))


def _channels(within: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    names = dict.fromkeys(_channel_name(path) for path in within if path.startswith("commChannels/"))
    for name in names:
        kind, _, value = name.partition(":")
        shown = dict(_below(f"commChannels/{name}/", within))
        meta = dict(_below("meta/", shown))
        flags = {flag: shown[flag] for flag in _FLAGS if shown.get(flag, ABSENT) not in (ABSENT, None)}
        yield {"type": kind, "value": value, **flags, **({"meta": meta} if meta else {})}


def _channel_name(path: str) -> str:
    """Return `type:value` of a channel's path; the value itself may hold slashes."""
    inner = path.removeprefix("commChannels/")
    for ending in ("/primary", "/verified"):
        if inner.endswith(ending):
            return inner.removesuffix(ending)
    return inner.rpartition("/meta/")[0]
