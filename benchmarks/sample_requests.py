"""Requests of every kind, by a seed, that need nothing of the product: what two versions of it are compared by.

Updates and reads of the demo world: most are accepted and meet each other, the others are wrong in one place or in
several. A request is drawn from its number and the seed alone.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

Json: TypeAlias = Any  # any JSON value

AUTHORIZATION = "Basic dGVzdA=="
_CUSTOMERS = (*range(171891944, 171891960), 171891900, 171999999, 900008018)
_IDS = ("0171891944", "tom", "-1", "1e3", "9" * 25, "%37", "171891944.0")
_SINGLE = ("INSTORE", "MARTJACK", "WEB_ENGAGE", "JD", "ECOMMERCE", "WEBSITE", "MOBILE_APP", "TMALL", "TAOBAO")
_SEVERAL = (("WECHAT", "22232"), ("WECHAT", "1234"), ("FACEBOOK", "fb-1"), ("FACEBOOK", "fb-2"), ("LINE", "line-1"))
_ODD_QUERIES = (
    "",
    "source=",
    "source=FAX",
    "source=instore",
    "source=ALL",
    "source=INSTORE&source=INSTORE",
    "source=WECHAT",
    "source=WECHAT&accountId=",
    "source=WECHAT&accountId=9",
    "source=INSTORE&accountId=1",
    "source=INSTORE&sourc=1",
    "source=INSTORE&use_async=True",
    "source=IN%53TORE",
    "source=%ff",
    "&&=&",
)
_ASYNC = ("", "", "&use_async=true", "&use_async=false")
_TEXTS = ("Tom", "Asha", "李", "O'Neil-Walsh", "", " Nova ", "n" * 100, "n" * 101, "\u0301e", "true", "007", "<b>&amp;")
_EMAILS = ("asha.menon@example.com", "tom@example.com", "nova.2@example.com", "tom", "[email protected]", "")
_MOBILES = ("919999001944", "9999000000", "+4712345678", "12", "abc", "9" * 16)
_EXPIRIES = ("2031-07-11T16:36:17+05:30", "2031-07-11T16:36:17 +0530", "2024-07-11T16:36:17Z", "tomorrow", None)
_ODD_BODIES = (b"", b"[]", b"null", b"{", b"5", b'{"a":1,"a":2}', b"\xff", b'"\\ud800"', b"[" * 200, b"{}x", b"NaN")
_TYPES = ("application/json", "application/json;charset=UTF-8", "text/plain", "application/x-www-form-urlencoded")
_HEADERS: tuple[Mapping[str, str], ...] = (
    {"Accept": "text/html"},
    {"Accept": "application/json;q=0"},
    {"X-CAP-API-ATTRIBUTION-LOOKUP": "till1"},
    {"X-CAP-API-ATTRIBUTION-LOOKUP": "till1", "X-CAP-API-ATTRIBUTION-LOOKUP-TYPE": "CODE"},
    {"USER-CONTEXT-ENTITY-TYPE": "qa", "USER-CONTEXT-ENTITY-ID": "1", "USER-CONTEXT-ENTITY-SOURCE": "API"},
    {"Prefer": "code=8018"},
    {"Prefer": "code=1"},
    {"Prefer": "example=8057-warning"},
    {"Origin": "http://localhost:3000"},
    {"Expect": "200-ok"},
    {"Content-Encoding": "br"},
)
_METHODS = ("POST", "PATCH", "DELETE", "OPTIONS", "HEAD", "FOO")
_PATHS = (
    "/",
    "/v2/customers",
    "/v2/customers/171891944/",
    "/v2//customers/171891944",
    "/v2/promotion/customer",
    "/v2/customers/171891944/loyalty",
    "/v3/customers/171891944",
    "/v2/customers/%31",
    "/v2/customers/a%2Fb",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it goes over the wire."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def sample_requests(count: int, seed: int) -> Iterator[Asked]:
    """Yield so many requests."""
    return (sample_request(Random(f"{seed}/{number}")) for number in range(count))


def sample_request(draw: Random) -> Asked:
    """Draw one request."""
    kind = draw.choices((_update, _read, _wrong), (6, 2, 2))[0]
    return kind(draw)


def update_of(customer: object, query: str, body: Json, headers: Mapping[str, str] | None = None) -> Asked:
    """Return an update, whose body goes out as JSON unless it is bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    sent = {"Authorization": AUTHORIZATION, "Content-Type": "application/json", **(headers or {})}
    return Asked(method="PUT", target=f"/v2/customers/{customer}?{query}", headers=sent, body=content)


def _update(draw: Random) -> Asked:
    return update_of(draw.choice(_CUSTOMERS), _query(draw), _body(draw))


def _read(draw: Random) -> Asked:
    customer = draw.choice(_CUSTOMERS)
    headers = {"Authorization": AUTHORIZATION}
    if draw.random() < 0.3:
        return Asked(method="GET", target=f"/v2/customers/{customer}/loyaltyDetails", headers=headers)
    query = draw.choice((_query(draw), "source=ALL", draw.choice(_ODD_QUERIES)))
    return Asked(method="GET", target=f"/v2/customers/{customer}?{query}", headers=headers)


def _wrong(draw: Random) -> Asked:
    """Draw a request that is wrong in its address, its head or its body."""
    wrong: Callable[[Random], Asked] = draw.choice((_wrong_address, _wrong_head, _wrong_body, _elsewhere))
    return wrong(draw)


def _wrong_address(draw: Random) -> Asked:
    customer = draw.choice((draw.choice(_IDS), draw.choice(_CUSTOMERS)))
    return update_of(customer, draw.choice(_ODD_QUERIES), _body(draw))


