"""The law of secrets: one that was sent, under any name or in any shape, is in nothing that is told of an exchange.

Each place of a request that can hold one is tried: path, query, headers, a body of every kind, and a customer's own
members, which are read back. Then every artefact is made and searched.
"""

import asyncio
import json
import time
import tracemalloc
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import Setting, respond
from mockserver.exchange.code_snippets import as_fetch, as_pytest
from mockserver.exchange.hiding import hide_path, hide_query
from mockserver.exchange.hiding_bodies import hide_body, is_unsuspected
from mockserver.exchange.secrecy import is_secret_header, is_secret_name
from mockserver.files import World, read_contract_document
from mockserver.messages import Request
from mockserver.server.events import Feed
from mockserver.server.exchanging import exchange_with
from mockserver.server.har import as_har
from mockserver.server.journal import Exchange
from mockserver.server.matching import Criteria, Times, describe, verify
from mockserver.server.served import ServedWorld
from mockserver.server.unfolding import unfold
from mockserver.storage import at_once
from mockserver.testing.exchanges import ExchangeView, line_of
from mockserver.values import replace
from tests.server.worlds import present, served_world

SECRET = "Zq9-s3cr3t-Zq9"
JWT = f"eyJhbGciOiJIUzI1NiJ9.{SECRET}.x"
NAMES = [
    "access_token", "api_key", "apikey", "X-API-Key", "password", "passwd", "pwd", "secret", "client_secret", "sig",
    "signature", "X-Signature", "token", "idToken", "auth", "credential", "session", "sessionId", "PHPSESSID", "cookie",
    "jwt", "X-JWT", "Ocp-Apim-Subscription-Key", "private-key", "X-CSRF-Token", "user[password]", "otp",
    "X-Hmac-Sha256", "X-User-Pass", "Authentication", "client_assertion", "code_verifier", "SAMLResponse",
]  # fmt: skip
SHAPES = [
    f"Bearer {SECRET}", f"basic {SECRET}", JWT, f"see https://tom:{SECRET}@host/x", f"https://host/?a=b&token={SECRET}",
    f"a=b;password={SECRET}", f"next=access_token={SECRET}", f"see https://host/?key={SECRET}",
    f'{{"password": "{SECRET}"}}', f'{{"a": [{{"client_secret": {{"x": "{SECRET}"}}}}]}}',
]  # fmt: skip
NAMED = st.sampled_from(NAMES)
SHAPED = st.sampled_from(SHAPES)


def json_of(name: str, value: Any) -> bytes:
    return json.dumps({"profiles": [{"fields": {name: value}}], "extendedFields": {name: value}, name: value}).encode()


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(sign):04x}" for sign in text)


