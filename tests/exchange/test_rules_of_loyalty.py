"""The rules of loyalty: the status, enrolments, points, and what of them comes later."""

import pytest

from mockserver.exchange import Setting
from mockserver.files import World
from tests.exchange.mock import a_mock, difference
from tests.exchange.rows import Row, becoming_loyalty, enrolments, verify

_LOYAL = 171891945  # in 699 with 120 points and tier 2
_ENROLLED = ("enrolment-of-non-loyalty",)


def _in_travel(**members: object) -> dict[str, object]:
    return {"programId": 1016, "tierNumber": 2, "loyaltyPoints": 50, **members}


def _expiring(law: str, *asks: str, kept: tuple[object, ...], points: int = 5, **expiries: str) -> Row:
    return Row(
        law=law,
        to=_LOYAL,
        body=enrolments(_in_travel(loyaltyPoints=points, **expiries)),
        asks=(*asks, "enrolment-points-effect") if points else asks,
        points=(points,) if points else (),
        changes={"program/1016": (2, points, *kept)},
    )


ROWS = (
    Row(
        law="becoming loyalty enrols in the default program and pays the incentive",
        body=becoming_loyalty(),
        asks=("default-program-enrolment", "use-async-default"),
        says=("UPD-USE-3", "UPD-QRY-4"),
        points=(25,),
        changes={"loyalty": "loyalty", "program/699": (1, 25, None, None)},
    ),
    Row(
        law="the request's own enrolments come first and points are not summed",
        query="source=INSTORE&use_async=false",
        body=becoming_loyalty({"programId": 699, "tierNumber": 3, "loyaltyPoints": 10}, _in_travel()),
        asks=("enrolment-points-effect",),
        never_asks=("default-program-enrolment", "use-async-default"),
        points=(10, 50, 25),
        changes={"loyalty": "loyalty", "program/699": (3, 35, None, None), "program/1016": (2, 50, None, None)},
    ),
    Row(
        law="an enrolment elsewhere does not replace the default program",
        body=becoming_loyalty(_in_travel(loyaltyPoints=0)),
        asks=("default-program-enrolment",),
        points=(25,),
        changes={"loyalty": "loyalty", "program/1016": (2, 0, None, None), "program/699": (1, 25, None, None)},
    ),
    Row(
        law="one who was enrolled before becoming loyalty keeps the enrolment",
        after=(enrolments({"programId": 699, "tierNumber": 2, "loyaltyPoints": 7}),),
        body=becoming_loyalty(),
        never_asks=("default-program-enrolment",),
        points=(25,),
        changes={"loyalty": "loyalty", "program/699": (2, 32, None, None)},
    ),
    Row(law="one who is loyalty gains nothing by it again", to=_LOYAL, body=becoming_loyalty()),
    Row(law="one who is not loyalty may stay so", body={"loyaltyInfo": {"loyaltyType": "non_loyalty"}}),
    Row(
        law="loyalty is never taken away",
        to=_LOYAL,
        body={"profiles": [{"firstName": "Tom"}], "loyaltyInfo": {"loyaltyType": "non_loyalty"}},
        code=8018,
        asks=("loyalty-downgrade",),
        says=("UPD-LIM-3",),
        why="body/loyaltyInfo/loyaltyType: ",
    ),
    Row(law="loyalty information without a type", body={"loyaltyInfo": {}}, asks=("loyalty-info-without-type",)),
    Row(
        law="a null type keeps",
        body={"loyaltyInfo": {"loyaltyType": None}},
        asks=("null-value", "loyalty-info-without-type"),
    ),
    Row(law="null loyalty information keeps", body={"loyaltyInfo": None}, asks=("null-value",)),
    Row(
        law="the case of a loyalty type matters",
        body={"loyaltyInfo": {"loyaltyType": "LOYALTY"}},
        code=400,
        asks=("loyalty-type-case",),
        why="body/loyaltyInfo/loyaltyType: ",
    ),
    Row(law="an unknown loyalty type", body={"loyaltyInfo": {"loyaltyType": "gold"}}, code=400),
    Row(
        law="an enrolment leaves the loyalty status alone",
        body=enrolments(_in_travel()),
        asks=(*_ENROLLED, "enrolment-points-effect"),
        says=("UPD-BODY-19",),
        points=(50,),
        changes={"program/1016": (2, 50, None, None)},
    ),
    Row(
        law="an enrolment begins at the lowest tier without points",
        body=enrolments({"programId": 1016}),
        asks=(*_ENROLLED, "tier-missing", "points-missing"),
        changes={"program/1016": (1, 0, None, None)},
    ),
    Row(
        law="a tier's number is no position",
        body=enrolments(_in_travel(tierNumber=234, loyaltyPoints=0)),
        asks=_ENROLLED,
        changes={"program/1016": (234, 0, None, None)},
    ),
    Row(
        law="one who is enrolled is not enrolled again",
        to=_LOYAL,
        body=enrolments({"programId": 699, "tierNumber": 3, "loyaltyPoints": 500}),
        asks=("already-enrolled",),
        says=("UPD-BODY-21",),
        why="body/loyaltyProgramEnrollments/0/programId: ",
        warnings=(91006,),
    ),
    Row(
        law="of two enrolments in a program the first counts",
        to=_LOYAL,
        body=enrolments(_in_travel(), _in_travel(tierNumber=3, loyaltyPoints=9)),
        asks=("already-enrolled", "enrolment-points-effect"),
        warnings=(91006,),
        points=(50,),
        changes={"program/1016": (2, 50, None, None)},
    ),
    Row(
        law="an unknown program",
        body=enrolments({"programId": 4}),
        code=1101,
        asks=(*_ENROLLED, "program-unknown"),
        why="body/loyaltyProgramEnrollments/0/programId: 4 is no program",
    ),
    Row(
        law="an unknown tier",
        to=_LOYAL,
        body=enrolments({"programId": 1016, "tierNumber": 4}),
        code=10002,
        asks=("tier-unknown",),
        why="body/loyaltyProgramEnrollments/0/tierNumber: ",
    ),
    Row(
        law="an unknown tier where one is enrolled is not looked at",
        to=_LOYAL,
        body=enrolments({"programId": 699, "tierNumber": 99}),
        asks=("already-enrolled",),
        warnings=(91006,),
    ),
    Row(
        law="no enrolments sent change nothing",
        to=_LOYAL,
        body={"loyaltyProgramEnrollments": []},
        asks=("empty-list",),
    ),
    Row(law="no enrolments sent where there are none", body={"loyaltyProgramEnrollments": []}),
    Row(law="a program must be named", body=enrolments({"tierNumber": 1}), code=400, why="Enrollments/0"),
    Row(
        law="75.0 points are 75",
        to=_LOYAL,
        body=enrolments(_in_travel(loyaltyPoints=75.0)),
        asks=("enrolment-points-effect",),
        points=(75,),
        changes={"program/1016": (2, 75, None, None)},
    ),
    Row(law="half a point", body=enrolments(_in_travel(loyaltyPoints=0.5)), code=400, asks=("points-fraction",)),
    Row(
        law="points are not taken away",
        body=enrolments(_in_travel(loyaltyPoints=-1)),
        code=400,
        asks=("points-negative",),
    ),
    _expiring("points without expiry", kept=(None, None)),
    _expiring(
        "expiries are stored as sent",
        kept=("2030-07-11T16:36:17+05:30", "2030-01-01T00:00:00Z"),
        tierExpiryDate="2030-07-11T16:36:17+05:30",
        pointsExpiryDate="2030-01-01T00:00:00Z",
    ),
    _expiring(
        "an expiry in the page's own pattern is read",
        "expiry-format",
        kept=("2030-07-11T16:36:17+05:30", None),
        tierExpiryDate="2030-07-11T16:36:17 +0530",
    ),
    _expiring(
        "an expiry in the past is stored",
        "expiry-past",
        kept=(None, "2024-07-11T16:36:17+05:30"),
        pointsExpiryDate="2024-07-11T16:36:17+05:30",
    ),
    _expiring(
        "an expiry of no points is stored",
        "expiry-without-points",
        points=0,
        kept=(None, "2030-07-11T16:36:17+05:30"),
        pointsExpiryDate="2030-07-11T16:36:17+05:30",
    ),
    Row(
        law="an expiry is a date and a time",
        body=enrolments(_in_travel(tierExpiryDate="2030-07-11")),
        code=400,
        why="tierExpiryDate: ",
    ),
    Row(
        law="in the background no side effects are named",
        query="source=INSTORE&use_async=true",
        body=becoming_loyalty(_in_travel()),
        asks=("async-scope", "default-program-enrolment"),
        never_asks=("use-async-default", "enrolment-points-effect"),
        says=("UPD-QRY-3",),
        points=None,
        changes={"loyalty": "loyalty", "program/1016": (2, 0, None, None), "program/699": (1, 0, None, None)},
    ),
    Row(
        law="in the background nothing is named where nothing is due",
        query="source=INSTORE&use_async=true",
        body={},
        asks=("empty-body",),
        points=None,
    ),
    Row(
        law="use_async is not spelt True",
        query="source=INSTORE&use_async=True",
        code=400,
        asks=("use-async-spelling",),
        why="query/use_async: ",
    ),
    Row(law="use_async is not yes", query="source=INSTORE&use_async=yes", code=400, never_asks=("use-async-spelling",)),
    Row(law="use_async is not empty", query="source=INSTORE&use_async=", code=400),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_rule_of_loyalty(row: Row, setting: Setting, demo: World) -> None:
    verify(row, setting, demo)


def test_true_in_python_s_spelling_is_answered_with_a_hint(setting: Setting, demo: World) -> None:
    reply = a_mock(setting, demo).put(171891944, query="source=INSTORE&use_async=True")

    assert "Python sends True" in reply.response.headers["X-Mock-Why"]


def test_after_settling_both_ways_end_in_the_same_state(setting: Setting, demo: World) -> None:
    body = becoming_loyalty(_in_travel())
    at_once, in_background = a_mock(setting, demo), a_mock(setting, demo)
    at_once.put(171891944, body, query="source=INSTORE&use_async=false")
    in_background.put(171891944, body, query="source=INSTORE&use_async=true")
    present = in_background.customer(171891944)

    in_background.settle()

    assert in_background.customers == at_once.customers
    assert difference(present, in_background.customer(171891944)) == {
        "program/1016": (2, 50, None, None),
        "program/699": (1, 25, None, None),
    }
