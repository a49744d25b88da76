"""A violation says where a message breaks the contract, what is wrong, and what would mend it.

Its law: it is a value that names the place in the message and the rule in the contract, so that both a
machine and a person can follow it; it never carries more than a glimpse of what was sent.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from mockserver.values import Value

Step: TypeAlias = str | int

LONGEST_GLIMPSE = 60
MOST_NAMED = 20
_AS_JSON = json.JSONEncoder(ensure_ascii=False).encode


class Violation(Value, frozen=True, kw_only=True):
    """One breach of the contract: `body/profiles/0/firstName: 5 is not text`.

    `rule` points at the keyword that is broken, `holder` at the parameter that the rule is about, if any. `is_of_name`:
    it is about a name that is missing, or that the contract does not have. `wanted` says what should stand at the
    place, empty where nothing is known of that.
    """

    place: str
    problem: str
    rule: str
    refusal: str | None
    repair: str
    holder: str = ""
    is_of_name: bool = False
    wanted: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"

    @property
    def part(self) -> str:
        """Which part of the message is in breach."""
        return part_of(self.place)


def part_of(place: str) -> str:
    """Return the part of a message that a place is in: `method`, `path`, `query`, `header` or `body`."""
    return place.partition("/")[0]


def pointer(steps: Iterable[Step]) -> str:
    """Write steps as a JSON Pointer (RFC 6901), `""` for none."""
    return "".join(["/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps])


def glimpse(value: Any) -> str:  # Any: whatever JSON was sent
    """Show a value as JSON, shortened, so that a message stays one line."""
    if isinstance(value, Mapping):
        return "an object" if value else "an empty object"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        return _shown_text(value)
    try:
        return _shortened(str(value) if isinstance(value, Decimal) else _AS_JSON(value))
    except ValueError:  # an integer with more digits than Python prints
        return "an integer of thousands of digits"


def listed(values: Iterable[Any], *, last: str = " or ") -> str:  # Any: members of an enum
    """Name values in one phrase: `a, b or c`; a long list is cut and says so."""
    texts = list(values)
    quoted = not all(isinstance(value, str) for value in texts)
    names = [glimpse(value) if quoted else value for value in texts]
    if len(names) > MOST_NAMED:
        return ", ".join(names[:MOST_NAMED]) + f" and {len(names) - MOST_NAMED} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])}{last}{names[-1]}"


def _shown_text(text: str) -> str:
    if len(text) <= LONGEST_GLIMPSE:
        return _AS_JSON(text)
    return _AS_JSON(text[: LONGEST_GLIMPSE - 1])[:-1] + '…"'


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_GLIMPSE else text[: LONGEST_GLIMPSE - 1] + "…"
