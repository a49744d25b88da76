"""Rows of the tables of rules: what is sent, and all that must come of it.

`changes` is the whole difference between the customer before and after; what a row does not name stays.
`asks` are the questions that the basis must name; it may name no others but those about what stands beside
(`BESIDE`), which nearly every update meets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.exchange import Setting
from mockserver.files import World
from tests.exchange.mock import a_mock, basis_of, body_of, codes_of, difference, message_of, points_of

BESIDE = frozenset(
    {
        "omitted-field",
        "comm-channels",
        "channel-flag-omitted",
        "channel-meta",
        "custom-fields",
        "extended-fields",
        "use-async-default",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One law: `after` are bodies sent before, `why` stands in X-Mock-Why, `message` in the vendor's text."""

    law: str
    to: int | str = 171891944
    query: str = "source=INSTORE"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: tuple[object, ...] = ()
    body: object = b""
    code: int | None = None
    asks: tuple[str, ...] = ()
    never_asks: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    why: str = ""
    message: str = ""
    warnings: tuple[int, ...] = ()
    points: tuple[int, ...] | None = ()
    changes: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.law.replace(" ", "_")


def profile(**members: object) -> dict[str, object]:
    """Build a body with one profile."""
    return {"profiles": [members]}


def channels(*items: Mapping[str, object]) -> dict[str, object]:
    """Build a body with channels in one profile."""
    return profile(commChannels=list(items))


def extended(**members: object) -> dict[str, object]:
    """Build a body with extended fields."""
    return {"extendedFields": members}


def enrolments(*items: Mapping[str, object]) -> dict[str, object]:
    """Build a body with enrolments."""
    return {"loyaltyProgramEnrollments": list(items)}


def becoming_loyalty(*items: Mapping[str, object]) -> dict[str, object]:
    """Build a body that makes a customer loyalty, with enrolments where any are given."""
    return {"loyaltyInfo": {"loyaltyType": "loyalty"}, **(enrolments(*items) if items else {})}


def verify(row: Row, setting: Setting, world: World) -> None:
    """Send what a row sends, and compare all that comes of it."""
    mock = a_mock(setting, world)
    for earlier in row.after:
        mock.put(row.to, earlier, query=row.query)
    before = dict(mock.customers)

    reply = mock.put(row.to, row.body, query=row.query, headers=row.headers)

    assert (reply.response.status, reply.code) == (_status(row.code), row.code), reply.why
    assert reply.why.find(row.why) >= 0, reply.why
    _verify_basis(row, basis_of(reply), frozenset(setting.dialect.answers))
    assert setting.contract.operations["updateCustomer"].judge_response(reply.response.status, body_of(reply)) == ()
    if row.code is not None:
        assert row.message in message_of(reply)
        assert (reply.changed, reply.later, mock.customers) == ((), None, before)
        return
    assert (codes_of(reply), points_of(reply)) == (row.warnings, row.points)
    known = next(customer for number, customer in before.items() if str(number) == str(row.to))
    present = mock.customers.pop(known.id)
    assert difference(known, present) == row.changes
    assert mock.customers == {number: customer for number, customer in before.items() if number != known.id}
    assert len(present.audit) - len(known.audit) == bool(row.changes)


def _status(code: int | None) -> int:
    return 200 if code is None else 400


def _verify_basis(row: Row, named: frozenset[str], questions: frozenset[str]) -> None:
    assert {*row.asks, *row.says} <= named
    assert (named & questions) - BESIDE - {*row.asks} == set()
    assert named.isdisjoint(row.never_asks)
