"""The smallest edit of each refused request: one row for each refusal that the core can earn, with the exact edits."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from mockserver.exchange import Setting, respond
from mockserver.exchange.dialects import Dialects
from mockserver.exchange.editing import Edit, edited
from mockserver.exchange.repairing import PLACEHOLDER, WORLDS_OWN, Repair, find_repair
from mockserver.files import World
from mockserver.messages import Request
from mockserver.values import replace
from tests.exchange.mock import NOW, PAGE_CREDENTIALS
from tests.exchange.rows import channels, enrolments, extended, profile

_TOM, _RAVI = 171891944, 171891945
_JSON = {"authorization": PAGE_CREDENTIALS, "content-type": "application/json"}
_CHANNEL = "body/profiles/0/commChannels/0"
_ENROLMENT = "body/loyaltyProgramEnrollments/0"
_LOOKUP = "X-CAP-API-ATTRIBUTION-LOOKUP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One law: a refused request, its code, and the edits (place to value, `...` for what is left out) or None."""

    law: str
    code: int
    edits: Mapping[str, object] | None
    method: str = "PUT"
    path: str = f"/v2/customers/{_TOM}"
    query: str = "source=INSTORE"
    headers: Mapping[str, str] = field(default_factory=lambda: _JSON)
    body: object = field(default_factory=dict)
    oversized: bool = False
    undecodable: str = ""

    def __str__(self) -> str:
        return self.law.replace(" ", "_")

    @property
    def request(self) -> Request:
        """The request that is refused."""
        return Request(
            method=self.method,
            path=self.path,
            query=self.query,
            headers=self.headers,
            body=self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode(),
            oversized=self.oversized,
            undecodable=self.undecodable,
        )


def _to(customer: object) -> str:
    return f"/v2/customers/{customer}"


