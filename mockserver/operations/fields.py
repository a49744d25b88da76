"""The names that the contract has in the body of an operation, and where each object of them stands."""

from collections.abc import Mapping

from mockserver.values import Value, member


class Members(Value, frozen=True):
    """The names that an object may have, and the objects, or lists of them, that stand under some."""

    names: frozenset[str]
    within: Mapping[str, "Members"] = member(default_factory=dict)


NO_MEMBERS = Members(frozenset())
