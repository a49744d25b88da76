"""Who may ask, in each of the three modes."""

import base64
import hashlib
from collections.abc import Mapping

import pytest

from mockserver.exchange import Auth, Setting
from mockserver.files import World
from mockserver.messages import Request
from mockserver.values import replace
from tests.exchange.mock import PAGE_CREDENTIALS, a_mock, body_of


def a_pair(till: str, password: str) -> str:
    """Build Basic credentials as the vendor documents them."""
    digest = hashlib.md5(password.encode()).hexdigest()
    return "Basic " + base64.b64encode(f"{till}:{digest}".encode()).decode()


def _status(setting: Setting, world: World, auth: Auth, headers: Mapping[str, str]) -> int:
    request = Request(method="PUT", path="/v2/customers/171891944", query="source=INSTORE", headers=headers)
    return a_mock(replace(setting, auth=auth), world).receive(request).response.status


_WORLD_PAIR = {"authorization": a_pair("store123", "Pass123")}
_OTHER_PAIR = {"authorization": a_pair("store123", "pass123")}
_MALFORMED: tuple[Mapping[str, str], ...] = (
    {},
    {"authorization": ""},
    {"authorization": "Basic"},
    {"authorization": "Basic "},
    {"authorization": "Basic ===="},
    {"authorization": "Basic a b"},
    {"authorization": "Basic é"},
    {"authorization": "Bearer abc"},
    {"authorization": f"{PAGE_CREDENTIALS}, {PAGE_CREDENTIALS}"},
    {"x-cap-api-oauth-token": ""},
    {"x-cap-api-oauth-token": "  "},
)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": PAGE_CREDENTIALS},
        {"authorization": "basic YQ=="},
        {"x-cap-api-oauth-token": "anything"},
        _WORLD_PAIR,
        {"authorization": "Bearer abc", "x-cap-api-oauth-token": "anything"},
    ],
)
def test_any_well_formed_credentials_are_enough(setting: Setting, demo: World, headers: Mapping[str, str]) -> None:
    assert _status(setting, demo, "any", headers) == 200


@pytest.mark.parametrize("headers", _MALFORMED)
@pytest.mark.parametrize("auth", ["any", "world"])
def test_missing_or_malformed_credentials_are_not(
    setting: Setting, demo: World, auth: Auth, headers: Mapping[str, str]
) -> None:
    assert _status(setting, demo, auth, headers) == 401


@pytest.mark.parametrize("headers", [*_MALFORMED, _OTHER_PAIR])
def test_with_authentication_off_nothing_is_asked(setting: Setting, demo: World, headers: Mapping[str, str]) -> None:
    assert _status(setting, demo, "off", headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        _WORLD_PAIR,
        {"x-cap-api-oauth-token": "demo-token"},
        {**_OTHER_PAIR, "x-cap-api-oauth-token": "demo-token"},
    ],
)
def test_the_world_s_own_credentials_are_known(setting: Setting, demo: World, headers: Mapping[str, str]) -> None:
    assert _status(setting, demo, "world", headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": PAGE_CREDENTIALS},
        _OTHER_PAIR,
        {"authorization": a_pair("store124", "Pass123")},
        {"authorization": "Basic " + base64.b64encode(b"store123:Pass123").decode()},
        {"authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()},
        {"x-cap-api-oauth-token": "demo-token2"},
        {"x-cap-api-oauth-token": "d\udcff"},
    ],
)
def test_others_are_not_known_to_the_world(setting: Setting, demo: World, headers: Mapping[str, str]) -> None:
    assert _status(setting, demo, "world", headers) == 401


def test_a_401_challenges_and_has_the_envelope(setting: Setting, demo: World) -> None:
    reply = a_mock(setting, demo).receive(Request(method="GET", path="/v2/customers/1"))

    assert reply.response.headers["WWW-Authenticate"].startswith("Basic realm=")
    [error] = body_of(reply)["errors"]
    assert (error["status"], error["code"]) == (False, 401)