ROWS = (
    Row(law="404 takes the path that is like it", code=404, path="/v3/customers/171891944", edits={"path": _to(_TOM)}),
    Row(law="404 for a slash at the end", code=404, path=f"{_to(_TOM)}/", edits={"path": _to(_TOM)}),
    Row(
        law="404 of a read takes the path of a read",
        code=404,
        method="GET",
        path=f"{_to(_TOM)}/loyaltydetails",
        edits={"path": f"{_to(_TOM)}/loyaltyDetails"},
    ),
    Row(law="404 without a customer is not guessed at", code=404, path="/v2/promotion/customer", edits=None),
    Row(law="405 of a method that writes becomes PUT", code=405, method="POST", edits={"method": "PUT"}),
    Row(law="405 of a method in small letters", code=405, method="get", edits={"method": "GET"}),
    Row(
        law="401 names credentials that any world takes",
        code=401,
        headers={"content-type": "application/json"},
        edits={"header/Authorization": PLACEHOLDER},
    ),
    Row(
        law="401 before other refusals",
        code=401,
        headers={"authorization": "Bearer x"},
        query="source=INSTORE&accountId=7",
        edits={
            "header/Authorization": PLACEHOLDER,
            "header/Content-Type": "application/json",
            "query/accountId": ...,
        },
    ),
    Row(
        law="a forced answer is no longer asked for",
        code=8018,
        headers={**_JSON, "prefer": "code=8018"},
        edits={"header/Prefer": ...},
    ),
    Row(
        law="400 of an unknown code is no longer asked for",
        code=400,
        headers={**_JSON, "prefer": "code=8019"},
        edits={"header/Prefer": ...},
    ),
    Row(
        law="400 of an example that is written wrong",
        code=400,
        headers={**_JSON, "prefer": "example=pionts"},
        edits={"header/Prefer": "example=points"},
    ),
    Row(law="a reserved id becomes a known one", code=8018, path=_to(900008018), edits={"path/userId": "171891958"}),
    Row(
        law="415 needs the type of JSON",
        code=415,
        headers={"authorization": PAGE_CREDENTIALS, "content-type": "text/plain"},
        edits={"header/Content-Type": "application/json"},
    ),
    Row(
        law="406 takes JSON",
        code=406,
        headers={**_JSON, "accept": "text/html"},
        edits={"header/Accept": "application/json"},
    ),
    Row(law="413 is not mended", code=413, body=b"", oversized=True, edits=None),
    Row(law="400 of what cannot be decoded is not mended", code=400, body=b"", undecodable="no gzip", edits=None),
    Row(law="400 of what is no JSON is not guessed at", code=400, body=b'{"profiles": [', edits=None),
    Row(law="400 of bytes that are no text is not guessed at", code=400, body=b"\xff\xfe", edits=None),
    Row(law="400 of a thousand brackets is not guessed at", code=400, body=b"[" * 100_000, edits=None),
    Row(
        law="400 of a key that stands twice keeps the last",
        code=400,
        body=b'{"profiles": [{"firstName": "A", "firstName": "B"}]}',
        edits={"body/profiles/0/firstName": "B"},
    ),
    Row(
        law="400 of a number that is none leaves it out",
        code=400,
        body=b'{"extendedFields": {"city": "Pune", "kids": NaN, "height": 1e999}}',
        edits={"body/extendedFields/height": ..., "body/extendedFields/kids": ...},
    ),
    Row(law="8003 of no source takes the contract's example", code=8003, query="", edits={"query/source": "INSTORE"}),
    Row(
        law="8003 of a source in small letters",
        code=8003,
        query="source=martjack",
        edits={"query/source": "MARTJACK"},
    ),
    Row(
        law="8003 of a source that is written almost so needs its account too",
        code=8003,
        path=_to(_RAVI),
        query="source=WECHATT",
        edits={"query/source": "WECHAT", "query/accountId": "22232"},
    ),
    Row(law="8003 of a fantasy", code=8003, query="source=FAX", edits={"query/source": "INSTORE"}),
    Row(
        law="8045 adds an account in which the customer is",
        code=8045,
        path=_to(_RAVI),
        query="source=WECHAT",
        edits={"query/accountId": "22232"},
    ),
    Row(
        law="3217 of an unknown account takes the nearest",
        code=3217,
        path=_to(_RAVI),
        query="source=WECHAT&accountId=12345",
        edits={"query/accountId": "1234"},
    ),
    Row(
        law="3217 of a source without accounts leaves the account out",
        code=3217,
        query="source=INSTORE&accountId=22232",
        edits={"query/accountId": ...},
    ),
    Row(
        law="8015 of an unknown customer takes the nearest",
        code=8015,
        path=_to(17189194),
        edits={"path/userId": "171891944"},
    ),
    Row(law="8015 of a leading zero", code=8015, path=_to("0171891947"), edits={"path/userId": "171891947"}),
    Row(law="8067 takes the survivor", code=8067, path=_to(171891949), edits={"path/userId": "171891945"}),
    Row(
        law="400 of a boolean of Python",
        code=400,
        query="source=INSTORE&use_async=True",
        edits={"query/use_async": "true"},
    ),
    Row(
        law="400 of an empty value leaves it out",
        code=400,
        query="source=INSTORE&use_async=",
        edits={"query/use_async": ...},
    ),
    Row(
        law="400 of a repeated parameter keeps the first",
        code=400,
        query="source=MARTJACK&source=INSTORE",
        edits={"query/source": "MARTJACK"},
    ),
    Row(
        law="400 of a value that is not percent-encoded",
        code=400,
        query="source=INSTORE&accountId=%ff",
        edits={"query/accountId": ...},
    ),
    Row(
        law="400 of a header that is none of its values",
        code=400,
        headers={**_JSON, "x-cap-api-attribution-entity-type": "TILLS"},
        edits={"header/X-CAP-API-ATTRIBUTION-ENTITY-TYPE": "TILL"},
    ),
    Row(
        law="1061 adds the type of the lookup",
        code=1061,
        headers={**_JSON, _LOOKUP.lower(): "a"},
        edits={f"header/{_LOOKUP}-TYPE": "WECHAT"},
    ),
    Row(
        law="8010 of a type that is written wrong",
        code=8010,
        body=channels({"type": "emial", "value": "tom@example.com"}),
        edits={f"{_CHANNEL}/type": "email"},
    ),
    Row(
        law="8010 of a fantasy takes a type that is not warned of",
        code=8010,
        body=channels({"type": "pigeon", "value": "tom@example.com"}),
        edits={f"{_CHANNEL}/type": "email"},
    ),
    Row(
        law="8106 takes a type that is not warned of",
        code=8106,
        body=channels({"value": "tom@example.com"}),
        edits={f"{_CHANNEL}/type": "email"},
    ),
    Row(
        law="8106 of a number",
        code=8106,
        body=channels({"value": "919999001944"}),
        edits={f"{_CHANNEL}/type": "mobile"},
    ),
    Row(
        law="400 of a number where text is wanted",
        code=400,
        body=profile(firstName=5),
        edits={"body/profiles/0/firstName": "5"},
    ),
    Row(
        law="400 of several wrong members mends each",
        code=400,
        body=profile(firstName=5, lastName="Sawyer", fields={"city": 7}),
        edits={"body/profiles/0/firstName": "5", "body/profiles/0/fields/city": "7"},
    ),
    Row(
        law="400 of text where a number is wanted",
        code=400,
        body=enrolments({"programId": "1016", "tierNumber": "2"}),
        edits={f"{_ENROLMENT}/programId": 1016, f"{_ENROLMENT}/tierNumber": 2},
    ),
    Row(
        law="400 of a number beyond its bound",
        code=400,
        body=enrolments({"programId": 699, "loyaltyPoints": -5}),
        edits={f"{_ENROLMENT}/loyaltyPoints": 0},
    ),
    Row(
        law="400 of a fraction is rounded",
        code=400,
        body=enrolments({"programId": 699, "loyaltyPoints": 7.6}),
        edits={f"{_ENROLMENT}/loyaltyPoints": 8},
    ),
    Row(
        law="400 of a date without time",
        code=400,
        body=enrolments({"programId": 699, "tierExpiryDate": "2030-07-11"}),
        edits={f"{_ENROLMENT}/tierExpiryDate": "2030-07-11T00:00:00Z"},
    ),
    Row(
        law="400 of a flag in other words",
        code=400,
        body=channels({"type": "mobile", "value": "919999001944", "primary": "Yes", "verified": 0}),
        edits={f"{_CHANNEL}/primary": "true", f"{_CHANNEL}/verified": False},
    ),
    Row(
        law="400 of an object where a list is wanted",
        code=400,
        body={"profiles": {"firstName": "Tom"}},
        edits={"body/profiles": [{"firstName": "Tom"}]},
    ),
    Row(
        law="400 of a status that stands alone",
        code=400,
        body={"loyaltyInfo": "Loyalty"},
        edits={"body/loyaltyInfo": {"loyaltyType": "loyalty"}},
    ),
    Row(law="400 of a list in a list of one", code=400, body=extended(kids=[2]), edits={"body/extendedFields/kids": 2}),
    Row(
        law="400 of what can be nothing else leaves it out",
        code=400,
        body=profile(fields={"city": {}}),
        edits={"body/profiles/0/fields/city": ...},
    ),
    Row(
        law="400 of an item that is none leaves it out",
        code=400,
        body={"profiles": [None]},
        edits={"body/profiles/0": ...},
    ),
    Row(law="400 of null as a body", code=400, body=b"null", edits={"body": {}}),
    Row(law="400 of a body in a list", code=400, body=[profile(lastName="S")], edits={"body": profile(lastName="S")}),
    Row(
        law="400 of a status in capitals",
        code=400,
        body={"loyaltyInfo": {"loyaltyType": "LOYALTY"}},
        edits={"body/loyaltyInfo/loyaltyType": "loyalty"},
    ),
    Row(
        law="8018 stays loyalty",
        code=8018,
        path=_to(_RAVI),
        body={"loyaltyInfo": {"loyaltyType": "non_loyalty"}},
        edits={"body/loyaltyInfo/loyaltyType": "loyalty"},
    ),
    Row(
        law="1101 takes the nearest program",
        code=1101,
        body=enrolments({"programId": 1000}),
        edits={f"{_ENROLMENT}/programId": 1016},
    ),
    Row(
        law="1101 takes a program that is not warned of",
        code=1101,
        path=_to(_RAVI),
        body=enrolments({"programId": 5}),
        edits={f"{_ENROLMENT}/programId": 1016},
    ),
    Row(
        law="10002 takes the nearest tier of the program",
        code=10002,
        body=enrolments({"programId": 1016, "tierNumber": 200}),
        edits={f"{_ENROLMENT}/tierNumber": 234},
    ),
    Row(
        law="8016 of a read without source",
        code=8016,
        method="GET",
        query="",
        edits={"query/source": "INSTORE"},
    ),
    Row(law="8012 of a read", code=8012, method="GET", query="source=all", edits={"query/source": "ALL"}),
    Row(
        law="8065 reads another account of the source",
        code=8065,
        method="GET",
        path=_to(_RAVI),
        query="source=WECHAT&accountId=1234",
        edits={"query/accountId": "22232"},
    ),
    Row(
        law="8065 reads all sources",
        code=8065,
        method="GET",
        path=_to(171891946),
        edits={"query/source": "ALL"},
    ),
    Row(
        law="8069 reads the survivor",
        code=8069,
        method="GET",
        path=_to(171891949),
        edits={"path/userId": "171891945"},
    ),
)


