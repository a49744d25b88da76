"""Names that are likely misspelt: unknown ones that differ from a known one of that very place by an edit or in case.

One edit is one letter too many, too few or another, or two neighbours swapped: the distance of Damerau (1964), which
covers most typing errors. What such a member was to say is lost without a word, so the answer says which was meant.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from mockserver.domain.outcome import Remark
from mockserver.exchange.rendering import explained, say
from mockserver.exchange.reply import Misspelt, Reply
from mockserver.operations.fields import Members
from mockserver.values import replace

MOST_COMPARED = 1_000  # unknown names of one request
MOST_TOLD = 20
_LONGEST = 64  # characters of a name that is compared; every name of the contract is shorter


def find_misspelt(sent: Iterable[tuple[Any, Members, str]]) -> tuple[Misspelt, ...]:  # Any: JSON that was sent
    """Return what is likely misspelt in objects that were sent, each with its members and its place."""
    unknown = (found for value, members, place in sent for found in _unknown(value, members, place))
    compared = ((place, name, find_meant(name, names)) for name, names, place in islice(unknown, MOST_COMPARED))
    misspelt = (Misspelt(place=f"{place}/{name}", meant=meant) for place, name, meant in compared if meant)
    return tuple(islice(misspelt, MOST_TOLD))


def _unknown(value: Any, members: Members, place: str) -> Iterator[tuple[str, frozenset[str], str]]:
    """Yield each name that objects have beside those of their members, with these and the place; as it was written."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown(item, members, f"{place}/{index}")
        return
    for name, inner in value.items() if isinstance(value, dict) else ():
        if name not in members.names:
            yield name, members.names, place
        elif name in members.within:
            yield from _unknown(inner, members.within[name], f"{place}/{name}")


def find_meant(name: str, names: frozenset[str]) -> str:
    """Return the known name that an unknown one was likely meant to be, empty where there is none."""
    return _find_meant(name, names) if 0 < len(name) <= _LONGEST else ""


@lru_cache(maxsize=1024)  # a client that misspells a name does so in every request
def _find_meant(name: str, names: frozenset[str]) -> str:
    in_order = sorted(names)
    same = (known for known in in_order if known.lower() == name.lower())
    near = (known for known in in_order if _is_one_edit(name, known))
    return next(same, "") or next(near, "")


def _is_one_edit(name: str, known: str) -> bool:
    """Tell whether a name becomes another one by a letter less, more or other, or by two neighbours swapped."""
    short, long = sorted((name, known), key=len)
    if len(long) - len(short) > 1:
        return False
    pairs = enumerate(zip(short, long, strict=False))
    start = next((at for at, (one, other) in pairs if one != other), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    swapped = long[start + 1 : start + 2] + long[start : start + 1] + long[start + 2 :]
    return short[start + 1 :] == long[start + 1 :] or short[start:] == swapped


def tell_misspelt(reply: Reply, misspelt: tuple[Misspelt, ...]) -> Reply:
    """Return a reply that says what was likely meant: before what was ignored, and after what was refused."""
    asked = say(Remark(item.place, f"did you mean {item.meant}?") for item in misspelt)
    said = (asked, reply.why) if reply.code is None else (reply.why, asked)
    reason = f"{reply.reason}; {asked}" if reply.reason else ""
    return replace(explained(reply, "; ".join(filter(None, said)), reason), misspelt=misspelt)
