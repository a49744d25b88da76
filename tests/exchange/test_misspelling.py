"""Laws of misspelt names: each that is one edit or a change of case away from a known one is told, and no other."""

import json
import string
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.exchange import Reply, Setting
from mockserver.exchange.misspelling import MOST_COMPARED, MOST_TOLD, find_meant
from mockserver.files import World
from mockserver.operations.customer_bodies import CHANNEL, ENROLMENT, IDENTIFIER, LOYALTY_INFO, META, PROFILE
from mockserver.operations.update_customer.command import BODY
from tests.exchange.mock import a_mock

TOM, RAVI = 171891944, 171891945
MOBILE = {"type": "mobile", "value": "919999000001"}
# Where an object stands: its names, its place, and the body that has one more member there.
PLACES: dict[str, tuple[frozenset[str], str, Callable[[str], Any]]] = {
    "body": (BODY, "body", lambda name: {name: None}),
    "profile": (PROFILE, "body/profiles/0", lambda name: {"profiles": [{name: None}]}),
    "channel": (
        CHANNEL,
        "body/profiles/0/commChannels/0",
        lambda name: {"profiles": [{"commChannels": [{**MOBILE, name: None}]}]},
    ),
    "meta": (
        META,
        "body/profiles/0/commChannels/0/meta",
        lambda name: {"profiles": [{"commChannels": [{**MOBILE, "meta": {name: None}}]}]},
    ),
    "identifier": (
        IDENTIFIER,
        "body/profiles/0/identifiers/0",
        lambda name: {"profiles": [{"identifiers": [{name: None}]}]},
    ),
    "loyaltyInfo": (LOYALTY_INFO, "body/loyaltyInfo", lambda name: {"loyaltyInfo": {name: None}}),
    "enrolment": (
        ENROLMENT,
        "body/loyaltyProgramEnrollments/0",
        lambda name: {"loyaltyProgramEnrollments": [{"programId": 699, name: None}]},
    ),
}
LETTERS = st.sampled_from(string.ascii_letters + string.digits + "_-")
NAMES = st.sampled_from([(place, name) for place, (names, _, _) in PLACES.items() for name in sorted(names)])


def edits(name: str, letter: str) -> Iterator[str]:
    """Yield all names that one edit makes of another: a letter less, more or other, and two neighbours swapped."""
    for at in range(len(name) + 1):
        yield name[:at] + letter + name[at:]
    for at in range(len(name)):
        yield name[:at] + name[at + 1 :]
        yield name[:at] + letter + name[at + 1 :]
        yield name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :]


def distance(one: str, other: str) -> int:
    """Count edits by the textbook's table (Damerau, optimal string alignment), which shares no idea with the code."""
    table = [[max(row, column) for column in range(len(other) + 1)] for row in range(len(one) + 1)]
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            costs = one[row - 1] != other[column - 1]
            least = min(table[row - 1][column] + 1, table[row][column - 1] + 1, table[row - 1][column - 1] + costs)
            if row > 1 and column > 1 and one[row - 2 : row] == other[column - 2 : column][::-1]:
                least = min(least, table[row - 2][column - 2] + 1)
            table[row][column] = least
    return table[-1][-1]


@given(known=NAMES, letter=LETTERS)
def test_every_edit_of_every_name_is_told(known: tuple[str, str], letter: str) -> None:
    names, _, _ = PLACES[known[0]]
    for name in edits(known[1], letter):
        if name and name not in names:
            meant = find_meant(name, names)
            assert meant in names
            assert distance(name, meant) == 1 or name.lower() == meant.lower()


@given(known=NAMES, letters=st.tuples(LETTERS, LETTERS), picked=st.tuples(st.integers(0), st.integers(0)))
def test_what_is_meant_is_never_further_than_one_edit_or_a_change_of_case(
    known: tuple[str, str], letters: tuple[str, str], picked: tuple[int, int]
) -> None:
    names, name = PLACES[known[0]][0], known[1]
    for letter, number in zip(letters, picked, strict=True):
        made = list(edits(name, letter))
        name = made[number % len(made)]
    assume(name not in names)
    is_near = any(distance(name, one) == 1 or name.lower() == one.lower() for one in names)

    assert bool(find_meant(name, names)) is is_near


@given(known=NAMES, picks=st.lists(st.booleans(), min_size=40, max_size=40))
def test_another_case_is_told(known: tuple[str, str], picks: list[bool]) -> None:
    names = PLACES[known[0]][0]
    name = "".join(one.swapcase() if pick else one for one, pick in zip(known[1], picks, strict=False))
    assume(name not in names)

    assert find_meant(name, names) == known[1]


@pytest.mark.parametrize("place", PLACES)
def test_wherever_the_contract_names_members_a_misspelt_one_is_marked(
    setting: Setting, demo: World, place: str
) -> None:
    names, where, body_with = PLACES[place]
    for known in sorted(names):
        for name in (known.upper(), known[:-1], known[1] + known[0] + known[2:]):
            reply = a_mock(setting, demo).put(TOM, body_with(name))

            assert [(item.place, item.meant) for item in reply.misspelt] == [(f"{where}/{name}", known)]
            assert reply.response.headers["X-Mock-Why"].startswith(f"{where}/{name}: did you mean {known}?")
            assert (reply.response.status, reply.code) == (200, None)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["foo", "associatedWith", "first_name", "", "x" * 5000, "Ω"])