def _find(setting: Setting, world: World, request: Request) -> Repair | None:
    return find_repair(setting, request, load=world.customers.get, now=NOW, known=world.customers)


def _edits(repair: Repair | None) -> Mapping[str, object] | None:
    if repair is None:
        return None
    return {edit.place: ... if edit.do == "remove" else edit.value for edit in repair.edits}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_refusal_has_its_smallest_repair(setting: Setting, demo: World, row: Row) -> None:
    reply = respond(setting, row.request, load=demo.customers.get, now=NOW)

    repair = _find(setting, demo, row.request)

    assert (reply.code, _edits(repair)) == (row.code, row.edits)
    if repair is not None:
        assert list(_edits(repair) or ()) == list(row.edits or ())
        assert respond(setting, repair.request, load=demo.customers.get, now=NOW).code is None


def test_an_accepted_request_has_no_repair(setting: Setting, demo: World) -> None:
    assert _find(setting, demo, Row(law="", code=0, edits=None).request) is None


def test_an_answer_that_was_forced_and_grants_has_no_repair(setting: Setting, demo: World) -> None:
    asked = {**_JSON, "prefer": "example=points"}

    assert _find(setting, demo, Row(law="", code=0, edits=None, headers=asked).request) is None


def test_another_customer_is_named_only_where_one_is_known(setting: Setting, demo: World) -> None:
    request = Row(law="", code=8015, edits=None, path=_to(1)).request

    assert find_repair(setting, request, load=demo.customers.get, now=NOW) is None


