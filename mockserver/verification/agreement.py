"""Reads of one customer held against each other: in whatever form it is asked for, a customer has one state.

A read in one source shows that profile and what is the customer's alone; loyalty details show the programs. So what two
reads both can show is compared, member by member.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import ABSENT, Kind, Mismatch, shown
from mockserver.verification.reader import is_loyalty_read
from mockserver.verification.state import State, flat_customer, flat_programs
from mockserver.verification.wording import worded

_PROGRAMS = "programs/"


def disagreements(known: State, exchange: Exchange) -> list[Mismatch]:
    """Return the members that a granted read shows otherwise than the reads by which a customer's state is known."""
    if not exchange.granted or not isinstance(exchange.body, Mapping):
        return []
    if is_loyalty_read(exchange.request):
        return list(_differences(_of_programs(known), flat_programs(exchange.body))) if known.has_programs else []
    told = flat_customer(exchange.body)
    asked = _profile_asked_for(exchange.request.query)
    return list(_differences(_within(known.flat, told, asked), _within(told, known.flat, asked)))


def self_changes(known: State, changes: Mapping[str, Any]) -> list[Mismatch]:
    """Return what changed by itself, by path, as mismatches with what was known."""
    return [
        Mismatch(
            place=f"state/{path}",
            promised=worded("{} until it is updated", shown(known.flat.get(path, ABSENT))),
            came=shown(value),
            kind=Kind.UNSTEADY,
        )
        for path, value in changes.items()
    ]


def _of_programs(known: State) -> dict[str, Any]:
    return {path: value for path, value in known.flat.items() if path.startswith(_PROGRAMS)}


def _profile_asked_for(query: str) -> str:
    """Return the profile that a query names, `WECHAT:22232`, empty where every one is meant."""
    given = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
    source, account = given.get("source", "ALL"), given.get("accountId")
    if source == "ALL":
        return ""
    return source if account is None else f"{source}:{account}"


def _within(flat: Mapping[str, Any], other: Mapping[str, Any], asked: str) -> dict[str, Any]:
    """Return what both reads can show: the profile that was asked for, any other that both show, and all else."""

    def is_common(path: str) -> bool:
        kind, _, rest = path.partition("/")
        profile = rest.partition("/")[0]
        return kind != "profiles" or asked in ("", profile) or f"profiles/{profile}" in other

    return {path: value for path, value in flat.items() if not path.startswith(_PROGRAMS) and is_common(path)}


def _differences(known: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[Mismatch]:
    for path in {**known, **told}:
        one, other = known.get(path, ABSENT), told.get(path, ABSENT)
        if one != other or isinstance(one, bool) != isinstance(other, bool):
            promised = worded("{}, as other reads show", shown(one))
            yield Mismatch(place=f"state/{path}", promised=promised, came=shown(other), kind=Kind.UNSTEADY)