def _wrong_head(draw: Random) -> Asked:
    headers = dict(draw.choice(_HEADERS))
    headers |= draw.choice(({}, {"Content-Type": draw.choice(_TYPES)}, {"Authorization": draw.choice(("", "Basic ?"))}))
    return update_of(draw.choice(_CUSTOMERS), _query(draw), _body(draw), headers)


def _wrong_body(draw: Random) -> Asked:
    body = draw.choice((draw.choice(_ODD_BODIES), _spoilt(draw, _body(draw))))
    return update_of(draw.choice(_CUSTOMERS), _query(draw), body)


def _elsewhere(draw: Random) -> Asked:
    method = draw.choice((*_METHODS, "GET", "PUT"))
    path = draw.choice((*_PATHS, f"/v2/customers/{draw.choice(_CUSTOMERS)}"))
    headers = draw.choice(({}, {"Authorization": AUTHORIZATION}))
    return Asked(method=method, target=f"{path}?{_query(draw)}", headers=headers)


def _query(draw: Random) -> str:
    if draw.random() < 0.3:
        source, account = draw.choice(_SEVERAL)
        return f"source={source}&accountId={account}{draw.choice(_ASYNC)}"
    return f"source={draw.choices(_SINGLE, (10, *[1] * (len(_SINGLE) - 1)))[0]}{draw.choice(_ASYNC)}"


def _body(draw: Random) -> dict[str, Json]:
    parts: dict[str, Callable[[Random], Json]] = {
        "profiles": lambda draw: [_profile(draw) for _ in range(draw.choice((1, 1, 1, 2, 0)))],
        "extendedFields": _extended,
        "loyaltyInfo": lambda draw: {"loyaltyType": draw.choice(("loyalty", "non_loyalty", "gold", None))},
        "loyaltyProgramEnrollments": lambda draw: [_enrolment(draw) for _ in range(draw.choice((1, 1, 2, 0)))],
        "nickname": lambda draw: draw.choice(_TEXTS),
    }
    chosen = draw.sample(list(parts), draw.choice((0, 1, 1, 2, 3)), counts=(5, 2, 2, 2, 1))
    return {name: parts[name](draw) for name in dict.fromkeys(chosen)}


def _profile(draw: Random) -> Json:
    parts: dict[str, Callable[[Random], Json]] = {
        "firstName": _text,
        "lastName": _text,
        "fields": lambda draw: {draw.choice(("city", "gender", "shoe_size", "dob")): _text(draw)},
        "commChannels": lambda draw: [_channel(draw) for _ in range(draw.choice((1, 1, 2, 3)))],
        "identifiers": lambda draw: [{"type": draw.choice(("mobile", "email")), "value": draw.choice(_EMAILS)}],
        "source": lambda draw: draw.choice((*_SINGLE, "FAX")),
        "accountId": lambda draw: draw.choice(("22232", "1", None)),
    }
    return {name: parts[name](draw) for name in draw.sample(list(parts), draw.choice((0, 1, 2, 2, 3)))}


def _text(draw: Random) -> Json:
    return draw.choice((*_TEXTS, None)) if draw.random() < 0.95 else draw.choice((5, ["a"], {}, True))


def _channel(draw: Random) -> Json:
    kind = draw.choice(("email", "email", "mobile", "mobile", "wechat", "fax", "Email", "line"))
    value = draw.choice(_MOBILES if kind == "mobile" else _EMAILS)
    channel: dict[str, Json] = {"type": kind, "value": value}
    for name in draw.sample(("primary", "verified"), draw.choice((0, 1, 2))):
        channel[name] = draw.choice((True, False, "true", "false", None, "yes"))
    if draw.random() < 0.3:
        channel["meta"] = draw.choice(({"residence": True}, {"office": "false"}, {"floor": 3}, {}, None))
    return {name: value for name, value in channel.items() if draw.random() < 0.97}


def _extended(draw: Random) -> Json:
    values: Mapping[str, Sequence[Json]] = {
        "gender": ("Male", "Robot", ""),
        "city": ("Pune", "Kochi", ""),
        "kids": (0, 3, "2", "two", 2.0, -1, 2**63, 1.5),
        "height": (1.5, 1.82, "1.7"),
        "dob": ("1990-01-31", "1990-01-31T10:20:30Z", "31/01/1990"),
        "Shoe_size": (9, None),
    }
    return {name: draw.choice(values[name]) for name in draw.sample(list(values), draw.choice((0, 1, 1, 2)))}


def _enrolment(draw: Random) -> Json:
    item = {
        "programId": draw.choice((699, 1016, 5, None)),
        "tierNumber": draw.choice((1, 2, 3, 9, "1")),
        "loyaltyPoints": draw.choice((0, 10, 75.0, -1, 1.5, 10**12)),
        "tierExpiryDate": draw.choice(_EXPIRIES),
        "pointsExpiryDate": draw.choice(_EXPIRIES),
    }
    return {name: value for name, value in item.items() if draw.random() < 0.8}


def _spoilt(draw: Random, body: Json) -> Json:
    """Put something of another type in the place of one value, at any depth."""
    if isinstance(body, dict) and body and draw.random() < 0.8:
        name = draw.choice(list(body))
        return {**body, name: _spoilt(draw, body[name])}
    if isinstance(body, list) and body and draw.random() < 0.8:
        return [_spoilt(draw, body[0]), *body[1:]]
    return draw.choice((5, "text", [], {}, True, None, [[]], {"a": {"b": 1}}))