def test_the_worlds_own_credentials_are_named_and_never_written(setting: Setting, demo: World) -> None:
    strict = replace(setting, auth="world")
    request = Row(law="", code=401, edits=None, query="source=FAX").request

    repair = _find(strict, demo, request)

    assert repair is not None
    assert repair.edits[0] == Edit(place="header/Authorization", do="set", note=WORLDS_OWN)
    assert str(repair) == 'set header/Authorization to the world\'s credentials; set query/source to "INSTORE"'
    assert "authorization" not in repair.request.headers
    assert respond(replace(strict, auth="off"), repair.request, load=demo.customers.get, now=NOW).code is None


def test_hidden_credentials_that_were_enough_need_no_edit(setting: Setting, demo: World) -> None:
    strict = replace(setting, auth="world")
    sent = Row(law="", code=0, edits=None, headers={**_JSON, "authorization": "[hidden]"}, query="source=FAX").request
    answered = respond(replace(setting, auth="off"), sent, load=demo.customers.get, now=NOW)

    repair = find_repair(strict, sent, load=demo.customers.get, now=NOW, answered=answered)

    assert _edits(repair) == {"query/source": "INSTORE"}


def test_a_repair_can_be_read_and_written_as_json(setting: Setting, demo: World) -> None:
    row = Row(law="", code=400, edits=None, body=profile(firstName=5), query="source=INSTORE&accountId=7")

    repair = _find(setting, demo, row.request)

    assert repair is not None
    assert json.loads(json.dumps(repair.record())) == {
        "text": 'set body/profiles/0/firstName to "5"; leave out query/accountId',
        "edits": [
            {"place": "body/profiles/0/firstName", "do": "set", "value": "5"},
            {"place": "query/accountId", "do": "remove"},
        ],
    }


