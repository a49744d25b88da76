"""Every answer that is not ours: what it makes of the smallest request that meets it, and that its question is named.

A row says what comes of its request under one other answer; all other questions are answered as ours. Under our own
answer the same request must come to something else, or the row would show nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from mockserver.domain.customer import CustomerId
from mockserver.exchange import Reply, Setting
from mockserver.exchange.dialects import Dialects
from mockserver.files import World, read_questions, read_world
from mockserver.values import replace
from tests.exchange.mock import Mock, a_mock, basis_of, body_of, codes_of, difference, points_of
from tests.exchange.rows import becoming_loyalty, channels, enrolments, extended, profile

_QUESTIONS = read_questions()
_POINTS = {"entityType": "USER", "rawAwardedPoints": 25.0, "awardedPoints": 25, "type": "points"}
_UNKNOWN = {"status": False, "code": 8015, "message": "Customer not found for the given identifiers"}
_HOME = {"residence": True, "office": False}
_MOBILE = "INSTORE/mobile:919999001944"
_EMAIL = "INSTORE/email:asha.menon@example.com"
_NEW = {"type": "email", "value": "tom@example.com"}
_STORED = "INSTORE/email:tom@example.com"
_HELD = {"type": "mobile", "value": "919999001944"}
_NATIONAL = {"type": "mobile", "value": "9999000000"}
_TRAVEL = {"programId": 1016}
_PAST, _FUTURE = "2024-07-11T16:36:17+05:30", "2030-07-11T16:36:17+05:30"
_TOM = profile(firstName="Tom")
_RAV = profile(firstName="Rav")
_RENAMED = {"INSTORE/firstName": "Tom"}


@dataclass(frozen=True, slots=True)
class Other:
    """One answer, a request, and what comes of it; `at` is the customer whose changes are looked at."""

    question: str
    answer: str
    body: object = b""
    reads: str = field(default="", kw_only=True)
    to: int | str = field(default=171891944, kw_only=True)
    at: int = field(default=0, kw_only=True)
    query: str = field(default="source=INSTORE", kw_only=True)
    headers: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    world: str = field(default="demo", kw_only=True)
    status: int = field(default=0, kw_only=True)
    code: int | None = field(default=None, kw_only=True)
    warnings: tuple[int, ...] = field(default=(), kw_only=True)
    points: tuple[int, ...] | None = field(default=(), kw_only=True)
    changes: Mapping[str, object] = field(default_factory=dict, kw_only=True)
    shows: object = field(default=None, kw_only=True)

    def __str__(self) -> str:
        return f"{self.question}={self.answer}"


ROWS = (
    Other(
        "omitted-field",
        "clear",
        _TOM,
        changes={
            "INSTORE/firstName": "Tom",
            "INSTORE/lastName": None,
            "INSTORE/fields/gender": None,
            "INSTORE/fields/city": None,
            _MOBILE: None,
            _EMAIL: None,
            "extended/gender": None,
            "extended/city": None,
        },
    ),
    Other(
        "null-value",
        "clear",
        profile(firstName=None, fields={"city": None}),
        changes={"INSTORE/firstName": None, "INSTORE/fields/city": None},
    ),
    Other("null-value", "reject", profile(firstName=None), code=400),
    Other("empty-text", "keep", profile(firstName="")),
    Other(
        "empty-text",
        "clear",
        profile(firstName="", fields={"city": ""}),
        changes={"INSTORE/firstName": None, "INSTORE/fields/city": None},
    ),
    Other("empty-list", "clear", profile(commChannels=[]), changes={_MOBILE: None, _EMAIL: None}),
    Other("empty-list", "clear", enrolments(), to=171891945, changes={"program/699": None}),
    Other(
        "empty-list",
        "clear",
        {"profiles": []},
        to=171891948,
        query="source=MARTJACK",
        changes={
            "MARTJACK/firstName": None,
            "MARTJACK/lastName": None,
            "MARTJACK/fields/city": None,
            "MARTJACK/email:t.herrera@example.net": None,
        },
    ),
    Other("empty-body", "reject", {}, code=400),
    Other("empty-body", "reject", b"", code=400),
    Other(
        "comm-channels",
        "replace",
        channels(_NEW),
        changes={_MOBILE: None, _EMAIL: None, _STORED: (False, False, {})},
    ),
    Other("channel-duplicate", "reject", channels(_NEW, {**_NEW, "verified": True}), code=8010),
    Other(
        "channel-duplicate",
        "first",
        channels(_NEW, {**_NEW, "verified": True}),
        changes={_STORED: (False, False, {})},
    ),
    Other(
        "channel-primary",
        "both",
        channels({**_NATIONAL, "primary": True}),
        changes={"INSTORE/mobile:9999000000": (True, False, {})},
    ),
    Other("channel-primary", "reject", channels({**_NATIONAL, "primary": True}), code=8010),
    Other(
        "channel-flag-omitted",
        "false",
        channels({**_HELD, "primary": True}),
        changes={_MOBILE: (True, False, _HOME)},
    ),
    Other("channel-value-invalid", "reject", channels({"type": "mobile", "value": "12"}), code=8058),
    Other("channel-value-invalid", "reject", channels({"type": "email", "value": "tom"}), code=8057),
    Other("channel-value-missing", "reject", channels({"type": "mobile"}), code=400),
    Other("channel-type-case", "any", channels({**_NEW, "type": "EMail"}), changes={_STORED: (False, False, {})}),
    Other(
        "channel-type-elsewhere",
        "accept",
        channels({"type": "whatsapp", "value": "919999000000"}),
        changes={"INSTORE/whatsapp:919999000000": (False, False, {})},
    ),
    Other("channel-type-not-of-source", "8010", channels({"type": "wechat", "value": "wc_9"}), code=8010),
    Other(
        "channel-meta",
        "replace",
        channels({**_HELD, "meta": {"lastViewedDate": "2019-10-25"}}),
        changes={_MOBILE: (True, True, {"lastViewedDate": "2019-10-25"})},
    ),
    Other("mobile-without-country-code", "warn", channels(_NATIONAL), warnings=(8058,)),
    Other(
        "mobile-without-country-code",
        "prefix",
        channels(_NATIONAL),
        changes={"INSTORE/mobile:919999000000": (False, False, {})},
    ),
    Other(
        "dual-eligibility",
        "ignore",
        profile(firstName="Tom", commChannels=[_NEW]),
        world="single-eligibility",
        changes=_RENAMED,
    ),
    Other(
        "dual-eligibility",
        "warn",
        profile(firstName="Tom", commChannels=[_NEW]),
        world="single-eligibility",
        warnings=(8010,),
        changes=_RENAMED,
    ),
    Other(
        "custom-fields",
        "replace",
        profile(fields={"city": "Pune"}),
        changes={"INSTORE/fields/gender": None, "INSTORE/fields/city": "Pune"},
    ),
    Other("custom-field-unknown", "ignore", profile(fields={"pet": "cat"})),
    Other("custom-field-unknown", "store", profile(fields={"pet": "cat"}), changes={"INSTORE/fields/pet": "cat"}),
    Other(
        "extended-fields", "replace", extended(city="Pune"), changes={"extended/gender": None, "extended/city": "Pune"}
    ),
    Other("extended-field-unknown", "reject", extended(pet="cat"), code=10002),
    Other("extended-field-wrong-type", "reject", extended(kids="two"), code=10002),
    Other("extended-value-as-text", "warn", extended(kids="2"), warnings=(91015,)),
    Other("extended-name-case", "exact", extended(CITY="Pune"), warnings=(91015,)),
    Other("extended-enum-case", "exact", extended(gender="MALE"), warnings=(91015,)),
    Other(
        "identifiers-in-body",
        "warn",
        profile(identifiers=[{"type": "mobile", "value": "1"}, {"type": "email", "value": "a@b.example"}]),
        warnings=(91005, 91006),
    ),
    Other("identifiers-in-body", "reject", profile(identifiers=[{"type": "mobile", "value": "1"}]), code=400),
    Other(
        "identifiers-in-body",
        "add",
        profile(identifiers=[{"type": "mobile", "value": "1"}, {"type": "email", "value": "a@b.example"}]),
        changes={"INSTORE/identifiers/email": "a@b.example"},
    ),
    Other(
        "source-in-body",
        "body",
        profile(source="WECHAT", accountId="22232", firstName="Rav"),
        to=171891945,
        changes={"WECHAT:22232/firstName": "Rav"},
    ),
    Other("source-in-body", "reject", profile(source="WECHAT", accountId="22232"), to=171891945, code=400),
    Other("several-profiles", "reject", {"profiles": [{"firstName": "Tom"}, {"firstName": "Tim"}]}, code=400),
    Other("profiles-as-object", "accept", {"profiles": {"firstName": "Tom"}}, changes=_RENAMED),
    Other("source-missing", "3217", query="", code=3217),
    Other("source-missing", "400", query="", code=400),
    Other("source-unknown", "3217", query="source=FAX", code=3217),
    Other("source-unknown", "400", query="source=FAX", code=400),
    Other("account-missing", "8015", _RAV, to=171891945, query="source=WECHAT", code=8015),
    Other(
        "account-missing",
        "8054",
        _RAV,
        to=171891945,
        query="source=WECHAT",
        warnings=(8054,),
        changes={"WECHAT:22232/firstName": "Rav"},
    ),
    Other("account-empty", "3217", _TOM, query="source=INSTORE&accountId=", code=3217),
    Other("account-empty", "3217", _RAV, to=171891945, query="source=WECHAT&accountId=", code=3217),
    Other("account-unknown", "8127", to=171891945, query="source=WECHAT&accountId=9", code=8127),
    Other("account-on-single-account-source", "ignore", _TOM, query="source=INSTORE&accountId=1", changes=_RENAMED),
    Other("no-profile-in-source", "8065", _TOM, query="source=JD", code=8065),
    Other("no-profile-in-source", "8090", _TOM, query="source=JD", code=8090),
    Other("update-of-merged", "survivor", _RAV, to=171891949, at=171891945, changes={"INSTORE/firstName": "Rav"}),
    Other(
        "loyalty-downgrade",
        "ignore",
        {"loyaltyInfo": {"loyaltyType": "non_loyalty"}, **_RAV},
        to=171891945,
        changes={"INSTORE/firstName": "Rav"},
    ),
    Other("loyalty-info-without-type", "400", {"loyaltyInfo": {}}, code=400),
    Other(
        "loyalty-type-case",
        "any",
        {"loyaltyInfo": {"loyaltyType": "LOYALTY"}},
        points=(25,),
        changes={"loyalty": "loyalty", "program/699": (1, 25, None, None)},
    ),
    Other("default-program-enrolment", "no", becoming_loyalty(), changes={"loyalty": "loyalty"}),
    Other(
        "enrolment-of-non-loyalty",
        "upgrade",
        enrolments({"programId": 699}),
        points=(25,),
        changes={"loyalty": "loyalty", "program/699": (1, 25, None, None)},
    ),
    Other("enrolment-of-non-loyalty", "8089", enrolments(_TRAVEL), code=8089),
    Other("already-enrolled", "reject", enrolments({"programId": 699}), to=171891945, code=10002),
    Other(
        "program-unknown",
        "warn",
        enrolments({"programId": 5}, _TRAVEL),
        to=171891945,
        warnings=(1101,),
        changes={"program/1016": (1, 0, None, None)},
    ),
    Other("tier-unknown", "warn", enrolments({**_TRAVEL, "tierNumber": 9}), to=171891945, warnings=(10002,)),
    Other("tier-missing", "10002", enrolments(_TRAVEL), to=171891945, code=10002),
    Other("points-missing", "10002", enrolments({**_TRAVEL, "tierNumber": 1}), to=171891945, code=10002),
    Other("points-negative", "10002", enrolments({**_TRAVEL, "loyaltyPoints": -1}), to=171891945, code=10002),
    Other("points-fraction", "10002", enrolments({**_TRAVEL, "loyaltyPoints": 0.5}), to=171891945, code=10002),
    Other(
        "expiry-past",
        "expire",
        enrolments(
            {**_TRAVEL, "tierNumber": 2, "loyaltyPoints": 10, "tierExpiryDate": _PAST, "pointsExpiryDate": _PAST}
        ),
        to=171891945,
        changes={"program/1016": (1, 0, _PAST, _PAST)},
    ),
    Other("expiry-past", "reject", enrolments({**_TRAVEL, "tierExpiryDate": _PAST}), to=171891945, code=10002),
    Other(
        "expiry-without-points",
        "expire",
        enrolments({**_TRAVEL, "pointsExpiryDate": _FUTURE}),
        to=171891945,
        changes={"program/1016": (1, 0, None, None)},
    ),
    Other(
        "expiry-without-points",
        "reject",
        enrolments({**_TRAVEL, "pointsExpiryDate": _FUTURE}),
        to=171891945,
        code=10002,
    ),
    Other(
        "expiry-format",
        "strict",
        enrolments({**_TRAVEL, "tierExpiryDate": "2030-07-11T16:36:17 +05:30"}),
        to=171891945,
        code=400,
    ),
    Other(
        "enrolment-points-effect",
        "hide",
        enrolments({**_TRAVEL, "loyaltyPoints": 10}),
        to=171891945,
        changes={"program/1016": (1, 10, None, None)},
    ),
    Other("name-too-long", "reject", profile(firstName="x" * 101), code=400),
    Other("name-characters", "plain", profile(firstName="李"), code=400),
    Other("name-whitespace", "trim", profile(firstName=" Tom "), changes=_RENAMED),
    Other("unknown-body-member", "reject", {"associatedWith": "till"}, code=400),
    Other("unknown-query-parameter", "reject", query="source=INSTORE&format=json", code=400),
    Other("repeated-parameter", "first", _TOM, query="source=INSTORE&source=JD", changes=_RENAMED),
    Other("repeated-parameter", "last", _TOM, query="source=JD&source=INSTORE", changes=_RENAMED),
    Other(
        "use-async-default",
        "true",
        becoming_loyalty(),
        points=None,
        changes={"loyalty": "loyalty", "program/699": (1, 0, None, None)},
    ),
    Other(
        "use-async-spelling",
        "any",
        becoming_loyalty(),
        query="source=INSTORE&use_async=True",
        points=None,
        changes={"loyalty": "loyalty", "program/699": (1, 0, None, None)},
    ),
    Other("async-scope", "all", _TOM, query="source=INSTORE&use_async=true", points=None),
    Other(
        "async-side-effects",
        "empty",
        query="source=INSTORE&use_async=true",
        shows={"createdId": 171891944, "warnings": [], "sideEffects": []},
    ),
    Other("created-id-type", "text", shows={"createdId": "171891944", "warnings": [], "sideEffects": []}),
    Other(
        "warnings-type",
        "object",
        channels({"type": "mobile", "value": "12"}),
        shows={
            "createdId": 171891944,
            "warnings": {"status": False, "code": 8058, "message": "Invalid mobile in comm channel"},
            "sideEffects": [],
        },
    ),
    Other(
        "side-effects-type",
        "object",
        becoming_loyalty(),
        shows={"createdId": 171891944, "warnings": [], "sideEffects": _POINTS},
        changes={"loyalty": "loyalty", "program/699": (1, 25, None, None)},
    ),
    Other("error-status", "200", to=1, status=200, code=8015),
    Other("error-status", "404-for-8015", to=1, status=404, code=8015),
    Other("error-envelope", "with-warnings", to=1, code=8015, shows={"errors": [_UNKNOWN], "warnings": []}),
    Other("user-id-form", "parse", _TOM, to="0171891944", at=171891944, changes=_RENAMED),
    Other("get-source-values", "five", reads="customer", to=171891953, query="source=JD", code=8012),
    Other("get-source-missing", "8003", reads="customer", query="", code=8003),
    Other("get-account-missing", "8091", reads="customer", to=171891945, query="source=WECHAT", code=8091),
    Other("loyalty-details-of-non-loyalty", "8089", reads="loyalty details", code=8089),
    Other("attribution-headers", "ignore", _TOM, headers={"x-cap-api-attribution-lookup": "a"}, changes=_RENAMED),
)


def _serve(row: Other, setting: Setting) -> Mock:
    world: World = read_world(row.world)
    return a_mock(replace(setting, organisation=world.organisation), world)


def _send(row: Other, mock: Mock) -> Reply:
    match row.reads:
        case "customer":
            return mock.get(row.to, query=row.query)
        case "loyalty details":
            return mock.get_loyalty(row.to)
        case _:
            return mock.put(row.to, row.body, query=row.query, headers=row.headers)


def _came(row: Other, setting: Setting) -> tuple[Reply, Mapping[str, object]]:
    """Return the answer to a row's request, and what it changed of the customer that is looked at."""
    mock = _serve(row, setting)
    looked_at = row.at or row.to
    before = dict(mock.customers)
    reply = _send(row, mock)
    others = {number: customer for number, customer in mock.customers.items() if number != looked_at}
    assert others == {number: customer for number, customer in before.items() if number != looked_at}
    known = before.get(CustomerId(int(looked_at)))
    return reply, {} if known is None else difference(known, mock.customer(known.id))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_another_answer_does_what_its_meaning_says(row: Other, dialects: Dialects, setting: Setting) -> None:
    spoken = setting.under(dialects.with_answers(setting.dialect, (row.question, row.answer)))

    reply, changes = _came(row, spoken)

    assert (reply.code, changes) == (row.code, row.changes), reply.why
    assert reply.response.status == (row.status or (200 if row.code is None else 400))
    if row.shows is not None:
        assert body_of(reply) == row.shows
    elif row.code is None and not row.reads:
        assert (codes_of(reply), points_of(reply)) == (row.warnings, row.points)
    operation = spoken.contract.operations[reply.operation or ""]
    assert operation.judge_response(reply.response.status, body_of(reply)) == ()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_our_answer_comes_to_something_else_and_both_name_the_question(
    row: Other, dialects: Dialects, setting: Setting
) -> None:
    spoken = setting.under(dialects.with_answers(setting.dialect, (row.question, row.answer)))

    (ours, our_changes), (theirs, their_changes) = _came(row, setting), _came(row, spoken)

    assert (ours.response.status, body_of(ours), our_changes) != (
        theirs.response.status,
        body_of(theirs),
        their_changes,
    )
    is_named = not _QUESTIONS[row.question].form
    assert (row.question in basis_of(ours), row.question in basis_of(theirs)) == (is_named, is_named)


def test_every_answer_that_a_dialect_may_choose_has_a_row() -> None:
    choices = {
        (question.id, answer)
        for question in _QUESTIONS.values()
        for answer in question.implemented
        if answer != question.ours
    }

    assert {(row.question, row.answer) for row in ROWS} == choices
