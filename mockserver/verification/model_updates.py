"""Updates that the model sends, drawn from small pools so that they meet: the same name again, the same program twice.

What of a customer can be written back is found with the oracle: a member belongs to it if writing its present value
would be granted, without a warning, and change nothing. On a deployment nothing else is written, but for what must be
refused; what a world that can be reset gets besides stands in `model_anything`. Pools begin with their plainest value,
which is what a failure shrinks to.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from hypothesis import strategies as st

from mockserver.domain.organisation import ExtendedField, Organisation
from mockserver.messages import Request
from mockserver.verification.oracle import Oracle
from mockserver.verification.state import State
from mockserver.verification.target import Place
from mockserver.verification.writing import Member, Write, body_of, members_of, path_of

Body: TypeAlias = Mapping[str, Any]  # Any: JSON, as a client writes it

TEXTS: tuple[str, ...] = ("Nova", "Öyküm", "李小模", "D'Arcy-Növák")
QUIRKY_TEXTS: tuple[str | None, ...] = ("", " Nova ", None, "نوفا", "n" * 100, "n" * 101)
CHANNELS: tuple[tuple[str, str], ...] = (
    ("email", "nova@example.com"),
    ("mobile", "919000000000"),
    ("email", "nova.2@example.com"),
    ("wechat", "wc_nova"),
    ("mobile", "9000000000"),
    ("mobile", "12"),
    ("email", "nova"),
)
MADE_UP: tuple[str, ...] = (*TEXTS, *(text for text in QUIRKY_TEXTS if text), *(value for _, value in CHANNELS))
_FLAGS = (True, False)
_QUIRKY_FLAGS = ("true", "false", None)
_DATES = ("1990-01-31", "2001-12-24")
ASYNC = ("", "use_async=false", "use_async=true")


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One update: of the customer of a place, with a query (the place's own if None) and more of it, and a body."""

    place: Place
    body: Body
    more: str = ""
    query: str | None = None
    customer: int | None = None

    @property
    def request(self) -> Request:
        """The request, as a client sends it."""
        query = self.place.query if self.query is None else self.query
        return Request(
            method="PUT",
            path=f"/v2/customers/{self.customer or self.place.customer}",
            query="&".join(part for part in (query, self.more) if part),
            headers={"content-type": "application/json"},
            body=json.dumps(self.body, ensure_ascii=False).encode(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """What of one profile, and of its customer's extended fields, can be written back; `pools` are values to write.

    `plain` values are stored as they are sent, by any reading of the page.
    """

    place: Place
    original: Mapping[Member, Any]
    plain: Mapping[Member, tuple[Any, ...]]
    pools: Mapping[Member, tuple[Any, ...]]

    def path(self, member: Member) -> str:
        """Return the path of a member in a state."""
        return path_of(self.place, member)


def palette_of(place: Place, state: State, oracle: Oracle, organisation: Organisation, now: str) -> Palette:
    """Return what can be written back at a place, and what the pools have for it."""
    present = dict(members_of(place, state))
    held = frozenset(value for value in state.flat.values() if isinstance(value, str))
    original, plain, pools = {}, {}, {}
    for member, value in present.items():
        pool = _pool_of(member, organisation, present)
        if pool is not None and _can_be_written(place, member, value, state, oracle, now):
            original[member] = value
            # A text that the customer has already is no made-up one.
            plain[member], quirky = (tuple(each for each in values if each not in held) for values in pool)
            pools[member] = (*plain[member], *quirky)
    plain = {member: values for member, values in plain.items() if values}
    return Palette(place=place, original=original, plain=plain, pools=pools)


def _can_be_written(place: Place, member: Member, value: Any, state: State, oracle: Oracle, now: str) -> bool:
    if value is None:
        return False
    request = Update(place=place, body=body_of([(member, value)])).request
    outcome = oracle.predict(state, request, now).outcome
    return outcome.granted and not outcome.warnings and not outcome.changes


def _pool_of(
    member: Member, organisation: Organisation, present: Mapping[Member, Any]
) -> tuple[Sequence[Any], Sequence[Any]] | None:
    """Return plain and quirky values for a member, None where there are none."""
    match member:
        case ("extendedFields", name):
            field = organisation.extended_fields.get(name.lower())
            return None if field is None else pool_of_field(field)
        case ("commChannels", kind, _, "primary"):
            # Among several channels of a type a primary one may displace another.
            alone = sum(other[:2] == member[:2] and other[3:] == ("primary",) for other in present) == 1
            return (_FLAGS, _QUIRKY_FLAGS) if alone and kind else ((), (*_FLAGS, *_QUIRKY_FLAGS))
        case ("commChannels", _, _, "verified"):
            return _FLAGS, _QUIRKY_FLAGS
        case ("commChannels", _, _, "meta", "residence" | "office"):
            return _FLAGS, ("true", None)
        case ("commChannels", *_):
            return None
        case _:
            return TEXTS, QUIRKY_TEXTS


def pool_of_field(field: ExtendedField) -> tuple[Sequence[Any], Sequence[Any]] | None:
    """Return plain and quirky values for an extended field, None where there are none."""
    match field.datatype:
        case "STRING" | "STANDARD_STRING":
            return TEXTS, ("", None, "نوفا")
        case "STANDARD_ENUM" | "CUSTOM_ENUM":
            return field.values[:3], (None,)
        case "INTEGER":
            return (3, 0, 7), (None,)
        case "DOUBLE":
            return (1.5, 1.82), (None,)
        case "DATETIME":
            return _DATES, (None, "1990-01-31T10:20:30Z")
        case _:
            return None


def merged(bodies: Iterable[Body]) -> dict[str, Any]:
    """Return one body of several; lists are joined, so that the same channel or program may stand in it twice."""
    whole: dict[str, Any] = {}
    for body in bodies:
        for name, value in body.items():
            whole[name] = _joined(whole[name], value, name) if name in whole else value
    return whole


def _joined(one: Any, other: Any, name: str) -> Any:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return merged((one, other))
    if name == "profiles" and one and other:
        return [merged((one[0], other[0]))]
    return [*one, *other] if isinstance(one, list) and isinstance(other, list) else other


def writes(palette: Palette, *, plain: bool, most: int = 3) -> st.SearchStrategy[list[Write]]:
    """Draw values to write at a place, each member once; no more than one of them is not plain.

    So what a target makes of it shows which question of the page it answers otherwise.
    """
    listed = st.lists(_write(palette.plain), min_size=1 if plain else 0, max_size=most if plain else most - 1)
    drawn = listed if plain else st.builds(lambda write, rest: [write, *rest], _write(palette.pools), listed)
    return drawn.map(_each_once)


def _write(pools: Mapping[Member, tuple[Any, ...]]) -> st.SearchStrategy[Write]:
    by_kind: dict[str, list[Write]] = {}
    for member, values in pools.items():
        by_kind.setdefault(member[0], []).extend((member, value) for value in values)
    return st.one_of(*(st.sampled_from(listed) for listed in by_kind.values()))


def _each_once(drawn: Sequence[Write]) -> list[Write]:
    return list({member: (member, value) for member, value in reversed(drawn)}.values())[::-1]


def reversible(palettes: Sequence[Palette], *, most: int = 3) -> st.SearchStrategy[Update]:
    """Draw an update that can be undone."""
    return st.sampled_from(palettes).flatmap(
        lambda palette: st.builds(
            lambda drawn, more: Update(place=palette.place, body=body_of(drawn), more=more),
            writes(palette, plain=False, most=most),
            st.sampled_from(ASYNC),
        )
    )


def refused(palettes: Sequence[Palette]) -> st.SearchStrategy[Update]:
    """Draw an update that must be refused, whose other members can be undone should they be stored."""
    wrong = st.sampled_from(
        (
            {"profiles": [{"commChannels": [{"type": "fax", "value": "12"}]}]},
            {"profiles": [{"commChannels": [{"value": "12"}]}]},
            {"profiles": [{"fields": 5}]},
            {"extendedFields": [5]},
            {"loyaltyInfo": {"loyaltyType": "platinum"}},
        )
    )
    return st.sampled_from(palettes).flatmap(
        lambda palette: st.builds(
            lambda drawn, bad: Update(place=palette.place, body=merged((body_of(drawn), bad))),
            writes(palette, plain=True, most=2),
            wrong,
        )
    )