def test_nothing_but_the_edited_places_changes(setting: Setting, demo: World) -> None:
    body = b'{ "profiles": [ {"firstName": 5, "lastName": "M\xc3\xbcller", "x": 12345678901234567890} ] }'
    request = replace(
        Row(law="", code=400, edits=None, body=body, query="source=INSTORE&x=%20a&y").request,
        headers={**_JSON, "content-length": "80", "x-request": "1"},
    )

    repair = _find(setting, demo, request)

    assert repair is not None
    assert json.loads(repair.request.body) == {
        "profiles": [{"firstName": "5", "lastName": "Müller", "x": 12345678901234567890}]
    }
    assert "Müller".encode() in repair.request.body
    assert (repair.request.query, repair.request.path) == (request.query, request.path)
    assert repair.request.headers == {**_JSON, "x-request": "1"}


@pytest.mark.parametrize(
    ("question", "answer", "body", "edits"),
    [
        ("extended-field-unknown", "reject", extended(shoe=5, city="Pune"), {"body/extendedFields/shoe": ...}),
        ("extended-field-wrong-type", "reject", extended(gender="Femal"), {"body/extendedFields/gender": "Female"}),
        ("identifiers-in-body", "reject", profile(identifiers=[{"type": "a"}]), {"body/profiles/0/identifiers": ...}),
        ("null-value", "reject", profile(firstName=None, lastName="S"), {"body/profiles/0/firstName": ...}),
        ("source-in-body", "reject", profile(source="LINE", lastName="S"), {"body/profiles/0/source": "INSTORE"}),
        ("points-missing", "10002", enrolments({"programId": 699}), {f"{_ENROLMENT}/loyaltyPoints": 0}),
    ],
)
def test_a_repair_keeps_to_the_dialect(
    setting: Setting, demo: World, dialects: Dialects, question: str, answer: str, body: object, edits: object
) -> None:
    other = setting.under(dialects.with_answers(setting.dialect, (question, answer)))

    assert _edits(_find(other, demo, Row(law="", code=0, edits=None, body=body).request)) == edits


def test_an_edit_of_a_place_that_is_not_there_cannot_be_made(setting: Setting) -> None:
    request = Row(law="", code=0, edits=None, body={"profiles": []}).request

    for place in ("body/profiles/0/firstName", "body/profiles/x", "query/accountId", "header/Accept", "cookie/a"):
        assert edited(setting.contract, request, [Edit(place=place, do="remove")]) is None, place


def test_a_repair_of_the_pages_own_request_takes_no_time(setting: Setting, demo: World) -> None:
    operation = setting.contract.document["paths"]["/v2/customers/{userId}"]["put"]
    page = operation["requestBody"]["content"]["application/json"]["examples"]["page"]["value"]
    page = {**page, "loyaltyProgramEnrollments": [{"programId": "7", "tierNumber": "8", "loyaltyPoints": -1}]}
    request = Row(law="", code=0, edits=None, body=page, query="source=FAX&use_async=No").request

    started = time.perf_counter()
    repair = _find(setting, demo, request)

    assert time.perf_counter() - started < 0.5  # it takes a hundredth of that
    assert repair is not None
    assert len(repair.edits) == 5
