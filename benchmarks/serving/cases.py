"""What is asked: each case is one kind of request, and the answer that must come of it."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import md5
from typing import Any

from benchmarks.serving.asking import CUSTOMER, NUMBER

PAGE_CUSTOMER = 171_891_944  # whom the page's own sample updates
LOYAL_CUSTOMER = 171_891_945
_QUERY = "source=INSTORE&use_async=false"
_PASSWORD = md5(b"Pass123", usedforsecurity=False).hexdigest()  # as the vendor sends it
_CREDENTIALS = base64.b64encode(f"store123:{_PASSWORD}".encode()).decode()  # of the demo world; any server takes them
_CHANGES_NOTHING: dict[str, Any] = {"warnings": [], "sideEffects": []}
_BAD_EMAIL = {"status": False, "code": 8057, "message": "Invalid email id in comm channel"}
_ENROLLED = {"status": False, "code": 91006, "message": "loyalty program 699 update is not allowed"}
_CHANNEL = {"primary": "true", "verified": "true", "meta": {"residence": "true"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One kind of request.

    `answer` is the whole body that must come; where it is empty, all bodies must be the same, unless it `varies`. Each
    text of `has` must be in the body. `needs` is how many customers the world must have, so that those who are asked of
    in turn do not change too often; `before` are requests that are sent once, ahead of the run.
    """

    name: str
    says: str
    method: str
    path: str
    body: str = ""
    status: int = 200
    answer: str = ""
    has: tuple[str, ...] = ()
    varies: bool = False
    needs: int = 0
    is_stored: bool = False  # the number of the request, in firstName, must be read back afterwards
    before: tuple[str, ...] = ()

    def request(self, port: int, *, body: str | None = None) -> str:
        """Return the whole request; `body` in place of the case's own."""
        return request_of(self.method, self.path, self.body if body is None else body, port=port)


def request_of(method: str, path: str, body: str = "", *, port: int) -> str:
    """Return a request as it goes over the wire."""
    head = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Basic {_CREDENTIALS}"]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body.encode())}"]
    return "\r\n".join([*head, "", body])


def page_body(*, name: str = "Tom", flag: str | bool = "true") -> dict[str, Any]:
    """Return the body that the page prints; `flag` is how it writes what is true."""
    channel = {"primary": flag, "verified": flag, "meta": {"residence": flag}}
    expiry = "2024-07-11T16:36:17+05:30"
    enrolment = {"programId": 699, "tierNumber": 1, "loyaltyPoints": 0}
    return {
        "profiles": [
            {
                "firstName": name,
                "lastName": "Sawyer",
                "fields": {"gender": "Male", "city": "Bangalore"},
                "commChannels": [
                    {"type": "mobile", "value": "9999000000", **channel},
                    {"type": "email", "value": "[email protected]", **channel},
                ],
            }
        ],
        "loyaltyInfo": {"loyaltyType": "loyalty"},
        "extendedFields": {"gender": "MALE", "city": "Bangalore"},
        "loyaltyProgramEnrollments": [{**enrolment, "tierExpiryDate": expiry, "pointsExpiryDate": expiry}],
    }


def _fresh_body() -> dict[str, Any]:
    """Return a body whose name and channels are new each time."""
    number, body = NUMBER.decode(), page_body(name=f"T{NUMBER.decode()}")
    body["profiles"][0]["commChannels"] = [
        {"type": "mobile", "value": f"9199{number}", **_CHANNEL},
        {"type": "email", "value": f"customer{number}@example.com", **_CHANNEL},
    ]
    return body


def _path(customer: int | str, query: str = _QUERY) -> str:
    return f"/v2/customers/{customer}?{query}"


def _text(value: Any) -> str:  # Any: JSON
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _updated(customer: int, **others: Any) -> str:
    return _text({"createdId": customer, **_CHANGES_NOTHING, **others})


def _refused(code: int, message: str) -> str:
    return _text({"errors": [{"status": False, "code": code, "message": message}]})