def test_a_harmless_name_is_ignored_as_ever(setting: Setting, demo: World, place: str, name: str) -> None:
    reply = a_mock(setting, demo).put(TOM, PLACES[place][2](name))

    assert reply.misspelt == ()
    assert "did you mean" not in reply.why


def test_names_that_are_free_are_not_compared(setting: Setting, demo: World) -> None:
    reply = a_mock(setting, demo).put(TOM, {"profiles": [{"fields": {"gendr": "x"}}], "extendedFields": {"Gendre": 1}})

    assert reply.misspelt == ()
    assert reply.warnings == (1017, 91015)


def test_the_question_stays(setting: Setting, demo: World) -> None:
    reply = a_mock(setting, demo).put(TOM, {"profils": []})

    assert "assumed unknown-body-member" in reply.basis
    assert reply.why == "body/profils: did you mean profiles?; body/profils: is not part of the contract"


@pytest.mark.parametrize(
    ("method", "customer", "query", "code", "misspelt"),
    [
        ("PUT", TOM, "Source=INSTORE", 8003, [("query/Source", "source")]),
        ("PUT", TOM, "source=INSTORE&Source=x", None, [("query/Source", "source")]),
        ("PUT", TOM, "source=INSTORE&useasync=true", None, [("query/useasync", "use_async")]),
        ("PUT", RAVI, "source=WECHAT&accountid=22232", 8045, [("query/accountid", "accountId")]),
        ("GET", RAVI, "source=WECHAT&account_id=22232", 8045, []),
        ("GET", RAVI, "sourc=WECHAT", 8016, [("query/sourc", "source")]),
        ("GET", TOM, "source=INSTORE&format=json", None, []),
    ],
)
def test_a_query_parameter_is_told_whatever_comes_of_it(
    setting: Setting, demo: World, method: str, customer: int, query: str, code: int | None, misspelt: list[Any]
) -> None:
    reply = a_mock(setting, demo).send(method, f"/v2/customers/{customer}", query=query)

    assert reply.code == code
    assert [(item.place, item.meant) for item in reply.misspelt] == misspelt
    assert all(f"{place}: did you mean {meant}?" in reply.why for place, meant in misspelt)


@pytest.mark.parametrize(
    ("body", "code", "misspelt"),
    [
        ({"profiles": [{"commChannels": [{"typ": "email"}]}]}, 8106, [("body/profiles/0/commChannels/0/typ", "type")]),
        (
            {"loyaltyProgramEnrollments": [{"programid": 699}]},
            400,
            [("body/loyaltyProgramEnrollments/0/programid", "programId")],
        ),
        ({"profiles": 5, "loyaltyinfo": {}}, 400, []),  # it is of a value that the contract refuses this
    ],
)
def test_a_refusal_for_a_name_that_is_missing_tells_the_misspelt_one(
    setting: Setting, demo: World, body: Any, code: int, misspelt: list[Any]
) -> None:
    reply = a_mock(setting, demo).put(TOM, body)

    assert reply.code == code
    assert [(item.place, item.meant) for item in reply.misspelt] == misspelt
    assert reply.why.startswith(reply.place)
    assert all(
        reply.response.headers["X-Mock-Why"].endswith(f"; {place}: did you mean {name}?") for place, name in misspelt
    )


def test_a_dialect_that_refuses_unknown_names_tells_them_too(setting: Setting, demo: World) -> None:
    assert setting.dialects is not None
    strict = setting.under(setting.dialects.with_answers(setting.dialect, ("unknown-body-member", "reject")))

    reply = a_mock(strict, demo).put(TOM, {"Profiles": []})

    assert (reply.code, [item.meant for item in reply.misspelt]) == (400, ["profiles"])


def test_a_forced_answer_tells_of_nothing(setting: Setting, demo: World) -> None:
    assert a_mock(setting, demo).put(900008018, {"profils": []}).misspelt == ()


def test_many_unknown_names_are_compared_up_to_a_bound(setting: Setting, demo: World) -> None:
    """What comes behind a thousand unknown names is not looked at, and twenty are told at most."""
    unknown = {f"x{number}": 1 for number in range(MOST_COMPARED - 1)}
    mock = a_mock(setting, demo)

    assert [item.meant for item in mock.put(TOM, {**unknown, "profils": []}).misspelt] == ["profiles"]
    assert mock.put(TOM, {"x": 1, **unknown, "profils": []}).misspelt == ()
    many = {"profiles": [{"firstname": "x"} for _ in range(MOST_TOLD + 1)]}
    assert len(mock.put(TOM, many).misspelt) == MOST_TOLD


def test_the_hint_comes_before_what_was_ignored_so_that_no_cut_takes_it(setting: Setting, demo: World) -> None:
    reply: Reply = a_mock(setting, demo).put(TOM, {**{f"member{number}": 1 for number in range(200)}, "profils": []})

    assert reply.response.headers["X-Mock-Why"].startswith("body/profils: did you mean profiles?; ")
    assert len(json.dumps(reply.response.headers["X-Mock-Why"])) <= 1026
