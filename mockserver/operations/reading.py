"""What is noticed while one request is read: questions that its form raises, and what the contract has not.

Commands are read from the parameters and the body that the contract has judged, so behind this nobody sees a raw
body. What the contract does not know is left out and named, so that the answer can say what was ignored.
"""

import re
from collections.abc import Mapping
from typing import Any

from mockserver.contract import Parameters
from mockserver.domain.command import Omitted
from mockserver.domain.customer import CustomerId

_CANONICAL = re.compile(r"(?:0|[1-9][0-9]*)\Z")


class Reading:
    """One request while it is read; `form`, `unknown` and `is_doubtful` are those of its command."""

    __slots__ = ("form", "is_doubtful", "now", "unknown")

    def __init__(self, parameters: Parameters, now: str = "") -> None:
        self.now = now
        self.form: dict[str, None] = {}
        self.unknown: list[str] = []
        self.is_doubtful = False  # some name may be misspelt
        if parameters.unknown_query:
            self.unknown += [f"query/{name}" for name in parameters.unknown_query]
            self.is_doubtful = True
            self.ask("unknown-query-parameter")
        if parameters.repeated:
            self.ask("repeated-parameter")

    def ask(self, question: str) -> None:
        """Notice that another answer to a question would refuse this request for its form."""
        self.form[question] = None

    def customer(self, text: str) -> CustomerId:
        """Read the id of a customer."""
        if not _CANONICAL.match(text):
            self.ask("user-id-form")
        return CustomerId(int(text))

    def open(self, value: Mapping[str, Any], known: frozenset[str], place: str) -> None:
        """Notice what an object holds besides the known members, and nulls among the known."""
        if not known.issuperset(value):
            self.unknown.extend(f"{place}/{name}" for name in value if name not in known)
            self.is_doubtful = True
            self.ask("unknown-body-member")
        if None in value.values() and any(value.get(name, 0) is None for name in known):
            self.ask("null-value")

    def values(self, value: Mapping[str, Any] | None | Omitted) -> Mapping[str, Any] | None | Omitted:
        """Notice nulls in an object whose members are free."""
        if isinstance(value, dict) and None in value.values():
            self.ask("null-value")
        return value

    def kept(
        self, value: Mapping[str, Any] | None | Omitted, known: frozenset[str]
    ) -> Mapping[str, Any] | None | Omitted:
        """Notice nulls in an object all of whose members are kept, and members beside those that are known."""
        if isinstance(value, dict) and not known.issuperset(value):
            self.is_doubtful = True
        return self.values(value)
