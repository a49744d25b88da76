"""Requests, as the scenarios send them: with the till's credentials, to the named customers of the demo world."""

import base64
import hashlib
import json
from urllib.parse import parse_qsl, urlencode

from mockserver.messages import Request
from mockserver.values import replace

TILL, PASSWORD = "store123", "Pass123"
_PAIR = f"{TILL}:{hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest()}"
AUTHORIZATION = f"Basic {base64.b64encode(_PAIR.encode()).decode()}"
ASHA, RAVI, LI, GRACE, TOMAS, MERGED = range(171891944, 171891950)
UNKNOWN = 171999999
TIER_EXPIRY = "2030-07-11T16:36:17+05:30"


def put(customer: int, body: object, query: str = "source=INSTORE") -> Request:
    """Update a customer."""
    headers = {"authorization": AUTHORIZATION, "content-type": "application/json"}
    content = json.dumps(body).encode()
    return Request(method="PUT", path=f"/v2/customers/{customer}", query=query, headers=headers, body=content)


def put_async(customer: int, body: object) -> Request:
    """Update a customer, loyalty activities in the background."""
    return put(customer, body, "source=INSTORE&use_async=true")


def get(customer: int) -> Request:
    """Read a customer in every source."""
    headers = {"authorization": AUTHORIZATION}
    return Request(method="GET", path=f"/v2/customers/{customer}", query="source=ALL", headers=headers)


def get_in(customer: int, query: str = "source=INSTORE") -> Request:
    """Read a customer in one source, or account."""
    return replace(get(customer), query=query)


def standing(customer: int) -> Request:
    """Read a customer's loyalty details."""
    headers = {"authorization": AUTHORIZATION}
    return Request(method="GET", path=f"/v2/customers/{customer}/loyaltyDetails", headers=headers)


def profile(**members: object) -> dict[str, object]:
    """Return a body with one profile."""
    return {"profiles": [members]}


def channel(kind: str, value: str, **members: object) -> dict[str, object]:
    """Return a body with one profile that has one channel."""
    return profile(commChannels=[{"type": kind, "value": value, **members}])


def upgrade(**more: object) -> dict[str, object]:
    """Return a body that makes a customer loyalty."""
    return {"loyaltyInfo": {"loyaltyType": "loyalty"}, **more}


def downgrade(**more: object) -> dict[str, object]:
    """Return a body that would make a customer non-loyalty."""
    return {"loyaltyInfo": {"loyaltyType": "non_loyalty"}, **more}


def enrolment(program: int = 1016, tier: int = 2, points: int = 40) -> dict[str, object]:
    """Return a body that enrols a customer."""
    item = {"programId": program, "tierNumber": tier, "loyaltyPoints": points, "tierExpiryDate": TIER_EXPIRY}
    return {"loyaltyProgramEnrollments": [item]}


def with_header(request: Request, name: str, value: str | None) -> Request:
    """Return the request with a header set, or without it."""
    headers = {key: held for key, held in request.headers.items() if key != name}
    return replace(request, headers=headers if value is None else {**headers, name: value})


def with_query(request: Request, **parameters: str) -> Request:
    """Return the request with query parameters set."""
    held = dict(parse_qsl(request.query, keep_blank_values=True))
    return replace(request, query=urlencode({**held, **parameters}))


def parameter_of(request: Request, name: str) -> str | None:
    """Return a query parameter, or None."""
    return dict(parse_qsl(request.query, keep_blank_values=True)).get(name)


def is_of_one_source(request: Request) -> bool:
    """Tell whether a request is about one source of a customer."""
    return parameter_of(request, "source") not in (None, "ALL")


def is_async(request: Request) -> bool:
    """Tell whether loyalty activities are to run in the background."""
    return parameter_of(request, "use_async") == "true"
