"""If-Match and If-None-Match: whether a caller knows the customer as it is (RFC 9110 §13.1.1, §13.1.2).

An entity tag is the version of the customer in quotes, such as `"7"`. If-Match compares strongly, so that a weak tag,
`W/"7"`, matches nothing there.
"""

import re
from collections.abc import Mapping

from mockserver.messages import Response
from mockserver.server.control.calls import refuse
from mockserver.values import Value

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\U0010ffff]*"'
_TAGS = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*\Z")
_EACH = re.compile(_TAG)
_ANY = frozenset({"*"})


class Precondition(Value, frozen=True):
    """The tags of which a caller demands one, and those of which it demands none; None: it demands nothing."""

    wanted: frozenset[str] | None = None
    unwanted: frozenset[str] | None = None

    def holds(self, tag: str | None) -> bool:
        """Tell whether a request may go on; `tag` is that of what is there, None where nothing is."""
        if self.wanted is not None and not _is_among(tag, self.wanted):
            return False
        return self.unwanted is None or not _is_among(tag, self.unwanted)


def _is_among(tag: str | None, tags: frozenset[str]) -> bool:
    return tag is not None and (tags is _ANY or tag in tags)


def read_precondition(headers: Mapping[str, str]) -> Precondition | Response:
    """Read what the headers demand, or refuse them."""
    wanted, unwanted = (_read_tags(headers, name) for name in ("If-Match", "If-None-Match"))
    if isinstance(wanted, Response):
        return wanted
    if isinstance(unwanted, Response):
        return unwanted
    if unwanted is not None and unwanted is not _ANY:
        unwanted = frozenset(tag.removeprefix("W/") for tag in unwanted)
    return Precondition(wanted, unwanted)


def _read_tags(headers: Mapping[str, str], name: str) -> frozenset[str] | Response | None:
    sent = headers.get(name.lower())
    if sent is None:
        return None
    if sent.strip() == "*":
        return _ANY
    if not _TAGS.match(sent):
        return refuse(
            400, f'header/{name}: {sent[:40]} is no list of entity tags; send the ETag of a read, such as "7"'
        )
    return frozenset(_EACH.findall(sent))


def tag_of(version: int) -> str | None:
    """Return the entity tag of a version, None of a customer that is not there."""
    return None if version < 0 else f'"{version}"'