PAGE = Case(
    name="put-page",
    says="PUT that repeats: the page's own body, which changes nothing any more",
    method="PUT",
    path=_path(PAGE_CUSTOMER),
    body=_text(page_body()),
    answer=_updated(PAGE_CUSTOMER, warnings=[_BAD_EMAIL, _ENROLLED]),
    before=("put-page",),
)
_CASES = (
    PAGE,
    Case(
        name="put-rename",
        says="PUT that repeats: a first name",
        method="PUT",
        path=_path(PAGE_CUSTOMER, "source=INSTORE"),
        body=_text({"profiles": [{"firstName": "Tom"}]}),
        answer=_updated(PAGE_CUSTOMER),
    ),
    Case(
        name="put-changing",
        says="PUT that changes something each time: the page's body with a first name that is new each time",
        method="PUT",
        path=_path(PAGE_CUSTOMER),
        body=_text(page_body(name=f"T{NUMBER.decode()}")),
        answer=_updated(PAGE_CUSTOMER, warnings=[_BAD_EMAIL, _ENROLLED]),
        is_stored=True,
        before=("put-page",),
    ),
    Case(
        name="put-fresh",
        says="PUT that changes more each time: name and both channels are new, of one customer after the other",
        method="PUT",
        path=_path(CUSTOMER.decode()),
        body=_text(_fresh_body()),
        has=('"createdId":', '"code":91006'),
        answer=_updated(0, warnings=[_ENROLLED]).replace(":0,", f":{CUSTOMER.decode()},", 1),
        needs=1_000,
    ),
    Case(
        name="put-8015",
        says="PUT that is refused: an unknown customer, 8015",
        method="PUT",
        path=_path(999_999_999),
        body=_text(page_body()),
        status=400,
        answer=_refused(8015, "Customer not found for the given identifiers"),
    ),
    Case(
        name="put-8018",
        says="PUT that is refused by a rule: from loyalty to non_loyalty, 8018",
        method="PUT",
        path=_path(LOYAL_CUSTOMER),
        body=_text({"loyaltyInfo": {"loyaltyType": "non_loyalty"}}),
        status=400,
        answer=_refused(8018, "Update customer, Conversion from loyalty to non-loyalty not allowed"),
    ),
    Case(
        name="put-violation",
        says="PUT that breaks the contract: the page's body with a number for the first name",
        method="PUT",
        path=_path(PAGE_CUSTOMER),
        body=_text(page_body()).replace('"Tom"', "5"),
        status=400,
        answer=_refused(400, "Invalid input. Please check request body parameters or input xml/json."),
    ),
    Case(
        name="get-customer",
        says="GET of a customer",
        method="GET",
        path=_path(LOYAL_CUSTOMER, "source=INSTORE"),
        has=(f'"id":{LOYAL_CUSTOMER}', '"firstName":"Ravi"', '"loyaltyType":"loyalty"'),
    ),
    Case(
        name="get-loyalty",
        says="GET of a customer's loyalty details",
        method="GET",
        path=f"/v2/customers/{LOYAL_CUSTOMER}/loyaltyDetails",
        has=('"programId":699', '"loyaltyPoints":120.0', '"slabSNo":2'),
    ),
)


def _varied() -> Iterator[Case]:
    """Yield the cases that are the same each time once more, so that no two requests are the same.

    An answer that was kept for a request that is repeated serves none of these.
    """
    for case in _CASES:
        if case.status != 400:  # an accepted update is there as put-changing already
            continue
        body = json.loads(case.body)
        profile = {**body.get("profiles", [{}])[0], "lastName": f"T{NUMBER.decode()}"}
        varied = _text({"profiles": [profile], **{name: value for name, value in body.items() if name != "profiles"}})
        yield replace(
            case, name=f"{case.name}-varied", says=f"{case.says}; with another last name each time", body=varied
        )
    yield Case(
        name="get-in-turn",
        says="GET of one customer after the other",
        method="GET",
        path=_path(CUSTOMER.decode(), "source=INSTORE"),
        has=('"firstName":', '"source":"INSTORE"'),
        varies=True,
        needs=1_000,
    )


CASES = {case.name: case for case in (*_CASES, *_varied())}