BODIES: list[Callable[[str], bytes]] = [
    lambda name: json_of(name, SECRET),
    lambda name: json_of(name, [SECRET, {"x": SECRET}]),
    lambda name: json_of(name, {"x": SECRET}),
    lambda name: json.dumps({"a": json.dumps({name: SECRET})}).encode(),
    lambda name: f'{{"{escaped(name)}": "{SECRET}"}}'.encode(),
    lambda name: f'{{"{name}": "{SECRET}'.encode(),
    lambda name: f'{{"{name}": "{SECRET}", "{name}": "{SECRET}"}}'.encode(),
    lambda name: f"{{'{name}': '{SECRET}'}}".encode(),
    lambda name: f"{{{name.replace('[', '').replace(']', '')}: {SECRET}}}".encode(),
    lambda name: f"a=b&{quote(name, safe='')}={SECRET}&c=d".encode(),
    lambda name: f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{SECRET}\r\n--b--'.encode(),
    lambda name: f"<a><{name.replace('[', '').replace(']', '')}>{SECRET}</{name}></a>".encode(),
    lambda name: f"<{name.strip(']').replace('[', '')}><![CDATA[{SECRET}]]></a>".encode(),
    lambda name: f"a: b\n{name.strip(']').replace('[', '')}: {SECRET} {SECRET}\n".encode(),
    lambda name: b"\xff" + f'{{"{name}": {{"x": "{SECRET}"}}}}'.encode(),
    lambda name: f'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n{{"{name}": "{SECRET}"}}\r\n--b--'.encode(),
    lambda name: f'\ufeff{{"{name}": "{SECRET}"}}'.encode(),
    lambda name: f'{{"{name}": "{SECRET}"}}'.encode("utf-16"),
    lambda name: f'[{{"{name}": NaN, "b": "\xff'.encode("latin-1") + f'", "{name}": "{SECRET}"}}]'.encode(),
]
SHAPED_BODIES: list[Callable[[str], bytes]] = [
    lambda text: json_of("nickname", text),
    lambda text: json.dumps({"profiles": [{"firstName": text}]}).encode(),
    lambda text: json.dumps({"profiles": [{"commChannels": [{"type": text, "value": text}]}]}).encode(),
    lambda text: f'{{"a": "{escaped(text)}"}}'.encode(),
    lambda text: json.dumps({text: 1, "profiles": [{"fields": {text: "a"}}]}).encode(),
    lambda text: text.encode(),
]
BODY = st.builds(lambda make, name: make(name), st.sampled_from(BODIES), NAMED) | st.builds(
    lambda make, text: make(text), st.sampled_from(SHAPED_BODIES), SHAPED
)
QUERY = (
    NAMED.map(lambda name: f"{quote(name, safe='')}={SECRET}")
    | NAMED.map(lambda name: f"{'%' + format(ord(name[0]), '02x')}{quote(name[1:])}={quote(SECRET)}")
    | SHAPED.map(lambda text: f"note={quote(text)}")
    | SHAPED.map(lambda text: f"source={quote(text, safe='')}")
    | SHAPED.map(lambda text: f"accountId={text.replace(' ', '+')}")
    | st.sampled_from(["key", "license_key", "KEY"]).map(lambda name: f"{name}={SECRET}")
    | st.just(JWT)
)
PATH = st.sampled_from(
    [
        f"/v2/customers/171891944;jsessionid={SECRET}",
        f"/v2/customers/{JWT}",
        f"/v2/customers/{quote(f'Bearer {SECRET}')}",
        f"/http://tom:{SECRET}@host/v2/customers/1",
        f"//tom:{SECRET}@host/v2/customers/1",
        f"/v3/oauth/token/{JWT}",
    ]
)
HEADER = (
    st.tuples(NAMED.map(lambda name: name.lower().replace("[", "-").replace("]", "")), st.just(SECRET))
    | st.tuples(st.sampled_from(["authorization", "x-cap-api-oauth-token", "proxy-authorization"]), st.just(SECRET))
    | st.tuples(st.sampled_from(["x-own", "referer", "content-type", "accept", "prefer", "traceparent"]), SHAPED)
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Draw a request with a secret in some of its places."""
    method = draw(st.sampled_from(["PUT", "GET", "POST"]))
    path = draw(st.just("/v2/customers/171891944") | st.just("/v2/customers/1") | PATH)
    query = draw(st.sampled_from(["source=INSTORE", ""]))
    query = "&".join(filter(None, [query, *draw(st.lists(QUERY, max_size=2))]))
    headers = {"authorization": "Basic dGVzdA==", "content-type": "application/json"}
    headers |= dict(draw(st.lists(HEADER, max_size=2)))
    return Request(method=method, path=path, query=query, headers=headers, body=draw(st.just(b"") | BODY))


async def artefacts(world: ServedWorld, exchange: Exchange) -> list[str]:
    """Return everything that is told of an exchange."""
    feed = Feed(world.journal, after="x0", limit=1)
    events = [part async for part in feed.parts()]
    view = ExchangeView(exchange)
    verified = verify(Criteria(method="NONE", body={"a": 1}, header={"x-own": "1"}), [exchange], Times(least=1))
    told = [
        exchange.summary(),
        unfold(exchange, "http://mock", load=partial(present, world), known=at_once(world.state.recent(10_000))),
        as_har([exchange], "http://mock"),
        [match.record() for match in verified.near],
    ]
    texts = [describe(verified), line_of(exchange), repr(view), *map(repr, (view.query, view.headers, view.body))]
    texts += [repr(exchange.request), exchange.reply.why, repr(exchange.reply.response)]
    texts += [as_fetch(exchange.request, "http://mock"), as_pytest(exchange.request, "t", doc="d", status=1, code=1)]
    return [*(json.dumps(item) for item in told), *texts, *(event.decode() for event in events)]


def a_world(setting: Setting, demo: World) -> ServedWorld:
    return served_world(setting, demo.customers)


def tell(world: ServedWorld, request: Request) -> tuple[Exchange, Mapping[str, str], list[str]]:
    async def answer() -> tuple[Exchange, Mapping[str, str], list[str]]:
        exchange, response = at_once(exchange_with(world, request, "x1"))
        return exchange, response.headers, await artefacts(world, exchange)

    return asyncio.run(answer())


@given(request=requests(), auth=st.sampled_from(["any", "world", "off"]))
def test_no_artefact_of_an_exchange_holds_a_secret(setting: Setting, demo: World, request: Request, auth: Any) -> None:
    world = a_world(replace(setting, auth=auth), demo)

    _, headers, told = tell(world, request)

    for text in (*told, json.dumps(dict(headers))):
        assert SECRET not in text
        assert SECRET.lower() not in text.lower()


@given(request=requests())
def test_what_is_told_comes_to_the_code_that_was_answered(setting: Setting, demo: World, request: Request) -> None:
    world = a_world(setting, demo)
    reply = respond(setting, request, load=partial(present, world), now=world.state.settings.clock.text())

    exchange, _, _ = tell(world, request)

    whole = unfold(exchange, "http://mock", load=partial(present, world))
    assert (exchange.reply.code, exchange.reply.warnings) == (reply.code, reply.warnings)
    assert exchange.reply.response.status == reply.response.status
    assert (whole["why"][-1]["status"], whole["why"][-1].get("code")) == (reply.response.status, reply.code)


@given(name=NAMED.filter(str.isalpha))
def test_a_secret_that_a_customer_has_is_read_back_and_hidden_in_what_is_told(
    setting: Setting, demo: World, name: str
) -> None:
    world = a_world(setting, demo)
    customer = next(iter(demo.customers.values()))
    profile = replace(customer.profiles[0], fields={name: SECRET, "nickname": f"Bearer {SECRET}"})
    world.state.put(replace(customer, profiles=(profile,), extended_fields={name: SECRET}))
    base = {"authorization": "Basic dGVzdA==", "content-type": "application/json"}
    address, query = f"/v2/customers/{customer.id}", f"source={profile.source}"

    async def ask(request: Request) -> tuple[bytes, list[str]]:
        exchange, response = at_once(exchange_with(world, request, "x1"))
        return response.body, await artefacts(world, exchange)

    body, told = asyncio.run(ask(Request(method="GET", path=address, query=query, headers=base)))
    assert SECRET.encode() in body
    other = json.dumps({"profiles": [{"fields": {name: "other", "nickname": "other"}}]}).encode()
    _, changed = asyncio.run(ask(Request(method="PUT", path=address, query=query, headers=base, body=other)))

    assert not [text for text in (*told, *changed) if SECRET in text]


def test_a_hidden_value_that_mattered_leaves_the_verdict_and_no_other_explanation(
    setting: Setting, demo: World
) -> None:
    """An enum of the organisation under a secret's name: the hidden value is none of its members."""
    fields = setting.organisation.extended_fields
    token = replace(fields["gender"], name="token", values=("GOLD",))
    organisation = replace(setting.organisation, extended_fields={**fields, "token": token})
    world = a_world(replace(setting, organisation=organisation), demo)
    headers = {"authorization": "Basic dGVzdA==", "content-type": "application/json"}
    body = json.dumps({"extendedFields": {"token": "GOLD"}}).encode()

    exchange, _, told = tell(
        world, Request(method="PUT", path="/v2/customers/171891944", query="source=INSTORE", headers=headers, body=body)
    )

    whole = unfold(exchange, "http://mock", load=partial(present, world))
    assert (exchange.reply.response.status, exchange.reply.warnings) == (200, ())
    assert [stage["stage"] for stage in whole["why"]] == ["hidden"]
    assert not [text for text in told if "GOLD" in text]


def test_no_name_of_the_contract_or_of_a_world_is_a_secrets(demo: World) -> None:
    def names(node: Any) -> set[str]:
        if isinstance(node, list):
            return set().union(*map(names, node))
        if not isinstance(node, dict):
            return set()
        own = set(node["properties"]) if isinstance(node.get("properties"), dict) else set()
        own |= {node["name"]} if "in" in node and isinstance(node.get("name"), str) else set()
        return own.union(*map(names, node.values()))

    fields = {*demo.organisation.extended_fields, *demo.organisation.custom_fields}
    harmless = {"externalId", "identifierName", "customerKey", "secretary_name", "pin_code", "author", "designation"}
    known = (names(read_contract_document()) | fields | harmless) - {"X-CAP-API-OAUTH-TOKEN"}
    assert "commChannels" in known
    assert [name for name in sorted(known) if is_secret_name(name)] == []
    assert [name for name in ("idempotency-key", "x-cap-api-attribution-lookup") if is_secret_header(name)] == []


@pytest.mark.parametrize(
    "body",
    [b'{"note": "Basic membership", "b": "Digest weekly"}', b'{"password": "", "token": null, "secret": [true, {}]}'],
)
def test_what_is_no_secret_stays_as_it_was_sent(body: bytes) -> None:
    assert hide_body(body) is body


def test_only_what_is_secret_of_a_body_changes() -> None:
    sent = b'{ "a" : 1.50e3,\n "p\\u0061ssword":\t"x", "otp": 123456, "b": "T\\u00f6m" }'

    assert hide_body(sent) == b'{ "a" : 1.50e3,\n "p\\u0061ssword":\t"[hidden]", "otp": 0, "b": "T\\u00f6m" }'


def test_the_pair_of_a_token_request_is_hidden_with_its_answer() -> None:
    sent = b'{"key": "a1", "secret": "b2"}'

    assert hide_body(sent, besides=frozenset({"key"})) == b'{"key": "[hidden]", "secret": "[hidden]"}'
    assert hide_body(sent) == b'{"key": "a1", "secret": "[hidden]"}'
    assert hide_body(b'{"data": {"accessToken": "x", "ttlSeconds": 300}}').count(b"[hidden]") == 1


@pytest.mark.parametrize(
    "sent",
    ["eyJaaaaaa" * 20_000, "form-data token\n" + "name=a\n" * 20_000, "form-data token\n" + "--\nname=a\n" * 20_000],
    ids=["no token", "no part", "parts without end"],
)
def test_hiding_takes_as_long_as_what_was_sent(sent: str) -> None:
    """Each of these took a minute and more while whatever looks like a beginning was read on to the end."""
    started = time.process_time()

    assert hide_body(sent.encode()) == sent.encode()
    assert hide_query(sent)
    assert hide_path(sent) == sent
    assert time.process_time() - started < 5


def test_long_names_and_forms_are_not_kept() -> None:
    tracemalloc.start()
    for number in range(50):
        name = f"token{number}" * 10_000
        assert hide_body(f'{{"{name}": "x"}}'.encode()).count(b"[hidden]") == 1
        assert hide_body(f"{name}=x".encode()).endswith(b"=[hidden]")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000


@given(name=NAMED, value=st.text(max_size=20), indent=st.none() | st.just(2))
def test_a_hidden_body_is_json_where_it_was(name: str, value: str, indent: int | None) -> None:
    sent = json.dumps({"a": [value, {name: value}], "b": value}, indent=indent).encode()

    hidden = orjson.loads(hide_body(sent))

    assert hidden["a"][1] == {name: "[hidden]" if value else ""}


@given(body=BODY | st.binary(max_size=40))
def test_what_is_not_suspected_holds_no_secret_and_hiding_twice_is_hiding_once(body: bytes) -> None:
    hidden = hide_body(body)

    assert hidden is body or not is_unsuspected(body.decode("latin-1"))
    assert hide_body(hidden) == hidden
