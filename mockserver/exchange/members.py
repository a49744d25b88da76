"""The members that the contract names in the body of an update, and where each object of them stands.

A test of the architecture holds them to the contract.
"""

from collections.abc import Mapping

from mockserver.values import Value, member

BODY = frozenset({"profiles", "loyaltyInfo", "extendedFields", "loyaltyProgramEnrollments"})
PROFILE = frozenset({"firstName", "lastName", "fields", "identifiers", "commChannels", "source", "accountId"})
CHANNEL = frozenset({"type", "value", "primary", "verified", "meta"})
META = frozenset({"residence", "office"})
IDENTIFIER = frozenset({"type", "value"})
LOYALTY_INFO = frozenset({"loyaltyType"})
ENROLMENT = frozenset({"programId", "tierNumber", "loyaltyPoints", "tierExpiryDate", "pointsExpiryDate"})


class Members(Value, frozen=True):
    """The names that an object may have, and the objects, or lists of them, that stand under some."""

    names: frozenset[str]
    within: Mapping[str, "Members"] = member(default_factory=dict)


_CHANNEL = Members(CHANNEL, {"meta": Members(META)})
_PROFILE = Members(PROFILE, {"commChannels": _CHANNEL, "identifiers": Members(IDENTIFIER)})
# Names within `fields` and `extendedFields` are the organisation's: 1017 and 91015 tell of unknown ones.
UPDATE_MEMBERS = Members(
    BODY,
    {"profiles": _PROFILE, "loyaltyInfo": Members(LOYALTY_INFO), "loyaltyProgramEnrollments": Members(ENROLMENT)},
)
NO_MEMBERS = Members(frozenset())
