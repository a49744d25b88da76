"""The rules of profiles: which one an update means, names, identifiers, and what the body as a whole may be."""

import pytest

from mockserver.exchange import Setting
from mockserver.files import World
from tests.exchange.rows import Row, extended, profile, verify

_FIRST = "INSTORE/firstName"
_TWO_WECHAT = [{"source": "WECHAT", "accountId": "1234", "firstName": "B"}, {"source": "WECHAT", "firstName": "C"}]

ROWS = (
    Row(
        law="what is not sent stays",
        body=profile(firstName="Tom"),
        asks=("omitted-field",),
        says=("UPD-USE-1", "UPD-USE-2", "UPD-BODY-2"),
        changes={_FIRST: "Tom"},
    ),
    Row(law="what is sent as it is changes nothing", body=profile(firstName="Asha", lastName="Menon")),
    Row(law="null keeps", body=profile(firstName=None), asks=("null-value",)),
    Row(law="null for all profiles keeps", body={"profiles": None}, asks=("null-value",)),
    Row(
        law="an empty text is stored", body=profile(lastName=""), asks=("empty-text",), changes={"INSTORE/lastName": ""}
    ),
    Row(law="an empty list of profiles changes nothing", body={"profiles": []}, asks=("empty-list",)),
    Row(law="an empty profile changes nothing", body=profile()),
    Row(law="an empty object is accepted", body={}, asks=("empty-body",)),
    Row(law="no bytes are accepted", body=b"", asks=("empty-body",)),
    Row(law="null is no body", body=b"null", code=400, why="body: "),
    Row(law="an array is no body", body=[], code=400, why="body: "),
    Row(
        law="a long name is cut silently",
        body=profile(firstName="x" * 101),
        asks=("name-too-long",),
        why="body/profiles/0/firstName: is cut to 100",
        changes={_FIRST: "x" * 100},
    ),
    Row(
        law="a name of 100 characters fits",
        body=profile(firstName="𝒳" * 100),
        asks=("name-characters",),
        changes={_FIRST: "𝒳" * 100},
    ),
    Row(
        law="a name may have any character",
        body=profile(firstName="T_m!"),
        asks=("name-characters",),
        changes={_FIRST: "T_m!"},
    ),
    Row(law="a plain name raises no question", body=profile(firstName="Sean-O'Neil"), changes={_FIRST: "Sean-O'Neil"}),
    Row(
        law="a name keeps its blanks",
        body=profile(firstName=" Tom "),
        asks=("name-whitespace",),
        changes={_FIRST: " Tom "},
    ),
    Row(
        law="the query decides the source",
        body=profile(source="WECHAT", firstName="Tom"),
        asks=("source-in-body",),
        says=("UPD-LIM-2",),
        why="body/profiles/0/source",
        changes={_FIRST: "Tom"},
    ),
    Row(
        law="the query's source in the body raises no question",
        body=profile(source="INSTORE", firstName="Tom"),
        changes={_FIRST: "Tom"},
    ),
    Row(
        law="of several profiles the exact account is taken",
        to=171891945,
        query="source=WECHAT&accountId=22232",
        body={"profiles": [*_TWO_WECHAT, {"source": "WECHAT", "accountId": "22232", "firstName": "D"}]},
        asks=("several-profiles",),
        why="body/profiles/0",
        changes={"WECHAT:22232/firstName": "D"},
    ),
    Row(
        law="of several profiles the same source is next",
        to=171891945,
        query="source=WECHAT&accountId=22232",
        body={"profiles": [{"firstName": "A"}, *_TWO_WECHAT]},
        asks=("several-profiles",),
        changes={"WECHAT:22232/firstName": "B"},
    ),
    Row(
        law="of several profiles the first that names no source is last",
        body={"profiles": [*_TWO_WECHAT, {"firstName": "D"}, {"firstName": "E"}]},
        asks=("several-profiles",),
        changes={_FIRST: "D"},
    ),
    Row(
        law="of several profiles of other sources none is taken",
        body={"profiles": _TWO_WECHAT},
        asks=("several-profiles",),
        why="body/profiles/1",
    ),
    Row(
        law="profiles are no object",
        body={"profiles": {"firstName": "Tom"}},
        code=400,
        asks=("profiles-as-object",),
        why="body/profiles: ",
    ),
    Row(law="profiles are no text", body={"profiles": "Tom"}, code=400, why="body/profiles: "),
    Row(law="null is no profile", body={"profiles": [None]}, code=400, why="body/profiles/0: "),
    Row(law="a number is no name", body=profile(firstName=5), code=400, why="body/profiles/0/firstName: "),
    Row(
        law="identifiers are ignored and that is said",
        body=profile(
            identifiers=[{"type": "mobile", "value": 919000000000}, {"type": "email", "value": "a@b.example"}]
        ),
        asks=("identifiers-in-body",),
        says=("UPD-LIM-1",),
        why="body/profiles/0/identifiers: identifiers cannot be updated",
    ),
    Row(law="an empty list of identifiers raises no question", body=profile(identifiers=[])),
    Row(
        law="a customer without a profile in the source gets one",
        query="source=MARTJACK",
        body=profile(firstName="Tom", fields={"city": "Pune"}),
        asks=("no-profile-in-source",),
        changes={
            "MARTJACK": "there",
            "MARTJACK/firstName": "Tom",
            "MARTJACK/lastName": None,
            "MARTJACK/fields/city": "Pune",
        },
    ),
    Row(
        law="no profile is added for an empty one",
        query="source=MARTJACK",
        body=profile(identifiers=[{"type": "mobile", "value": "919000000000"}]),
        asks=("no-profile-in-source", "identifiers-in-body"),
    ),
    Row(
        law="no profile is added for extended fields",
        query="source=MARTJACK",
        body=extended(city="Pune"),
        asks=("no-profile-in-source",),
        changes={"extended/city": "Pune"},
    ),
    Row(
        law="an unknown member of the body is ignored",
        body={"nickname": "T", "profiles": [{"firstName": "Tom", "age": 5}]},
        asks=("unknown-body-member",),
        why="body/nickname: is not part of the contract",
        changes={_FIRST: "Tom"},
    ),
    Row(
        law="an unknown query parameter is ignored",
        query="source=INSTORE&format=json",
        body=profile(firstName="Tom"),
        asks=("unknown-query-parameter",),
        why="query/format",
        changes={_FIRST: "Tom"},
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_rule_of_profiles(row: Row, setting: Setting, demo: World) -> None:
    verify(row, setting, demo)
